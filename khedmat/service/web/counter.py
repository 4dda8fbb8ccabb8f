"""The counter's screen: call the next number, serve it, send it on. It shows numbers, and never a name."""

from hashlib import sha256
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from khedmat.accounts.enums import Permission, Purpose
from khedmat.accounts.gate import StaffRequest, page
from khedmat.service.enums import CounterKind
from khedmat.service.errors import CounterNotFound, NobodyWaits, TicketNotFound
from khedmat.service.hall import call_again, call_next, send_to_end, serve, transfer
from khedmat.service.models import Counter, Ticket
from khedmat.service.perms import can_call_to, counters_of
from khedmat.service.selectors import counter_by_id, counters_at, seat_at, ticket_at, tickets_waiting
from khedmat.service.subjects import kind_of

CALLING = page(permission=Permission.CALL_CLIENTS, purpose=Purpose.CALL_CLIENTS)
MY_COUNTER = "service_counter"
MOST_SHOWN = 40


@CALLING
@require_safe
def counter_page(request: StaffRequest) -> HttpResponse:
    """My counter, the number that I serve, and who waits; without a counter yet, which one is mine."""
    counter, ticket = _mine(request)
    if counter is None:
        found = counters_at(request.actor.scope_id, counters_of(request.actor))
        return render(request, "service/choose_counter.html", {"counters": list(found)})
    context = {
        "counter": counter,
        "ticket": ticket,
        "subject_url": kind_of(ticket.subject_kind).address(ticket.subject_id, request.actor)
        if ticket and ticket.subject_id and counter.kind == CounterKind.CLERK
        else "",
        "is_clerk": counter.kind == CounterKind.CLERK,
        **_queue(request, counter),
    }
    return render(request, "service/counter.html", context)


@CALLING
@require_safe
def queue_part(request: StaffRequest, counter_id: UUID) -> HttpResponse:
    """Who waits now: the part of the screen that refreshes itself; 304 while nothing changed."""
    counter = counter_by_id(counter_id, request.actor.scope_id)
    html = render_to_string("service/_queue.html", _queue(request, counter), request=request)
    etag = f'"{sha256(html.encode()).hexdigest()}"'
    response = HttpResponse(html)
    response.headers["ETag"] = etag
    return get_conditional_response(request, etag=etag, response=response) or response


@CALLING
@require_POST
def choose(request: StaffRequest, counter_id: UUID) -> HttpResponse:
    """Sit down at a counter; kept with the sign-in."""
    counter = counter_by_id(counter_id, request.actor.scope_id)
    if not can_call_to(request.actor, counter):
        raise CounterNotFound
    request.session[MY_COUNTER] = str(counter.pk)
    return redirect("service:counter")


@CALLING
@require_POST
def stand_up(request: StaffRequest) -> HttpResponse:
    """Leave the counter, to sit at another."""
    request.session.pop(MY_COUNTER, None)
    return redirect("service:counter")


@CALLING
@require_POST
def call(request: StaffRequest, counter_id: UUID) -> HttpResponse:
    """Call the next number; the one that is served now is finished first."""
    counter = counter_by_id(counter_id, request.actor.scope_id)
    standing = ticket_at(counter)
    if standing is not None:
        serve(standing.pk, by=request.actor)
    try:
        call_next(counter.pk, by=request.actor)
    except NobodyWaits as error:
        messages.info(request, str(error))
    return redirect("service:counter")


@CALLING
@require_POST
def deal(request: StaffRequest, ticket_id: UUID) -> HttpResponse:
    """What becomes of the number at my counter: `again`, `served`, `later`, `cashier`, `clerk`."""
    what = request.POST.get("what", "")
    if what == "again":
        call_again(ticket_id, by=request.actor)
        messages.success(request, _("Called again: the number stands first on the display."))
    elif what == "served":
        serve(ticket_id, by=request.actor)
    elif what == "later":
        send_to_end(ticket_id, by=request.actor)
        messages.success(request, _("The number waits on behind the others, and is called again in its turn."))
    elif what in CounterKind.values:
        transfer(ticket_id, CounterKind(what), by=request.actor)
        messages.success(request, _("The number was sent on. Its turn there has come at once."))
    else:
        raise TicketNotFound
    return redirect("service:counter")


def _mine(request: StaffRequest) -> tuple[Counter | None, Ticket | None]:
    chosen = request.session.get(MY_COUNTER)
    if chosen is None:
        return None, None
    counter, ticket = seat_at(request.actor.scope_id, counters_of(request.actor), chosen)
    if counter is None:
        request.session.pop(MY_COUNTER, None)
    return counter, ticket


def _queue(request: StaffRequest, counter: Counter) -> dict[str, object]:
    now = timezone.now()
    waiting = tickets_waiting(counter.scope_id, counter.kind, now)
    return {
        "queue_counter": counter,
        "waiting": waiting[:MOST_SHOWN],
        "waiting_count": len(waiting),
        "most_shown": MOST_SHOWN,
    }
