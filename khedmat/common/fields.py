"""Form fields that cap, normalise and say what to do; no form of the house uses a bare CharField."""

import re
from collections.abc import Callable
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import lazy
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext_lazy as _

from khedmat.common.errors import DomainError
from khedmat.common.identifiers import (
    normalise_document_number,
    normalise_mobile,
    normalise_postal_code,
)
from khedmat.common.text import (
    ForbiddenCharacters,
    clean_name,
    has_forbidden_characters,
    localise_digits,
    trim,
)

# What is typed may hold separators and invisible marks beside the number itself.
_LONGEST_TYPED: Final = 200


def _too_long(excess: int, cap: int) -> str:
    language = get_language() or "fa"
    template = ngettext(
        "This text is one character too long. It may have %(cap)s characters.",
        "This text is %(count)s characters too long. It may have %(cap)s characters.",
        excess,
    )
    return template % {
        "count": localise_digits(str(excess), language),
        "cap": localise_digits(str(cap), language),
    }


_too_long_lazy = lazy(_too_long, str)


def refuse_longer_than(text: str, cap: int) -> None:
    """Raises ValidationError (code `too-long`) that says by how much."""
    if len(text) > cap:
        raise ValidationError(_too_long_lazy(len(text) - cap, cap), code="too-long")


NOTHING_CHOSEN: Final = ("", "—")


class _NormalisedField(forms.CharField):
    """Text that one function of the storey turns into its stored form; empty stays empty."""

    normalise: Callable[[str], str]
    default_error_messages = {"required": _("Fill in this field.")}

    def __init__(self, *, longest_typed: int = _LONGEST_TYPED, **options: Any) -> None:
        self.longest_typed = longest_typed
        super().__init__(strip=False, **options)

    def to_python(self, value: Any) -> str:
        typed = super().to_python(value) or ""
        refuse_longer_than(typed, self.longest_typed)
        if not trim(typed):
            return ""
        try:
            return type(self).normalise(typed)
        except DomainError as error:
            raise ValidationError(str(error), code=error.code) from error

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compares what would be stored, so that ۰۹… for the stored +989… is no change."""
        try:
            return super().has_changed(initial, self.to_python(data))
        except ValidationError:
            return True

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {**super().widget_attrs(widget), "class": "form-control", "maxlength": str(self.longest_typed)}


class _CodeField(_NormalisedField):
    """A number or code: written left to right, aligned to the page's start in both directions."""

    inputmode = "text"

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        attrs = super().widget_attrs(widget)
        return {
            **attrs,
            # `text-start` of the right-to-left build means right, whatever the input's own direction.
            "class": f"{attrs['class']} text-start",
            "dir": "ltr",
            "inputmode": self.inputmode,
            "autocomplete": "off",
            "spellcheck": "false",
        }


class NameField(_NormalisedField):
    """A person's name as its bearer writes it (see `clean_name`)."""

    normalise = staticmethod(clean_name)

    def __init__(self, *, cap: int = 80, **options: Any) -> None:
        super().__init__(longest_typed=cap, **options)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {**super().widget_attrs(widget), "autocomplete": "off", "spellcheck": "false", "dir": "auto"}


class DocumentNumberField(_CodeField):
    """The number of a presented document; at most 40 characters once normalised."""

    normalise = staticmethod(normalise_document_number)
    default_error_messages = {"required": _("Enter the number as printed on the document.")}


class PhoneField(_CodeField):
    """A mobile number of Iran, Afghanistan or Iraq; the value is E.164."""

    normalise = staticmethod(normalise_mobile)
    default_error_messages = {"required": _("Enter the mobile number.")}
    inputmode = "tel"

    def prepare_value(self, value: Any) -> Any:
        """A stored Iranian number is shown as people write it: 0912…"""
        if isinstance(value, str) and re.fullmatch(r"\+98[0-9]{10}", value):
            return localise_digits(f"0{value.removeprefix('+98')}", get_language() or "fa")
        return value


class PostalCodeField(_CodeField):
    """A postal code of ten digits."""

    normalise = staticmethod(normalise_postal_code)
    default_error_messages = {"required": _("Enter the ten digits of the postal code.")}
    inputmode = "numeric"


class PlainTextField(forms.CharField):
    """Free text with a cap, without control or bidi-override characters; lines only with `multiline`."""

    default_error_messages = {"required": _("Fill in this field.")}

    def __init__(self, *, max_length: int, multiline: bool = False, **options: Any) -> None:
        self.cap, self.multiline = max_length, multiline
        if multiline:
            options.setdefault("widget", forms.Textarea(attrs={"rows": 4}))
        super().__init__(strip=False, **options)

    def to_python(self, value: Any) -> str:
        text = trim((super().to_python(value) or "").replace("\r\n", "\n").replace("\r", "\n"))
        if has_forbidden_characters(text, multiline=self.multiline):
            raise ValidationError(ForbiddenCharacters.message, code=ForbiddenCharacters.code)
        refuse_longer_than(text, self.cap)
        return text

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compares what would be stored: browsers send CRLF for every line break."""
        try:
            return super().has_changed(initial, self.to_python(data))
        except ValidationError:
            return True

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {
            **super().widget_attrs(widget),
            "class": "form-control",
            "dir": "auto",
            "maxlength": str(self.cap),
        }


class ChoiceOfList(forms.ChoiceField):
    """One of a list, nothing chosen beforehand."""

    default_error_messages = {
        "required": _("Choose one of the list."),
        "invalid_choice": _("Choose one of the list."),
    }

    def __init__(self, *, of: Any, **options: Any) -> None:
        super().__init__(choices=[NOTHING_CHOSEN, *of], **options)
