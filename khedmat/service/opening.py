"""An office's days, counters and displays: each change one function, one transaction, one audit row."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest
from django.utils import timezone

from khedmat.accounts.enums import Purpose
from khedmat.audit.actions import Detail, record
from khedmat.common.actor import Actor
from khedmat.common.constraints import violated_constraint
from khedmat.common.locks import Turn, take_turn
from khedmat.places.calendar import is_working_day
from khedmat.places.selectors import holidays_for
from khedmat.service import perms
from khedmat.service.booking import happened, replace_booking, take_place
from khedmat.service.enums import BookingState, CounterKind, DayState, TicketState
from khedmat.service.errors import (
    CapacityBelowTaken,
    ClosingReasonNeeded,
    CounterBusy,
    CounterNotFound,
    CounterNumberTaken,
    DayAlreadyClosed,
    DayAlreadyOpen,
    DayChanged,
    DayNotFound,
    DayOver,
    HallLinkNotFound,
    NoWorkingDay,
    ServiceNotAllowed,
    SlotFull,
    SlotNotFound,
    TooManyDays,
)
from khedmat.service.listeners import Event, tell
from khedmat.service.models import Booking, Counter, HallLink, OpeningDay, Slot
from khedmat.service.rules import DayPlan, moment, slots_of_day
from khedmat.service.selectors import next_free_slots, today_in_tehran

MOST_DAYS: Final = 120
SUBJECT = "service.openingday"


@transaction.atomic
def open_days(
    since: date,
    until: date,
    plan: DayPlan,
    *,
    note: str = "",
    with_free_days: bool = False,
    by: Actor,
    now: datetime | None = None,
) -> list[OpeningDay]:
    """Open every working day of a range at the actor's office; days that stand already are left as they are.

    With `with_free_days` Fridays and holidays too, where an office works through a rush or on a leap year's last day.

    Errors: DayOver, TooManyDays, NoWorkingDay (none in the range, or all open already), HoursNotInOrder.
    """
    _require_manager(by.scope_id, by=by)
    moment_now = now or timezone.now()
    if since < today_in_tehran(moment_now):
        raise DayOver(field="since")
    if (until - since).days >= MOST_DAYS:
        raise TooManyDays(field="until")
    # The same range sent twice at once opens its days once.
    take_turn(Turn.OPENING_DAYS, by.scope_id)
    standing = set(OpeningDay.objects.filter(scope_id=by.scope_id).values_list("open_on", flat=True))
    in_range = _all_days(since, until) if with_free_days else working_days(since, until, by.scope_id)
    days = [day for day in in_range if day not in standing]
    if not days:
        raise NoWorkingDay(field="since")
    opened = [_day(day, plan, note, moment_now, by=by) for day in days]
    OpeningDay.objects.bulk_create(opened)
    Slot.objects.bulk_create(
        Slot(
            scope_id=by.scope_id,
            opening_day=day,
            starts_at=slot.starts_at,
            capacity=slot.capacity,
            is_quiet=slot.is_quiet,
        )
        for day in opened
        for slot in slots_of_day(plan, day.open_on)
    )
    details: dict[str, Detail] = {"days": len(days), "since": days[0].isoformat(), "until": days[-1].isoformat()}
    record("office.days-opened", by=by, subject=SUBJECT, subject_id=opened[0].pk, details=details)
    return opened


def working_days(since: date, until: date, office: int) -> Sequence[date]:
    """The working days of a range, both ends included, by the office's own calendar."""
    free = holidays_for(office)
    return [day for day in _all_days(since, until) if is_working_day(day, free)]


@transaction.atomic
def change_places(slot_id: UUID, capacity: int, *, by: Actor) -> Slot:
    """How many families one time takes, never fewer than it has. Errors: SlotNotFound, CapacityBelowTaken."""
    _require_manager(by.scope_id, by=by)
    slots = Slot.objects.filter(pk=slot_id, scope_id=by.scope_id, is_closed=False)
    # The condition is looked at again after waiting for a booking of the same time.
    is_changed = slots.filter(taken__lte=capacity).update(capacity=capacity)
    slot = slots.first()
    if slot is None:
        raise SlotNotFound
    if not is_changed:
        raise CapacityBelowTaken(field="capacity")
    record("office.places-changed", by=by, subject="service.slot", subject_id=slot.pk, details={"capacity": capacity})
    return slot


