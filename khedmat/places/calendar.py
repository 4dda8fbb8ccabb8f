"""Working days: every day but Fridays and the free days that are kept as rows with their source. Pure.

A day is a day in Tehran (`khedmat.common.jalali.tehran_date`); the offset is UTC+03:30 all year since 2023.
"""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Final

FRIDAY: Final = 4
ONE_DAY: Final = timedelta(days=1)
# Longer than any row of free days that a calendar could hold; where it ends, the data is wrong.
LONGEST_BREAK: Final = 366


class NoWorkingDay(ValueError):
    """A whole year without a working day: the free days that were given cannot be right."""


def is_working_day(day: date, holidays: Collection[date] = frozenset()) -> bool:
    """Whether offices work on the day."""
    return day.weekday() != FRIDAY and day not in holidays


def next_working_day(day: date, holidays: Collection[date] = frozenset()) -> date:
    """The day itself where it is a working day, else the first one after it. Errors: NoWorkingDay."""
    for ahead in range(LONGEST_BREAK):
        found = day + timedelta(days=ahead)
        if is_working_day(found, holidays):
            return found
    raise NoWorkingDay(day.isoformat())


def add_working_days(since: date, days: int, holidays: Collection[date] = frozenset()) -> date:
    """The last day of a time of `days` working days that begins on the day after `since`.

    `days` 0 gives `since` itself where it is a working day, else the next one. Errors: ValueError for a negative
    number, NoWorkingDay.
    """
    if days < 0:
        message = f"a time of {days} working days"
        raise ValueError(message)
    day = since if days else next_working_day(since, holidays)
    for _count in range(days):
        day = next_working_day(day + ONE_DAY, holidays)
    return day


def working_days_between(since: date, until: date, holidays: Collection[date] = frozenset()) -> int:
    """How many working days lie after `since`, up to and with `until`; 0 where `until` is not later.

    `working_days_between(day, add_working_days(day, n)) == n` for every n.
    """
    days = max((until - since).days, 0)
    return sum(is_working_day(since + timedelta(days=ahead), holidays) for ahead in range(1, days + 1))
