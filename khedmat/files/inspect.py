"""Decides whether an upload is taken, by its content alone, and in which form it is kept."""

import hashlib
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from khedmat.files.enums import MediaType
from khedmat.files.errors import (
    FileEmpty,
    FileRefused,
    FileTooLarge,
    PaperKindNotAccepted,
    PdfEncrypted,
    PdfHasActiveContent,
    PdfNotReadable,
    PdfTooComplex,
    PdfTooManyPages,
    PhoneOnlyPicture,
    PictureKindNotAccepted,
)
from khedmat.files.images import as_jpeg, portrait_from, read_picture
from khedmat.files.rules import PORTRAIT_MEDIA

MAX_BYTES: Final = 10 * 1024 * 1024
PDF_SECONDS: Final = 30
_PDF_CHECK: Final = Path(__file__).with_name("pdf_check.py")
_CHUNK_BYTES: Final = 64 * 1024
_PHONE_BRANDS: Final = frozenset({b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1", b"avif"})
_AFTER_END: Final = b"\x00\t\n\x0c\r "
_PDF_REFUSALS: Final[dict[str, type[FileRefused]]] = {
    "encrypted": PdfEncrypted,
    "pages": PdfTooManyPages,
    "active": PdfHasActiveContent,
    "complex": PdfTooComplex,
    "broken": PdfNotReadable,
}


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """An upload as it may be stored. Pictures have `width` and `height` in px, PDFs have `pages`."""

    data: bytes
    media_type: MediaType
    width: int = 0
    height: int = 0
    pages: int = 0

    @property
    def sha256(self) -> str:
        """Lower-case hex; never stored plainly (it would tell a known picture from a dump)."""
        return hashlib.sha256(self.data).hexdigest()


def read_capped(stream: Readable, name: str | None = None) -> bytes:
    """All bytes of an upload of at most 10 MB. Errors: FileTooLarge, before the rest is read."""
    if (getattr(stream, "size", None) or 0) > MAX_BYTES:
        raise FileTooLarge(field=name)
    parts: list[bytes] = []
    taken = 0
    while chunk := stream.read(_CHUNK_BYTES):
        taken += len(chunk)
        if taken > MAX_BYTES:
            raise FileTooLarge(field=name)
        parts.append(chunk)
    return b"".join(parts)


def inspect_upload(name: str, data: bytes, allowed: frozenset[MediaType]) -> CheckedFile:
    """The upload as it may be stored: pictures as fresh JPEG, a PDF as it came.

    `name` is the form field, set on every error; the file's own name is never looked at.
    Errors: the FileRefused family.
    """
    try:
        media_type = _media_type(data, allowed)
        if media_type == MediaType.PDF:
            return CheckedFile(data, media_type, pages=_pdf_pages(data))
        picture = read_picture(data, media_type)
        return CheckedFile(as_jpeg(picture), MediaType.JPEG, picture.width, picture.height)
    except FileRefused as refusal:
        refusal.field = name
        raise


def inspect_portrait(name: str, data: bytes) -> CheckedFile:
    """A portrait as it is kept: the centred 3:4 part, 480 × 640 px, JPEG. Errors: as inspect_upload."""
    try:
        portrait = portrait_from(read_picture(data, _media_type(data, PORTRAIT_MEDIA)))
        return CheckedFile(as_jpeg(portrait), MediaType.JPEG, portrait.width, portrait.height)
    except FileRefused as refusal:
        refusal.field = name
        raise


def sniff(data: bytes) -> MediaType | None:
    """The format the first bytes speak of, or None."""
    if data.startswith(b"\xff\xd8\xff"):
        return MediaType.JPEG
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return MediaType.PNG
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return MediaType.WEBP
    if data.startswith(b"%PDF-"):
        return MediaType.PDF
    return None


def _media_type(data: bytes, allowed: frozenset[MediaType]) -> MediaType:
    if not data:
        raise FileEmpty
    if len(data) > MAX_BYTES:
        raise FileTooLarge
    if data[4:8] == b"ftyp" and data[8:12] in _PHONE_BRANDS:
        raise PhoneOnlyPicture
    media_type = sniff(data)
    if media_type is None or media_type not in allowed:
        raise PaperKindNotAccepted if MediaType.PDF in allowed else PictureKindNotAccepted
    return media_type


def _pdf_pages(data: bytes) -> int:
    if not data.rstrip(_AFTER_END).endswith(b"%%EOF"):
        # Cut short, or with something appended that another program would read.
        raise PdfNotReadable
    command = [sys.executable, "-I", str(_PDF_CHECK)]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=PDF_SECONDS, check=False, env={})
    except subprocess.TimeoutExpired as error:
        raise PdfTooComplex from error
    if done.returncode < 0 or not done.stdout:
        # Killed for its time, or out of memory before it could say so.
        raise PdfTooComplex
    answer = json.loads(done.stdout)
    if answer["verdict"] != "ok":
        raise _PDF_REFUSALS[answer["verdict"]]
    return int(answer["pages"])
