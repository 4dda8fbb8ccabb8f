"""The province: the officer's page of one case, and the ways to the case beside it in the queue."""

from datetime import datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_POST, require_safe

from khedmat.accounts.enums import Permission, Purpose
from khedmat.accounts.gate import StaffRequest, page
from khedmat.accounts.rules import role_may
from khedmat.casework.actions import IN_THE_PROVINCE, enter_case, open_family_of, take_for_review
from khedmat.casework.enums import CaseStep, Outcome, StopReason
from khedmat.casework.errors import CaseChangedByAnother, CaseInAnothersHand, LaterChange
from khedmat.casework.models import Case
from khedmat.casework.perms import is_own_case
from khedmat.casework.selectors import case_of_queue
from khedmat.common.text import uuid_of
from khedmat.rounds.enrolment import CASE_TYPE
from khedmat.rounds.web.case_parts import CaseParts, MemberRow, read_case
from khedmat.rounds.web.choices import choices_for
from khedmat.rounds.web.conflict import conflict_page
from khedmat.rounds.web.drafts import DECISION, shown_draft
from khedmat.rounds.web.forms import DecisionForm, StopForm
from khedmat.rounds.web.queueing import Filters, Queue
from khedmat.rounds.web.recourse import recourse_of

IN_REVIEW = page(permission=Permission.REVIEW_CASE, purpose=Purpose.REVIEW_CASE)


@IN_REVIEW
@require_safe
def review_page(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """The officer's page of a case; one that nobody has in hand shows its row and the button alone."""
    queue = queue_of(request)
    case = case_of_queue(case_id, by=request.actor, **(queue.beside() if queue.filters.is_carried else {}))
    if case.step not in {CaseStep.UNDER_REVIEW, CaseStep.CLOSED}:
        return render(request, "rounds/review_row.html", {"case": case, "row": queue.row(case), **_ways(queue, case)})
    open_family_of(case.pk, by=request.actor)
    return show_review(request, case)


@IN_REVIEW
@require_POST
def take(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """Take a case in hand: its family opens to the officer, counted and recorded."""
    enter_case(case_id, by=request.actor)
    try:
        take_for_review(case_id, by=request.actor)
    except CaseInAnothersHand as error:
        return conflict_page(request, _taken_by(case_id, error), case_url=reverse("rounds:review-queue"))
    return redirect(review_url(case_id, queue_of(request).filters))


def show_review(
    request: StaffRequest, case: Case, form: DecisionForm | None = None, stop_form: StopForm | None = None
) -> HttpResponse:
    """The officer's page; `form` or `stop_form` is one that came back with errors."""
    parts = read_case(request, case)
    queue = queue_of(request)
    current = _current_member(request, parts, form)
    if form is None and current is not None and current.is_waiting:
        form = decision_form(request, case, current)
    context = {
        "parts": parts,
        "case": case,
        "current": current,
        "form": form,
        "decided": decided_words(parts),
        "recourse": recourse_of(request, parts),
        "is_own": is_own_case(case, by=request.actor),
        **_hand(request, queue, case),
        "stop_form": stop_form or StopForm(),
        "draft": shown_draft(request, case, DECISION),
        **_ways(queue, case),
    }
    is_refused = stop_form is not None or (form is not None and form.is_bound)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if is_refused else HTTPStatus.OK
    return render(request, "rounds/review.html", context, status=status)


def decision_form(
    request: StaffRequest, case: Case, row: MemberRow, *, is_sent: bool = False, may_be_empty: bool = False
) -> DecisionForm:
    """The form about one member, with what is open to this officer; `is_sent` binds what was sent."""
    is_referred = any(one.outcome == Outcome.REFER for one in row.decisions)
    options = choices_for(case, row.member, is_referred=is_referred, by=request.actor)
    data = request.POST if is_sent else None
    return DecisionForm(data, options=options, member_id=row.id, may_be_empty=may_be_empty)


def decided_words(parts: CaseParts) -> list[tuple[MemberRow, str, str, str, datetime]]:
    """Decisions, the newest first: whose, what, why, by whom, when."""
    told = [
        (row, str(Outcome(one.outcome).label), one.reason, parts.who(one.decided_by), one.decided_at)
        for row in parts.members
        for one in row.decisions
    ]
    return sorted(told, key=lambda line: line[4], reverse=True)


def queue_of(request: StaffRequest) -> Queue:
    """The queue that an address, or a form that came from it, names."""
    query = QueryDict(request.POST["queue"]) if "queue" in request.POST else request.GET
    return Queue(request.actor, CASE_TYPE, Filters.of(query, request.actor.role))


def review_url(case_id: UUID, filters: Filters) -> str:
    """The officer's page of a case, with the queue that one came from."""
    address = reverse("rounds:review", args=[case_id])
    return f"{address}?{filters.query}" if filters.is_carried else address


def _ways(queue: Queue, case: Case) -> dict[str, Any]:
    """To the cases beside this one, where a queue was carried along; and that queue for forms."""
    filters = queue.filters
    if not filters.is_carried or case.due_on is None:
        return {"queue_query": "", "queue_url": reverse("rounds:review-queue"), "next_url": "", "earlier_url": ""}
    after = getattr(case, "after", None) or getattr(case, "first", None)
    before = getattr(case, "before", None) or getattr(case, "last", None)
    return {
        "queue_query": filters.query,
        "queue_url": filters.url(),
        "next_url": review_url(after, filters) if after else "",
        "earlier_url": review_url(before, filters) if before else "",
    }


def _hand(request: StaffRequest, queue: Queue, case: Case) -> dict[str, Any]:
    """In whose hand the case is, when it is due, and what its officer may do about both."""
    told: Any = case if hasattr(case, "free_days") else case_of_queue(case.pk, by=request.actor)
    queue.knows(told.free_days)
    words, tone = queue.due_words(case)
    is_open = case.step in IN_THE_PROVINCE and case.decided_at is None
    is_holder = case.officer_id == request.actor.user_id
    may_assign = role_may(request.actor.role, Permission.ASSIGN_CASE)
    may_decide = role_may(request.actor.role, Permission.DECIDE_MEMBER)
    return {
        "officer": (told.holder_en if get_language() == "en" else told.holder_fa) or "",
        "is_cover": told.is_covered,
        "due_words": words,
        "due_tone": tone,
        "may_give_back": is_open and case.officer_id is not None and (is_holder or may_assign),
        "may_take": is_open and case.officer_id is None,
        "may_stop": is_open and case.stopped_at is None and may_decide,
        "may_resume": is_open and case.stopped_at is not None and case.stop_reason != StopReason.RETURNED,
    }


def _taken_by(case_id: UUID, error: CaseInAnothersHand) -> CaseChangedByAnother:
    """The fact that another took the case, told as every change by another: who, what, when."""
    told = CaseChangedByAnother([LaterChange(error.holder_id, "case.taken-for-review", error.since_at)])
    told.message = error.message
    return told


def _current_member(request: StaffRequest, parts: CaseParts, form: DecisionForm | None) -> MemberRow | None:
    asked = form.member_id if form is not None else uuid_of(request.GET.get("member", ""))
    chosen = next((row for row in parts.members if row.id == asked), None)
    return chosen or next(iter(parts.waiting), None)
