"""What the keeper of the register says of a pair."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from khedmat.common.fields import PlainTextField
from khedmat.duplicates.enums import Verdict

LONGEST_REASON: Final = 1000
LARGEST_VERSION: Final = 2**31 - 1


class ReasonForm(forms.Form):
    """Why; and which state of the pair the page showed."""

    reason = PlainTextField(
        max_length=LONGEST_REASON,
        multiline=True,
        label=_("Reason"),
        help_text=_("What you go by. It stays with this pair, for whoever opens it later."),
    )
    version = forms.IntegerField(min_value=1, max_value=LARGEST_VERSION, widget=forms.HiddenInput)

    use_required_attribute = False

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["reason"].error_messages["required"] = _("Write what you go by.")
        self.fields["reason"].widget.attrs["rows"] = 3


class AnswerForm(ReasonForm):
    """The button that was pressed is the verdict."""

    verdict = forms.ChoiceField(
        choices=Verdict.choices,
        widget=forms.HiddenInput,
        error_messages={
            "required": _("Press one of the three buttons."),
            "invalid_choice": _("Press one of the three buttons."),
        },
    )


class UnlinkForm(ReasonForm):
    """Why two records are no longer taken for one person."""
