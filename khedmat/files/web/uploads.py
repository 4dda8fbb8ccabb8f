"""Uploads stay in memory, capped: Django's own handlers would write larger ones to disk in the clear."""

from io import BytesIO
from typing import Any, Final

from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopFutureHandlers

from khedmat.files.inspect import MAX_BYTES

MAX_REQUEST_BYTES: Final = 4 * MAX_BYTES
_larger: dict[str, int] = {}


def take_larger(address_prefix: str, max_bytes: int) -> None:
    """Keep files of up to `max_bytes` on addresses that begin so: tables are larger than papers."""
    _larger[address_prefix] = max_bytes


def _cap_of(request: Any) -> int:
    # The body is read before the page's own gate: whoever has not signed in gets no more room than a paper needs.
    if not getattr(getattr(request, "user", None), "is_authenticated", False):
        return MAX_BYTES
    address = getattr(request, "path", "")
    return next((cap for prefix, cap in _larger.items() if address.startswith(prefix)), MAX_BYTES)


class CappedMemoryUploadHandler(FileUploadHandler):
    """Keeps at most 10 MB of a file and 40 MB of a request (see `take_larger`); of what is larger, only the size.

    `read_capped` then answers FileTooLarge from the size, so that the form can name the field.
    """

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self._held = 0
        self._file = BytesIO()
        self._cap = _cap_of(request)

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._file = BytesIO()
        raise StopFutureHandlers

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if start + len(raw_data) > self._cap or self._held + len(raw_data) > max(self._cap, MAX_REQUEST_BYTES):
            self._held -= self._file.tell()
            self._file = BytesIO()
            return
        # After a dropped chunk the rest is dropped too: what is held must be the file from its start.
        if start == self._file.tell():
            self._file.write(raw_data)
            self._held += len(raw_data)

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        whole = file_size == self._file.tell()
        self._file.seek(0)
        return InMemoryUploadedFile(
            file=self._file,
            field_name=self.field_name,
            name=self.file_name,
            content_type=self.content_type,
            size=file_size if whole else max(file_size, self._cap + 1),
            charset=self.charset,
            content_type_extra=self.content_type_extra,
        )
