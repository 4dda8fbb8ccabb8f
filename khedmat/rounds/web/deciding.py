"""Deciding: about one member, or about several at once with a reason for each."""

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
from khedmat.accounts.gate import StaffRequest, page
from khedmat.casework.actions import enter_case, lock_case
from khedmat.casework.drafts import drop_fields
from khedmat.casework.enums import Outcome
from khedmat.casework.errors import CaseChangedByAnother, StepNotPossible
from khedmat.casework.selectors import case_of_queue, is_waiting_for
from khedmat.common.text import uuid_of
from khedmat.rounds.enrolment import decide, decide_each, note_case_read
from khedmat.rounds.happened import isolated
from khedmat.rounds.web.case_parts import CaseParts, case_parts, digits
from khedmat.rounds.web.conflict import conflict_page
from khedmat.rounds.web.drafts import DECISION, sent, shown_draft
from khedmat.rounds.web.forms import DecisionForm, sent_version
from khedmat.rounds.web.review import decision_form, queue_of, review_url, show_review

DECIDES = page(permission=Permission.DECIDE_MEMBER, purpose=Purpose.REVIEW_CASE)


@DECIDES
@require_POST
def decide_member(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """Decide about the member whose form was sent."""
    case = enter_case(case_id, by=request.actor)
    version, member_id = sent_version(request), uuid_of(request.POST.get("member", ""))
    row = next((one for one in case_parts(case).members if one.id == member_id), None)
    if row is None:
        raise StepNotPossible
    form = decision_form(request, case, row, is_sent=True)
    try:
        lock_case(case_id, version)
    except CaseChangedByAnother as error:
        return conflict_page(request, error, case_url=_url(case_id), written=[(row.name, form.written)])
    if not form.is_valid():
        return show_review(request, case, form)
    outcome = Outcome(form.cleaned_data["outcome"])
    decide(case_id, case.version, row.id, outcome, form.cleaned_data["reason"], by=request.actor)
    drop_fields(case, DECISION, form.prefix or "", by=request.actor)
    messages.success(request, _("%(name)s: %(outcome)s.") % {"name": isolated(row.name), "outcome": outcome.label})
    return redirect(_onward(request, case_id))


@DECIDES
@require_http_methods(["GET", "HEAD", "POST"])
def decide_each_page(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """All waiting members on one page: each with a decision and a reason of its own, sent at once."""
    case = enter_case(case_id, by=request.actor)
    parts = case_parts(case)
    is_sent = request.method == "POST"
    forms = [(row, decision_form(request, case, row, is_sent=is_sent, may_be_empty=True)) for row in parts.waiting]
    nothing = ""
    if is_sent:
        try:
            lock_case(case_id, sent_version(request))
        except CaseChangedByAnother as error:
            written = [(row.name, form.written) for row, form in forms]
            return conflict_page(request, error, case_url=_url(case_id), written=written)
        is_valid = all([form.is_valid() for _row, form in forms])
        chosen = [form for _row, form in forms if is_valid and form.is_decided]
        if chosen:
            return _decided(request, parts, chosen)
        nothing = _("Choose a decision for at least one member.") if is_valid else ""
    note_case_read(case, by=request.actor)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if is_sent else HTTPStatus.OK
    carried = queue_of(request).filters
    query = carried.query if carried.is_carried else ""
    context = {"parts": parts, "case": case, "forms": forms, "nothing": nothing, "queue_query": query}
    context["draft"] = shown_draft(request, case, DECISION)
    return render(request, "rounds/decide_each.html", context, status=status)


def _decided(request: StaffRequest, parts: CaseParts, chosen: list[DecisionForm]) -> HttpResponse:
    decisions = [
        (form.member_id, Outcome(form.cleaned_data["outcome"]), form.cleaned_data["reason"]) for form in chosen
    ]
    decide_each(parts.case_id, parts.case.version, decisions, by=request.actor)
    sent(request, parts.case_id, DECISION)
    words = ngettext("%(count)s decision was kept.", "%(count)s decisions were kept.", len(decisions))
    messages.success(request, words % {"count": digits(len(decisions))})
    return redirect(_onward(request, parts.case_id))


def _onward(request: StaffRequest, case_id: UUID) -> str:
    """The case itself while a member of it waits for this officer; else the next one of the queue one came from."""
    queue = queue_of(request)
    case = case_of_queue(case_id, by=request.actor, **queue.beside())
    if not queue.filters.is_carried or is_waiting_for(case, by=request.actor):
        return review_url(case_id, queue.filters)
    following = case.after or case.first
    if following is None:
        messages.info(request, _("No other case of this queue waits for you."))
        return queue.filters.url()
    return review_url(following, queue.filters)


def _url(case_id: UUID) -> str:
    return reverse("rounds:review", args=[case_id])
