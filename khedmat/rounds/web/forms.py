"""Forms of the round's pages."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from khedmat.casework.enums import Outcome, StopReason
from khedmat.casework.errors import StepNotPossible
from khedmat.casework.models import Case
from khedmat.common.dates_form import JalaliDateField
from khedmat.common.errors import DomainError
from khedmat.common.fields import PlainTextField
from khedmat.common.text import localise_digits
from khedmat.rounds.models import RoundVersion
from khedmat.rounds.web.choices import Choice

REASON_LENGTH = 2000


class _VersionForm(forms.Form):
    version = forms.IntegerField(min_value=1, max_value=2**31 - 1)


def sent_version(request: HttpRequest) -> int:
    """The version of the case that the reader saw: every form that changes it carries one.

    Errors: StepNotPossible, when a form came without.
    """
    form = _VersionForm(request.POST)
    if not form.is_valid():
        raise StepNotPossible
    return int(form.cleaned_data["version"])


class StartForm(forms.Form):
    """Which family is taken into which round; both are named by the page itself."""

    household = forms.UUIDField(widget=forms.HiddenInput)
    round = forms.SlugField(widget=forms.HiddenInput)


class ExtensionForm(forms.Form):
    """An extension of a round's cards, by a notice."""

    notice_number = PlainTextField(
        max_length=40, label=_("Notice number"), help_text=_("As it stands at the head of the notice")
    )
    noticed_on = JalaliDateField(max_date=timezone.localdate, label=_("Date of the notice"))

    def __init__(self, *args: Any, valid_until: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["until_on"] = JalaliDateField(
            min_date=valid_until + timedelta(days=1), label=_("Cards stay valid until")
        )

    def refuse(self, error: DomainError) -> None:
        """Put a fact that stopped the extension beside its field."""
        self.add_error(error.field if error.field in self.fields else None, str(error))


class StopForm(forms.Form):
    """Why a case's time stands still, and what exactly is waited for."""

    reason = forms.ChoiceField(
        label=_("What is waited for"),
        choices=[(one.value, one.label) for one in StopReason if one != StopReason.RETURNED],
        error_messages={"required": _("Choose one of these.")},
    )
    note = PlainTextField(
        max_length=300, required=False, label=_("More exactly"), help_text=_("Which paper, or the number of a letter")
    )


class MoveForm(forms.Form):
    """Under which other version a case shall stand, and why."""

    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)
    note = PlainTextField(
        max_length=1000,
        multiline=True,
        label=_("Why other rules hold for this case"),
        error_messages={"required": _("Write why. It is kept with the case.")},
    )

    def __init__(self, data: QueryDict | None, *, case: Case, versions: Sequence[RoundVersion]) -> None:
        super().__init__(data, initial={"version": case.version})
        language = get_language() or "fa"
        self.fields["to_version"] = forms.TypedChoiceField(
            choices=[
                ("", "—"),
                *((one.version, localise_digits(str(one.version), language)) for one in versions),
            ],
            coerce=int,
            label=_("Version of the round"),
            error_messages={"required": _("Choose one of the list."), "invalid_choice": _("Choose one of the list.")},
        )


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

    def __init__(
        self, data: QueryDict | None, *, options: Sequence[Choice], member_id: UUID, may_be_empty: bool = False
    ) -> None:
        super().__init__(data, prefix=f"m{member_id.hex}")
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
