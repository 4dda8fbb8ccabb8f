"""The register. Every row hangs on its household, and is seen only under a grant for it."""

from collections.abc import Iterable
from datetime import date
from typing import Any, ClassVar, Final
from uuid import uuid4

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import connections, models, router
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from khedmat.common.jalali import to_jalali
from khedmat.common.rows import PersonalField, RowClass
from khedmat.places.models import Scope
from khedmat.registry.enums import DocumentKind, Relation, Sex
from khedmat.registry.naming import LONGEST_TOKEN, NameWord, search_keys, words_of_name
from khedmat.vault.crypto import blind_index
from khedmat.vault.fields import SealedTextField

REGISTER = "register: while registered, then 10 years"


class Household(models.Model):
    """A family that registers together. Belongs to a province, to no office."""

    row_class: ClassVar = RowClass.PERSONAL
    personal_fields: ClassVar = {
        "province": PersonalField("which province serves the family", REGISTER),
        "phone": PersonalField("appointments and news of the case", REGISTER),
        "phone_index": PersonalField("exact look-up of a phone the family gives", REGISTER),
        "address": PersonalField("letters to the family", REGISTER),
        "postal_code": PersonalField("letters to the family", REGISTER),
        "code": PersonalField("the household's code in last round's files", REGISTER),
        "code_index": PersonalField("find the household again when a file comes once more", REGISTER),
        "county": PersonalField("which county's rules and offices serve the family", REGISTER),
    }

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    province = models.ForeignKey(Scope, on_delete=models.PROTECT, related_name="+")
    phone = SealedTextField(max_length=20)
    phone_index = models.BinaryField(null=True)
    address = SealedTextField(max_length=400)
    postal_code = SealedTextField(max_length=10)
    code = SealedTextField(max_length=40)
    code_index = models.BinaryField(null=True, editable=False)
    county = models.ForeignKey(Scope, on_delete=models.PROTECT, null=True, related_name="+")
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(db_default=Now())
    created_by = models.UUIDField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["province", "code_index"], name="household_code_once_in_a_province"),
        ]

    def __str__(self) -> str:
        return str(self.id)

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.phone_index = blind_index("phone", self.phone) if self.phone else None
        self.code_index = blind_index("household", self.code) if self.code else None
        super().save(*args, **kwargs)


class Person(models.Model):
    """One member of a household, as its papers name them."""

    row_class: ClassVar = RowClass.PERSONAL
    personal_fields: ClassVar = {
        "given_name": PersonalField("identify the member", REGISTER),
        "family_name": PersonalField("identify the member", REGISTER),
        "latin_name": PersonalField("printed on the card", REGISTER),
        "father_name": PersonalField("identify the member; printed on the card", REGISTER),
        "grandfather_name": PersonalField("identify the member", REGISTER),
        "search_keys": PersonalField("look-up by name and birth year", REGISTER),
        "sex": PersonalField("identify the member", REGISTER),
        "birth_on": PersonalField("age rules; look-up by name and birth year", REGISTER),
        "birth_place": PersonalField("identify the member", REGISTER),
        "nationality": PersonalField("which registration the member belongs to", REGISTER),
        "deceased_on": PersonalField("no card is made in the name of the dead", REGISTER),
        "relation": PersonalField("who answers for the household", REGISTER),
    }

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="members")
    given_name = models.CharField(max_length=80)
    family_name = models.CharField(max_length=80, blank=True)
    latin_name = models.CharField(max_length=120, blank=True)
    father_name = models.CharField(max_length=80)
    grandfather_name = models.CharField(max_length=80, blank=True)
    search_keys = ArrayField(models.IntegerField(), editable=False)
    sex = models.CharField(max_length=6, choices=Sex.choices)
    birth_on = models.DateField()
    birth_place = SealedTextField(max_length=80)
    nationality = SealedTextField(max_length=3)
    deceased_on = models.DateField(null=True)
    relation = models.CharField(max_length=12, choices=Relation.choices)
    position = models.PositiveSmallIntegerField()
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(db_default=Now())
    created_by = models.UUIDField()

    class Meta:
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["household"],
                condition=Q(relation=Relation.HEAD),
                name="one_head_for_each_household",
                violation_error_message=_("A household has one head. Choose another relation for this member."),
            ),
            models.UniqueConstraint(fields=["household", "position"], name="one_member_at_each_position"),
            models.UniqueConstraint(fields=["id", "household"], name="person_in_household"),
            models.CheckConstraint(condition=Q(sex__in=Sex.values), name="known_sex"),
            models.CheckConstraint(condition=Q(relation__in=Relation.values), name="known_relation"),
            models.CheckConstraint(condition=Q(birth_on__gte=date(1880, 1, 1)), name="birth_not_before_1880"),
            models.CheckConstraint(
                condition=Q(deceased_on__isnull=True) | Q(deceased_on__gte=F("birth_on")), name="death_after_birth"
            ),
        ]
        indexes: ClassVar = [GinIndex(fields=["search_keys"], name="registry_keys", gin_pending_list_limit=512)]

    def __str__(self) -> str:
        return self.full_name

    def save(self, *args: Any, **kwargs: Any) -> None:
        written = kwargs.get("update_fields")
        if written is None or _SOUGHT_BY & set(written):
            words = words_of_name(self.given_name, self.family_name, self.latin_name)
            alias = kwargs.get("using") or router.db_for_write(type(self), instance=self)
            self.search_keys = search_keys(to_jalali(self.birth_on).year, name_token_ids(words, using=alias))
            if written is not None:
                kwargs["update_fields"] = {*written, "search_keys"}
        super().save(*args, **kwargs)

    @property
    def full_name(self) -> str:
        """Given and family name; people without a family name have the given one only."""
        return f"{self.given_name} {self.family_name}".strip()


