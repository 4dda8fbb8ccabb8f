"""Deciding several cases together: each one opened and written about by itself, then all kept at once."""

from collections.abc import Sequence
from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from khedmat.accounts.enums import Permission, Purpose
from khedmat.accounts.errors import RecordNotVisible
from khedmat.accounts.gate import StaffRequest, page
from khedmat.casework import bulk as bulks
from khedmat.casework.actions import open_family_of
from khedmat.casework.bulk import DECIDED, Draft, choose_cases, decide_bulk, draft_case, own_bulk, see_case
from khedmat.casework.enums import Outcome
from khedmat.casework.errors import CaseChangedByAnother, ReasonCopied
from khedmat.casework.models import Bulk, Case
from khedmat.common.actor import Actor
from khedmat.common.text import uuid_of
from khedmat.rounds.enrolment import decide_each, note_case_read
from khedmat.rounds.web.case_parts import case_parts, digits
from khedmat.rounds.web.conflict import conflict_page
from khedmat.rounds.web.forms import sent_version
from khedmat.rounds.web.review import decision_form
from khedmat.rounds.words import RESULTS

DECIDES = page(permission=Permission.DECIDE_MEMBER, purpose=Purpose.REVIEW_CASE)


@DECIDES
@require_POST
def choose(request: StaffRequest) -> HttpResponse:
    """Choose cases of the queue. An id that is none is left out; what is chosen is checked by the action."""
    ids = [case_id for text in request.POST.getlist("case")[: Bulk.MOST + 1] if (case_id := uuid_of(text))]
    return redirect("rounds:bulk", choose_cases(ids, by=request.actor).pk)


@DECIDES
@require_http_methods(["GET", "HEAD", "POST"])
def bulk_page(request: StaffRequest, bulk_id: UUID) -> HttpResponse:
    """The chosen cases by number: which are seen and written about; a post keeps all decisions."""
    bulk = own_bulk(bulk_id, by=request.actor)
    if request.method == "POST":
        bulk = decide_bulk(bulk_id, _decide(request.actor), by=request.actor)
        kept = sum(result == DECIDED for result in bulk.results.values())
        words = ngettext("%(count)s case was decided.", "%(count)s cases were decided.", kept)
        messages.success(request, words % {"count": digits(kept)})
        return redirect("rounds:bulk", bulk_id)
    sights = bulks.progress_of(bulk)
    waiting = bulks.still_waiting(bulk.case_ids, by=request.actor)
    cases = Case.objects.filter(pk__in=bulk.case_ids).select_related("scope").order_by("due_on", "number")
    rows = [
        {
            "case": case,
            "is_left": case.pk not in waiting,
            "is_seen": case.pk in sights,
            "is_ready": bool(bulks.drafts_of(sights.get(case.pk))),
            "is_decided": bulk.results.get(str(case.pk)) == DECIDED,
            "result": RESULTS.get(bulk.results.get(str(case.pk), ""), RESULTS[""]),
        }
        for case in cases
    ]
    to_write = [row for row in rows if not row["is_left"]]
    context = {
        "bulk": bulk,
        "rows": rows,
        "following": next((row["case"] for row in to_write if not row["is_ready"]), None),
        "ready": sum(bool(row["is_ready"]) for row in to_write),
        "to_write": len(to_write),
    }
    return render(request, "rounds/bulk.html", context)


@DECIDES
@require_POST
def see(request: StaffRequest, bulk_id: UUID, case_id: UUID) -> HttpResponse:
    """Open one chosen case: taken in hand and noted as seen."""
    see_case(bulk_id, case_id, by=request.actor)
    return redirect("rounds:bulk-case", bulk_id, case_id)


@DECIDES
@require_http_methods(["GET", "HEAD", "POST"])
def case_page(request: StaffRequest, bulk_id: UUID, case_id: UUID) -> HttpResponse:
    """One chosen case with its papers: what is decided about each waiting member is written here, and kept later."""
    case = bulks.case_of_bulk(bulk_id, case_id, by=request.actor)
    if case is None:
        return _to_bulk_that_is_done(request, bulk_id, case_id)
    open_family_of(case_id, by=request.actor)
    parts = case_parts(case)
    is_sent = request.method == "POST"
    forms = [(row, decision_form(request, case, row, is_sent=is_sent, may_be_empty=True)) for row in parts.waiting]
    nothing, is_copied = "", False
    if is_sent:
        is_valid = all([form.is_valid() for _row, form in forms])
        drafts = [
            Draft(form.member_id, Outcome(form.cleaned_data["outcome"]), form.cleaned_data["reason"])
            for _row, form in forms
            if is_valid and form.is_decided
        ]
        nothing = _("Choose a decision for at least one member.") if is_valid and not drafts else ""
        try:
            if drafts:
                return _kept(request, bulk_id, case_id, drafts)
        except ReasonCopied as error:
            nothing, is_copied = str(error), True
        except CaseChangedByAnother as error:
            written = [(row.name, form.written) for row, form in forms]
            return conflict_page(request, error, case_url=reverse("rounds:bulk", args=[bulk_id]), written=written)
    note_case_read(case, by=request.actor)
    context = {
        "bulk_id": bulk_id,
        "parts": parts,
        "case": case,
        "forms": forms,
        "nothing": nothing,
        "is_copied": is_copied,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if is_sent else HTTPStatus.OK
    return render(request, "rounds/bulk_case.html", context, status=status)


def _to_bulk_that_is_done(request: StaffRequest, bulk_id: UUID, case_id: UUID) -> HttpResponse:
    """Nothing is written about its cases any more; its page tells what became of them. Errors: RecordNotVisible."""
    if case_id not in own_bulk(bulk_id, by=request.actor).case_ids:
        raise RecordNotVisible
    return redirect("rounds:bulk", bulk_id)


def _kept(request: StaffRequest, bulk_id: UUID, case_id: UUID, drafts: list[Draft]) -> HttpResponse:
    is_confirmed = request.POST.get("confirmed") == "1"
    draft_case(bulk_id, case_id, sent_version(request), drafts, is_confirmed=is_confirmed, by=request.actor)
    messages.success(request, _("What you decided about this case is written down; it is kept with the others."))
    return redirect("rounds:bulk", bulk_id)


def _decide(actor: Actor) -> bulks.Decide:
    def decide(case_id: UUID, version: int, drafts: Sequence[Draft]) -> None:
        decisions = [(draft.member_id, draft.outcome, draft.reason) for draft in drafts]
        decide_each(case_id, version, decisions, by=actor)

    return decide
