"""The parts of a page: `{% load ui %}`. docs/look.md shows each with one line of use.

Every tag renders a template of `components/` with all its variables set, so that a page never
depends on what happens to be in the context.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from zlib import crc32

from django import template
from django.contrib.messages import constants
from django.forms import BaseForm, BoundField
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from khedmat.config.forms import is_checkbox, rendered_widget

register = template.Library()

THEMES = frozenset({"light", "dark"})
TONES = {
    constants.DEBUG: ("mute", "info-circle"),
    constants.INFO: ("info", "info-circle-fill"),
    constants.SUCCESS: ("ok", "check-circle-fill"),
    constants.WARNING: ("warn", "exclamation-triangle-fill"),
    constants.ERROR: ("bad", "exclamation-circle-fill"),
}
NOTE_ICONS = {
    "ok": "check-circle-fill",
    "warn": "exclamation-triangle-fill",
    "bad": "exclamation-circle-fill",
    "info": "info-circle-fill",
    "accent": "info-circle-fill",
    "mute": "info-circle",
}


def _part(name: str, **context: Any) -> SafeString:
    return render_to_string(f"components/{name}.html", context)


@register.simple_tag(takes_context=True)
def server_theme(context: template.Context) -> str:
    """'light' or 'dark' for `data-bs-theme`; the script settles 'auto' before anything is drawn."""
    request = context.get("request")
    chosen = request.COOKIES.get("khedmat_theme", "") if isinstance(request, HttpRequest) else ""
    return chosen if chosen in THEMES else "light"


@register.filter
def message_tone(level: int) -> str:
    """Tone of a Django message's level."""
    return TONES.get(level, TONES[constants.INFO])[0]


@register.filter
def message_icon(level: int) -> str:
    """Icon of a Django message's level."""
    return TONES.get(level, TONES[constants.INFO])[1]


@register.filter
def person_label(user: Any) -> str:
    """How the signed-in person is called in the menu: the full name, else the user name."""
    return str(getattr(user, "name", "") or user.get_username())


@register.filter
def initial(user: Any) -> str:
    """First letter of the person's label: one alone, because ZWNJ does not part two in Persian."""
    return person_label(user)[:1].upper()


@register.simple_tag
def field(bound: BoundField, hint: str = "", *, narrow: bool = False, capture: str = "") -> SafeString:
    """One form field of the house: label, hint, error, input.

    `narrow` limits the input's width to that of a code; `capture` ('environment' or 'user') makes
    a file field offer that camera first.
    """
    if capture:
        bound.field.widget.attrs["capture"] = capture
    if hint:
        bound.help_text = hint
    return _part("field", field=bound, is_narrow=narrow)


@register.simple_tag
def code_field(bound: BoundField) -> SafeString:
    """The field of a one-time code: large, left to right, with the keyboard of digits at hand."""
    bound.field.widget.attrs |= {
        "class": "is-code is-large",
        "inputmode": "text",
        "autocapitalize": "off",
        "spellcheck": "false",
        "maxlength": 20,
        "autofocus": True,
    }
    return _part("field", field=bound, is_narrow=False)


@register.filter
def widget(bound: BoundField) -> SafeString:
    """The bare input of a field with the house's classes."""
    return rendered_widget(bound)


@register.filter
def has_checkbox(bound: BoundField) -> bool:
    """Whether the field is one tick box, whose label stands beside it."""
    return is_checkbox(bound)


@register.simple_tag
def error_summary(form: BaseForm) -> SafeString:
    """All errors of a bound form, each a link to its field; takes the focus. Nothing without errors."""
    if not form.is_bound or not form.errors:
        return mark_safe("")
    rows = [(bound, message) for bound in form.visible_fields() for message in bound.errors]
    return _part("error_summary", rows=rows, general=list(form.non_field_errors()))


@register.simple_block_tag
def panel(
    content: str,
    title: str = "",
    note: str = "",
    *,
    key: str = "",
    footer: str = "",
    bare: bool = False,
    link_url: str = "",
    link_label: str = "",
) -> SafeString:
    """A panel with a heading. `bare` leaves the padding to the content: for tables and lists."""
    return _part(
        "panel",
        content=content,
        title=title,
        note=note,
        key=key or f"panel-{crc32(title.encode()):x}",
        footer=footer,
        bare=bare,
        link_url=link_url,
        link_label=link_label,
    )


@register.simple_block_tag
def note(content: str, tone: str = "info", icon: str = "") -> SafeString:
    """A sentence or two that must be seen."""
    return _part("note", content=content, tone=tone, icon=icon or NOTE_ICONS[tone])


@register.simple_block_tag
def state(content: str, title: str, icon: str = "inbox", tone: str = "mute", level: int = 2) -> SafeString:
    """What stands where there is nothing to show: the fact, and the one thing to do (the content)."""
    return _part("state", content=content, title=title, icon=icon, tone=tone, level=level)


@register.simple_tag
def no_permission(role: str = "") -> SafeString:
    """Says which role is needed; never whether a person or a file exists."""
    return _part("no_permission", role=role)


@register.simple_tag
def skeleton(lines: int = 5) -> SafeString:
    """Grey lines in the place of text that is still on its way."""
    return _part("skeleton", lines=range(lines))


@register.simple_tag
def steps(items: Iterable[Mapping[str, str]], *, tall: bool = False, label: str = "") -> SafeString:
    """Steps: each has `label`, `state` ('done', 'now' or 'next') and may have `note` and `url`."""
    rows = [
        {
            "label": i["label"],
            "state": i["state"],
            "note": i.get("note", ""),
            "url": i.get("url", ""),
        }
        for i in items
    ]
    return _part("steps", rows=rows, tall=tall, label=label or _("Steps"))


@register.simple_tag
def facts(pairs: Iterable[tuple[str, object]]) -> SafeString:
    """Label and value pairs; a value that is empty shows as a dash."""
    return _part("facts", pairs=[(label, "—" if value in {None, ""} else value) for label, value in pairs])


@register.simple_tag
def changes(rows: Iterable[tuple[str, object, object]], *, before: str = "", after: str = "") -> SafeString:
    """What will be, or was, changed: label, before, after."""
    return _part("changes", rows=list(rows), before=before or _("Now"), after=after or _("Afterwards"))


@register.simple_block_tag(takes_context=True)
def confirm(
    context: template.Context,
    content: str,
    title: str,
    button: str,
    *,
    action: str = "",
    back_url: str = "",
    tone: str = "accent",
    heading_level: int = 2,
) -> SafeString:
    """Confirms by showing the result: the content says what will stand; one button does it."""
    return render_to_string(
        "components/confirm.html",
        {
            "content": content,
            "title": title,
            "button": button,
            "action": action,
            "back_url": back_url,
            "tone": tone,
            "heading_level": heading_level,
        },
        request=context.get("request"),
    )


@register.simple_block_tag
def action_bar(content: str, next_step: str = "") -> SafeString:
    """The bar at the page's foot with its one filled button; goes into the block `action`."""
    return _part("action_bar", content=content, next_step=next_step)


@register.simple_block_tag
def table(content: str, caption: str, *, scroll: bool = False) -> SafeString:
    """A table of the house; the content is thead and tbody. Folds on phones unless `scroll`."""
    return _part("table", content=content, caption=caption, scroll=scroll)
