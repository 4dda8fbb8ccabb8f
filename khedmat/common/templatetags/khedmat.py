"""`{% load khedmat %}`: dates, amounts, codes and small parts of pages in the reader's language."""

import datetime as dt
import re
from typing import Final

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from khedmat.common.jalali import Style, format_date, format_datetime, tehran_date
from khedmat.common.money import format_amount, rial_unit
from khedmat.common.text import localise_digits

register = template.Library()

TONES: Final = frozenset({"ok", "warn", "bad", "info", "accent", "mute"})
_LATIN_LETTER: Final = re.compile("[A-Za-z]")
_ICON_NAME: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def _language() -> str:
    return get_language() or "fa"


def _time_element(value: object, style: Style) -> SafeString | str:
    if not isinstance(value, dt.date):
        return ""
    day = tehran_date(value) if isinstance(value, dt.datetime) else value
    css_class = "k-code" if style == "numeric" else "k-date"
    text = format_date(day, _language(), style)
    return format_html('<time class="{}" datetime="{}">{}</time>', css_class, day.isoformat(), text)


@register.filter
def jalali(value: object) -> SafeString | str:
    """۱۴۰۵/۰۸/۳۰ (2026-11-21 in English), in a `<time>`; empty for None."""
    return _time_element(value, "numeric")


@register.filter
def jalali_long(value: object) -> SafeString | str:
    """۳۰ آبان ۱۴۰۵, in a `<time>`; empty for None."""
    return _time_element(value, "long")


@register.filter
def jalali_weekday(value: object) -> SafeString | str:
    """شنبه ۳۰ آبان ۱۴۰۵, in a `<time>`; empty for None."""
    return _time_element(value, "weekday")


@register.filter
def jalali_time(value: object) -> SafeString | str:
    """Date and hour in Tehran of an aware datetime, in a `<time>`; empty for None."""
    if not isinstance(value, dt.datetime):
        return ""
    text = format_datetime(value, _language())
    return format_html('<time class="k-date" datetime="{}">{}</time>', value.isoformat(), text)


@register.filter
def amount(value: object) -> SafeString | str:
    """An amount without its unit, isolated, for columns that name the unit once; empty for None."""
    if value is None or value == "":
        return ""
    if not isinstance(value, int):
        message = f"not an amount of rials: {value!r}"
        raise TypeError(message)
    return format_html('<bdi class="k-code">{}</bdi>', format_amount(value, _language()))


@register.filter
def rial(value: object) -> SafeString | str:
    """An amount with its unit, the number isolated; empty for None."""
    number = amount(value)
    return format_html("{} {}", number, rial_unit(_language())) if number else ""


@register.filter
def digits(value: object) -> str:
    """A number or text in the reader's digits; empty for None. The page escapes it."""
    return "" if value is None else localise_digits(str(value), _language())


@register.filter
def code(value: object) -> SafeString | str:
    """A code, isolated and left to right, in the reader's digits; empty for None.

    Beside Latin letters its digits stay Latin, as on the printed card.
    """
    if value is None or value == "":
        return ""
    text = str(value)
    shown = text if _LATIN_LETTER.search(text) else localise_digits(text, _language())
    return format_html('<bdi class="k-code">{}</bdi>', shown)


@register.filter
def isolate(value: object) -> SafeString | str:
    """Text of unknown direction, such as a name, that must not turn its surroundings; empty for None."""
    return "" if value is None or value == "" else format_html("<bdi>{}</bdi>", value)


@register.simple_tag
def icon(name: str, *, flip: bool = False, extra: str = "") -> SafeString:
    """A Bootstrap icon that only repeats what words say; `flip` mirrors arrows on right-to-left pages."""
    if not _ICON_NAME.fullmatch(name):
        message = f"not the name of an icon: {name!r}"
        raise ValueError(message)
    classes = " ".join(part for part in (f"bi bi-{name}", "k-flip" if flip else "", extra) if part)
    return format_html('<i class="{}" aria-hidden="true"></i>', classes)


@register.simple_tag
def status(tone: str, text: object, *, pill: bool = True, hollow: bool = False) -> SafeString:
    """A status in words, coloured by its tone; `bad` is for lateness and faults, never for a person."""
    if tone not in TONES:
        message = f"not a tone: {tone!r}"
        raise ValueError(message)
    classes = " ".join(["k-status", *(["is-pill"] if pill else []), *(["is-open"] if hollow else [])])
    return format_html('<span class="{}" data-tone="{}">{}</span>', classes, tone, text)
