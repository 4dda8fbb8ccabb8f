"""Times of a day, codes and turns: pure rules, and what holds for any hall."""

from datetime import date, datetime, time, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khedmat.common.jalali import TEHRAN, to_jalali
from khedmat.service.enums import TicketKind
from khedmat.service.errors import HoursNotInOrder
from khedmat.service.rules import (
    LONGEST_WAIT,
    DayPlan,
    Waiting,
    code_as_typed,
    code_for_reading,
    in_order_of_calling,
    may_be_code,
    slots_of_day,
    turn_of,
)

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=TEHRAN)


def ticket(number: int, kind: TicketKind, turn_at: datetime) -> Waiting:
    return Waiting(UUID(int=number), number, kind, turn_at)


def walk_in(number: int, waited: int) -> Waiting:
    return ticket(number, TicketKind.WALK_IN, turn_of(TicketKind.WALK_IN, NOON - timedelta(minutes=waited)))


def booked(number: int, minutes: int) -> Waiting:
    """With an appointment so many minutes from now, here since early in the morning."""
    appointment = NOON + timedelta(minutes=minutes)
    return ticket(number, TicketKind.BOOKED, turn_of(TicketKind.BOOKED, NOON - timedelta(hours=3), appointment))


def numbers(*waiting: Waiting) -> list[int]:
    return [one.number for one in in_order_of_calling(waiting, NOON)]


def test_appointment_at_its_time_goes_before_walk_ins() -> None:
    assert numbers(walk_in(1, 80), booked(2, 0)) == [2, 1]


def test_appointment_before_its_time_waits_while_others_do() -> None:
    assert numbers(booked(1, 20), walk_in(2, 5)) == [2, 1]


def test_walk_in_of_ninety_minutes_goes_before_a_later_appointment() -> None:
    assert numbers(booked(1, -5), walk_in(2, 100)) == [2, 1]


def test_late_arrival_has_its_turn_from_its_arrival() -> None:
    assert turn_of(TicketKind.BOOKED, NOON, NOON - timedelta(hours=1)) == NOON


def test_walk_ins_in_the_order_of_their_tickets() -> None:
    assert numbers(walk_in(3, 10), walk_in(1, 30), walk_in(2, 20)) == [1, 2, 3]


@given(st.lists(st.tuples(st.booleans(), st.integers(-240, 240)), max_size=30))
def test_nobody_waits_behind_who_came_later_past_the_longest_wait(hall: list[tuple[bool, int]]) -> None:
    """Whoever's turn has come is before everybody whose turn came later, of either kind."""
    waiting = [
        booked(number, minutes) if is_booked else walk_in(number, abs(minutes))
        for number, (is_booked, minutes) in enumerate(hall, start=1)
    ]
    order = in_order_of_calling(waiting, NOON)
    assert sorted(order) == sorted(waiting)
    due = [one for one in order if one.turn_at <= NOON]
    assert list(order[: len(due)]) == due == sorted(due, key=lambda one: (one.turn_at, one.number))


def test_times_of_a_day_with_quiet_hours() -> None:
    plan = DayPlan(time(8), time(10), 30, counters=4, quiet_from=time(9), quiet_until=time(9, 30), quiet_places=1)
    found = slots_of_day(plan, date(2026, 11, 22))
    assert [(one.starts_at.strftime("%H:%M"), one.capacity, one.is_quiet) for one in found] == [
        ("08:00", 4, False),
        ("08:30", 4, False),
        ("09:00", 1, True),
        ("09:30", 4, False),
    ]


def test_last_appointment_ends_when_the_office_closes() -> None:
    found = slots_of_day(DayPlan(time(8), time(9, 10), 30, counters=1), date(2026, 11, 22))
    assert [one.starts_at.strftime("%H:%M") for one in found] == ["08:00", "08:30"]


def test_day_too_short_for_one_appointment() -> None:
    with pytest.raises(HoursNotInOrder):
        slots_of_day(DayPlan(time(8), time(8, 20), 30, counters=1), date(2026, 11, 22))


@pytest.mark.parametrize(("day", "jalali"), [(date(2025, 3, 20), (1403, 12, 30)), (date(2030, 3, 20), (1408, 12, 30))])
def test_times_of_a_leap_day(day: date, jalali: tuple[int, int, int]) -> None:
    assert to_jalali(day) == jalali
    (first, *_rest) = slots_of_day(DayPlan(time(8), time(9), 30, counters=1), day)
    assert first.starts_at.astimezone(TEHRAN).date() == day


def test_code_typed_in_any_digits_and_case() -> None:
    assert code_as_typed(" acde-۳۴۶۷ ") == "ACDE3467"
    assert may_be_code("acde-۳۴۶۷")
    assert code_for_reading("ACDE3467") == "ACDE-3467"


@pytest.mark.parametrize("typed", ["", "ACDE346", "ACDE34677", "ACDE3460", "ACDE346O", "ا" * 8])
def test_what_cannot_be_a_code(typed: str) -> None:
    assert not may_be_code(typed)


def test_longest_wait_is_what_the_pages_say() -> None:
    assert timedelta(minutes=90) == LONGEST_WAIT
