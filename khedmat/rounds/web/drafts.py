"""Drafts of the pages of a case: kept while somebody types, shown again when the page is opened anew."""

from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.utils.translation import get_language
from django.views.decorators.http import require_POST

from khedmat.accounts.enums import Permission, Purpose
from khedmat.accounts.gate import StaffRequest, page
from khedmat.casework.actions import enter_case
from khedmat.casework.drafts import clear_draft, draft_of, fields_in, keep_draft
from khedmat.casework.errors import DraftNotReadable
from khedmat.casework.models import Case
from khedmat.service.words import hour_words

PAPERS, RELIEF, DECISION = "papers", "relief", "decision"


@page(permission=Permission.TAKE_APPLICATION, purpose=Purpose.TAKE_APPLICATION)
@require_POST
def keep_at_counter(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """Keep what the clerk ticked or wrote: `papers` or `relief`."""
    return _keep(request, case_id, {PAPERS, RELIEF})


@page(permission=Permission.DECIDE_MEMBER, purpose=Purpose.REVIEW_CASE)
@require_POST
def keep_in_review(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """Keep the reasons that an officer is writing."""
    return _keep(request, case_id, {DECISION})


def _keep(request: StaffRequest, case_id: UUID, forms: set[str]) -> HttpResponse:
    case = enter_case(case_id, by=request.actor)
    form = request.POST.get("form", "")
    if form not in forms:
        raise DraftNotReadable
    saved_at = keep_draft(case, form, fields_in(request.POST.get("content", "")), by=request.actor)
    return JsonResponse({"at": hour_words(saved_at, get_language() or "fa")})


def shown_draft(request: StaffRequest, case: Case, form: str) -> dict[str, object]:
    """For `rounds/_draft.html`: what was kept, by the form's name, and when. `fields` is None where nothing was."""
    # A form that came back with errors shows what was sent.
    kept = draft_of(case, form, by=request.actor) if request.method == "GET" else None
    return {
        "form": form,
        "script_id": f"draft-{form}",
        "fields": kept.fields if kept else None,
        "at": hour_words(kept.saved_at, get_language() or "fa") if kept else "",
    }


def sent(request: StaffRequest, case_id: UUID, form: str) -> None:
    """The form was sent and taken: its draft is not needed any more."""
    clear_draft(case_id, form, by=request.actor)
