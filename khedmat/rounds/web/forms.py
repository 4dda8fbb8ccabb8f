"""Forms of the round's pages."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from khedmat.casework.enums import Outcome
from khedmat.common.dates_form import JalaliDateField
from khedmat.common.fields import PlainTextField
from khedmat.files.errors import DomainError
from khedmat.rounds.web.choices import Choice

REASON_LENGTH = 2000


class VersionForm(forms.Form):
    """The version of the case that the reader saw, in every form that changes it."""

    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)


class ExtensionForm(forms.Form):
    """An extension of a round's cards, by a notice."""

    notice_number = PlainTextField(
        max_length=40, label=_("Notice number"), help_text=_("As it stands at the head of the notice")
    )
    noticed_on = JalaliDateField(max_date=timezone.localdate, label=_("Date of the notice"))
    until_on = JalaliDateField(label=_("Cards stay valid until"))

    def __init__(self, *args: Any, valid_until: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        until = self.fields["until_on"]
        assert isinstance(until, JalaliDateField)  # noqa: S101
        until.min_date = valid_until + timedelta(days=1)

    def refuse(self, error: DomainError) -> None:
        """Put a fact that stopped the extension beside its field."""
        self.add_error(error.field if error.field in self.fields else None, str(error))


class DecisionForm(forms.Form):
    """What an officer decides about one member. Nothing is chosen beforehand."""

    outcome = forms.ChoiceField(
        label=_("Decision"), choices=Outcome.choices, error_messages={"required": _("Choose one of these.")}
    )
    reason = PlainTextField(
        max_length=REASON_LENGTH,
        multiline=True,
        label=_("Reason"),
        error_messages={"required": _("Write the reason. The family reads the same words.")},
    )

    def __init__(self, *args: Any, options: Sequence[Choice], member_id: UUID, may_be_empty: bool = False, **kwargs: Any):
        super().__init__(*args, prefix=f"m{member_id.hex}", **kwargs)
        self.member_id = member_id
        self.options = options
        # Left wholly empty, the member is not decided about yet.
        self.empty_permitted, self.use_required_attribute = may_be_empty, False

    def clean_outcome(self) -> Outcome:
        """The outcome, when it is open to this officer now."""
        outcome = Outcome(self.cleaned_data["outcome"])
        chosen = next(one for one in self.options if one.outcome == outcome)
        if not chosen.is_open:
            raise ValidationError(str(chosen.why), code="not-open")
        return outcome

    @property
    def is_decided(self) -> bool:
        """Whether something was decided about the member."""
        return bool(self.cleaned_data.get("outcome"))

    @property
    def chosen(self) -> str:
        """The outcome as sent, for drawing the form again."""
        return str(self.data.get(self.add_prefix("outcome"), "")) if self.is_bound else ""

    @property
    def written(self) -> str:
        """The reason as sent."""
        return str(self.data.get(self.add_prefix("reason"), "")) if self.is_bound else ""
