"""Forms of referrals and appeals."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from khedmat.casework.enums import ReferralReason
from khedmat.common.errors import DomainError
from khedmat.common.fields import ChoiceOfList, PlainTextField
from khedmat.places.enums import ScopeKind
from khedmat.places.models import Scope

PAPER_TYPES = "image/jpeg,image/png,image/webp,application/pdf"


class _Form(forms.Form):
    use_required_attribute = False

    def refuse(self, error: DomainError) -> None:
        """Put a fact that stopped the act beside its field, or above all of them."""
        self.add_error(error.field if error.field in self.fields else None, str(error))


class ReferralForm(_Form):
    """Where to, why, and that the family knows."""

    reason = forms.ChoiceField(
        choices=ReferralReason.choices,
        widget=forms.RadioSelect,
        label=_("Why"),
        error_messages={"required": _("Choose one of these."), "invalid_choice": _("Choose one of these.")},
    )
    note = PlainTextField(
        max_length=500,
        multiline=True,
        required=False,
        label=_("A word for those who take it over"),
        help_text=_("They read it once they have accepted."),
    )
    is_known = forms.BooleanField(
        label=_("The family knows of it and agrees"),
        error_messages={"required": _("Ask the family first. Without its knowledge no case goes elsewhere.")},
    )

    def __init__(self, *args: Any, places: Iterable[Scope], **options: Any) -> None:
        super().__init__(*args, **options)
        groups: dict[str, list[tuple[str, str]]] = {ScopeKind.OFFICE: [], ScopeKind.PROVINCE: []}
        for place in places:
            groups[place.kind].append((str(place.pk), place.name))
        labels: dict[str, str | Promise] = {
            ScopeKind.OFFICE: _("Offices of this province"),
            ScopeKind.PROVINCE: _("Other provinces"),
        }
        self.fields["place"] = ChoiceOfList(
            of=[(labels[kind], choices) for kind, choices in groups.items() if choices], label=_("Where to")
        )
        self.order_fields(["place", "reason", "note", "is_known"])


class OfficeForm(_Form):
    """Which office of the province takes a case over."""

    def __init__(self, *args: Any, offices: Iterable[Scope], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["office"] = ChoiceOfList(
            of=[(str(one.pk), one.name) for one in offices],
            label=_("Office that takes it over"),
            help_text=_("The family goes on there."),
        )


class ReturnForm(_Form):
    """Why a referral is sent back."""

    answer = PlainTextField(
        max_length=500,
        multiline=True,
        label=_("Reason"),
        help_text=_("The place that asked reads it. Name nobody."),
        error_messages={"required": _("Write the reason; the place that asked tells it to the family.")},
    )


class PaperField(forms.FileField):
    """A picture or PDF; what it is, is checked when it is stored."""

    default_error_messages: ClassVar = {
        "invalid": _("Choose a picture or a PDF of the paper."),
        "missing": _("Choose a picture or a PDF of the paper."),
        "empty": _("This file is empty. Choose another one."),
    }

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=forms.FileInput(attrs={"accept": PAPER_TYPES}), **options)


class AppealForm(_Form):
    """Whose refusal, what the family says, and a paper if there is one."""

    def __init__(self, *args: Any, members: Sequence[tuple[UUID, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        wrong = _("Choose whose decision it is.")
        self.fields["member"] = forms.TypedChoiceField(
            choices=[(str(pk), name) for pk, name in members],
            coerce=UUID,
            widget=forms.RadioSelect,
            label=_("Whose decision"),
            initial=str(members[0][0]) if len(members) == 1 else None,
            error_messages={"required": wrong, "invalid_choice": wrong},
        )
        self.fields["grounds"] = PlainTextField(
            max_length=2000,
            multiline=True,
            label=_("What the family says"),
            help_text=_("In its own words. The officer who decides reads the same."),
            error_messages={"required": _("Write what the family says against the decision.")},
        )
        self.fields["paper"] = PaperField(
            required=False,
            label=_("Picture of a paper"),
            help_text=_("If the family brings one: a photograph, a scan or a PDF."),
        )


class AppealDecisionForm(_Form):
    """Upheld or dismissed, and why. Nothing is chosen beforehand."""

    outcome = forms.ChoiceField(
        choices=[
            ("upheld", _("Uphold: the member is approved")),
            ("dismissed", _("Dismiss: the refusal stands")),
        ],
        widget=forms.RadioSelect,
        label=_("Decision on the appeal"),
        error_messages={"required": _("Choose one of these."), "invalid_choice": _("Choose one of these.")},
    )
    reason = PlainTextField(
        max_length=2000,
        multiline=True,
        label=_("Reason"),
        help_text=_("The family reads the same words."),
        error_messages={"required": _("Write the reason. The family reads the same words.")},
    )
