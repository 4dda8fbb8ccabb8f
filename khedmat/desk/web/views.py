"""The desk, the choice of role, and oversight."""

from http import HTTPStatus

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from khedmat.accounts.enums import Permission, Purpose, Role
from khedmat.accounts.gate import HOLDING_KEY, StaffRequest, page
from khedmat.accounts.selectors import live_holdings
from khedmat.common.text import uuid_of
from khedmat.desk.board import board_for
from khedmat.desk.hall import counter_in, hall_of
from khedmat.desk.oversight import budget_stops, openings_by_reader
from khedmat.desk.waiting import lines_for
from khedmat.rounds.enrolment import CASE_TYPE
from khedmat.rounds.web.queueing import Filters, Queue
from khedmat.service.web.counter import MY_COUNTER


@page(permission=Permission.SEE_DESK, purpose=Purpose.DAILY_WORK)
@require_safe
def home(request: StaffRequest) -> HttpResponse:
    """The role's day: the hall, what waits for it, and the cases behind that."""
    actor = request.actor
    queue = Queue(actor, CASE_TYPE, Filters())
    board, lines = board_for(actor, queue), lines_for(actor, queue)
    hall = hall_of(actor, counter_in(request.session.get(MY_COUNTER)))
    is_lines_alone = bool(lines) and not board.tiles
    context = {
        "board": board,
        "lines": lines,
        "is_lines_alone": is_lines_alone,
        "hall": hall,
        "has_side": bool(hall) or (bool(lines) and not is_lines_alone),
        "today": timezone.localdate(),
    }
    return render(request, "desk/home.html", context)


@page(permission=Permission.SEE_DESK, purpose=Purpose.DAILY_WORK)
def roles(request: StaffRequest) -> HttpResponse:
    """Choose in which of one's own roles to work."""
    holdings = live_holdings(request.actor.user_id)
    if request.method == "POST":
        chosen = uuid_of(request.POST.get("holding", ""))
        if any(holding.pk == chosen for holding in holdings):
            request.session[HOLDING_KEY] = str(chosen)
            return redirect("desk:home")
    context = {
        "holdings": [(holding, Role(holding.role).label) for holding in holdings],
        "current": request.working.holding,
        "is_refused": request.method == "POST",
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if context["is_refused"] else HTTPStatus.OK
    return render(request, "desk/roles.html", context, status=status)


@page(permission=Permission.OVERSEE_READS, purpose=Purpose.PROTECT_PEOPLE)
@require_safe
def oversight(request: StaffRequest) -> HttpResponse:
    """Who opened how many families today, and who was stopped at the budget."""
    return render(request, "desk/oversight.html", {"stops": budget_stops(), "readers": openings_by_reader()})
