"""Sealed files on disk: `KHEDMAT_FILES_DIR/ab/<uuid>`, each under a random name, written once.

The blob is on disk before its row commits: a crash in between leaves an orphan, which the sweep
removes, and never a row without content.
"""

import logging
import os
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final
from uuid import UUID, uuid4

from django.conf import settings

from khedmat.files.errors import StoredFileDamaged, SweepRefused
from khedmat.files.models import Blob
from khedmat.vault.crypto import SealBroken, open_sealed, seal

logger = logging.getLogger(__name__)

PART_SUFFIX: Final = ".part"
# A transaction that writes a blob may still be open; no request or job lives longer than this.
YOUNGEST_ORPHAN: Final = timedelta(hours=1)
# A sweep against the wrong or an empty database would find everything orphaned.
ORPHANS_ALWAYS_SWEPT: Final = 100
_BATCH: Final = 1_000


def write_blob(data: bytes) -> Blob:
    """Seal `data`, make it durable, and add its row in the current transaction."""
    blob_id = uuid4()
    sealed = seal(data, _associated_data(blob_id))
    _write_once(_path_of(blob_id), sealed)
    return Blob.objects.create(id=blob_id, size=len(sealed))


def read_blob(blob_id: UUID) -> bytes:
    """The bytes as they were given. Errors: StoredFileDamaged (missing, changed, or another's)."""
    try:
        return open_sealed(_path_of(blob_id).read_bytes(), _associated_data(blob_id))
    except (OSError, SealBroken) as error:
        logger.error("blob %s does not open: %s", blob_id, type(error).__name__)
        raise StoredFileDamaged from error


def sweep_orphans(older_than: timedelta) -> int:
    """Remove blobs and half-written files without a row, last written longer ago than `older_than`.

    `older_than` is at least one hour. Answers how many were removed.
    Errors: ValueError; SweepRefused when over 100 blobs and over half of all are orphans.
    """
    if older_than < YOUNGEST_ORPHAN:
        raise ValueError(f"older_than must be at least {YOUNGEST_ORPHAN}: younger blobs may be about to commit")
    blobs, leftovers = _written_before(time.time() - older_than.total_seconds())
    orphans = _without_row(blobs)
    if len(orphans) > max(ORPHANS_ALWAYS_SWEPT, len(blobs) // 2):
        raise SweepRefused
    removed = leftovers + [_path_of(blob_id) for blob_id in orphans]
    for path in removed:
        path.unlink(missing_ok=True)
    return len(removed)


def _path_of(blob_id: UUID) -> Path:
    return Path(settings.KHEDMAT_FILES_DIR) / blob_id.hex[:2] / str(blob_id)


def _associated_data(blob_id: UUID) -> bytes:
    return f"files_blob:{blob_id}".encode()


def _write_once(path: Path, sealed: bytes) -> None:
    """Errors: FileExistsError. The part file, made exclusively, reserves the name until the rename."""
    _make_durable_folder(path.parent)
    part = path.with_name(path.name + PART_SUFFIX)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(sealed)
        out.flush()
        os.fsync(out.fileno())
    if path.exists():
        part.unlink()
        raise FileExistsError(path.name)
    part.rename(path)
    _sync_folder(path.parent)


def _make_durable_folder(folder: Path) -> None:
    if folder.is_dir():
        return
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _written_before(moment: float) -> tuple[list[UUID], list[Path]]:
    """Ids of blobs, and part files, last written before `moment` (seconds since 1970)."""
    blobs: list[UUID] = []
    leftovers: list[Path] = []
    for path in _blob_folder_files():
        try:
            if path.stat().st_mtime >= moment:
                continue
        except FileNotFoundError:  # a part file that was just renamed
            continue
        if path.name.endswith(PART_SUFFIX):
            leftovers.append(path)
        else:
            blobs.append(UUID(path.name))
    return blobs, leftovers


def _blob_folder_files() -> Iterator[Path]:
    """Files named as this module names them; whatever else lies there is not ours to remove."""
    for path in Path(settings.KHEDMAT_FILES_DIR).glob("[0-9a-f][0-9a-f]/*"):
        try:
            blob_id = UUID(path.name.removesuffix(PART_SUFFIX))
        except ValueError:
            continue
        if _path_of(blob_id).parent == path.parent and path.is_file():
            yield path


def _without_row(blobs: list[UUID]) -> list[UUID]:
    orphans: list[UUID] = []
    for start in range(0, len(blobs), _BATCH):
        batch = blobs[start : start + _BATCH]
        kept = set(Blob.objects.filter(id__in=batch).values_list("id", flat=True))
        orphans += [blob_id for blob_id in batch if blob_id not in kept]
    return orphans
