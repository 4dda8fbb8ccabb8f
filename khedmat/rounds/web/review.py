"""The province: the queue of cases that wait, and the officer's page of one case."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import Count, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST, require_safe

from khedmat.accounts.enums import Permission, Purpose, Role
from khedmat.accounts.gate import StaffRequest, page
from khedmat.casework.actions import enter_case, open_family_of, take_for_review
from khedmat.casework.enums import CaseStep, MemberStep, Outcome
from khedmat.casework.models import Case
from khedmat.casework.perms import is_own_case
from khedmat.casework.selectors import member_steps, queue, visible_case
from khedmat.places.models import Scope
from khedmat.rounds.enrolment import CASE_TYPE
from khedmat.rounds.web.case_parts import CASE_TONES, CaseParts, MemberRow, read_case
from khedmat.rounds.web.choices import choices_for
from khedmat.rounds.web.forms import DecisionForm, uuid_of
from khedmat.rounds.web.recourse import recourse_of

STEPS = (CaseStep.SUBMITTED, CaseStep.UNDER_REVIEW)
ROWS = 50
IN_REVIEW = page(permission=Permission.REVIEW_CASE, purpose=Purpose.REVIEW_CASE)
FOR_DIRECTOR = "director"


@dataclass(frozen=True, slots=True)
class Tab:
    """One view of the queue, with how many cases it holds."""

    label: str
    url: str
    count: int
    is_current: bool


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A case in the queue: nobody's name."""

    case: Case
    step_label: str
    step_tone: str
    since_at: datetime
    waiting: int
    returned: int


@dataclass(frozen=True, slots=True)
class Filters:
    """What the address asks for; unknown values ask for nothing."""

    step: str
    office: int | None

    @classmethod
    def of(cls, request: StaffRequest) -> "Filters":
        """The filters in the address. The director general begins with what is theirs."""
        default = FOR_DIRECTOR if request.actor.role == Role.DIRECTOR_GENERAL else "all"
        step = request.GET.get("step", default)
        office = request.GET.get("office", "")
        return cls(
            step=step if step in {"all", FOR_DIRECTOR, *STEPS} else default,
            office=int(office) if office.isascii() and office.isdecimal() and len(office) < 10 else None,  # noqa: PLR2004
        )

    def url(self, **changed: Any) -> str:
        """The address of the queue with other filters."""
        asked = {"step": self.step, "office": self.office, **changed}
        return f"{reverse('rounds:review-queue')}?{urlencode({k: v for k, v in asked.items() if v is not None})}"


@IN_REVIEW
@require_safe
def queue_page(request: StaffRequest) -> HttpResponse:
    """Cases that wait for a decision, the longest waiting first: numbers and counts."""
    filters = Filters.of(request)
    everything = queue(STEPS).filter(case_type=CASE_TYPE)
    offices = list(Scope.objects.filter(pk__in=everything.order_by().values("scope_id")).order_by("code"))
    shown = Paginator(_filtered(everything, filters), ROWS).get_page(request.GET.get("page"))
    steps = member_steps(case.pk for case in shown.object_list)
    context = {
        "rows": [_queue_row(case, steps.get(case.pk, {})) for case in shown.object_list],
        "shown": shown,
        "tabs": _tabs(everything, filters),
        "offices": [(office, filters.url(office=office.pk), office.pk == filters.office) for office in offices],
        "office": next((office for office in offices if office.pk == filters.office), None),
        "all_offices_url": filters.url(office=None),
        "earlier_url": filters.url(page=shown.previous_page_number()) if shown.has_previous() else "",
        "later_url": filters.url(page=shown.next_page_number()) if shown.has_next() else "",
    }
    return render(request, "rounds/review_queue.html", context)


@IN_REVIEW
@require_safe
def review_page(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """The officer's page of a case; one that nobody has in hand shows its row and the button alone."""
    case = visible_case(case_id)
    if case.step not in {CaseStep.UNDER_REVIEW, CaseStep.CLOSED}:
        steps = member_steps([case.pk])
        return render(
            request, "rounds/review_row.html", {"case": case, "row": _queue_row(case, steps.get(case.pk, {}))}
        )
    open_family_of(case.pk, by=request.actor)
    return show_review(request, case)


@IN_REVIEW
@require_POST
def take(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """Take a case in hand: its family opens to the officer, counted and recorded."""
    enter_case(case_id, by=request.actor)
    take_for_review(case_id, by=request.actor)
    return redirect("rounds:review", case_id)


def show_review(request: StaffRequest, case: Case, form: DecisionForm | None = None) -> HttpResponse:
    """The officer's page; `form` is one that came back with errors."""
    parts = read_case(request, case)
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
        "officer": parts.who(case.officer_id) if case.officer_id else "",
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form is not None and form.is_bound else HTTPStatus.OK
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


def _current_member(request: StaffRequest, parts: CaseParts, form: DecisionForm | None) -> MemberRow | None:
    asked = form.member_id if form is not None else uuid_of(request.GET.get("member", ""))
    chosen = next((row for row in parts.members if row.id == asked), None)
    return chosen or next(iter(parts.waiting), None)


def _filtered(cases: QuerySet[Case], filters: Filters) -> QuerySet[Case]:
    if filters.step == FOR_DIRECTOR:
        cases = cases.filter(is_for_director=True)
    elif filters.step != "all":
        cases = cases.filter(step=filters.step)
    return cases if filters.office is None else cases.filter(scope_id=filters.office)


def _tabs(everything: QuerySet[Case], filters: Filters) -> Sequence[Tab]:
    counted = list(everything.order_by().values_list("step", "is_for_director").annotate(cases=Count("id")))
    counts: dict[str, int] = {
        "all": sum(cases for _step, _director, cases in counted),
        FOR_DIRECTOR: sum(cases for _step, is_director, cases in counted if is_director),
        **{str(step): sum(cases for at, _director, cases in counted if at == step) for step in STEPS},
    }
    labels: dict[str, str] = {
        "all": pgettext("cases", "All"),
        str(CaseStep.SUBMITTED): _("In nobody's hand"),
        str(CaseStep.UNDER_REVIEW): _("In hand"),
        FOR_DIRECTOR: _("For the director general"),
    }
    return [
        Tab(label, filters.url(step=key), counts[key], is_current=filters.step == key) for key, label in labels.items()
    ]


def _queue_row(case: Case, steps: dict[str, int]) -> QueueRow:
    return QueueRow(
        case,
        str(CaseStep(case.step).label),
        CASE_TONES.get(case.step, "mute"),
        case.step_since_at,
        steps.get(MemberStep.UNDER_REVIEW, 0) + steps.get(MemberStep.ENROLLED, 0),
        steps.get(MemberStep.RETURNED, 0),
    )
