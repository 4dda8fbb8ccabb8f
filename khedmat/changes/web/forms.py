"""Forms of change requests. A valid one knows what it asks for: its `wish()`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final
from uuid import UUID, uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from khedmat.changes.enums import ChangeField, ChangeKind
from khedmat.changes.rules import CONTACT_FIELDS, NAME_FIELDS, is_paper_needed, needs_next_head
from khedmat.changes.selectors import (
    facts_of,
    stands_of_household,
    stands_of_person,
    text_of,
)
from khedmat.changes.web.words import value_words
from khedmat.changes.wishes import (
    Newcomer,
    Wish,
    birth,
    correction,
    death,
    marriage_with_newcomer,
)
from khedmat.common.dates_form import JalaliDateField
from khedmat.common.fields import (
    ChoiceOfList,
    DocumentNumberField,
    NameField,
    PhoneField,
    PlainTextField,
    PostalCodeField,
)
from khedmat.registry.enums import DocumentKind, Nationality, Relation, Sex
from khedmat.registry.errors import HouseholdTooLarge
from khedmat.registry.models import Household, Person
from khedmat.registry.rules import EARLIEST_BIRTH, MOST_MEMBERS, DocumentEntry, MemberEntry

PAPER_TYPES: Final = "image/jpeg,image/png,image/webp,application/pdf"
NOT_HEAD: Final = [choice for choice in Relation.choices if choice[0] != Relation.HEAD]


@dataclass(frozen=True, slots=True)
class About:
    """Whom a form is about: the open family with its members, and one of them where the form is about one."""

    household: Household
    members: Mapping[UUID, Person]
    person: Person | None = None

    @classmethod
    def of(cls, household: Household, person: Person | None = None) -> "About":
        """From a family whose members are fetched."""
        return cls(household, {one.pk: one for one in household.members.all()}, person)


@dataclass(frozen=True, slots=True)
class Beside:
    """A field with what stands in the register beside it."""

    field: BoundField
    stands: str


@dataclass(frozen=True, slots=True)
class MemberLine:
    """A member in a form about the whole family."""

    person: Person
    relation: BoundField
    leaves: BoundField | None = None


class PaperField(forms.FileField):
    """A picture or PDF of the paper that proves a change; what it is, is checked when it is stored."""

    default_error_messages: ClassVar = {
        "required": _("Add a picture of the paper that proves this change."),
        "invalid": _("Choose a picture or a PDF of the paper."),
        "missing": _("Choose a picture or a PDF of the paper."),
        "empty": _("This file is empty. Choose another one."),
    }

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=forms.FileInput(attrs={"accept": PAPER_TYPES}), **options)


class ChangeForm(forms.Form):
    """What every request has: a paper, a word of the family, and an id that makes it be written once."""

    kind: ClassVar[ChangeKind]
    use_required_attribute = False

    request_id = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, about: About, **options: Any) -> None:
        super().__init__(*args, **options)
        self.about = about
        self.initial.setdefault("request_id", uuid4())
        self.build()
        self.fields["paper"] = PaperField(
            label=_("Picture of the paper"),
            required=is_paper_needed(self.kind),
            help_text=_("A photograph, a scan or a PDF, as the family presents it."),
        )
        self.fields["note"] = PlainTextField(
            max_length=1000,
            multiline=True,
            required=False,
            label=_("What the family says"),
            help_text=_("For whoever decides."),
        )

    def build(self) -> None:
        """Add the fields of this family. Fields of the class need nothing more."""

    def wish(self) -> Wish:
        """What a valid form asks for. Errors: the DomainErrors of khedmat.changes.wishes."""
        raise NotImplementedError

    def beside(self) -> list[Beside]:
        """Fields with what stands beside them."""
        return []

    def plain(self) -> list[BoundField]:
        """Fields that stand alone, in their order."""
        shown = {"paper", "note", *(row.field.name for row in self.beside()), *self._member_fields()}
        return [bound for bound in self.visible_fields() if bound.name not in shown]

    def lines(self) -> list[MemberLine]:
        """The family's members with their fields, where the form asks about all."""
        return [
            MemberLine(
                person,
                self[f"relation-{person.pk}"],
                self[f"leaves-{person.pk}"] if f"leaves-{person.pk}" in self.fields else None,
            )
            for person in self.about.members.values()
            if f"relation-{person.pk}" in self.fields
        ]

    def _member_fields(self) -> set[str]:
        return {name for name in self.fields if name.startswith(("relation-", "leaves-"))}

    def add_relations(self, choices: Any = Relation.choices) -> None:
        """A field for each member's relation to the head, filled with what stands where it may stay."""
        known = {code for code, _label in choices}
        for person in self.about.members.values():
            self.fields[f"relation-{person.pk}"] = ChoiceOfList(
                of=choices,
                label=_("Relation to the head"),
                initial=person.relation if person.relation in known else "",
            )

    def relations(self) -> dict[UUID, str]:
        """The relations given, by member."""
        return {pk: self.cleaned_data[f"relation-{pk}"] for pk in self.about.members}


