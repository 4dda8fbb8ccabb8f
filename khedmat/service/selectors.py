"""Reading an office's day. Everything is of the reader's place, by the signed context; counts and numbers, no names."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, F, FilteredRelation, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from khedmat.common.jalali import tehran_date
from khedmat.service.enums import BookingState, CounterKind, TicketKind, TicketState
from khedmat.service.errors import CounterNotFound, DayNotFound
from khedmat.service.models import Booking, ClientCode, Counter, HallLink, OpeningDay, Slot, Ticket
from khedmat.service.rules import Waiting, in_order_of_calling, moment
from khedmat.service.subjects import Subject

MOST_OFFERED = 5


def today_in_tehran(now: datetime | None = None) -> date:
    """The day in Tehran; the hall's numbers and days go by it."""
    return tehran_date(now or timezone.now())


def free_slots(office: int, after: datetime, *, quiet: bool = False) -> QuerySet[Slot]:
    """Times of an office with a free place, from a moment on, the soonest first."""
    return Slot.objects.filter(
        scope_id=office, starts_at__gt=after, is_closed=False, is_quiet=quiet, taken__lt=F("capacity")
    ).order_by("starts_at")


def next_free_slots(office: int, after: datetime, count: int = MOST_OFFERED, *, quiet: bool = False) -> list[Slot]:
    """The next times with a free place: what is offered to whoever came too late for one."""
    return list(free_slots(office, after, quiet=quiet)[:count])


def slots_between(office: int, since: date, until: date, *, quiet: bool) -> list[Slot]:
    """All open times from the day `since` up to and with `until`, the full ones too."""
    first, last = moment(since, time.min), moment(until + timedelta(days=1), time.min)
    return list(
        Slot.objects.filter(
            scope_id=office, starts_at__gte=first, starts_at__lt=last, is_closed=False, is_quiet=quiet
        ).order_by("starts_at")
    )


def live_booking_of(subject: Subject, *, now: datetime | None = None) -> Booking | None:
    """The appointment that stands, up to the end of its day; None where there is none."""
    return live_bookings_of(subject, now=now).select_related("slot", "scope").first()


def live_bookings_of(subject: Subject, *, now: datetime | None = None) -> QuerySet[Booking]:
    """As `live_booking_of`, not read yet."""
    begin = moment(today_in_tehran(now), time.min)
    return Booking.objects.filter(
        subject_kind=subject.kind,
        subject_id=subject.id,
        state=BookingState.BOOKED,
        slot__starts_at__gte=begin,
    )


def last_booking_of(subject: Subject) -> Booking | None:
    """The newest appointment, whatever became of it."""
    found = Booking.objects.filter(subject_kind=subject.kind, subject_id=subject.id)
    return found.select_related("slot", "scope").order_by("-booked_at").first()


def has_code(subject: Subject) -> bool:
    """Whether a code was handed over that holds."""
    return ClientCode.objects.filter(subject_kind=subject.kind, subject_id=subject.id, ended_at__isnull=True).exists()


# ---------- the manager's days ----------


@dataclass(frozen=True, slots=True)
class Wait:
    """Waiting of one day: how many were called, and the half of them that waited least, in minutes."""

    called: int
    median_minutes: int


def opening_days(office: int, since: date, until: date) -> QuerySet[OpeningDay]:
    """Days with their places: `places`, `taken`."""
    counted = Q(slots__is_closed=False)
    return (
        OpeningDay.objects.filter(scope_id=office, open_on__gte=since, open_on__lte=until)
        .annotate(
            places=Coalesce(Sum("slots__capacity", filter=counted), 0),
            taken=Coalesce(Sum("slots__taken", filter=counted), 0),
        )
        .order_by("open_on")
    )


def day_by_id(day_id: UUID, office: int) -> OpeningDay:
    """One of the office's own days. Errors: DayNotFound."""
    found = opening_days(office, date.min, date.max).filter(pk=day_id).first()
    if found is None:
        raise DayNotFound
    return found


def slots_of(day: OpeningDay) -> list[Slot]:
    """The times of a day, in order."""
    return list(day.slots.order_by("starts_at"))


def bookings_to_call(office: int, *, now: datetime | None = None) -> QuerySet[Booking]:
    """Appointments that the office changed: the counter opens each one's case and calls. Numbers alone."""
    begin = moment(today_in_tehran(now), time.min)
    changed = Booking.objects.filter(
        scope_id=office, is_to_tell=True, state=BookingState.BOOKED, slot__starts_at__gte=begin
    )
    return changed.select_related("slot").order_by("slot__starts_at", "subject_number")


