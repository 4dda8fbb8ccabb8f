"""The cards of a family's members on one page: adding and taking away keeps what was typed."""

from typing import TYPE_CHECKING, Any, NamedTuple, cast

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from khedmat.common.errors import DomainError
from khedmat.common.text import localise_digits
from khedmat.registry.enums import Relation
from khedmat.registry.errors import HouseholdTooLarge
from khedmat.registry.rules import MOST_MEMBERS, MemberEntry
from khedmat.registry.web.forms import MemberForm

if TYPE_CHECKING:
    _Cards = forms.BaseFormSet[MemberForm]
else:
    _Cards = forms.BaseFormSet

PREFIX = "members"
_INCOMPLETE = _("The page came back incomplete. Open it again and send it once more.")


class SummaryField(NamedTuple):
    """A field as the error summary shows it: where it stands, and its name with that of its member."""

    auto_id: str
    label: str


class BaseMemberCards(_Cards):
    """At most 20 members. Cards left wholly empty count as absent, except the first."""

    default_error_messages = {
        "missing_management_form": _INCOMPLETE,
        "too_many_forms": HouseholdTooLarge.message,
    }

    def initial_form_count(self) -> int:
        """None where bound: what was sent does not decide which cards may stay empty."""
        return 0 if self.is_bound else super().initial_form_count()

    def clean(self) -> None:
        if not self.forms:
            raise ValidationError(_INCOMPLETE, code="incomplete")
        if any(self.errors) or any(form.cleaned_data.get("number") for form in self.forms):
            return
        self.forms[0].add_error(
            "number", gettext("Enter the document of one member at least: by it the family is found again.")
        )

    def entries(self) -> tuple[MemberEntry, ...]:
        """The members of a valid page."""
        return tuple(form.entry() for form in self._written())

    def place(self, error: DomainError) -> None:
        """Put an action's error beside the field it is about, at the members concerned."""
        if error.field != "relation":
            self.non_form_errors().append(str(error))
            return
        written = self._written()
        heads = [form for form in written if form.cleaned_data["relation"] == Relation.HEAD]
        for form in heads[1:] or written[:1]:
            form.add_error("relation", str(error))

    def summary(self) -> list[tuple[SummaryField, str]]:
        """Every field's errors, in the page's order."""
        return [
            (SummaryField(bound.auto_id, _named(number, str(bound.label))), str(message))
            for number, form in enumerate(self.forms, start=1)
            for bound in form.visible_fields()
            for message in bound.errors
        ]

    def _written(self) -> list[MemberForm]:
        return [form for form in self.forms if form.cleaned_data]


def _named(number: int, label: str) -> str:
    member = localise_digits(str(number), get_language() or "fa")
    return gettext("Member %(number)s, %(field)s") % {"number": member, "field": label}


MemberCards = cast(
    type[BaseMemberCards],
    forms.formset_factory(
        MemberForm,
        formset=BaseMemberCards,
        extra=0,
        min_num=1,
        max_num=MOST_MEMBERS,
        absolute_max=MOST_MEMBERS,
        validate_max=True,
    ),
)


def first_cards() -> BaseMemberCards:
    """One card, of the head: a family has exactly one, so this relation is not left to choose."""
    return MemberCards(initial=[{"relation": Relation.HEAD.value}], prefix=PREFIX)


def relaid_cards(data: QueryDict) -> BaseMemberCards:
    """The cards as typed, unchecked, with one more (`add`) or one less (`remove`, its number from 0)."""
    typed = [typed_in(form, data) for form in MemberCards(data, prefix=PREFIX).forms]
    removed = data.get("remove", "")
    if removed.isascii() and removed.isdigit() and len(typed) > 1:
        typed = [values for number, values in enumerate(typed) if str(number) != removed]
    is_added = "add" in data and len(typed) < MOST_MEMBERS
    cards = MemberCards(initial=[*typed, {}] if is_added or not typed else typed, prefix=PREFIX)
    if is_added:
        cards.forms[-1].fields["given_name"].widget.attrs["autofocus"] = True
    return cards


def typed_in(form: forms.BaseForm, data: QueryDict) -> dict[str, Any]:
    """What was typed into each field, to be shown again as it was."""
    return {
        name: field.widget.value_from_datadict(data, {}, form.add_prefix(name)) for name, field in form.fields.items()
    }