@transaction.atomic
def change_counters(day_id: UUID, counters: int, version: int, *, by: Actor, now: datetime | None = None) -> OpeningDay:
    """How many counters a day has, one family at a time each; quiet hours stay. What is taken already stays too.

    Errors: DayNotFound, DayChanged, DayAlreadyClosed, DayOver.
    """
    day = _locked_day(day_id, version, now or timezone.now(), by=by)
    day.slots.filter(is_quiet=False).update(capacity=Greatest(F("taken"), Value(counters)))
    day.counters_open = counters
    day.version += 1
    day.save(update_fields=["counters_open", "version"])
    record("office.counters-changed", by=by, subject=SUBJECT, subject_id=day.pk, details={"counters": counters})
    return day


@transaction.atomic
def close_day(
    day_id: UUID, reason: str, version: int, *, is_moving: bool, by: Actor, now: datetime | None = None
) -> OpeningDay:
    """Close a day. Its appointments get the next free times, or stand for the counter to call; both are on its list
    and each programme is told of its own.

    Errors: ClosingReasonNeeded, DayNotFound, DayChanged, DayAlreadyClosed, DayOver.
    """
    moment_now = now or timezone.now()
    if not reason.strip():
        raise ClosingReasonNeeded(field="reason")
    day = _locked_day(day_id, version, moment_now, by=by)
    _lock_times(day)
    day.slots.update(is_closed=True)
    day.state, day.closed_reason = DayState.CLOSED, reason.strip()
    day.closed_at, day.closed_by = moment_now, by.user_id
    day.version += 1
    day.save(update_fields=["state", "closed_reason", "closed_at", "closed_by", "version"])
    standing = _standing(day)
    left = [one for one in standing if not (is_moving and _move_away(one, day, moment_now, by=by))]
    _have_told(left, Event.DAY_CLOSED, day, by=by)
    details = {"moved": len(standing) - len(left), "to_call": len(standing)}
    record("office.day-closed", by=by, subject=SUBJECT, subject_id=day.pk, details=details)
    return day


@transaction.atomic
def reopen_day(day_id: UUID, version: int, *, by: Actor, now: datetime | None = None) -> OpeningDay:
    """Open a closed day again. Appointments that still stand on it hold, and their families are told so; those that
    were given another time keep that.

    Errors: DayNotFound, DayChanged, DayAlreadyOpen, DayOver.
    """
    day = _locked_day(day_id, version, now or timezone.now(), state=DayState.CLOSED, by=by)
    _lock_times(day)
    day.slots.update(is_closed=False)
    day.state, day.closed_reason, day.closed_at, day.closed_by = DayState.OPEN, "", None, None
    day.version += 1
    day.save(update_fields=["state", "closed_reason", "closed_at", "closed_by", "version"])
    standing = _standing(day)
    _have_told(standing, Event.DAY_REOPENED, day, by=by)
    record("office.day-reopened", by=by, subject=SUBJECT, subject_id=day.pk, details={"to_call": len(standing)})
    return day


@transaction.atomic
def open_counter(number: int, kind: CounterKind, *, by: Actor) -> Counter:
    """Add a counter. Errors: CounterNumberTaken."""
    _require_manager(by.scope_id, by=by)
    counter = Counter(scope_id=by.scope_id, number=number, kind=kind, opened_at=timezone.now(), opened_by=by.user_id)
    try:
        with transaction.atomic():
            counter.save(force_insert=True)
    except IntegrityError as error:
        if violated_constraint(error) == "one_counter_for_each_number":
            raise CounterNumberTaken(field="number") from error
        raise
    record("office.counter-opened", by=by, subject="service.counter", subject_id=counter.pk, details={"number": number})
    return counter


@transaction.atomic
def give_up_counter(counter_id: UUID, *, by: Actor) -> Counter:
    """Take a counter away; its past tickets keep it. Errors: CounterNotFound, CounterBusy."""
    _require_manager(by.scope_id, by=by)
    found = Counter.objects.select_for_update(of=("self",)).filter(
        pk=counter_id, scope_id=by.scope_id, closed_at__isnull=True
    )
    counter = found.first()
    if counter is None:
        raise CounterNotFound
    if counter.tickets.filter(state=TicketState.CALLED).exists():
        raise CounterBusy
    counter.closed_at, counter.closed_by = timezone.now(), by.user_id
    counter.save(update_fields=["closed_at", "closed_by"])
    record("office.counter-closed", by=by, subject="service.counter", subject_id=counter.pk)
    return counter


