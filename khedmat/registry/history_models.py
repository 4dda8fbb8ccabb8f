"""What stood in the register before: copies of replaced rows, written by triggers (migration 0005), never by hand."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from khedmat.common.rows import PersonalField, RowClass
from khedmat.registry.enums import DocumentKind, Relation, Sex, Way
from khedmat.vault.fields import SealedTextField

_KEPT = PersonalField("what was changed, by whom and why", "register: while registered, then 10 years")


class Ending(models.TextChoices):
    """Whether the row went on in this household after what is copied here."""

    CHANGED = "changed"
    MOVED = "moved"
    REMOVED = "removed"


def _kept(*names: str) -> dict[str, PersonalField]:
    return dict.fromkeys(("record_id", "ending", "way", "reference", *names), _KEPT)


class Replaced(models.Model):
    """One row as it stood until `replaced_at`, in the household in which it stood.

    `record_id` is the id of the live row; its next history row, or itself, says what came after. `actor_id`, `role`
    and `scope_id` come from the signed context (none while the database is maintained); `way` and `reference` only
    explain (`khedmat.registry.history.because`).
    """

    id = models.BigAutoField(primary_key=True)
    record_id = models.UUIDField()
    household_id = models.UUIDField()
    created_at = models.DateTimeField()
    created_by = models.UUIDField()
    replaced_at = models.DateTimeField()
    actor_id = models.UUIDField(null=True)
    role = models.CharField(max_length=32, blank=True)
    scope_id = models.IntegerField(null=True)
    way = models.CharField(max_length=8, choices=Way.choices, blank=True)
    reference = models.UUIDField(null=True)
    ending = models.CharField(max_length=8, choices=Ending.choices)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.record_id} until {self.replaced_at}"


class HouseholdHistory(Replaced):
    """A household as it stood."""

    row_class: ClassVar = RowClass.PERSONAL
    personal_fields: ClassVar = _kept("province_id", "county_id", "phone", "address", "postal_code", "code")

    province_id = models.IntegerField()
    county_id = models.IntegerField(null=True)
    phone = SealedTextField(max_length=20, sealed_in="registry_household", sealed_for="record_id")
    address = SealedTextField(max_length=400, sealed_in="registry_household", sealed_for="record_id")
    postal_code = SealedTextField(max_length=10, sealed_in="registry_household", sealed_for="record_id")
    code = SealedTextField(max_length=40, sealed_in="registry_household", sealed_for="record_id")

    class Meta:
        db_table = "registry_household_history"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(ending__in=Ending.values), name="known_ending_of_household_row"),
        ]
        indexes: ClassVar = [models.Index(fields=["household_id", "-replaced_at"], name="registry_household_was")]


class PersonHistory(Replaced):
    """A member as the register named them."""

    row_class: ClassVar = RowClass.PERSONAL
    personal_fields: ClassVar = _kept(
        "given_name", "family_name", "latin_name", "father_name", "grandfather_name", "sex", "birth_on",
        "birth_place", "nationality", "deceased_on", "relation",
    )  # fmt: skip

    given_name = models.CharField(max_length=80)
    family_name = models.CharField(max_length=80, blank=True)
    latin_name = models.CharField(max_length=120, blank=True)
    father_name = models.CharField(max_length=80)
    grandfather_name = models.CharField(max_length=80, blank=True)
    sex = models.CharField(max_length=6, choices=Sex.choices)
    birth_on = models.DateField()
    birth_place = SealedTextField(max_length=80, sealed_in="registry_person", sealed_for="record_id")
    nationality = SealedTextField(max_length=3, sealed_in="registry_person", sealed_for="record_id")
    deceased_on = models.DateField(null=True)
    relation = models.CharField(max_length=12, choices=Relation.choices)
    position = models.PositiveSmallIntegerField()

    class Meta:
        db_table = "registry_person_history"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(ending__in=Ending.values), name="known_ending_of_person_row"),
        ]
        indexes: ClassVar = [models.Index(fields=["household_id", "-replaced_at"], name="registry_person_was")]

    @property
    def full_name(self) -> str:
        """Given and family name, as `Person.full_name`."""
        return f"{self.given_name} {self.family_name}".strip()


class PersonDocumentHistory(Replaced):
    """An identity document as it was recorded."""

    row_class: ClassVar = RowClass.PERSONAL
    personal_fields: ClassVar = _kept("person_id", "kind", "number", "series", "issuer", "issued_on", "valid_until")

    person_id = models.UUIDField()
    kind = models.CharField(max_length=24, choices=DocumentKind.choices)
    number = SealedTextField(max_length=40, sealed_in="registry_persondocument", sealed_for="record_id")
    series = models.CharField(max_length=24, blank=True)
    issuer = models.CharField(max_length=80, blank=True)
    issued_on = models.DateField(null=True)
    valid_until = models.DateField(null=True)

    class Meta:
        db_table = "registry_persondocument_history"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(ending__in=Ending.values), name="known_ending_of_document_row"),
        ]
        indexes: ClassVar = [models.Index(fields=["household_id", "-replaced_at"], name="registry_document_was")]
