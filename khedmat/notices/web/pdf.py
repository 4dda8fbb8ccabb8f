"""Sending a PDF that was drawn this moment, so that nothing keeps it and nothing in it runs."""

from django.http import HttpResponse

_NOTHING_RUNS = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"


def pdf_response(data: bytes, name: str) -> HttpResponse:
    """The whole file, shown in the browser under `name`."""
    response = HttpResponse(data, content_type="application/pdf")
    response["Content-Length"] = str(len(data))
    response["Content-Disposition"] = f'inline; filename="{name}"'
    response["Content-Security-Policy"] = _NOTHING_RUNS
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store, private"
    return response
