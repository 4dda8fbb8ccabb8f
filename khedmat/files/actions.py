"""Storing files, and opening one of a family's with its audit row. All need a working context."""

from dataclasses import dataclass
from uuid import UUID

from django.db import ProgrammingError, transaction

from khedmat.accounts.errors import PermissionMissing, RecordNotVisible
from khedmat.audit.actions import record
from khedmat.common.actor import Actor
from khedmat.files.blobs import write_blob
from khedmat.files.enums import FileKind, MediaType, ScopedFileKind
from khedmat.files.inspect import CheckedFile, inspect_portrait, inspect_upload
from khedmat.files.models import ScopedFile, StoredFile
from khedmat.files.perms import can_add_prints, can_add_tables, can_add_uploads, can_read_files
from khedmat.files.rules import PAPER_MEDIA, retention_of
from khedmat.files.selectors import digest_of, read_file
from khedmat.vault.context import is_refused_by_policy


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """What a page needs to show a file."""

    data: bytes
    media_type: MediaType
    kind: FileKind


def store_paper(
    data: bytes, household_id: UUID, *, by: Actor, case_id: UUID | None = None, field: str = "file"
) -> StoredFile:
    """Check and store a paper. `field` is the form field that errors name.

    Errors: FileRefused family, PermissionMissing, RecordNotVisible.
    """
    _require(can_add_uploads(by))
    checked = inspect_upload(field, data, PAPER_MEDIA)
    return _store(checked, FileKind.PAPER, household_id, case_id, by)


def store_portrait(
    data: bytes, household_id: UUID, *, by: Actor, case_id: UUID | None = None, field: str = "portrait"
) -> StoredFile:
    """Check a portrait and store its centred 3:4 part, 480 × 640 px. Errors: as store_paper."""
    _require(can_add_uploads(by))
    return _store(inspect_portrait(field, data), FileKind.PORTRAIT, household_id, case_id, by)


@transaction.atomic
def store_scoped_file(data: bytes, scope_id: int, kind: ScopedFileKind, *, by: Actor) -> ScopedFile:
    """Store a PDF made by this system for a place. Errors: PermissionMissing, RecordNotVisible."""
    _require(can_add_prints(by))
    checked = CheckedFile(data, MediaType.PDF)
    stored = ScopedFile(scope_id=scope_id)
    _add_row(stored, kind, checked, by)
    record(
        "file.stored",
        by=by,
        subject="files.scopedfile",
        subject_id=stored.pk,
        details={"kind": kind.value, "size": stored.size, "of_scope": scope_id},
    )
    return stored


@transaction.atomic
def store_table(data: bytes, scope_id: int, media_type: MediaType, *, by: Actor) -> ScopedFile:
    """Store a table that was sent to be imported, as it came; what it holds is the importer's to check.

    Errors: PermissionMissing, RecordNotVisible.
    """
    _require(can_add_tables(by))
    stored = ScopedFile(scope_id=scope_id)
    _add_row(stored, ScopedFileKind.IMPORT, CheckedFile(data, media_type), by)
    record(
        "file.stored",
        by=by,
        subject="files.scopedfile",
        subject_id=stored.pk,
        details={"kind": ScopedFileKind.IMPORT.value, "size": stored.size, "of_scope": scope_id},
    )
    return stored


@transaction.atomic
def open_file(file_id: UUID, *, by: Actor) -> OpenedFile:
    """The content of a family's file, with one audit row for the read.

    Errors: PermissionMissing; RecordNotVisible (no such file, or no grant for its household: the same
    answer); StoredFileDamaged.
    """
    _require(can_read_files(by))
    stored = StoredFile.objects.filter(pk=file_id).first()
    if stored is None:
        raise RecordNotVisible
    data = read_file(stored)
    record(
        "file.read",
        by=by,
        subject="files.storedfile",
        subject_id=stored.pk,
        household_id=stored.household_id,
        details={"kind": stored.kind},
    )
    return OpenedFile(data, MediaType(stored.media_type), FileKind(stored.kind))


@transaction.atomic
def open_scoped_file(file_id: UUID, *, by: Actor) -> bytes:
    """The content of a place's file, with one audit row. Errors: as open_file."""
    _require(can_add_prints(by))
    stored = ScopedFile.objects.filter(pk=file_id).first()
    if stored is None:
        raise RecordNotVisible
    data = read_file(stored)
    record("file.read", by=by, subject="files.scopedfile", subject_id=stored.pk, details={"kind": stored.kind})
    return data


@transaction.atomic
def _store(checked: CheckedFile, kind: FileKind, household_id: UUID, case_id: UUID | None, by: Actor) -> StoredFile:
    stored = StoredFile(household_id=household_id)
    _add_row(stored, kind, checked, by)
    record(
        "file.stored",
        by=by,
        subject="files.storedfile",
        subject_id=stored.pk,
        household_id=household_id,
        case_id=case_id,
        details={"kind": kind.value, "media_type": checked.media_type.value, "size": stored.size},
    )
    return stored


def _add_row(stored: StoredFile | ScopedFile, kind: FileKind | ScopedFileKind, checked: CheckedFile, by: Actor) -> None:
    stored.kind = kind
    stored.blob = write_blob(checked.data)
    stored.media_type = checked.media_type
    stored.digest = digest_of(checked.sha256)
    stored.size = len(checked.data)
    stored.retention = retention_of(kind)
    stored.created_by = by.user_id
    try:
        stored.save(force_insert=True)
    except ProgrammingError as error:
        # The policy refused the household or place; what else PostgreSQL may complain of is our fault.
        if is_refused_by_policy(error):
            raise RecordNotVisible from error
        raise


def _require(may: bool) -> None:
    if not may:
        raise PermissionMissing
