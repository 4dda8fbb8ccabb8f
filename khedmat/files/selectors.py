"""Reading stored files. Whose rows are seen is decided by the working context."""

import hashlib
import hmac
from uuid import UUID

from django.db.models import QuerySet

from khedmat.files.blobs import read_blob
from khedmat.files.enums import FileKind
from khedmat.files.errors import StoredFileDamaged
from khedmat.files.models import ScopedFile, StoredFile
from khedmat.vault.crypto import blind_index


def digest_of(sha256: str) -> bytes:
    """The keyed digest that is stored instead of the plain one; `sha256` in lower-case hex."""
    return blind_index("file", sha256)


def read_file(stored: StoredFile | ScopedFile) -> bytes:
    """The content of a file whose row the caller was allowed to see; leaves no record of the read.

    For rendering (a portrait on a card). A page that shows the file calls `actions.open_file`.
    Errors: StoredFileDamaged, also when the row points to another file's content.
    """
    data = read_blob(stored.blob_id)
    if not hmac.compare_digest(digest_of(hashlib.sha256(data).hexdigest()), bytes(stored.digest)):
        raise StoredFileDamaged
    return data


def files_of_household(household_id: UUID, kind: FileKind | None = None) -> QuerySet[StoredFile]:
    """The family's files, newest first."""
    files = StoredFile.objects.filter(household_id=household_id).order_by("-created_at")
    return files.filter(kind=kind) if kind else files