@transaction.atomic
def make_hall_link(*, by: Actor) -> HallLink:
    """An address for the hall's display, which needs no sign-in and shows numbers alone."""
    _require_manager(by.scope_id, by=by)
    link = HallLink.objects.create(scope_id=by.scope_id, made_at=timezone.now(), made_by=by.user_id)
    record("office.display-made", by=by, subject="service.halllink", subject_id=link.pk)
    return link


@transaction.atomic
def revoke_hall_link(link_id: UUID, *, by: Actor) -> HallLink:
    """End an address of the display at once. Errors: HallLinkNotFound."""
    _require_manager(by.scope_id, by=by)
    links = HallLink.objects.select_for_update().filter(pk=link_id, scope_id=by.scope_id, revoked_at__isnull=True)
    link = links.first()
    if link is None:
        raise HallLinkNotFound
    link.revoked_at, link.revoked_by = timezone.now(), by.user_id
    link.save(update_fields=["revoked_at", "revoked_by"])
    record("office.display-revoked", by=by, subject="service.halllink", subject_id=link.pk)
    return link


def display_of(link_id: UUID) -> Actor:
    """Who looks by an address of the display: its office, and nothing to act with. Errors: HallLinkNotFound."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT guard.hall_link(%s)", [link_id])
        (scope_id,) = cursor.fetchone()
    if scope_id is None:
        raise HallLinkNotFound
    return Actor(link_id, perms.HALL, scope_id, Purpose.CALL_CLIENTS.value)


def _all_days(since: date, until: date) -> list[date]:
    return [since + timedelta(days=ahead) for ahead in range(max((until - since).days + 1, 0))]


def _day(day: date, plan: DayPlan, note: str, now: datetime, *, by: Actor) -> OpeningDay:
    return OpeningDay(
        scope_id=by.scope_id,
        open_on=day,
        opens=plan.opens,
        closes=plan.closes,
        slot_minutes=plan.minutes,
        counters_open=plan.counters,
        note=note,
        made_at=now,
        made_by=by.user_id,
    )


def _locked_day(day_id: UUID, version: int, now: datetime, *, state: DayState = DayState.OPEN, by: Actor) -> OpeningDay:
    _require_manager(by.scope_id, by=by)
    day = OpeningDay.objects.select_for_update().filter(pk=day_id, scope_id=by.scope_id).first()
    if day is None:
        raise DayNotFound
    if day.version != version:
        raise DayChanged
    if day.state != state:
        raise DayAlreadyClosed if day.state == DayState.CLOSED else DayAlreadyOpen
    if day.open_on < today_in_tehran(now):
        raise DayOver
    return day


def _lock_times(day: OpeningDay) -> None:
    """Wait for bookings under way, and let no other begin."""
    list(day.slots.order_by("starts_at").select_for_update(no_key=True))


def _standing(day: OpeningDay) -> list[Booking]:
    """The appointments that stand on a day, locked."""
    return list(
        Booking.objects.select_for_update(of=("self",))
        .select_related("slot")
        .filter(slot__opening_day=day, state=BookingState.BOOKED)
        .order_by("slot__starts_at", "booked_at")
    )


def _have_told(bookings: Sequence[Booking], event: Event, day: OpeningDay, *, by: Actor) -> None:
    """Put appointments of a day on the counter's list to call, and tell their programmes."""
    Booking.objects.filter(pk__in=[one.pk for one in bookings]).update(is_to_tell=True)
    for one in bookings:
        tell(event, replace(happened(one, one.slot), day_version=day.version), by=by)


def _move_away(booking: Booking, day: OpeningDay, now: datetime, *, by: Actor) -> bool:
    """Give an appointment of a closed day the next free time after that day; False where there is none."""
    after = max(now, moment(day.open_on, time.max))
    for offered in next_free_slots(by.scope_id, after, quiet=booking.slot.is_quiet):
        try:
            slot = take_place(offered.pk, by.scope_id, now)
        except (SlotFull, SlotNotFound):
            continue
        moved = replace_booking(booking, slot, booking.channel, now, is_to_tell=True, by=by)
        tell(Event.MOVED, happened(moved, slot), by=by)
        return True
    return False


def _require_manager(office: int, *, by: Actor) -> None:
    if not perms.can_run_office(by, office):
        raise ServiceNotAllowed
