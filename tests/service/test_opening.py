"""An office's days: opened by the calendar, changed never below what is taken, closed with every booking in hand."""

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from khedmat.common.actor import Actor
from khedmat.common.jalali import TEHRAN, from_jalali
from khedmat.service.booking import book, cancel_booking, mark_told, move_booking
from khedmat.service.enums import BookingState, Channel, CounterKind, DayState
from khedmat.service.errors import (
    CapacityBelowTaken,
    ClosingReasonNeeded,
    CounterNumberTaken,
    DayAlreadyOpen,
    DayChanged,
    DayOver,
    HallLinkNotFound,
    NoWorkingDay,
    ServiceNotAllowed,
    SlotNotFound,
    TooManyDays,
)
from khedmat.service.models import Booking, OpeningDay
from khedmat.service.opening import (
    change_counters,
    change_places,
    close_day,
    display_of,
    make_hall_link,
    open_counter,
    open_days,
    reopen_day,
    revoke_hall_link,
    working_days,
)
from khedmat.service.selectors import bookings_to_call, opening_days
from khedmat.vault.context import working_context
from tests.cast import Cast
from tests.service.opened import DAY, MORNING, PLAN, a_subject, opened, slots

LOCKED = re.compile(r'^SELECT .*? FROM "(\w+)".* FOR (?:NO KEY )?UPDATE', re.DOTALL)


def test_fridays_are_left_out(cast: Cast) -> None:
    days = [one.open_on for one in opened(cast["shirin"], days=7)]
    assert [day.weekday() for day in days] == [6, 0, 1, 2, 3, 5]


def test_days_that_stand_are_left_as_they_are(cast: Cast) -> None:
    opened(cast["shirin"])
    assert [one.open_on for one in opened(cast["shirin"], days=2)] == [DAY + timedelta(days=1)]
    with pytest.raises(NoWorkingDay):
        opened(cast["shirin"], days=2)


def test_free_days_of_the_calendar_are_not_opened(cast: Cast) -> None:
    """From the Thursday before Nowruz 1406: 28 Esfand is a Friday, 29 Esfand and four days of Nowruz are free."""
    found = working_days(from_jalali(1405, 12, 27), from_jalali(1406, 1, 5), cast["shirin"].scope_id)
    assert found == [from_jalali(1405, 12, 27), from_jalali(1406, 1, 5)]


@pytest.mark.parametrize("year", [1403, 1408])
def test_leap_day_is_opened_and_booked(cast: Cast, year: int) -> None:
    """A free day by the calendar; an office that works through the rush opens it all the same."""
    day, manager = from_jalali(year, 12, 30), cast["shirin"]
    now = datetime.combine(day, time(7), tzinfo=TEHRAN)
    with working_context(manager):
        with pytest.raises(NoWorkingDay):
            open_days(day, day, PLAN, by=manager, now=now)
        open_days(day, day, PLAN, with_free_days=True, by=manager, now=now)
    with working_context(cast["narges"]):
        booked = book(
            slots(cast["shirin"])[0].pk, a_subject(), channel=Channel.PHONE, by=cast["narges"], now=now
        ).booking
    assert booked.slot.starts_at.astimezone(TEHRAN) == datetime.combine(day, time(8), tzinfo=TEHRAN)


@pytest.mark.parametrize(
    ("since", "until", "error"),
    [
        (DAY - timedelta(days=1), DAY, DayOver),
        (DAY, DAY + timedelta(days=120), TooManyDays),
        (date(2026, 11, 27), date(2026, 11, 27), NoWorkingDay),
    ],
)
def test_range_that_cannot_be_opened(cast: Cast, since: date, until: date, error: type[Exception]) -> None:
    manager = cast["shirin"]
    with working_context(manager), pytest.raises(error):
        open_days(since, until, PLAN, by=manager, now=MORNING)


