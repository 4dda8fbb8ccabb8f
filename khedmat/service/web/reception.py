"""The office's door: numbers given out, what is still to come today, and families to call about a changed time."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from khedmat.accounts.enums import Permission, Purpose
from khedmat.accounts.gate import StaffRequest, page
from khedmat.service.booking import client_with
from khedmat.service.errors import CodeUnknown, SubjectNotFound, TicketAlreadyGiven, TicketNotFound
from khedmat.service.hall import give_number, leave
from khedmat.service.models import Ticket
from khedmat.service.rules import may_be_code
from khedmat.service.selectors import bookings_to_call, counts_of_today, tickets_waiting
from khedmat.service.subjects import Subject, subject_by_id, subject_by_number
from khedmat.service.web.forms import NumberForm

RECEIVING = page(permission=Permission.BOOK_APPOINTMENT, purpose=Purpose.BOOK_APPOINTMENT)
MOST_SHOWN = 100


@RECEIVING
@require_http_methods(["GET", "HEAD", "POST"])
def reception_page(request: StaffRequest) -> HttpResponse:
    """Gives numbers; a case that has an appointment today arrives by it."""
    if request.method != "POST":
        return _show(request, NumberForm())
    form = NumberForm(request.POST)
    if not form.is_valid():
        return _show(request, form)
    try:
        subject = _subject(form.cleaned_data["number"], request) if form.cleaned_data["number"] else None
        ticket = give_number(subject, is_calm=form.cleaned_data["is_calm"], by=request.actor)
    except (SubjectNotFound, CodeUnknown, TicketAlreadyGiven) as error:
        form.add_error("number", str(error))
        return _show(request, form)
    return redirect("service:ticket", ticket.pk)


@RECEIVING
@require_safe
def ticket_page(request: StaffRequest, ticket_id: UUID) -> HttpResponse:
    """A number as it is handed over, for printing."""
    ticket = (
        Ticket.objects.filter(pk=ticket_id, scope_id=request.actor.scope_id).select_related("booking__slot").first()
    )
    if ticket is None:
        raise TicketNotFound
    waiting = [one.pk for one in tickets_waiting(ticket.scope_id, ticket.counter_kind, timezone.now())]
    before = waiting.index(ticket.pk) if ticket.pk in waiting else None
    context = {"ticket": ticket, "before": before, "place": request.working.holding.scope}
    return render(request, "service/ticket.html", context)


@RECEIVING
@require_POST
def give_back(request: StaffRequest, ticket_id: UUID) -> HttpResponse:
    """The client does not wait any longer. Nothing follows from it."""
    leave(ticket_id, by=request.actor)
    messages.success(request, _("The number is given back. A new one can be had at any time."))
    return redirect("service:reception")


def _subject(typed: str, request: StaffRequest) -> Subject:
    """By the number of a case, or by the code on its slip, of this office alone."""
    try:
        return subject_by_number(typed)
    except SubjectNotFound:
        if not may_be_code(typed):
            raise
    client = client_with(typed)
    if client.actor.scope_id != request.actor.scope_id:
        raise CodeUnknown
    return subject_by_id(client.subject.kind, client.subject.id)


def _show(request: StaffRequest, form: NumberForm) -> HttpResponse:
    office, now = request.actor.scope_id, timezone.now()
    to_call = bookings_to_call(office, now=now)
    context = {
        "form": form,
        "counts": counts_of_today(office, now),
        "to_call": list(to_call[:MOST_SHOWN]),
        "to_call_count": to_call.count(),
        "today": now,
    }
    return render(request, "service/reception.html", context)
