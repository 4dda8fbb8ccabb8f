"""Where each value of the register came from, and what a file asks that a person had decided."""

from typing import ClassVar
from uuid import uuid4

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from khedmat.common.rows import PersonalField, RowClass
from khedmat.registry.enums import Answer, Way
from khedmat.vault.fields import SealedTextField

_REGISTER = "register: while registered, then 10 years"


class Provenance(models.Model):
    """One writing of values: by which way, from where, when. The latest row that names a field is its source.

    `digests`: 8 bytes for each field in `fields`, in that order (`provenance.digest_of`). `person_id` is null for
    what belongs to the household. `reference` is the import's run or the change request, `row` the file's row.
    """

    row_class: ClassVar = RowClass.PERSONAL
    personal_fields: ClassVar = {
        "person_id": PersonalField("whose value it is", _REGISTER),
        "fields": PersonalField("which values were written", _REGISTER),
        "digests": PersonalField("tell whether a later file says the same", _REGISTER),
        "way": PersonalField("who answers for the value", _REGISTER),
        "reference": PersonalField("trace the value to its file or request", _REGISTER),
        "source": PersonalField("trace the value to its file", _REGISTER),
        "row": PersonalField("trace the value to its file", _REGISTER),
        "by": PersonalField("who answers for the value", _REGISTER),
    }

    id = models.BigAutoField(primary_key=True)
    household_id = models.UUIDField()
    person_id = models.UUIDField(null=True)
    way = models.CharField(max_length=8, choices=Way.choices)
    reference = models.UUIDField(null=True)
    source = models.CharField(max_length=80, blank=True)
    row = models.PositiveIntegerField(null=True)
    fields = ArrayField(models.CharField(max_length=48))
    digests = models.BinaryField()
    at = models.DateTimeField(db_default=Now())
    by = models.UUIDField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(way__in=Way.values), name="known_way_of_writing"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["person_id", "-id"], name="registry_provenance_person"),
            models.Index(
                fields=["household_id", "-id"],
                condition=Q(person_id__isnull=True),
                name="registry_provenance_family",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.way} {self.at}"


class Question(models.Model):
    """A file says otherwise than what a person wrote or decided. Asked once for each differing value."""

    row_class: ClassVar = RowClass.PERSONAL
    personal_fields: ClassVar = {
        "person_id": PersonalField("whose value is in question", _REGISTER),
        "field": PersonalField("which value is in question", _REGISTER),
        "asked": PersonalField("what the file says", _REGISTER),
        "digest": PersonalField("ask the same only once", _REGISTER),
        "run_id": PersonalField("trace the question to its file", _REGISTER),
        "source": PersonalField("trace the question to its file", _REGISTER),
        "row": PersonalField("trace the question to its file", _REGISTER),
        "answer": PersonalField("what became of the question", _REGISTER),
    }

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    household_id = models.UUIDField()
    person_id = models.UUIDField(null=True)
    field = models.CharField(max_length=48)
    asked = SealedTextField(max_length=400)
    digest = models.BinaryField()
    run_id = models.UUIDField()
    source = models.CharField(max_length=80)
    row = models.PositiveIntegerField()
    asked_at = models.DateTimeField(db_default=Now())
    answer = models.CharField(max_length=8, choices=Answer.choices, blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.UUIDField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["household_id", "person_id", "field", "digest"],
                nulls_distinct=False,
                name="same_value_asked_once",
            ),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answered_by__isnull=True, answer="")
                | (Q(answered_at__isnull=False, answered_by__isnull=False) & ~Q(answer="")),
                name="question_answered_at_and_by",
            ),
        ]

    def __str__(self) -> str:
        return self.field