def test_places_never_fall_below_what_is_taken(cast: Cast) -> None:
    (day,) = opened(cast["shirin"])
    manager, clerk = cast["shirin"], cast["narges"]
    first, second, *_rest = slots(manager)
    with working_context(clerk):
        for _place in range(2):
            book(first.pk, a_subject(), channel=Channel.PHONE, by=clerk, now=MORNING)
    with working_context(manager):
        with pytest.raises(CapacityBelowTaken):
            change_places(first.pk, 1, by=manager)
        change_places(second.pk, 5, by=manager)
        change_counters(day.pk, 1, day.version, by=manager, now=MORNING)
        with pytest.raises(DayChanged):
            change_counters(day.pk, 3, day.version, by=manager, now=MORNING)
    assert [one.capacity for one in slots(manager)] == [2, 1, 1, 1]


def booked_day(cast: Cast) -> OpeningDay:
    """A day with three appointments."""
    (day,) = opened(cast["shirin"])
    first, second, *_rest = slots(cast["shirin"])
    with working_context(cast["narges"]):
        for slot in (first, first, second):
            book(slot.pk, a_subject(), channel=Channel.PHONE, by=cast["narges"], now=MORNING)
    return day


def test_closed_day_moves_its_bookings_and_lists_them_for_the_counter(cast: Cast) -> None:
    day = booked_day(cast)
    (later,) = opened(cast["shirin"], since=DAY + timedelta(days=1))
    manager, clerk = cast["shirin"], cast["narges"]
    with working_context(manager):
        close_day(day.pk, "تعمیر ساختمان", day.version, is_moving=True, by=manager, now=MORNING)
        (now_open,) = opening_days(manager.scope_id, later.open_on, later.open_on)
    with working_context(clerk):
        to_call = list(bookings_to_call(clerk.scope_id, now=MORNING))
        assert [one.slot.opening_day_id for one in to_call] == [later.pk] * 3
        mark_told(to_call[0].pk, by=clerk)
        assert bookings_to_call(clerk.scope_id, now=MORNING).count() == 2
    assert now_open.taken == 3  # type: ignore[attr-defined]


def test_closed_day_without_other_times_keeps_its_bookings_for_the_counter_to_call(cast: Cast) -> None:
    day = booked_day(cast)
    manager, clerk = cast["shirin"], cast["narges"]
    with working_context(manager):
        close_day(day.pk, "تعمیر ساختمان", day.version, is_moving=True, by=manager, now=MORNING)
    with working_context(clerk):
        assert set(Booking.objects.values_list("state", "is_to_tell")) == {(BookingState.BOOKED, True)}
        with pytest.raises(SlotNotFound):
            book(slots(manager)[2].pk, a_subject(), channel=Channel.PHONE, by=clerk, now=MORNING)


def test_day_opened_again_keeps_what_stands_on_it_and_lists_it_for_the_counter(cast: Cast) -> None:
    day = booked_day(cast)
    manager, clerk = cast["shirin"], cast["narges"]
    with working_context(manager):
        closed = close_day(day.pk, "اشتباه", day.version, is_moving=True, by=manager, now=MORNING)
    with working_context(clerk):
        for booking in bookings_to_call(clerk.scope_id, now=MORNING):
            mark_told(booking.pk, by=clerk)
    with working_context(manager):
        again = reopen_day(day.pk, closed.version, by=manager, now=MORNING)
    assert (again.state, again.closed_reason, again.closed_by) == (DayState.OPEN, "", None)
    with working_context(clerk):
        assert [one.slot.opening_day_id for one in bookings_to_call(clerk.scope_id, now=MORNING)] == [day.pk] * 3
        free = slots(manager)[2]
        assert book(free.pk, a_subject(), channel=Channel.PHONE, by=clerk, now=MORNING).booking.slot_id == free.pk


