"""What staff choose and type on the pages of letters and slips."""

from django import forms
from django.utils.translation import gettext_lazy as _

from khedmat.common.fields import PlainTextField
from khedmat.notices.enums import Language


class PrintForm(forms.Form):
    """In which of its languages a letter is printed."""

    language = forms.ChoiceField(choices=Language.choices)


class SlipForm(forms.Form):
    """The code on the slip that lies on the counter."""

    code = PlainTextField(
        max_length=40,
        label=_("Code on the slip"),
        help_text=_("Twelve digits. Hyphens and spaces may be left out."),
    )

    use_required_attribute = False

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        field = self.fields["code"]
        field.error_messages["required"] = _("Type the twelve digits of the slip.")
        field.widget.attrs |= {
            "class": "form-control is-code is-large",
            "autocomplete": "off",
            "inputmode": "numeric",
        }
