"""The hall: numbers given, called and served. Each change is one function, one transaction, one audit row.

Who is called next is decided by khedmat.service.rules; two counters that call at once lock different numbers.
"""

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from khedmat.audit.actions import Detail, record
from khedmat.common.actor import Actor
from khedmat.common.constraints import violated_constraint
from khedmat.common.locks import Turn, take_turn
from khedmat.service import perms
from khedmat.service.booking import happened
from khedmat.service.enums import BookingState, CounterKind, TicketKind, TicketState
from khedmat.service.errors import (
    CounterBusy,
    CounterNotFound,
    NobodyWaits,
    ServiceNotAllowed,
    TicketAlreadyGiven,
    TicketNotFound,
)
from khedmat.service.listeners import Event, Happened, tell
from khedmat.service.models import Booking, Counter, Ticket
from khedmat.service.rules import turn_of
from khedmat.service.selectors import live_booking_of, tickets_waiting, today_in_tehran
from khedmat.service.subjects import Subject

SUBJECT = "service.ticket"


@transaction.atomic
def give_number(
    subject: Subject | None = None,
    *,
    is_calm: bool = False,
    counter_kind: CounterKind = CounterKind.CLERK,
    by: Actor,
    now: datetime | None = None,
) -> Ticket:
    """A number of the hall for whoever stands at the office's door.

    A subject with an appointment today arrives by it; its turn is then its own time. Without one, or without a
    subject at all, it is a walk-in's. Errors: TicketAlreadyGiven, ServiceNotAllowed.
    """
    moment_now = now or timezone.now()
    if not perms.can_receive(by, by.scope_id):
        raise ServiceNotAllowed
    booking = _appointment_today(subject, moment_now, by=by) if subject else None
    kind = TicketKind.BOOKED if booking else TicketKind.WALK_IN
    ticket = Ticket(
        scope_id=by.scope_id,
        issued_on=today_in_tehran(moment_now),
        kind=kind,
        booking=booking,
        subject_kind=subject.kind if subject else "",
        subject_id=subject.id if subject else None,
        subject_number=subject.number if subject else "",
        is_calm=is_calm or (booking is not None and booking.slot.is_quiet),
        counter_kind=counter_kind,
        turn_at=turn_of(kind, moment_now, booking.slot.starts_at if booking else None),
        issued_at=moment_now,
        issued_by=by.user_id,
    )
    _save_with_number(ticket)
    details: dict[str, Detail] = {
        "number": ticket.number,
        "kind": kind.value,
        "for": ticket.subject_kind,
        "for_id": str(ticket.subject_id),
    }
    _record("ticket.given", ticket, by=by, details=details)
    if subject:
        tell(Event.ARRIVED, _arrival(subject, booking, by.scope_id), by=by)
    return ticket


@transaction.atomic
def call_next(counter_id: UUID, *, by: Actor, now: datetime | None = None) -> Ticket:
    """Call the next number to a counter. Errors: NobodyWaits, CounterBusy, CounterNotFound, ServiceNotAllowed."""
    moment_now = now or timezone.now()
    counter = _counter(counter_id, by=by)
    for waiting in tickets_waiting(counter.scope_id, counter.kind, moment_now):
        ticket = (
            Ticket.objects.select_for_update(skip_locked=True, of=("self",))
            .filter(pk=waiting.pk, state=TicketState.WAITING)
            .first()
        )
        if ticket is not None:
            return _call(ticket, counter, moment_now, by=by)
    raise NobodyWaits


@transaction.atomic
def call_again(ticket_id: UUID, *, by: Actor, now: datetime | None = None) -> Ticket:
    """Call a number once more; the display shows it first again. Errors: TicketNotFound."""
    ticket = _called(ticket_id, by=by)
    ticket.last_called_at = now or timezone.now()
    ticket.save(update_fields=["last_called_at"])
    _record("ticket.called-again", ticket, by=by)
    return ticket


@transaction.atomic
def serve(ticket_id: UUID, *, by: Actor, now: datetime | None = None) -> Ticket:
    """The number is served, and its time in the hall ends. Errors: TicketNotFound."""
    ticket = _called(ticket_id, by=by)
    ticket.state, ticket.served_at = TicketState.SERVED, now or timezone.now()
    ticket.save(update_fields=["state", "served_at"])
    _record("ticket.served", ticket, by=by)
    return ticket


@transaction.atomic
def send_to_end(ticket_id: UUID, *, by: Actor, now: datetime | None = None) -> Ticket:
    """Nobody came to the counter just now: the number waits on behind the others, and is called again in its turn."""
    ticket = _called(ticket_id, by=by)
    moment_now = now or timezone.now()
    ticket.turn_at = turn_of(TicketKind.WALK_IN, moment_now)
    _back_to_waiting(ticket)
    _record("ticket.sent-to-end", ticket, by=by)
    return ticket


