"""What is known of a stored file; its content lies sealed in the files folder (khedmat.files.blobs)."""

from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from khedmat.common.rows import PersonalField, RowClass
from khedmat.files.enums import FileKind, MediaType, Retention, ScopedFileKind
from khedmat.places.models import Scope

DIGEST_BYTES = 32


class Blob(models.Model):
    """One sealed file in the files folder, named by this id. `size` is its size on disk, sealed, in bytes.

    Says nothing of whom it concerns, so that the sweep of orphans needs no leave to see people.
    """

    row_class: ClassVar = RowClass.SYSTEM

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    size = models.PositiveIntegerField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=Q(size__gt=0), name="blob_is_not_empty")]

    def __str__(self) -> str:
        return str(self.id)


class StoredFile(models.Model):
    """A paper, portrait or card of one household. Written once, never changed; its own name is not kept.

    `digest` is a keyed digest of the checked bytes (`selectors.digest_of`): it proves that the right content
    comes back, and cannot be compared with known pictures without the key. `size` is in bytes, unsealed.
    """

    row_class: ClassVar = RowClass.PERSONAL
    personal_fields: ClassVar = {
        "household_id": PersonalField("the family the file belongs to", "register"),
        "blob": PersonalField("the content: a paper, a portrait or a card", "by the row's retention code"),
        "kind": PersonalField("what the file shows about the family", "by the row's retention code"),
        "digest": PersonalField("prove that the content was not exchanged", "by the row's retention code"),
    }

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    household_id = models.UUIDField()
    blob = models.OneToOneField(Blob, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16, choices=FileKind.choices)
    media_type = models.CharField(max_length=80, choices=MediaType.choices)
    digest = models.BinaryField(max_length=DIGEST_BYTES)
    size = models.PositiveIntegerField()
    retention = models.CharField(max_length=16, choices=Retention.choices)
    created_at = models.DateTimeField(db_default=Now())
    created_by = models.UUIDField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=FileKind.values), name="known_kind_of_file"),
            models.CheckConstraint(condition=Q(media_type__in=MediaType.values), name="known_format_of_file"),
            models.CheckConstraint(condition=Q(retention__in=Retention.values), name="known_retention_of_file"),
            models.CheckConstraint(condition=Q(size__gt=0), name="file_is_not_empty"),
            models.UniqueConstraint(fields=["id", "household_id"], name="file_of_household"),
        ]
        indexes: ClassVar = [models.Index(fields=["household_id", "created_at"], name="files_of_household")]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class ScopedFile(models.Model):
    """A file of a place and not of one household, such as the PDF of a print batch. Else as StoredFile."""

    row_class: ClassVar = RowClass.SCOPED

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    scope = models.ForeignKey(Scope, on_delete=models.PROTECT, related_name="+")
    blob = models.OneToOneField(Blob, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16, choices=ScopedFileKind.choices)
    media_type = models.CharField(max_length=80, choices=MediaType.choices)
    digest = models.BinaryField(max_length=DIGEST_BYTES)
    size = models.PositiveIntegerField()
    retention = models.CharField(max_length=16, choices=Retention.choices)
    created_at = models.DateTimeField(db_default=Now())
    created_by = models.UUIDField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=ScopedFileKind.values), name="known_kind_of_scoped_file"),
            models.CheckConstraint(condition=Q(media_type__in=MediaType.values), name="known_format_of_scoped_file"),
            models.CheckConstraint(condition=Q(retention__in=Retention.values), name="known_retention_of_scoped_file"),
            models.CheckConstraint(condition=Q(size__gt=0), name="scoped_file_is_not_empty"),
            models.UniqueConstraint(fields=["id", "scope"], name="file_of_place"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"
