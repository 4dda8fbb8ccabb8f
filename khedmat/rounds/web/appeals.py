"""Appeals: taken in at the counter, waiting by number, decided by another officer."""

from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from khedmat.accounts.enums import Permission, Purpose
from khedmat.accounts.gate import StaffRequest, page
from khedmat.accounts.selectors import names_of
from khedmat.casework.appeal_terms import last_day_to_appeal
from khedmat.casework.appeals import (
    QueuedAppeal,
    appeals_in_reach,
    may_lodge,
    open_appeal,
    open_appeal_in_hand,
    take_appeal,
    why_may_not_decide,
    withdraw_appeal,
)
from khedmat.casework.enums import AppealState
from khedmat.casework.errors import AppealAlreadyOpen, AppealNotPossible
from khedmat.casework.models import Appeal, Case
from khedmat.files.enums import MediaType
from khedmat.files.errors import FileRefused
from khedmat.files.inspect import read_capped
from khedmat.places.models import Scope
from khedmat.rounds.appealing import decide_enrolment_appeal, lodge_enrolment_appeal, open_to_lodge
from khedmat.rounds.enums import OutcomeState
from khedmat.rounds.happened import isolated
from khedmat.rounds.web.case_parts import CaseParts, MemberRow, read_case
from khedmat.rounds.web.recourse import AppealRow, appealable, due_words
from khedmat.rounds.web.recourse_forms import AppealDecisionForm, AppealForm

LODGES = page(permission=Permission.LODGE_APPEAL, purpose=Purpose.TAKE_APPLICATION)
DECIDES = page(permission=Permission.DECIDE_APPEAL, purpose=Purpose.DECIDE_APPEAL)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refusal that may be appealed, as the counter reads it."""

    row: MemberRow
    last_day: date
    is_late: bool


@LODGES
@require_http_methods(["GET", "HEAD", "POST"])
def lodge(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """Take an appeal in: the client stands here with the decision."""
    case = open_to_lodge(case_id, by=request.actor)
    parts = read_case(request, case)
    refusals = _refusals(case, parts) if may_lodge(case, by=request.actor) else []
    members = [(one.row.id, one.row.name) for one in refusals]
    if request.method == "POST" and not members:
        raise AppealNotPossible
    form = AppealForm(request.POST or None, request.FILES or None, members=members) if members else None
    if form is not None and request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            paper = read_capped(given["paper"], "paper") if given["paper"] else None
            lodge_enrolment_appeal(case_id, given["member"], given["grounds"], paper, by=request.actor)
        except (FileRefused, AppealAlreadyOpen) as error:
            form.refuse(error)
        else:
            messages.success(request, _("The appeal was taken in. Another officer decides it."))
            return redirect("rounds:case", case_id)
    context = {"case": case, "parts": parts, "form": form, "refusals": refusals}
    is_refused = request.method == "POST"
    status = HTTPStatus.UNPROCESSABLE_ENTITY if is_refused else HTTPStatus.OK
    return render(request, "rounds/appeal_lodge.html", context, status=status)


@LODGES
@require_POST
def withdraw(request: StaffRequest, appeal_id: UUID) -> HttpResponse:
    """The family withdraws its appeal, in one step."""
    appeal = withdraw_appeal(appeal_id, by=request.actor)
    messages.success(request, _("The appeal was withdrawn. It has no consequence for the family."))
    return redirect("rounds:case", appeal.case_id)


@DECIDES
@require_safe
def queue_page(request: StaffRequest) -> HttpResponse:
    """Appeals that wait in the province, the first due first: numbers alone."""
    waiting = appeals_in_reach()
    offices = Scope.objects.in_bulk({one.scope_id for one in waiting})
    officers = names_of(one.officer_id for one in waiting)
    hands = [officers.get(one.officer_id, "") if one.officer_id else "" for one in waiting]
    rows = [(one, offices[one.scope_id], _due(one), officer) for one, officer in zip(waiting, hands, strict=True)]
    return render(request, "rounds/appeals.html", {"rows": rows})


@DECIDES
@require_safe
def appeal_page(request: StaffRequest, appeal_id: UUID) -> HttpResponse:
    """One appeal. In nobody's hand, its row and the button alone; else everything, to whoever may decide or not."""
    appeal = open_appeal_in_hand(appeal_id, by=request.actor)
    if appeal is not None:
        return _show(request, appeal)
    row = next(one for one in appeals_in_reach() if one.appeal_id == appeal_id)
    office = Scope.objects.get(pk=row.scope_id)
    return render(request, "rounds/appeal_row.html", {"row": row, "office": office, "due": _due(row)})


@DECIDES
@require_POST
def take(request: StaffRequest, appeal_id: UUID) -> HttpResponse:
    """Take an appeal in hand: its family opens, counted and recorded."""
    take_appeal(appeal_id, by=request.actor)
    return redirect("rounds:appeal", appeal_id)


@DECIDES
@require_POST
def decide(request: StaffRequest, appeal_id: UUID) -> HttpResponse:
    """Uphold or dismiss, with a reason."""
    appeal = open_appeal(appeal_id, by=request.actor)
    form = AppealDecisionForm(request.POST)
    if not form.is_valid():
        return _show(request, appeal, form)
    is_upheld = form.cleaned_data["outcome"] == AppealState.UPHELD
    name = isolated(appeal.member.person.full_name)
    appeal = decide_enrolment_appeal(
        appeal_id, is_upheld=is_upheld, reason=form.cleaned_data["reason"], by=request.actor
    )
    said = {"name": name, "state": AppealState(appeal.state).label}
    messages.success(request, _("%(name)s: %(state)s.") % said)
    return redirect("rounds:appeal", appeal_id)


def _show(request: StaffRequest, appeal: Appeal, form: AppealDecisionForm | None = None) -> HttpResponse:
    parts = read_case(request, appeal.case)
    row = next(one for one in parts.members if one.id == appeal.member_id)
    is_open = appeal.state == AppealState.OPEN
    why_not = why_may_not_decide(appeal, by=request.actor)
    may_decide = is_open and why_not is None
    context = {
        "appeal": appeal,
        "case": appeal.case,
        "parts": parts,
        "row": row,
        "told": AppealRow(appeal, row.name),
        "decider": parts.who(appeal.appealed_officer_id),
        "ender": parts.who(appeal.ended_by) if appeal.ended_by else "",
        "rules_then": _rules_then(appeal, row),
        "is_pdf": appeal.paper is not None and appeal.paper.media_type == MediaType.PDF,
        "why_not": why_not.message if is_open and why_not is not None else "",
        "form": (form or AppealDecisionForm()) if may_decide else None,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form is not None else HTTPStatus.OK
    return render(request, "rounds/appeal.html", context, status=status)


def _refusals(case: Case, parts: CaseParts) -> list[Refusal]:
    waiting = Appeal.objects.filter(case=case, state=AppealState.OPEN).values_list("member_id", flat=True)
    today, found = timezone.localdate(), []
    for row in appealable(parts.members, set(waiting)):
        if (decision := row.last_decision) is not None:
            last_day = last_day_to_appeal(case, decision)
            found.append(Refusal(row, last_day, today > last_day))
    return found


def _rules_then(appeal: Appeal, row: MemberRow) -> list[tuple[str, bool]]:
    """What each rule said when it was decided; those that asked for a look come first."""
    told = [
        (row.titles.get(code, code), state == OutcomeState.MET) for code, state in appeal.decision.rule_outcomes.items()
    ]
    return sorted(told, key=lambda line: line[1])


def _due(row: QueuedAppeal) -> tuple[str, str]:
    return due_words(row.due_on, timezone.localdate())