_SOUGHT_BY: Final = frozenset({"given_name", "family_name", "latin_name", "birth_on"})


class NameToken(models.Model):
    """A word of names, with how it sounds (registry.naming): whose name it is stands nowhere here.

    The app may not read it; guard.name_token_ids writes, guard.look_up reads.
    """

    row_class: ClassVar = RowClass.SYSTEM

    id = models.AutoField(primary_key=True)
    token = models.CharField(max_length=LONGEST_TOKEN, unique=True)
    sound = models.CharField(max_length=80)
    skeleton = models.CharField(max_length=80)
    near = ArrayField(models.TextField())

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["skeleton"], name="registry_name_skeleton"),
            GinIndex(fields=["near"], name="registry_name_near"),
            GinIndex(fields=["token"], name="registry_name_trigrams", opclasses=["gin_trgm_ops"]),
        ]

    def __str__(self) -> str:
        return self.token


def name_token_ids(words: Iterable[NameWord], *, using: str | None = None) -> list[int]:
    """The dictionary's ids of the words, in their order; words new to it are written. Needs a working context.

    For many people in one transaction, ask once with the words of all: then two such transactions cannot wait
    for each other.
    """
    asked = list(words)
    with connections[using or router.db_for_write(NameToken)].cursor() as cursor:
        cursor.execute(
            "SELECT guard.name_token_ids(%s::text[], %s::text[])",
            [[word.token for word in asked], [word.sound for word in asked]],
        )
        (ids,) = cursor.fetchone()
    return ids or []


class Membership(models.Model):
    """That a person is, or was, in a household: written by a trigger on the person, never by hand.

    Cases and cards point here, and stay true when the person goes to another household.
    """

    row_class: ClassVar = RowClass.PERSONAL
    personal_fields: ClassVar = {"person_id": PersonalField("who was in the household, and when", REGISTER)}

    pk = models.CompositePrimaryKey("person_id", "household_id")
    person_id = models.UUIDField()
    household_id = models.UUIDField()
    since_at = models.DateTimeField(db_default=Now())
    until_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.person_id} in {self.household_id}"


class PersonDocument(models.Model):
    """An identity document as presented. The number is sealed; its blind index finds it exactly."""

    row_class: ClassVar = RowClass.PERSONAL
    personal_fields: ClassVar = {
        "person": PersonalField("whose document it is", REGISTER),
        "kind": PersonalField("which rules apply", REGISTER),
        "number": PersonalField("identify the document", REGISTER),
        "number_index": PersonalField("exact look-up of a presented document", REGISTER),
        "series": PersonalField("which round issued it", REGISTER),
        "issuer": PersonalField("identify the document", REGISTER),
        "issued_on": PersonalField("validity rules", REGISTER),
        "valid_until": PersonalField("validity rules", REGISTER),
    }

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    household_id = models.UUIDField(editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="documents")
    kind = models.CharField(max_length=24, choices=DocumentKind.choices)
    number = SealedTextField(max_length=40)
    number_index = models.BinaryField(editable=False)
    series = models.CharField(max_length=24, blank=True)
    issuer = models.CharField(max_length=80, blank=True)
    issued_on = models.DateField(null=True)
    valid_until = models.DateField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    created_by = models.UUIDField()

    class Meta:
        ordering: ClassVar = ["-valid_until", "created_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "kind", "number_index"], name="document_once_for_each_person"),
            models.CheckConstraint(condition=Q(kind__in=DocumentKind.values), name="known_document_kind"),
            models.CheckConstraint(
                condition=Q(issued_on__isnull=True) | Q(valid_until__isnull=True) | Q(valid_until__gte=F("issued_on")),
                name="document_ends_after_it_begins",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["number_index"], name="registry_document_number")]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.household_id = self.person.household_id
        self.number_index = document_index(self.number)
        super().save(*args, **kwargs)


def document_index(normalised_number: str) -> bytes:
    """Blind index of a normalised document number, whatever its kind."""
    return blind_index("document", normalised_number)


class LookUp(models.Model):
    """One look-up at a counter: who asked, by what, which households answered (in order)."""

    row_class: ClassVar = RowClass.SYSTEM

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    user_id = models.UUIDField()
    scope_id = models.IntegerField()
    by = models.CharField(max_length=10)
    households = ArrayField(models.UUIDField(), size=5)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes: ClassVar = [models.Index(fields=["user_id", "at"], name="registry_lookup_user")]

    def __str__(self) -> str:
        return f"{self.by} {self.at}"


# Django finds models through this module alone.
from khedmat.registry.arrival_models import Provenance, Question  # noqa: E402
from khedmat.registry.history_models import HouseholdHistory, PersonDocumentHistory, PersonHistory  # noqa: E402

__all__ = [
    "Household",
    "HouseholdHistory",
    "LookUp",
    "Membership",
    "Person",
    "PersonDocument",
    "PersonDocumentHistory",
    "PersonHistory",
    "Provenance",
    "Question",
]
