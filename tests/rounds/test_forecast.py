"""The forecast is total, honest about its doubt, and right nine days of ten; the proposal gives nothing away twice."""

import math
from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from khedmat.rounds.rules.capacity import OfficeLoad, propose_moves, short_of, spare_of
from khedmat.rounds.rules.forecast import (
    LEADS,
    DayAhead,
    DayCount,
    Interval,
    OfficeForecast,
    forecast_office,
    round_end,
    usual_rates,
)

SATURDAY = date(2026, 9, 26)
FRIDAY = 4
# The first day that `futures` draws.
LOOKING_ON = date(2026, 12, 5)


def working_days(count: int, since: date = SATURDAY) -> list[date]:
    days = (since + timedelta(days=ahead) for ahead in range(2 * count + 7))
    return [day for day in days if day.weekday() != FRIDAY][:count]


@st.composite
def pasts(draw: st.DrawFn) -> list[DayCount]:
    days = []
    for day in working_days(draw(st.integers(0, 25))):
        booked = draw(st.integers(0, 90))
        kept = draw(st.integers(0, booked))
        by_lead = sorted(draw(st.lists(st.integers(0, kept), min_size=len(LEADS), max_size=len(LEADS))), reverse=True)
        days.append(DayCount(day, kept + draw(st.integers(0, 400)), booked, kept, tuple(by_lead)))
    return days


@st.composite
def futures(draw: st.DrawFn) -> list[DayAhead]:
    limits = st.one_of(st.none(), st.integers(0, 200))
    days = working_days(draw(st.integers(1, 15)), LOOKING_ON)
    taken = [draw(st.integers(0, 120)) for _day in days]
    return [
        DayAhead(day, booked, draw(st.integers(0, booked)), draw(limits))
        for day, booked in zip(days, taken, strict=True)
    ]


rates = st.lists(st.floats(0, 500), min_size=len(LEADS) + 1, max_size=len(LEADS) + 1)


@settings(max_examples=40, deadline=None)
@given(pasts(), futures(), st.one_of(st.none(), rates))
def test_forecast_is_total_and_its_interval_holds_its_expectation(
    past: list[DayCount], ahead: list[DayAhead], usual: list[float] | None
) -> None:
    forecast = forecast_office(past, ahead, today=LOOKING_ON, usual=usual)
    assert [day.day for day in forecast.days] == [day.day for day in ahead]
    intervals = [forecast.total, *(day.demand for day in forecast.days), *(day.served for day in forecast.days)]
    assert all(0 <= one.low <= one.expected <= one.high for one in intervals)


@settings(max_examples=40, deadline=None)
@given(pasts(), futures())
def test_nobody_serves_more_than_there_is_room(past: list[DayCount], ahead: list[DayAhead]) -> None:
    forecast = forecast_office(past, ahead, today=LOOKING_ON)
    for day, given_day in zip(forecast.days, ahead, strict=True):
        assert given_day.capacity is None or day.served.high <= given_day.capacity
    if all(day.capacity is not None for day in ahead):
        assert forecast.total.high <= sum(day.capacity or 0 for day in ahead)


@settings(max_examples=40, deadline=None)
@given(pasts())
def test_interval_widens_with_the_horizon(past: list[DayCount]) -> None:
    # So far off that no appointment is reckoned with: the same past tells of all of them.
    saturdays = [DayAhead(SATURDAY + timedelta(weeks=week)) for week in range(14, 22)]
    forecast = forecast_office(past, saturdays, today=SATURDAY + timedelta(weeks=5))
    widths = [day.demand.high - day.demand.low for day in forecast.days]
    assert widths == sorted(widths)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(pasts(), futures()), max_size=4), st.integers(0, 5_000), st.integers(0, 5_000))
