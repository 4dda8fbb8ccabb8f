"""The days of a simulated round. The app asks `django.utils.timezone.now`; PostgreSQL keeps its own, real clock.

The signed context, grants and reading budgets stay in real time: at night the tables' owner lets all that was opened
today be yesterday's (tests/simulation/town.py), as it is when a night has passed.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta

import pytest
from django.utils import timezone

from khedmat.common.jalali import TEHRAN

OPENS = time(7, 30)


class Clock:
    """What time it is in the round; every look at it is later than the one before."""

    def __init__(self, day: date) -> None:
        self._now = datetime.combine(day, OPENS, tzinfo=TEHRAN)

    @property
    def today(self) -> date:
        """The day in Tehran."""
        return self._now.date()

    def now(self) -> datetime:
        """In UTC, as `django.utils.timezone.now` answers."""
        self._now += timedelta(milliseconds=1)
        return self._now.astimezone(timezone.get_fixed_timezone(0))

    def begin(self, day: date) -> None:
        """The morning of a day that has not been yet."""
        self._now = max(datetime.combine(day, OPENS, tzinfo=TEHRAN), self._now)


@contextmanager
def simulated(day: date) -> Iterator[Clock]:
    """Within, the app lives in the round's time."""
    clock = Clock(day)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timezone, "now", clock.now)
        yield clock