class PersonForm(ChangeForm):
    """A form about one member."""

    @property
    def person(self) -> Person:
        """Whom it is about."""
        if self.about.person is None:
            raise TypeError("this form is about one member")
        return self.about.person


class NamesForm(PersonForm):
    """How a member is called."""

    kind = ChangeKind.NAMES

    def build(self) -> None:
        """The names as they stand."""
        for name, cap in zip(NAME_FIELDS, (80, 80, 80, 80, 120), strict=True):
            self.fields[name] = NameField(
                label=ChangeField(name).label,
                cap=cap,
                initial=getattr(self.person, name),
                required=name in {ChangeField.GIVEN_NAME, ChangeField.FATHER_NAME},
            )

    def clean_latin_name(self) -> str:
        name: str = self.cleaned_data["latin_name"]
        return in_latin_letters(name)

    def beside(self) -> list[Beside]:
        return [Beside(self[name], value_words(name, getattr(self.person, name))) for name in NAME_FIELDS]

    def wish(self) -> Wish:
        asked = {str(name): self.cleaned_data[name] for name in NAME_FIELDS}
        return correction(self.kind, self.person.pk, stands_of_person(self.person, NAME_FIELDS), asked)


_PLAIN_PARTICULARS: Final = (ChangeField.BIRTH_ON, ChangeField.SEX, ChangeField.BIRTH_PLACE, ChangeField.NATIONALITY)


class ParticularsForm(PersonForm):
    """Birth, sex, nationality, and until when a document is valid."""

    kind = ChangeKind.PARTICULARS

    def build(self) -> None:
        """The particulars as they stand, and the end of each document."""
        person = self.person
        self.fields["birth_on"] = JalaliDateField(
            label=ChangeField.BIRTH_ON.label,
            min_date=EARLIEST_BIRTH,
            max_date=timezone.localdate,
            initial=person.birth_on,
        )
        self.fields["sex"] = ChoiceOfList(of=Sex.choices, label=ChangeField.SEX.label, initial=person.sex)
        self.fields["birth_place"] = PlainTextField(
            max_length=80, required=False, label=ChangeField.BIRTH_PLACE.label, initial=person.birth_place
        )
        self.fields["nationality"] = ChoiceOfList(
            of=Nationality.choices,
            required=False,
            label=ChangeField.NATIONALITY.label,
            initial=person.nationality,
        )
        for document in person.documents.all():
            self.fields[f"valid_until-{document.pk}"] = JalaliDateField(
                label=_("%(document)s valid until") % {"document": document.get_kind_display()},
                required=document.valid_until is not None,
                min_date=document.issued_on or EARLIEST_BIRTH,
                initial=document.valid_until,
            )

    def beside(self) -> list[Beside]:
        person = self.person
        stands = stands_of_person(person, _PLAIN_PARTICULARS)
        rows = [Beside(self[name], value_words(name, stands[name])) for name in _PLAIN_PARTICULARS]
        return rows + [
            Beside(
                self[f"valid_until-{document.pk}"],
                value_words(ChangeField.VALID_UNTIL, text_of(document.valid_until)),
            )
            for document in person.documents.all()
        ]

    def wish(self) -> Wish:
        given = self.cleaned_data
        documents = {
            document.pk: (text_of(document.valid_until), text_of(given[f"valid_until-{document.pk}"]))
            for document in self.person.documents.all()
        }
        asked = {str(name): text_of(given[name]) for name in _PLAIN_PARTICULARS}
        stands = stands_of_person(self.person, _PLAIN_PARTICULARS)
        return correction(self.kind, self.person.pk, stands, asked, documents)


class ContactForm(ChangeForm):
    """How the family is reached."""

    kind = ChangeKind.CONTACT

    def build(self) -> None:
        """Telephone and address as they stand."""
        household = self.about.household
        self.fields["phone"] = PhoneField(label=ChangeField.PHONE.label, required=False, initial=household.phone)
        self.fields["postal_code"] = PostalCodeField(
            label=ChangeField.POSTAL_CODE.label, required=False, initial=household.postal_code
        )
        self.fields["address"] = PlainTextField(
            max_length=400,
            multiline=True,
            required=False,
            label=ChangeField.ADDRESS.label,
            initial=household.address,
        )

    def beside(self) -> list[Beside]:
        household = self.about.household
        return [Beside(self[name], value_words(name, getattr(household, name))) for name in CONTACT_FIELDS]

    def wish(self) -> Wish:
        asked = {str(name): self.cleaned_data[name] for name in CONTACT_FIELDS}
        return correction(self.kind, None, stands_of_household(self.about.household, CONTACT_FIELDS), asked)


