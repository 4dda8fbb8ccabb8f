"""The forecast is total, honest about its doubt, and right nine days of ten; the proposal gives nothing away twice."""

import math
from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from khedmat.rounds.rules.capacity import OfficeLoad, propose_moves, short_of, spare_of
from khedmat.rounds.rules.forecast import (
    DayAhead,
    DayCount,
    Interval,
    OfficeForecast,
    forecast_office,
    round_end,
    usual_rate,
)

SATURDAY = date(2026, 9, 26)
FRIDAY = 4


def working_days(count: int, since: date = SATURDAY) -> list[date]:
    days = (since + timedelta(days=ahead) for ahead in range(2 * count + 7))
    return [day for day in days if day.weekday() != FRIDAY][:count]


@st.composite
def pasts(draw: st.DrawFn) -> list[DayCount]:
    days = []
    for day in working_days(draw(st.integers(0, 25))):
        booked = draw(st.integers(0, 90))
        kept = draw(st.integers(0, booked))
        days.append(DayCount(day, kept + draw(st.integers(0, 400)), booked, kept))
    return days


@st.composite
def futures(draw: st.DrawFn) -> list[DayAhead]:
    limits = st.one_of(st.none(), st.integers(0, 200))
    days = working_days(draw(st.integers(1, 15)), date(2026, 12, 5))
    return [DayAhead(day, draw(st.integers(0, 120)), draw(limits)) for day in days]


@settings(max_examples=40, deadline=None)
@given(pasts(), futures(), st.one_of(st.none(), st.floats(0, 500)))
def test_forecast_is_total_and_its_interval_holds_its_expectation(
    past: list[DayCount], ahead: list[DayAhead], usual: float | None
) -> None:
    forecast = forecast_office(past, ahead, usual=usual)
    assert [day.day for day in forecast.days] == [day.day for day in ahead]
    intervals = [forecast.total, *(day.demand for day in forecast.days), *(day.served for day in forecast.days)]
    assert all(0 <= one.low <= one.expected <= one.high for one in intervals)


@settings(max_examples=40, deadline=None)
@given(pasts(), futures())
def test_nobody_serves_more_than_there_is_room(past: list[DayCount], ahead: list[DayAhead]) -> None:
    forecast = forecast_office(past, ahead)
    for day, given_day in zip(forecast.days, ahead, strict=True):
        assert given_day.capacity is None or day.served.high <= given_day.capacity
    if all(day.capacity is not None for day in ahead):
        assert forecast.total.high <= sum(day.capacity or 0 for day in ahead)


@settings(max_examples=40, deadline=None)
@given(pasts())
def test_interval_widens_with_the_horizon(past: list[DayCount]) -> None:
    saturdays = [DayAhead(SATURDAY + timedelta(weeks=week)) for week in range(8, 16)]
    widths = [day.demand.high - day.demand.low for day in forecast_office(past, saturdays).days]
    assert widths == sorted(widths)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(pasts(), futures()), max_size=4), st.integers(0, 5_000), st.integers(0, 5_000))
def test_end_of_round_is_between_those_who_came_and_the_cohort(
    offices: list[tuple[list[DayCount], list[DayAhead]]], counted: int, cohort: int
) -> None:
    end = round_end([forecast_office(*office) for office in offices], counted, cohort)
    assert counted <= end.low <= end.expected <= end.high <= max(cohort, counted)


def test_sum_of_offices_is_surer_than_each() -> None:
    one = OfficeForecast((), Interval(90, 100, 115))
    four = round_end([one] * 4, 0, None)
    assert (four.low, four.expected, four.high) == (380, 400, 430)


def test_young_office_leans_on_its_province() -> None:
    busy = [DayCount(day, 40) for day in working_days(20)]
    ahead = [DayAhead(day) for day in working_days(1, date(2026, 11, 7))]
    assert forecast_office([], ahead, usual=usual_rate([busy])).days[0].demand.expected == 40
    assert forecast_office(busy, ahead, usual=2.0).days[0].demand.expected in range(34, 41)


def _negative_binomial(rng: Random, mean: float, spread: float) -> int:
    """A count of this mean with variance mean + spread × mean²."""
    rate = rng.gammavariate(1 / spread, spread * mean) if spread else mean
    limit, count, product = math.exp(-rate), 0, rng.random()
    while product > limit:
        count += 1
        product *= rng.random()
    return count


def _office_days(rng: Random, days: list[date], rate: float, spread: float) -> list[DayCount]:
    """Busy Saturdays, 85 of 100 appointments kept, and a rate that changes through the round."""
    counts = []
    for place, day in enumerate(days):
        booked = rng.randint(0, 20)
        kept = sum(rng.random() < 0.85 for _ in range(booked))
        factor = (1.4 if day.weekday() == SATURDAY.weekday() else 0.93) * (1 + 0.25 * math.sin(place / 16))
        counts.append(DayCount(day, kept + _negative_binomial(rng, rate * factor, spread), booked, kept))
    return counts


@pytest.mark.parametrize(("rate", "spread"), [(3.0, 0.0), (12.0, 0.05), (35.0, 0.1), (35.0, 0.3)])
@pytest.mark.parametrize("horizon", [1, 5])
def test_interval_covers_the_days_that_come(rate: float, spread: float, horizon: int) -> None:
    rng = Random(1405)
    days, held, tried = working_days(50), 0, 0
    for _office in range(12):
        truth = _office_days(rng, days, rate * rng.uniform(0.6, 1.6), spread)
        for today in range(6, len(days) - horizon):
            ahead = [DayAhead(one.day, one.booked) for one in truth[today : today + horizon]]
            forecast = forecast_office(truth[:today], ahead, usual=rate)
            held += forecast.days[-1].demand.holds(truth[today + horizon - 1].arrived)
            tried += 1
    assert tried > 400
    assert 0.87 <= held / tried <= 0.985


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