def test_end_of_round_is_between_those_who_came_and_the_cohort(
    offices: list[tuple[list[DayCount], list[DayAhead]]], counted: int, cohort: int
) -> None:
    end = round_end([forecast_office(*office, today=LOOKING_ON) for office in offices], counted, cohort)
    assert counted <= end.low <= end.expected <= end.high <= max(cohort, counted)


def test_sum_of_offices_is_surer_than_each() -> None:
    one = OfficeForecast((), Interval(90, 100, 115))
    four = round_end([one] * 4, 0, None)
    assert (four.low, four.expected, four.high) == (380, 400, 430)


def test_young_office_leans_on_its_province() -> None:
    busy = [DayCount(day, 40) for day in working_days(20)]
    day = date(2026, 11, 7)
    young = forecast_office([], [DayAhead(day)], today=day, usual=usual_rates([busy]))
    assert young.days[0].demand.expected == 40
    known = forecast_office(busy, [DayAhead(day)], today=day, usual=[2.0] * (len(LEADS) + 1))
    assert known.days[0].demand.expected in range(34, 41)


def _negative_binomial(rng: Random, mean: float, spread: float) -> int:
    """A count of this mean with variance mean + spread × mean²."""
    rate = rng.gammavariate(1 / spread, spread * mean) if spread else mean
    limit, count, product = math.exp(-rate), 0, rng.random()
    while product > limit:
        count += 1
        product *= rng.random()
    return count


Taken = tuple[date, bool]
"""The day on which an appointment was taken, and whether its family came."""


def _office_days(rng: Random, days: list[date], rate: float, spread: float) -> list[tuple[DayCount, list[Taken]]]:
    """Busy Saturdays, 85 of 100 appointments kept, taken up to a week before, and a rate that changes in the round."""
    counts = []
    for place, day in enumerate(days):
        taken = [(day - timedelta(days=rng.randint(0, 7)), rng.random() < 0.85) for _ in range(rng.randint(0, 20))]
        factor = (1.4 if day.weekday() == SATURDAY.weekday() else 0.93) * (1 + 0.25 * math.sin(place / 16))
        kept = [on for on, came in taken if came]
        by_lead = tuple(sum(on <= day - timedelta(days=lead) for on in kept) for lead in LEADS)
        arrived = len(kept) + _negative_binomial(rng, rate * factor, spread)
        counts.append((DayCount(day, arrived, len(taken), len(kept), by_lead), taken))
    return counts


def _foreseen(truth: list[tuple[DayCount, list[Taken]]], today: int, coming: list[date]) -> OfficeForecast:
    """What an office knew in the morning of a day: its past days, and the appointments that were taken by then."""
    past, on = [day for day, _taken in truth[:today]], truth[today][0].day
    taken_by_day = {day.day: taken for day, taken in truth}
    ahead = [DayAhead(day, sum(taken_on < on for taken_on, _came in taken_by_day[day])) for day in coming]
    return forecast_office(past, ahead, today=on, usual=usual_rates([past]))


@pytest.mark.parametrize(("rate", "spread"), [(3.0, 0.0), (12.0, 0.05), (35.0, 0.1), (35.0, 0.3)])
@pytest.mark.parametrize("horizon", [1, 5])
def test_interval_covers_the_days_that_come(rate: float, spread: float, horizon: int) -> None:
    """In the morning of a day, and some working days before, when many of its appointments are not taken yet."""
    rng = Random(1405)
    days, held, tried = working_days(50), 0, 0
    for _office in range(12):
        truth = _office_days(rng, days, rate * rng.uniform(0.6, 1.6), spread)
        for today in range(6, len(days) - horizon):
            forecast = _foreseen(truth, today, days[today : today + horizon])
            held += forecast.days[-1].demand.holds(truth[today + horizon - 1][0].arrived)
            tried += 1
    assert tried > 400
    assert 0.87 <= held / tried <= 0.985