def waiting_by_day(office: int, since: date, until: date) -> dict[date, Wait]:
    """For each day with calls: how many, and the median from the ticket to the first call."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT issued_on, count(*), "
            "round(extract(epoch FROM percentile_cont(0.5) WITHIN GROUP (ORDER BY called_at - issued_at)) / 60) "
            "FROM service_ticket WHERE scope_id = %s AND issued_on BETWEEN %s AND %s AND called_at IS NOT NULL "
            "GROUP BY issued_on",
            [office, since, until],
        )
        return {day: Wait(int(called), int(median)) for day, called, median in cursor.fetchall()}


def counters_at(office: int, kind: CounterKind | None = None) -> QuerySet[Counter]:
    """The office's counters, by number."""
    found = Counter.objects.filter(scope_id=office, closed_at__isnull=True).order_by("number")
    return found.filter(kind=kind) if kind else found


def counter_by_id(counter_id: UUID, office: int) -> Counter:
    """One of the office's counters. Errors: CounterNotFound."""
    found = counters_at(office).filter(pk=counter_id).first()
    if found is None:
        raise CounterNotFound
    return found


def seat_at(office: int, kind: CounterKind | None, counter_id: UUID | str) -> tuple[Counter | None, Ticket | None]:
    """One of the office's counters, and the number that is served there now: one query."""
    found: QuerySet[Any] = counters_at(office, kind).annotate(
        served=FilteredRelation("tickets", condition=Q(tickets__state=TicketState.CALLED))
    )
    counter = found.select_related("served__booking__slot").filter(pk=counter_id).first()
    # Django leaves the attribute out where nothing is joined.
    return counter, getattr(counter, "served", None)


def hall_links(office: int) -> QuerySet[HallLink]:
    """Addresses of the display that hold, the oldest first."""
    return HallLink.objects.filter(scope_id=office, revoked_at__isnull=True).order_by("made_at")


# ---------- the hall ----------


def tickets_waiting(office: int, kind: CounterKind | str, now: datetime) -> list[Ticket]:
    """Who waits for a kind of counter today, in the order in which they are called."""
    found = Ticket.objects.filter(
        scope_id=office, issued_on=today_in_tehran(now), state=TicketState.WAITING, counter_kind=kind
    )
    by_id = {one.pk: one for one in found.select_related("booking__slot")}
    return [by_id[turn.ticket_id] for turn in in_order_of_calling(map(_turn, by_id.values()), now)]


def _turn(ticket: Ticket) -> Waiting:
    # An appointment that was called once has had its own time: it waits on as a walk-in does.
    kind = ticket.kind if ticket.called_at is None else TicketKind.WALK_IN
    return Waiting(ticket.pk, ticket.number, kind, ticket.turn_at)


def ticket_at(counter: Counter) -> Ticket | None:
    """The number that is served at a counter now."""
    return Ticket.objects.filter(counter=counter, state=TicketState.CALLED).select_related("booking__slot").first()


def live_ticket_of(subject: Subject, *, now: datetime | None = None) -> Ticket | None:
    """The number that a subject has in the hall now."""
    return Ticket.objects.filter(
        issued_on=today_in_tehran(now),
        subject_kind=subject.kind,
        subject_id=subject.id,
        state__in=[TicketState.WAITING, TicketState.CALLED],
    ).first()


@dataclass(frozen=True, slots=True)
class Shown:
    """A number on the display."""

    number: int
    counter: int
    kind: str
    last_called_at: datetime


@dataclass(frozen=True, slots=True)
class Hall:
    """What the display shows: who is called where, the last one first, and how many wait."""

    called: list[Shown]
    waiting: int


def hall_now(office: int, now: datetime) -> Hall:
    """The hall of today, in two queries."""
    of_today = Ticket.objects.filter(scope_id=office, issued_on=today_in_tehran(now))
    called = of_today.filter(state=TicketState.CALLED).select_related("counter").order_by("-last_called_at")
    shown = [
        Shown(one.number, one.counter.number, one.counter_kind, one.last_called_at)
        for one in called
        if one.counter is not None and one.last_called_at is not None
    ]
    return Hall(shown, of_today.filter(state=TicketState.WAITING).count())


@dataclass(frozen=True, slots=True)
class DayCounts:
    """A day of the hall in counts."""

    tickets: int
    waiting: int
    called: int
    served: int
    to_come: int


def counts_of_today(office: int, now: datetime) -> DayCounts:
    """How many numbers were given, wait, are served; and how many appointments of today are still to come."""
    day = today_in_tehran(now)
    states: Iterable[tuple[str, int]] = (
        Ticket.objects.filter(scope_id=office, issued_on=day).order_by().values_list("state").annotate(many=Count("pk"))
    )
    by_state = dict(states)
    to_come = Booking.objects.filter(scope_id=office, state=BookingState.BOOKED, slot__opening_day__open_on=day).count()
    return DayCounts(
        tickets=sum(by_state.values()),
        waiting=by_state.get(TicketState.WAITING, 0),
        called=by_state.get(TicketState.CALLED, 0),
        served=by_state.get(TicketState.SERVED, 0),
        to_come=to_come,
    )
