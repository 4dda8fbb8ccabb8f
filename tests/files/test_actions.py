"""Storing and opening files as the cast: who may, what is kept, what is recorded."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import ProgrammingError, transaction

from khedmat.accounts.errors import PermissionMissing, RecordNotVisible
from khedmat.audit.models import Entry
from khedmat.common.actor import Actor
from khedmat.files.actions import (
    open_file,
    open_scoped_file,
    store_paper,
    store_portrait,
    store_scoped_file,
)
from khedmat.files.enums import FileKind, MediaType, Retention, ScopedFileKind
from khedmat.files.errors import FileRefused, StoredFileDamaged
from khedmat.files.models import Blob, ScopedFile, StoredFile
from khedmat.files.selectors import digest_of, files_of_household, read_file
from khedmat.vault.context import working_context
from tests.cast import Cast
from tests.files.samples import pdf, picture

pytestmark = pytest.mark.django_db
OpenFamily = Callable[[Actor], UUID]
PAPER = pdf(more=(b"(CANARY residence paper)",))


def files_below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def actions_on(file_id: UUID) -> list[str]:
    return list(Entry.objects.filter(subject_id=str(file_id)).order_by("id").values_list("action", flat=True))


def test_store_paper_keeps_content_and_facts(cast: Cast, open_family: OpenFamily, files_dir: Path) -> None:
    narges = cast["narges"]
    family = open_family(narges)
    with working_context(narges):
        stored = StoredFile.objects.get(pk=store_paper(PAPER, family, by=narges).pk)
        assert read_file(stored) == PAPER
        assert (stored.kind, stored.media_type) == (FileKind.PAPER, MediaType.PDF)
        assert (stored.size, stored.retention, stored.created_by) == (
            len(PAPER),
            Retention.CASE,
            narges.user_id,
        )
        assert list(files_of_household(family, FileKind.PAPER)) == [stored]
        assert list(files_of_household(family, FileKind.PORTRAIT)) == []


def test_store_paper_writes_one_audit_row(cast: Cast, open_family: OpenFamily, files_dir: Path) -> None:
    narges, case_id = cast["narges"], uuid4()
    family = open_family(narges)
    with working_context(narges):
        stored = store_paper(PAPER, family, by=narges, case_id=case_id)
        entry = Entry.objects.get(subject_id=str(stored.pk))
    assert (entry.action, entry.household_id, entry.case_id) == ("file.stored", family, case_id)
    assert entry.details == {"kind": "paper", "media_type": "application/pdf", "size": len(PAPER)}


def test_store_paper_lies_sealed(cast: Cast, open_family: OpenFamily, files_dir: Path) -> None:
    with working_context(cast["narges"]):
        store_paper(PAPER, open_family(cast["narges"]), by=cast["narges"])
    (path,) = files_below(files_dir)
    assert b"CANARY" in PAPER
    assert b"CANARY" not in path.read_bytes()


def test_store_paper_digest_is_keyed(cast: Cast, open_family: OpenFamily, files_dir: Path) -> None:
    import hashlib

    plain = hashlib.sha256(PAPER).digest()
    with working_context(cast["narges"]):
        stored = store_paper(PAPER, open_family(cast["narges"]), by=cast["narges"])
    assert bytes(stored.digest) == digest_of(plain.hex()) != plain


def test_store_paper_refused_leaves_nothing(cast: Cast, open_family: OpenFamily, files_dir: Path) -> None:
    narges = cast["narges"]
    family = open_family(narges)
    with working_context(narges):
        with pytest.raises(FileRefused) as caught:
            store_paper(b"<svg/>", family, by=narges, field="residence_paper")
        assert caught.value.field == "residence_paper"
        assert Blob.objects.count() == Entry.objects.filter(household_id=family).count() == 0
    assert not files_dir.exists()


def test_store_paper_for_invisible_family(cast: Cast, open_family: OpenFamily, files_dir: Path) -> None:
    family = open_family(cast["omid"])
    with working_context(cast["narges"]), pytest.raises(RecordNotVisible):
        store_paper(PAPER, family, by=cast["narges"])
    with working_context(cast["omid"]):
        assert not files_of_household(family).exists()


def test_store_paper_by_a_role_that_takes_none(cast: Cast, open_family: OpenFamily, files_dir: Path) -> None:
    family = open_family(cast["kamran"])
    with working_context(cast["kamran"]), pytest.raises(PermissionMissing):
        store_paper(PAPER, family, by=cast["kamran"])


def test_store_portrait_is_cut(cast: Cast, open_family: OpenFamily, files_dir: Path) -> None:
    narges = cast["narges"]
    with working_context(narges):
        stored = store_portrait(picture(size=(1280, 960)), open_family(narges), by=narges)
        assert (stored.kind, stored.media_type) == (FileKind.PORTRAIT, MediaType.JPEG)
        assert stored.retention == Retention.REGISTER
        assert read_file(stored).startswith(b"\xff\xd8\xff")


def test_open_file_writes_one_audit_row(cast: Cast, open_family: OpenFamily, files_dir: Path) -> None:
    narges = cast["narges"]
    with working_context(narges):
        stored = store_paper(PAPER, open_family(narges), by=narges)
        opened = open_file(stored.pk, by=narges)
        assert actions_on(stored.pk) == ["file.stored", "file.read"]
    assert (opened.data, opened.media_type, opened.kind) == (PAPER, MediaType.PDF, FileKind.PAPER)


def test_open_file_of_invisible_family_is_as_if_absent(cast: Cast, open_family: OpenFamily, files_dir: Path) -> None:
    with working_context(cast["narges"]):
        stored = store_paper(PAPER, open_family(cast["narges"]), by=cast["narges"])
    answers = []
    for file_id in (stored.pk, uuid4()):
        with working_context(cast["omid"]), pytest.raises(RecordNotVisible) as caught:
            open_file(file_id, by=cast["omid"])
        answers.append((caught.value.code, str(caught.value), caught.value.status))
    assert answers[0] == answers[1]
    with working_context(cast["narges"]):
        assert actions_on(stored.pk) == ["file.stored"]


def test_open_file_by_a_role_that_reads_none(cast: Cast, open_family: OpenFamily, files_dir: Path) -> None:
    with working_context(cast["kamran"]), pytest.raises(PermissionMissing):
        open_file(uuid4(), by=cast["kamran"])


def test_read_file_of_a_row_that_points_elsewhere(cast: Cast, open_family: OpenFamily, files_dir: Path) -> None:
    narges = cast["narges"]
    with working_context(narges):
        family = open_family(narges)
        one = store_paper(PAPER, family, by=narges)
        one.blob_id = store_paper(picture(), family, by=narges).blob_id
        with pytest.raises(StoredFileDamaged):
            read_file(one)


def test_stored_file_without_context_is_not_seen(
    cast: Cast, open_family: OpenFamily, files_dir: Path, raw: Any
) -> None:
    with working_context(cast["narges"]):
        store_paper(PAPER, open_family(cast["narges"]), by=cast["narges"])
        assert StoredFile.objects.count() == 1
    raw.execute("SELECT set_config('khedmat.context', '', true)")
    assert StoredFile.objects.count() == 0


@pytest.mark.parametrize("table", ["files_blob", "files_storedfile", "files_scopedfile"])
@pytest.mark.parametrize("change", ["DELETE FROM {}", "UPDATE {} SET created_at = now()", "TRUNCATE {} CASCADE"])
def test_rows_are_written_once(raw: Any, table: str, change: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        raw.execute(change.format(table))


def test_scoped_file_is_seen_in_its_province_alone(cast: Cast, files_dir: Path) -> None:
    printer = cast["printer"]
    with working_context(printer):
        stored = store_scoped_file(PAPER, printer.scope_id, ScopedFileKind.PRINT_BATCH, by=printer)
        assert open_scoped_file(stored.pk, by=printer) == PAPER
        assert actions_on(stored.pk) == ["file.stored", "file.read"]
        assert stored.retention == Retention.PRINT
    with working_context(cast["sara"]):
        assert not ScopedFile.objects.exists()
    with working_context(cast["narges"]):
        assert not ScopedFile.objects.exists()


def test_scoped_file_for_another_province(cast: Cast, files_dir: Path) -> None:
    printer = cast["printer"]
    with working_context(printer), pytest.raises(RecordNotVisible):
        store_scoped_file(PAPER, cast.places["khorasan"].pk, ScopedFileKind.PRINT_BATCH, by=printer)


def test_open_scoped_file_of_another_province(cast: Cast, files_dir: Path) -> None:
    printer = cast["printer"]
    elsewhere = Actor(printer.user_id, printer.role, cast.places["khorasan"].pk, printer.purpose)
    with working_context(printer):
        stored = store_scoped_file(PAPER, printer.scope_id, ScopedFileKind.PRINT_BATCH, by=printer)
    with working_context(elsewhere), pytest.raises(RecordNotVisible):
        open_scoped_file(stored.pk, by=elsewhere)


def test_open_scoped_file_by_a_clerk(cast: Cast) -> None:
    with working_context(cast["narges"]), pytest.raises(PermissionMissing):
        open_scoped_file(uuid4(), by=cast["narges"])
