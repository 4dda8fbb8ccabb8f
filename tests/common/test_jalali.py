import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khedmat.common.jalali import (
    FIRST_YEAR,
    LAST_YEAR,
    InvalidJalaliDate,
    JalaliDate,
    age_in_months,
    age_on,
    days_in_month,
    format_date,
    format_datetime,
    from_jalali,
    month_names,
    parse_jalali_text,
    to_jalali,
)

DAYS = st.dates(from_jalali(FIRST_YEAR, 1, 1), from_jalali(LAST_YEAR, 12, 29))
ABAN_30 = dt.date(2026, 11, 21)


@pytest.mark.parametrize(
    ("jalali", "gregorian"),
    [
        ((1200, 1, 1), dt.date(1821, 3, 21)),
        ((1285, 5, 14), dt.date(1906, 8, 6)),
        ((1357, 11, 22), dt.date(1979, 2, 11)),
        ((1395, 1, 25), dt.date(2016, 4, 13)),
        ((1399, 12, 30), dt.date(2021, 3, 20)),
        ((1400, 1, 1), dt.date(2021, 3, 21)),
        ((1403, 12, 30), dt.date(2025, 3, 20)),
        ((1405, 8, 30), ABAN_30),
        ((1408, 12, 30), dt.date(2030, 3, 20)),
    ],
)
def test_known_dates_convert_both_ways(jalali: tuple[int, int, int], gregorian: dt.date) -> None:
    assert from_jalali(*jalali) == gregorian
    assert to_jalali(gregorian) == JalaliDate(*jalali)


def test_leap_years_around_now() -> None:
    leap_years = [year for year in range(1396, 1412) if days_in_month(year, 12) == 30]
    assert leap_years == [1399, 1403, 1408]


def test_every_year_has_as_many_days_as_its_months() -> None:
    for year in range(FIRST_YEAR, LAST_YEAR):
        length = from_jalali(year + 1, 1, 1) - from_jalali(year, 1, 1)
        assert length.days == sum(days_in_month(year, month) for month in range(1, 13))


@given(DAYS)
def test_conversion_round_trips(day: dt.date) -> None:
    assert from_jalali(*to_jalali(day)) == day


@given(DAYS, DAYS)
def test_jalali_dates_compare_as_days_do(one: dt.date, other: dt.date) -> None:
    assert (to_jalali(one) < to_jalali(other)) == (one < other)


@pytest.mark.parametrize(
    ("year", "month", "day", "part"),
    [
        (1404, 12, 30, "day"),
        (1404, 7, 31, "day"),
        (1404, 1, 0, "day"),
        (1404, 13, 1, "month"),
        (1404, 0, 1, "month"),
        (1199, 1, 1, "year"),
        (1501, 1, 1, "year"),
    ],
)
def test_from_jalali_names_the_wrong_part(year: int, month: int, day: int, part: str) -> None:
    with pytest.raises(InvalidJalaliDate) as caught:
        from_jalali(year, month, day)
    assert caught.value.part == part


@pytest.mark.parametrize("typed", ["۱۳۹۵/۲/۵", "1395/02/05", "\u200f١٣٩٥/٠٢/٠٥ "])
def test_parse_jalali_text_reads_any_digits(typed: str) -> None:
    assert parse_jalali_text(typed) == dt.date(2016, 4, 24)


@pytest.mark.parametrize("typed", ["", "95/2/5", "1395-02-05", "1395/2", "1395/2/5/1", "1395/+2/5"])
def test_parse_jalali_text_refuses_other_forms(typed: str) -> None:
    with pytest.raises(InvalidJalaliDate):
        parse_jalali_text(typed)


@pytest.mark.parametrize(
    ("language", "numeric", "long", "weekday"),
    [
        ("fa", "۱۴۰۵/۰۸/۳۰", "۳۰ آبان ۱۴۰۵", "شنبه ۳۰ آبان ۱۴۰۵"),
        ("prs", "۱۴۰۵/۰۸/۳۰", "۳۰ عقرب ۱۴۰۵", "شنبه ۳۰ عقرب ۱۴۰۵"),
        (
            "en",
            "2026-11-21",
            "21 November 2026 (30 Aban 1405)",
            "Saturday 21 November 2026 (30 Aban 1405)",
        ),
    ],
)
def test_format_date_speaks_the_language(language: str, numeric: str, long: str, weekday: str) -> None:
    assert format_date(ABAN_30, language) == numeric
    assert format_date(ABAN_30, language, "long") == long
    assert format_date(ABAN_30, language, "weekday") == weekday


def test_weekday_of_the_known_wednesday() -> None:
    assert format_date(dt.date(2016, 4, 13), "fa", "weekday") == "چهارشنبه ۲۵ فروردین ۱۳۹۵"


@given(DAYS)
def test_numeric_persian_dates_can_be_typed_back(day: dt.date) -> None:
    assert parse_jalali_text(format_date(day, "fa")) == day


def test_format_datetime_is_in_tehran() -> None:
    moment = dt.datetime(2026, 11, 20, 22, 14, tzinfo=dt.UTC)
    assert format_datetime(moment, "fa") == "۱۴۰۵/۰۸/۳۰، ۱:۴۴"
    assert format_datetime(moment, "en") == "2026-11-21, 01:44"


def test_format_datetime_refuses_naive_moments() -> None:
    with pytest.raises(ValueError, match="time zone"):
        format_datetime(dt.datetime(2026, 11, 20, 22, 14), "fa")  # noqa: DTZ001


def test_age_on_counts_by_the_iranian_calendar() -> None:
    birth = from_jalali(1383, 3, 31)
    assert age_on(birth, from_jalali(1401, 3, 30)) == 17
    assert age_on(birth, from_jalali(1401, 3, 31)) == 18


def test_age_on_of_a_leap_day_turns_at_new_year() -> None:
    birth = from_jalali(1399, 12, 30)
    assert age_on(birth, from_jalali(1400, 12, 29)) == 0
    assert age_on(birth, from_jalali(1401, 1, 1)) == 1


@pytest.mark.parametrize(
    ("birth", "on", "months"),
    [
        (dt.date(1982, 10, 4), dt.date(2026, 10, 3), 43 * 12 + 11),
        (dt.date(1982, 10, 4), dt.date(2026, 10, 4), 44 * 12),
        (dt.date(2026, 3, 20), dt.date(2026, 3, 21), 0),
        (dt.date(2026, 7, 10), dt.date(2026, 11, 21), 4),
    ],
)
def test_age_in_months_counts_whole_iranian_months(birth: dt.date, on: dt.date, months: int) -> None:
    assert age_in_months(birth, on) == months


def test_age_on_before_birth_is_refused() -> None:
    with pytest.raises(ValueError, match="before the birth"):
        age_on(ABAN_30, dt.date(2026, 11, 20))


@given(DAYS, DAYS)
def test_age_grows_with_time_and_matches_the_years(one: dt.date, other: dt.date) -> None:
    birth, on = sorted((one, other))
    difference = to_jalali(on).year - to_jalali(birth).year
    assert difference - 1 <= age_on(birth, on) <= difference
    assert age_on(birth, on) >= 0


def test_month_names_are_twelve_in_each_language() -> None:
    assert [month_names(language)[7] for language in ("fa", "prs", "en-us")] == ["آبان", "عقرب", "Aban"]
    assert all(len(set(month_names(language))) == 12 for language in ("fa", "prs", "ps", "ar", "en"))
