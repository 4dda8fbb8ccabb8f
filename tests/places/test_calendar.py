"""Working days: Fridays, kept free days, midnight in Tehran, Nowruz and leap years."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from khedmat.common.jalali import from_jalali, tehran_date
from khedmat.places.calendar import (
    NoWorkingDay,
    add_working_days,
    is_working_day,
    next_working_day,
    working_days_between,
)
from khedmat.places.fixed_holidays import fixed_holidays
from khedmat.places.selectors import holidays_for
from tests.cast import Cast

FIXED = frozenset(day.on for day in fixed_holidays())


def j(year: int, month: int, day: int) -> date:
    return from_jalali(year, month, day)


def test_friday_is_free_and_thursday_is_not() -> None:
    assert not is_working_day(j(1405, 9, 6))
    assert is_working_day(j(1405, 9, 5))


def test_a_kept_day_is_free() -> None:
    assert not is_working_day(j(1405, 9, 8), {j(1405, 9, 8)})


@pytest.mark.parametrize(
    ("since", "days", "until"),
    [
        # Before Nowruz of an ordinary year: 29 Esfand to 4 Farvardin are free.
        (j(1404, 12, 28), 1, j(1405, 1, 5)),
        # 1403 is a leap year: 30 Esfand is free too, and the year after begins a day later.
        (j(1403, 12, 28), 1, j(1404, 1, 5)),
        (j(1403, 12, 28), 2, j(1404, 1, 6)),
        (j(1408, 12, 28), 1, j(1409, 1, 5)),
        # 12 and 13 Farvardin 1405 are a Wednesday and a Thursday, then comes Friday.
        (j(1405, 1, 11), 1, j(1405, 1, 15)),
        (j(1405, 9, 8), 0, j(1405, 9, 8)),
        (j(1405, 9, 6), 0, j(1405, 9, 7)),
    ],
)
def test_add_working_days_round_nowruz_and_leap_years(since: date, days: int, until: date) -> None:
    assert add_working_days(since, days, FIXED) == until


@pytest.mark.parametrize("year", [1403, 1408])
def test_leap_years_have_their_thirtieth_of_esfand_and_others_do_not(year: int) -> None:
    assert j(year, 12, 30) in FIXED
    assert j(year + 1, 1, 1) - j(year, 12, 30) == timedelta(days=1)
    assert len(list(fixed_holidays(year, year))) == len(list(fixed_holidays(year + 1, year + 1))) + 1


@pytest.mark.parametrize("since", [j(1403, 12, 25), j(1405, 3, 12), j(1405, 9, 9), j(1408, 12, 29)])
def test_days_between_are_those_that_were_added(since: date) -> None:
    for days in range(40):
        assert working_days_between(since, add_working_days(since, days, FIXED) if days else since, FIXED) == days


def test_no_days_lie_backwards() -> None:
    assert working_days_between(j(1405, 9, 9), j(1405, 9, 1)) == 0
    with pytest.raises(ValueError, match="working days"):
        add_working_days(j(1405, 9, 9), -1)


def test_a_year_without_a_working_day_is_wrong_data() -> None:
    day = j(1405, 1, 1)
    with pytest.raises(NoWorkingDay):
        next_working_day(day, {day + timedelta(days=ahead) for ahead in range(400)})


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        # Midnight in Tehran is 20:30 UTC, in winter and, since 2023, in summer too.
        (datetime(2026, 11, 30, 20, 29, 59, tzinfo=UTC), date(2026, 11, 30)),
        (datetime(2026, 11, 30, 20, 30, tzinfo=UTC), date(2026, 12, 1)),
        (datetime(2027, 6, 30, 20, 29, 59, tzinfo=UTC), date(2027, 6, 30)),
        (datetime(2027, 6, 30, 20, 30, tzinfo=UTC), date(2027, 7, 1)),
        (datetime(2027, 3, 20, 20, 30, tzinfo=UTC), j(1406, 1, 1)),
    ],
)
def test_the_day_begins_at_midnight_in_tehran(moment: datetime, day: date) -> None:
    assert tehran_date(moment) == day


def test_holidays_of_an_office_are_the_nations_and_its_provinces(cast: Cast, as_migrator: Any) -> None:
    rows = "INSERT INTO places_holiday (id, scope_id, free_on, title_fa, title_en, source_fa, source_en, certainty) "
    one = rows + "VALUES (gen_random_uuid(), %s, %s, 'سرما', '', 'استانداری', '', 'source')"
    ours, theirs = cast.places["tehran"].pk, cast.places["khorasan"].pk
    as_migrator.execute(one, [ours, j(1405, 11, 5)])
    as_migrator.execute(one, [theirs, j(1405, 11, 6)])
    try:
        days = holidays_for(cast.places["mashhad"].pk), holidays_for(cast.places["nation"].pk)
        assert j(1405, 1, 1) in days[0] & days[1]
        assert (j(1405, 11, 6) in days[0], j(1405, 11, 5) in days[0]) == (True, False)
        assert j(1405, 11, 6) not in days[1]
    finally:
        as_migrator.execute("DELETE FROM places_holiday WHERE title_fa = 'سرما'")
