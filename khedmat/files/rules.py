"""Which format is taken for which kind of file, and by which retention rule it ends."""

from typing import Final

from khedmat.files.enums import FileKind, MediaType, Retention, ScopedFileKind

PAPER_MEDIA: Final = frozenset({MediaType.JPEG, MediaType.PNG, MediaType.WEBP, MediaType.PDF})
PORTRAIT_MEDIA: Final = frozenset({MediaType.JPEG, MediaType.PNG, MediaType.WEBP})

_RETENTION: Final[dict[FileKind | ScopedFileKind, Retention]] = {
    FileKind.PAPER: Retention.CASE,
    FileKind.PORTRAIT: Retention.REGISTER,
    FileKind.CARD_PDF: Retention.PRINT,
    ScopedFileKind.PRINT_BATCH: Retention.PRINT,
    ScopedFileKind.IMPORT: Retention.IMPORT,
}


def retention_of(kind: FileKind | ScopedFileKind) -> Retention:
    """The retention rule of a new file of this kind."""
    return _RETENTION[kind]
