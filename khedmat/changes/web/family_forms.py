"""Forms about the family as a whole: who belongs to it, in which relation, and where it belongs."""

from django import forms
from django.utils.translation import gettext_lazy as _

from khedmat.changes.enums import ChangeKind
from khedmat.changes.errors import OtherFamilyNotOpen, SameFamily
from khedmat.changes.selectors import facts_of, has_document, holder_of_document
from khedmat.changes.web.forms import NOT_HEAD, ChangeForm
from khedmat.changes.wishes import Wish, change_of_head, join, marriage_with_registered, move, split
from khedmat.common.fields import ChoiceOfList, DocumentNumberField
from khedmat.places.enums import ScopeKind
from khedmat.places.models import Scope
from khedmat.registry.enums import Relation
from khedmat.registry.errors import HouseholdTooLarge
from khedmat.registry.models import Household, Person
from khedmat.registry.rules import MOST_MEMBERS


class RegisteredSpouseForm(ChangeForm):
    """A member of another family, found by a document among the families opened here."""

    kind = ChangeKind.MARRIAGE

    number = DocumentNumberField(
        label=_("Number of a document of the spouse"),
        help_text=_("Look the spouse's family up by it and open it first. Then come back and enter the number here."),
    )
    relation = ChoiceOfList(label=_("Relation to the head"), of=NOT_HEAD, initial=Relation.SPOUSE)

    def wish(self) -> Wish:
        person = other_member(self.cleaned_data["number"], self.about.household)
        members = Person.objects.filter(household_id=person.household_id).order_by("position")
        return marriage_with_registered(
            person.pk,
            self.cleaned_data["relation"],
            household_id=self.about.household.pk,
            other_household_id=person.household_id,
            other_members=facts_of(members),
        )


class HeadForm(ChangeForm):
    """Another head, and everyone's relation to that one."""

    kind = ChangeKind.HEAD

    def build(self) -> None:
        """Relations as they stand."""
        self.add_relations()

    def wish(self) -> Wish:
        return change_of_head(self.relations(), facts_of(self.about.members.values()))


class SplitForm(HeadForm):
    """Who leaves, who stays, and everyone's relation to the head of their household afterwards."""

    kind = ChangeKind.SPLIT

    def build(self) -> None:
        """Relations as they stand; nobody leaves yet."""
        super().build()
        for person in self.about.members.values():
            self.fields[f"leaves-{person.pk}"] = forms.BooleanField(label=_("Leaves"), required=False)

    def wish(self) -> Wish:
        leaving = frozenset(pk for pk in self.about.members if self.cleaned_data[f"leaves-{pk}"])
        return split(self.kind, leaving, self.relations(), facts_of(self.about.members.values()))


class DivorceForm(SplitForm):
    """Head or spouse leaves, with the children who go along."""

    kind = ChangeKind.DIVORCE


class JoinForm(ChangeForm):
    """All members go to another family that is open here."""

    kind = ChangeKind.JOIN

    number = DocumentNumberField(
        label=_("Number of a document of the other family"),
        help_text=_("Look the other family up by it and open it first. Then come back and enter the number here."),
    )

    def build(self) -> None:
        """Relations to the other family's head."""
        self.add_relations(NOT_HEAD)

    def wish(self) -> Wish:
        other_id = other_member(self.cleaned_data["number"], self.about.household).household_id
        others = Person.objects.filter(household_id=other_id).order_by("position")
        if len(others) + len(self.about.members) > MOST_MEMBERS:
            raise HouseholdTooLarge
        return join(
            self.relations(),
            facts_of(self.about.members.values()),
            household_id=self.about.household.pk,
            other_household_id=other_id,
            other_members=facts_of(others),
        )


class MoveForm(ChangeForm):
    """The province to which the family says it goes."""

    kind = ChangeKind.MOVE

    def build(self) -> None:
        """Every other province."""
        provinces = Scope.objects.filter(kind=ScopeKind.PROVINCE).exclude(pk=self.about.household.province_id)
        self.fields["province"] = ChoiceOfList(
            of=[(str(one.pk), one.name) for one in provinces.order_by("sort_key")],
            label=_("The province that receives the family"),
        )

    def wish(self) -> Wish:
        return move(self.about.household.province_id, int(self.cleaned_data["province"]))


def other_member(number: str, household: Household) -> Person:
    """The member of another opened family who holds the document. Errors: OtherFamilyNotOpen, SameFamily."""
    person = holder_of_document(number, outside=household.pk)
    if person is None:
        raise SameFamily if has_document(number, household.pk) else OtherFamilyNotOpen
    return person
