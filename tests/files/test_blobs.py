"""Sealed files on disk: durable before their row, never overwritten, swept when orphaned."""

import os
import signal
import stat
import time
import traceback
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connections, transaction

from khedmat.files import blobs
from khedmat.files.blobs import read_blob, sweep_orphans, write_blob
from khedmat.files.errors import StoredFileDamaged, SweepRefused
from khedmat.files.models import Blob

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
CONTENT = b"CANARY of a residence paper" * 50


def files_below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def make_old(path: Path) -> None:
    long_ago = time.time() - 3 * DAY.total_seconds()
    os.utime(path, (long_ago, long_ago))


def orphan(folder: Path, name: str | None = None) -> Path:
    name = name or str(uuid4())
    path = folder / name[:2] / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"sealed")
    make_old(path)
    return path


def test_write_blob_comes_back(files_dir: Path) -> None:
    assert read_blob(write_blob(CONTENT).id) == CONTENT


def test_write_blob_lies_sealed_under_its_id_for_us_alone(files_dir: Path) -> None:
    blob = write_blob(CONTENT)
    path = files_dir / str(blob.id)[:2] / str(blob.id)
    assert files_below(files_dir) == [path]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.stat().st_size == blob.size
    assert b"CANARY" not in path.read_bytes()


def test_write_blob_equal_contents_differ_on_disk(files_dir: Path) -> None:
    write_blob(CONTENT)
    write_blob(CONTENT)
    first, second = files_below(files_dir)
    assert first.read_bytes() != second.read_bytes()


def test_write_blob_is_on_disk_before_its_row(files_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    seen: list[bool] = []
    real_sync, real_create = os.fsync, Blob.objects.create

    def sync(handle: int) -> None:
        synced.append(handle)
        real_sync(handle)

    def create(**values: object) -> Blob:
        seen.append(len(synced) >= 3 and len(files_below(files_dir)) == 1)
        return real_create(**values)

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(Blob.objects, "create", create)
    write_blob(CONTENT)
    assert seen == [True]


def test_write_blob_never_overwrites(files_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = write_blob(CONTENT).id
    monkeypatch.setattr(blobs, "uuid4", lambda: taken)
    with pytest.raises(FileExistsError):
        write_blob(b"something else")
    assert read_blob(taken) == CONTENT
    assert len(files_below(files_dir)) == 1


@pytest.mark.parametrize("place", [0, 1, 2, 13, 14, 200, -1])
def test_read_blob_changed_in_one_bit(files_dir: Path, place: int) -> None:
    blob = write_blob(CONTENT)
    (path,) = files_below(files_dir)
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)
    with pytest.raises(StoredFileDamaged):
        read_blob(blob.id)


def test_read_blob_cut_short(files_dir: Path) -> None:
    blob = write_blob(CONTENT)
    (path,) = files_below(files_dir)
    for length in (0, 1, 20, blob.size - 1):
        os.truncate(path, length)
        with pytest.raises(StoredFileDamaged):
            read_blob(blob.id)


def test_read_blob_missing(files_dir: Path) -> None:
    with pytest.raises(StoredFileDamaged):
        read_blob(uuid4())


def test_read_blob_two_exchanged(files_dir: Path) -> None:
    one, two = write_blob(CONTENT), write_blob(b"another family's paper")
    first, second = (files_dir / str(blob.id)[:2] / str(blob.id) for blob in (one, two))
    kept = first.read_bytes()
    first.write_bytes(second.read_bytes())
    second.write_bytes(kept)
    for blob in (one, two):
        with pytest.raises(StoredFileDamaged):
            read_blob(blob.id)


def test_sweep_removes_what_a_rollback_left(files_dir: Path) -> None:
    kept = write_blob(CONTENT)
    with transaction.atomic():
        write_blob(CONTENT)
        transaction.set_rollback(True)
    for path in files_below(files_dir):
        make_old(path)
    assert sweep_orphans(DAY) == 1
    assert [path.name for path in files_below(files_dir)] == [str(kept.id)]


def test_sweep_leaves_young_orphans(files_dir: Path) -> None:
    os.utime(orphan(files_dir))
    assert sweep_orphans(DAY) == 0
    assert len(files_below(files_dir)) == 1


def test_sweep_removes_half_written_files_and_no_stranger(files_dir: Path) -> None:
    orphan(files_dir, f"{uuid4()}.part")
    stranger = orphan(files_dir, "ab-notes.txt")
    assert sweep_orphans(DAY) == 1
    assert files_below(files_dir) == [stranger]


def test_sweep_of_an_absent_folder(files_dir: Path) -> None:
    assert sweep_orphans(DAY) == 0


def test_sweep_refuses_to_touch_what_may_be_about_to_commit(files_dir: Path) -> None:
    with pytest.raises(ValueError, match="at least"):
        sweep_orphans(timedelta(minutes=59))


def test_sweep_refuses_in_the_wrong_database(files_dir: Path) -> None:
    for _number in range(101):
        orphan(files_dir)
    with pytest.raises(SweepRefused):
        sweep_orphans(DAY)
    assert len(files_below(files_dir)) == 101


def die(*_args: object, **_values: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def die_in_child(prepare: Callable[[pytest.MonkeyPatch], None]) -> None:
    """Fork, write a blob in a transaction of the child's own, and die by SIGKILL before it commits."""
    child = os.fork()
    if child == 0:
        try:
            for alias in connections:
                # The parent's socket is shared: forget it, closing would end the parent's session.
                connections[alias].connection = None
            prepare(pytest.MonkeyPatch())
            with transaction.atomic():
                write_blob(CONTENT)
                die()
        finally:
            traceback.print_exc()
            os._exit(1)
    _pid, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("last_step", ["before the rename", "before the row", "before the commit"])
def test_kill_leaves_nothing_for_ever(files_dir: Path, last_step: str) -> None:
    def prepare(patch: pytest.MonkeyPatch) -> None:
        if last_step == "before the rename":
            patch.setattr(Path, "rename", die)
        elif last_step == "before the row":
            patch.setattr(Blob.objects, "create", die)

    die_in_child(prepare)
    (left,) = files_below(files_dir)
    assert Blob.objects.count() == 0
    make_old(left)
    assert sweep_orphans(DAY) == 1
    assert files_below(files_dir) == []
