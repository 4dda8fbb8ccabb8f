"""A week of an office as a calm list: each day with its times, free or full, from Saturday to Friday."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from django.http import QueryDict

from khedmat.service.models import Slot
from khedmat.service.rules import is_morning
from khedmat.service.selectors import next_free_slots, slots_between, today_in_tehran

SATURDAY: Final = 5
DAYS_IN_WEEK: Final = 7
WEEKS_AHEAD: Final = 26


@dataclass(frozen=True, slots=True)
class Day:
    """A day with its times in two parts; both empty where the office is closed."""

    on: date
    morning: list[Slot] = field(default_factory=list)
    afternoon: list[Slot] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        return bool(self.morning or self.afternoon)


@dataclass(frozen=True, slots=True)
class Week:
    """What is offered of one week. `soonest` is the next free time of all, where the week has none."""

    days: list[Day]
    is_quiet: bool
    earlier: date | None
    later: date | None
    has_free: bool
    soonest: Slot | None

    @property
    def first(self) -> date:
        return self.days[0].on

    @property
    def last(self) -> date:
        return self.days[-1].on


def saturday_of(day: date) -> date:
    """The Saturday on or before a day: the week's first."""
    return day - timedelta(days=(day.weekday() - SATURDAY) % DAYS_IN_WEEK)


def asked_week(given: QueryDict) -> date | None:
    """The week that an address or a button names; None for none, or for what is no date."""
    try:
        return date.fromisoformat(given.get("week", ""))
    except ValueError:
        return None


def week_of(office: int, asked: date | None, now: datetime, *, is_quiet: bool) -> Week:
    """The week asked for, else the one of the next free time; never before this one, nor beyond half a year."""
    today = today_in_tehran(now)
    soonest = next(iter(next_free_slots(office, now, 1, quiet=is_quiet)), None)
    this_week, last_week = saturday_of(today), saturday_of(today + timedelta(weeks=WEEKS_AHEAD))
    wanted = asked or (today_in_tehran(soonest.starts_at) if soonest else today)
    first = min(max(saturday_of(min(wanted, last_week)), this_week), last_week)
    days = _days(first, slots_between(office, first, first + timedelta(days=DAYS_IN_WEEK - 1), quiet=is_quiet), now)
    has_free = any(slot.free for day in days for slot in (*day.morning, *day.afternoon))
    return Week(
        days=days,
        is_quiet=is_quiet,
        earlier=first - timedelta(weeks=1) if first > this_week else None,
        later=first + timedelta(weeks=1) if first < last_week else None,
        has_free=has_free,
        soonest=None if has_free else soonest,
    )


def _days(first: date, slots: Iterable[Slot], now: datetime) -> list[Day]:
    days = {first + timedelta(days=ahead): Day(first + timedelta(days=ahead)) for ahead in range(DAYS_IN_WEEK)}
    # Days that are over offer nothing; of today, the hours to come.
    days = {day: one for day, one in days.items() if day >= today_in_tehran(now)}
    for slot in slots:
        if slot.starts_at <= now:
            continue
        day = days[today_in_tehran(slot.starts_at)]
        (day.morning if is_morning(slot.starts_at) else day.afternoon).append(slot)
    return list(days.values())
