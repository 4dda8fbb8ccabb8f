"""The page that stands where somebody else changed the case first."""

from collections.abc import Sequence
from http import HTTPStatus

from django.http import HttpResponse
from django.shortcuts import render

from khedmat.accounts.gate import StaffRequest
from khedmat.casework.errors import CaseChangedByAnother
from khedmat.rounds.happened import told_changes


def conflict_page(
    request: StaffRequest, error: CaseChangedByAnother, *, case_url: str, written: Sequence[tuple[str, str]] = ()
) -> HttpResponse:
    """Who, what, when; and what the reader had written, as (label, text), so that nothing typed is lost."""
    return render(
        request,
        "rounds/conflict.html",
        {
            "message": error.message,
            "told": told_changes(error.changes),
            "case_url": case_url,
            "written": [(label, text) for label, text in written if text],
        },
        status=HTTPStatus.CONFLICT,
    )