@transaction.atomic
def transfer(ticket_id: UUID, to: CounterKind, *, by: Actor, now: datetime | None = None) -> Ticket:
    """Send a number on to the other kind of counter, where its turn has come at once: it has waited already."""
    ticket = _called(ticket_id, by=by)
    ticket.turn_at = now or timezone.now()
    ticket.counter_kind = to
    _back_to_waiting(ticket)
    _record("ticket.transferred", ticket, by=by, details={"to": to.value})
    return ticket


@transaction.atomic
def leave(ticket_id: UUID, *, by: Actor, now: datetime | None = None) -> Ticket:
    """The client gives the number back, waiting or called. Nothing follows from it. Errors: TicketNotFound."""
    ticket = Ticket.objects.select_for_update(of=("self",)).filter(pk=ticket_id, scope_id=by.scope_id).first()
    if ticket is None or ticket.state not in {TicketState.WAITING, TicketState.CALLED}:
        raise TicketNotFound
    if not perms.can_receive(by, ticket.scope_id):
        raise ServiceNotAllowed
    ticket.state, ticket.left_at = TicketState.LEFT, now or timezone.now()
    ticket.save(update_fields=["state", "left_at"])
    _record("ticket.given-back", ticket, by=by)
    return ticket


def _appointment_today(subject: Subject, now: datetime, *, by: Actor) -> Booking | None:
    found = live_booking_of(subject, now=now)
    if found is None or found.scope_id != by.scope_id or today_in_tehran(found.slot.starts_at) != today_in_tehran(now):
        return None
    booking = Booking.objects.select_for_update(of=("self",)).select_related("slot").get(pk=found.pk)
    if booking.state != BookingState.BOOKED:
        return None
    booking.state, booking.state_since_at, booking.state_since_by = BookingState.ARRIVED, now, by.user_id
    booking.is_to_tell = False
    booking.save(update_fields=["state", "state_since_at", "state_since_by", "is_to_tell"])
    return booking


def _arrival(subject: Subject, booking: Booking | None, office: int) -> Happened:
    if booking is not None:
        return happened(booking, booking.slot)
    return Happened(subject.kind, subject.id, subject.number, office, None)


def _save_with_number(ticket: Ticket) -> None:
    """The day's next number: one after the other at each office, so that none is left out or given twice."""
    take_turn(Turn.GIVING_TICKETS, ticket.scope_id)
    of_day = Ticket.objects.filter(scope_id=ticket.scope_id, issued_on=ticket.issued_on)
    ticket.number = (of_day.aggregate(last=Max("number"))["last"] or 0) + 1
    try:
        with transaction.atomic():
            ticket.save(force_insert=True)
    except IntegrityError as error:
        if violated_constraint(error) == "one_live_ticket_for_each_subject":
            raise TicketAlreadyGiven from error
        raise


def _counter(counter_id: UUID, *, by: Actor) -> Counter:
    counter = Counter.objects.filter(pk=counter_id, scope_id=by.scope_id, closed_at__isnull=True).first()
    if counter is None:
        raise CounterNotFound
    if not perms.can_call_to(by, counter):
        raise ServiceNotAllowed
    return counter


def _call(ticket: Ticket, counter: Counter, now: datetime, *, by: Actor) -> Ticket:
    ticket.state, ticket.counter, ticket.last_called_at = TicketState.CALLED, counter, now
    if ticket.called_at is None:
        # Waiting is measured up to the first call, whatever comes after it.
        ticket.called_at, ticket.called_by = now, by.user_id
    try:
        with transaction.atomic():
            ticket.save(update_fields=["state", "counter", "last_called_at", "called_at", "called_by"])
    except IntegrityError as error:
        if violated_constraint(error) == "one_number_at_a_counter":
            raise CounterBusy from error
        raise
    _record("ticket.called", ticket, by=by, details={"counter": counter.number, "number": ticket.number})
    return ticket


def _called(ticket_id: UUID, *, by: Actor) -> Ticket:
    """A number that is called, at a counter of the actor's own kind and office, locked."""
    found = Ticket.objects.select_for_update(of=("self",)).select_related("counter").filter(pk=ticket_id).first()
    if found is None or found.state != TicketState.CALLED or found.counter is None:
        raise TicketNotFound
    if not perms.can_call_to(by, found.counter):
        raise ServiceNotAllowed
    return found


def _back_to_waiting(ticket: Ticket) -> None:
    ticket.state, ticket.counter = TicketState.WAITING, None
    ticket.save(update_fields=["state", "counter", "turn_at", "counter_kind"])


def _record(action: str, ticket: Ticket, *, by: Actor, details: dict[str, Detail] | None = None) -> None:
    record(action, by=by, subject=SUBJECT, subject_id=ticket.pk, details=details)