class NewcomerForm(ChangeForm):
    """Somebody who is not in the register yet, with one identity document if there is any."""

    given_name = NameField(label=_("Given name"))
    family_name = NameField(label=_("Family name"), required=False)
    father_name = NameField(label=_("Father's name"))
    grandfather_name = NameField(label=_("Grandfather's name"), required=False)
    latin_name = NameField(label=_("Name in Latin letters"), cap=120, required=False)
    sex = ChoiceOfList(label=_("Sex"), of=Sex.choices)
    relation = ChoiceOfList(label=_("Relation to the head"), of=NOT_HEAD)
    birth_on = JalaliDateField(label=_("Birth date"), min_date=EARLIEST_BIRTH, max_date=timezone.localdate)
    birth_place = PlainTextField(label=_("Birth place"), max_length=80, required=False)
    nationality = ChoiceOfList(label=_("Nationality"), of=Nationality.choices, required=False)
    document_kind = ChoiceOfList(label=_("Kind of document"), of=DocumentKind.choices, required=False)
    number = DocumentNumberField(label=_("Document number"), required=False)
    issued_on = JalaliDateField(label=_("Issued on"), required=False, max_date=timezone.localdate)
    valid_until = JalaliDateField(label=_("Valid until"), required=False)

    def clean_latin_name(self) -> str:
        return in_latin_letters(self.cleaned_data["latin_name"])

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if len(self.about.members) >= MOST_MEMBERS:
            raise ValidationError(HouseholdTooLarge.message, code=HouseholdTooLarge.code)
        has_document = any(given.get(name) for name in ("document_kind", "number", "issued_on", "valid_until"))
        if has_document and not given.get("document_kind", "failed"):
            self.add_error("document_kind", ValidationError(_("Choose what kind of document it is."), code="missing"))
        if has_document and not given.get("number", "failed"):
            self.add_error("number", ValidationError(_("Enter the number as printed on the document."), code="missing"))
        issued, ends = given.get("issued_on"), given.get("valid_until")
        if issued and ends and ends < issued:
            self.add_error(
                "valid_until",
                ValidationError(_("The document ends before it was issued. Correct one of the dates."), code="ends"),
            )
        return given

    def newcomer(self) -> Newcomer:
        """Whom a valid form describes."""
        given = self.cleaned_data
        names = ("given_name", "family_name", "father_name", "grandfather_name", "latin_name", "sex", "relation")
        documents = (
            (DocumentEntry(given["document_kind"], given["number"], "", "", given["issued_on"], given["valid_until"]),)
            if given["number"]
            else ()
        )
        entry = MemberEntry(**{name: given[name] for name in names}, birth_on=given["birth_on"], documents=documents)
        return Newcomer(entry, given["birth_place"], given["nationality"])


class BirthForm(NewcomerForm):
    """A child."""

    kind = ChangeKind.BIRTH

    father_card_seen = forms.BooleanField(label=_("I have seen the father's card"), required=False)
    mother_card_seen = forms.BooleanField(label=_("I have seen the mother's card"), required=False)

    def wish(self) -> Wish:
        given = self.cleaned_data
        return birth(
            self.newcomer(),
            father_card_seen=given["father_card_seen"],
            mother_card_seen=given["mother_card_seen"],
        )


class SpouseForm(NewcomerForm):
    """A spouse who is in no family of the register."""

    kind = ChangeKind.MARRIAGE

    def build(self) -> None:
        """A spouse of the head, unless somebody says otherwise."""
        self.initial.setdefault("relation", Relation.SPOUSE)

    def wish(self) -> Wish:
        return marriage_with_newcomer(self.newcomer())


class DeathForm(PersonForm):
    """A member's death; the next head where the head died."""

    kind = ChangeKind.DEATH

    def build(self) -> None:
        """The day, and everyone's relation to the next head where one is needed."""
        person = self.person
        self.fields["died_on"] = JalaliDateField(
            label=ChangeField.DECEASED_ON.label, min_date=person.birth_on, max_date=timezone.localdate
        )
        if needs_next_head(person.pk, facts_of(self.about.members.values()).values()):
            self.add_relations()
            # Nothing chosen beforehand for the one who is head no more.
            self.fields[f"relation-{person.pk}"].initial = ""

    def wish(self) -> Wish:
        person = self.person
        relations = self.relations() if self._member_fields() else None
        return death(person.pk, self.cleaned_data["died_on"], relations, facts_of(self.about.members.values()))


class DecisionForm(forms.Form):
    """Approved or not, and why: the family reads it in the same words."""

    use_required_attribute = False

    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)
    outcome = forms.ChoiceField(
        choices=[("approve", _("Approve")), ("refuse", _("Do not approve"))],
        widget=forms.RadioSelect,
        label=_("Decision"),
        error_messages={"required": _("Choose a decision."), "invalid_choice": _("Choose a decision.")},
    )
    reason = PlainTextField(
        max_length=2000,
        multiline=True,
        label=_("Reason"),
        help_text=_("The family reads it in the same words."),
        error_messages={"required": _("Write the reason. The family reads it in the same words.")},
    )

    def clean(self) -> dict[str, Any]:
        """Without the version of the page, which nobody sees, the words stand above the fields."""
        if "version" in self.errors:
            self.add_error(None, _("This page was not sent whole. Look at the request again, then decide."))
        return self.cleaned_data


def in_latin_letters(name: str) -> str:
    """Raises ValidationError (code `not-latin`)."""
    if any(character.isalpha() and not "a" <= character.lower() <= "z" for character in name):
        raise ValidationError(_("Write this name in Latin letters only, as in a passport."), code="not-latin")
    return name
