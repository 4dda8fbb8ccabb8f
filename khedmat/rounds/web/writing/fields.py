"""Form fields of the pages that write a version."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from khedmat.common.fields import PlainTextField
from khedmat.common.text import to_ascii_digits
from khedmat.rounds.rules.expressions import BadExpression, compiled

SENTENCE, TEXT, TITLE, CODE = 1_000, 4_000, 160, 60


class NumberField(forms.IntegerField):
    """A whole number in the reader's own digits."""

    default_error_messages = {"required": _("Fill in this field."), "invalid": _("Enter a whole number.")}

    def __init__(self, *, least: int = 0, most: int, **options: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "numeric", "dir": "ltr", "autocomplete": "off", "maxlength": 20})
        super().__init__(min_value=least, max_value=most, widget=widget, **options)

    def to_python(self, value: Any) -> int | None:
        return super().to_python(to_ascii_digits(value) if isinstance(value, str) else value)


class CodeField(PlainTextField):
    """A short code in Latin letters, digits and hyphens: how rows of a version name each other."""

    def __init__(self, *, max_length: int = CODE, **options: Any) -> None:
        super().__init__(max_length=max_length, **options)

    def clean(self, value: Any) -> str:
        code = str(super().clean(value) or "")
        if code and not (code.isascii() and code.replace("-", "").replace("_", "").isalnum()):
            raise ValidationError(_("Use Latin letters, digits and hyphens, such as no-skipped-round."), code="no-code")
        return code

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {**super().widget_attrs(widget), "dir": "ltr", "spellcheck": "false", "autocomplete": "off"}


class ExpressionField(PlainTextField):
    """An expression over a member's facts; refused while it does not parse or steps over the fence."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=SENTENCE, multiline=True, **options)

    def clean(self, value: Any) -> str:
        expression = str(super().clean(value) or "")
        if expression:
            try:
                compiled(expression)
            except BadExpression as error:
                raise ValidationError(
                    _("The expression cannot be used: %(why)s."), code="bad-expression", params={"why": str(error)}
                ) from error
        return expression

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {**super().widget_attrs(widget), "dir": "ltr", "spellcheck": "false", "rows": "2"}


class EnumField(forms.TypedChoiceField):
    """One of an enumeration; the value is its member."""

    default_error_messages = {
        "required": _("Choose one of the list."),
        "invalid_choice": _("Choose one of the list."),
    }

    def __init__(self, kind: Any, **options: Any) -> None:
        super().__init__(choices=[("", "—"), *kind.choices], coerce=kind, empty_value=None, **options)


class LinesField(PlainTextField):
    """Codes, one in a line; the value is a tuple."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=SENTENCE, multiline=True, **options)

    def clean(self, value: Any) -> Any:
        text = str(super().clean(value) or "")
        return tuple(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, tuple | list) else value