def test_appointments_that_were_moved_keep_their_new_time_when_the_day_is_opened_again(cast: Cast) -> None:
    day = booked_day(cast)
    (later,) = opened(cast["shirin"], since=DAY + timedelta(days=1))
    manager = cast["shirin"]
    with working_context(manager):
        closed = close_day(day.pk, "اشتباه", day.version, is_moving=True, by=manager, now=MORNING)
        reopen_day(day.pk, closed.version, by=manager, now=MORNING)
        taken = {one.pk: one.taken for one in opening_days(manager.scope_id, day.open_on, later.open_on)}  # type: ignore[attr-defined]
    assert taken == {day.pk: 0, later.pk: 3}


def test_only_a_closed_day_that_is_not_over_is_opened_again(cast: Cast) -> None:
    (day,) = opened(cast["shirin"])
    manager = cast["shirin"]
    with working_context(manager):
        with pytest.raises(DayAlreadyOpen):
            reopen_day(day.pk, day.version, by=manager, now=MORNING)
        closed = close_day(day.pk, "برف", day.version, is_moving=False, by=manager, now=MORNING)
        with pytest.raises(DayChanged):
            reopen_day(day.pk, day.version, by=manager, now=MORNING)
        with pytest.raises(DayOver):
            reopen_day(day.pk, closed.version, by=manager, now=MORNING + timedelta(days=1))


def test_times_are_locked_before_their_appointments(cast: Cast) -> None:
    """Whoever moves or cancels, and whoever closes the day at that moment, never wait for each other."""
    narges, shirin = cast["narges"], cast["shirin"]
    (day,) = opened(shirin)
    first, second, *_rest = slots(shirin)
    with working_context(narges):
        booking = book(first.pk, a_subject(), channel=Channel.PHONE, by=narges, now=MORNING).booking
        moved = move_booking(booking.pk, second.pk, channel=Channel.PHONE, by=narges, now=MORNING)
    acts: list[tuple[Actor, Callable[[], object]]] = [
        (narges, lambda: move_booking(moved.pk, first.pk, channel=Channel.PHONE, by=narges, now=MORNING)),
        (narges, lambda: cancel_booking(Booking.objects.get(state="booked").pk, by=narges, now=MORNING)),
        (shirin, lambda: close_day(day.pk, "برف", 1, is_moving=True, by=shirin, now=MORNING)),
        (shirin, lambda: reopen_day(day.pk, 2, by=shirin, now=MORNING)),
    ]
    for actor, act in acts:
        with working_context(actor), CaptureQueriesContext(connection) as asked:
            act()
        locks = [found[1] for query in asked.captured_queries if (found := LOCKED.match(query["sql"]))]
        assert [table for table in locks if table != "service_openingday"] == ["service_slot", "service_booking"]


def test_day_is_closed_for_a_reason(cast: Cast) -> None:
    (day,) = opened(cast["shirin"])
    with working_context(cast["shirin"]), pytest.raises(ClosingReasonNeeded):
        close_day(day.pk, "  ", day.version, is_moving=False, by=cast["shirin"], now=MORNING)


def test_office_is_run_by_its_own_manager(cast: Cast) -> None:
    (day,) = opened(cast["shirin"])
    with working_context(cast["narges"]), pytest.raises(ServiceNotAllowed):
        change_counters(day.pk, 1, day.version, by=cast["narges"], now=MORNING)
    with working_context(cast["reza"]), pytest.raises(SlotNotFound):
        change_places(slots(cast["shirin"])[0].pk, 9, by=cast["reza"])


def test_counter_number_is_held_once(cast: Cast) -> None:
    manager = cast["shirin"]
    with working_context(manager):
        open_counter(1, CounterKind.CLERK, by=manager)
        with pytest.raises(CounterNumberTaken):
            open_counter(1, CounterKind.CASHIER, by=manager)


def test_display_holds_until_it_is_revoked(cast: Cast) -> None:
    manager = cast["shirin"]
    with working_context(manager):
        link = make_hall_link(by=manager)
    assert display_of(link.pk).scope_id == manager.scope_id
    with working_context(manager):
        revoke_hall_link(link.pk, by=manager)
    with pytest.raises(HallLinkNotFound):
        display_of(link.pk)
