"""Sending a decrypted file so that no browser, proxy or disk cache keeps it, and nothing in it runs."""

from typing import Final

from django.http import HttpResponse

from khedmat.files.actions import OpenedFile
from khedmat.files.enums import MediaType

_ENDING: Final = {MediaType.JPEG: "jpg", MediaType.PNG: "png", MediaType.WEBP: "webp", MediaType.PDF: "pdf"}
_NOTHING_RUNS: Final = "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"


def file_response(opened: OpenedFile) -> HttpResponse:
    """The whole file in one piece: its seal is checked to the end before the first byte leaves."""
    response = HttpResponse(opened.data, content_type=opened.media_type.value)
    response["Content-Length"] = str(len(opened.data))
    response["Content-Disposition"] = f'inline; filename="{opened.kind.value}.{_ENDING[opened.media_type]}"'
    response["Content-Security-Policy"] = _NOTHING_RUNS
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store, private"
    return response
