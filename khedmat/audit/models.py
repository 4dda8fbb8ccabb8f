"""One row for each change and each read of a person's page. Append-only: the app may SELECT and INSERT."""

from typing import ClassVar

from django.db import models
from django.db.models import Func
from django.db.models.functions import Now

from khedmat.common.rows import PersonalField, RowClass


class Entry(models.Model):
    """What was done, by whom, in which role, at which place, for which purpose.

    `details` holds ids and codes only, never names, numbers of documents or free text. `leaf_hash` is
    the RFC 6962 leaf hash of the row's canonical text, computed by PostgreSQL itself, so that an edited row
    no longer matches its leaf.
    """

    row_class: ClassVar = RowClass.PERSONAL
    personal_fields: ClassVar = {
        "household_id": PersonalField("the family may see who read and changed its file", "audit: 10 years"),
        "case_id": PersonalField("timeline of the case", "audit: 10 years"),
        "subject_id": PersonalField("which record was changed or read", "audit: 10 years"),
        "details": PersonalField("ids and codes that explain the change", "audit: 10 years"),
    }

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(db_default=Now())
    action = models.CharField(max_length=64)
    actor_id = models.UUIDField(null=True)
    role = models.CharField(max_length=32)
    scope_id = models.IntegerField()
    purpose = models.CharField(max_length=32)
    subject = models.CharField(max_length=64)
    subject_id = models.CharField(max_length=64)
    household_id = models.UUIDField(null=True)
    case_id = models.UUIDField(null=True)
    details = models.JSONField(default=dict)
    leaf_hash = models.GeneratedField(
        expression=Func(
            "at", "action", "actor_id", "role", "scope_id", "purpose", "subject", "subject_id",
            "household_id", "case_id", "details",
            function="guard.leaf_hash",
        ),
        output_field=models.BinaryField(),
        db_persist=True,
    )  # fmt: skip

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["household_id", "id"], name="audit_household"),
            models.Index(fields=["case_id", "id"], name="audit_case"),
            models.Index(fields=["actor_id", "at"], name="audit_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.subject}"


class Link(models.Model):
    """Position of one entry in the hash chain, given by the linker after commit.

    `chain_hash` = SHA-256(previous chain hash || leaf hash). Linking is apart from writing, so that two
    offices never wait for each other; the witness log signs checkpoints over these positions.
    """

    row_class: ClassVar = RowClass.SYSTEM

    position = models.BigIntegerField(primary_key=True)
    entry_id = models.BigIntegerField(unique=True)
    leaf_hash = models.BinaryField()
    chain_hash = models.BinaryField()

    def __str__(self) -> str:
        return f"leaf {self.position}"