def test_interval_of_the_rounds_end_covers_it() -> None:
    """In a round that rises and fades by a quarter, looked at after two, four and six weeks."""
    days, held, tried = working_days(50), 0, 0
    for seed in range(12):
        rng = Random(seed)
        offices = [_office_days(rng, days, rng.uniform(8, 25), 0.1) for _office in range(6)]
        came = sum(day.arrived for office in offices for day, _taken in office)
        for today in (12, 24, 36):
            counted = sum(day.arrived for office in offices for day, _taken in office[:today])
            end = round_end([_foreseen(office, today, days[today:]) for office in offices], counted, None)
            held, tried = held + end.holds(came), tried + 1
    assert held / tried >= 0.85


def test_sum_errs_where_the_whole_round_turns() -> None:
    one = OfficeForecast((), Interval(90, 100, 110), trend=10)
    end = round_end([one] * 4, 0, None)
    assert (end.low, end.high) == (400 - 45, 400 + 45)


def test_appointments_that_are_taken_later_are_reckoned_with() -> None:
    """Ten a day, all taken the evening before: a day in a week has none yet, and brings ten all the same."""
    by_lead = tuple(10 if lead <= 1 else 0 for lead in LEADS)
    past = [DayCount(day, 10, 10, 10, by_lead) for day in working_days(24)]
    tomorrow, in_a_week = date(2026, 10, 27), date(2026, 11, 2)
    ahead = [DayAhead(tomorrow), DayAhead(in_a_week)]
    assert [
        one.demand.expected
        for one in forecast_office(past, ahead, today=date(2026, 10, 26), usual=usual_rates([past])).days
    ] == [10, 10]


def test_appointment_taken_today_is_not_expected_twice() -> None:
    by_lead = tuple(10 if lead <= 1 else 0 for lead in LEADS)
    past = [DayCount(day, 10, 10, 10, by_lead) for day in working_days(24)]
    tomorrow = date(2026, 10, 27)
    expected = [
        forecast_office(past, [DayAhead(tomorrow, taken, taken)], today=date(2026, 10, 26), usual=usual_rates([past]))
        .days[0]
        .demand.expected
        for taken in (0, 5, 10, 20)
    ]
    assert expected == [10, 10, 10, 20]


loads = st.lists(
    st.builds(
        OfficeLoad,
        office_id=st.integers(1, 10**6),
        province_id=st.integers(1, 3),
        counter_days=st.integers(0, 40),
        families_a_counter_day=st.floats(0.5, 30),
        demand=st.tuples(st.integers(0, 300), st.integers(0, 300), st.integers(0, 300)).map(
            lambda bounds: Interval(*sorted(bounds))
        ),
    ),
    unique_by=lambda load: load.office_id,
    max_size=12,
)


@settings(max_examples=40, deadline=None)
@given(loads)
def test_proposal_never_lends_more_than_there_is(offices: list[OfficeLoad]) -> None:
    known = {load.office_id: load for load in offices}
    given_away = dict.fromkeys(known, 0)
    taken = dict.fromkeys(known, 0)
    for move in propose_moves(offices):
        assert move.counter_days > 0
        assert known[move.from_office_id].province_id == known[move.to_office_id].province_id
        given_away[move.from_office_id] += move.counter_days
        taken[move.to_office_id] += move.counter_days
    assert sum(given_away.values()) == sum(taken.values())
    assert all(given_away[office] <= spare_of(load) for office, load in known.items())
    assert all(taken[office] <= short_of(load) for office, load in known.items())


def test_proposal_helps_as_far_as_it_can() -> None:
    offices = [
        OfficeLoad(1, 23, 20, 10.0, Interval(80, 100, 120)),
        OfficeLoad(2, 23, 10, 10.0, Interval(120, 150, 180)),
        OfficeLoad(3, 9, 10, 10.0, Interval(120, 150, 180)),
    ]
    moves = [(move.from_office_id, move.to_office_id, move.counter_days) for move in propose_moves(offices)]
    assert moves == [(1, 2, 5)]
