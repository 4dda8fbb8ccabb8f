"""The hall on a desk: the number at my counter, who waits, how long people wait today. Numbers, never names."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from khedmat.common.actor import Actor
from khedmat.service.enums import BookingState, CounterKind
from khedmat.service.models import Booking, Counter, Ticket
from khedmat.service.perms import counters_of
from khedmat.service.rules import LONGEST_WAIT
from khedmat.service.selectors import (
    seat_at,
    tickets_waiting,
    today_in_tehran,
    waiting_by_day,
)
from khedmat.service.subjects import kind_of

MOST_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Waiter:
    """One who waits in the hall: a number, and for how many minutes."""

    ticket: Ticket
    minutes: int
    is_long: bool


@dataclass(frozen=True, slots=True)
class HallToday:
    """The hall of one kind of counter. `median` is None while nobody was called today; `to_come`: appointments left."""

    counter: Counter | None
    ticket: Ticket | None
    case_url: str
    minutes_served: int
    queue: Sequence[Waiter]
    waiting: int
    to_come: int
    median: int | None
    longest: int


def hall_of(actor: Actor, counter_id: str | None) -> HallToday | None:
    """The hall for who sits at a counter (`counter_id`: where, by the sign-in); None for a role without one."""
    kind = counters_of(actor)
    if kind is None:
        return None
    now, office = timezone.now(), actor.scope_id
    counter, ticket = seat_at(office, kind, counter_id) if counter_id else (None, None)
    waiting = tickets_waiting(office, kind, now)
    day = today_in_tehran(now)
    wait = waiting_by_day(office, day, day).get(day)
    to_come = Booking.objects.filter(
        scope_id=office, state=BookingState.BOOKED, slot__opening_day__open_on=day, slot__starts_at__gte=now
    )
    return HallToday(
        counter=counter,
        ticket=ticket,
        case_url=_case_url(ticket, actor) if kind == CounterKind.CLERK else "",
        minutes_served=_minutes(ticket.last_called_at, now) if ticket and ticket.last_called_at else 0,
        queue=[_waiter(one, now) for one in waiting[:MOST_SHOWN]],
        waiting=len(waiting),
        to_come=to_come.count(),
        median=wait.median_minutes if wait else None,
        longest=int(LONGEST_WAIT.total_seconds() // 60),
    )


def counter_in(session_value: object) -> str | None:
    """The counter's id as the sign-in keeps it; None for what is none."""
    try:
        return str(UUID(str(session_value)))
    except ValueError:
        return None


def _waiter(ticket: Ticket, now: datetime) -> Waiter:
    minutes = _minutes(ticket.issued_at, now)
    return Waiter(ticket, minutes, minutes * 60 > LONGEST_WAIT.total_seconds())


def _case_url(ticket: Ticket | None, actor: Actor) -> str:
    if ticket is None or ticket.subject_id is None:
        return ""
    return kind_of(ticket.subject_kind).address(ticket.subject_id, actor)


def _minutes(since: datetime, now: datetime) -> int:
    return max(0, int((now - since).total_seconds() // 60))
