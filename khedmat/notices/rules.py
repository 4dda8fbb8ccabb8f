"""When messages may go out, and when to try again. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from khedmat.common.jalali import TEHRAN

MOST_TRIES = 5
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class QuietTimes:
    """No message goes out from `begins` to `ends` (over midnight where it begins later than it ends), nor on these
    weekdays (Monday is 0) and holidays. In the time of Tehran."""

    begins: time
    ends: time
    weekdays: frozenset[int] = frozenset()
    holidays: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        if len(self.weekdays & set(range(7))) > 6:  # noqa: PLR2004 - a week without a day to send on
            message = "messages must be allowed on some day of the week"
            raise ValueError(message)


def next_allowed(moment: datetime, quiet: QuietTimes) -> datetime:
    """The moment itself where messages may go out, else the next one at which they may.

    `moment` is aware; the answer is in the time of Tehran.
    """
    local = moment.astimezone(TEHRAN)
    while True:
        if local.weekday() in quiet.weekdays or local.date() in quiet.holidays:
            local = _midnight(local) + _ONE_DAY
            continue
        end = _end_of_quiet(local, quiet)
        if end is None:
            return local
        local = end


def _end_of_quiet(local: datetime, quiet: QuietTimes) -> datetime | None:
    """When the quiet hours in which a moment lies are over; None outside of them."""
    now, begins, ends = local.time(), quiet.begins, quiet.ends
    today = datetime.combine(local.date(), ends, TEHRAN)
    if begins <= ends:
        return today if begins <= now < ends else None
    if now < ends:
        return today
    return today + _ONE_DAY if now >= begins else None


def _midnight(local: datetime) -> datetime:
    return datetime.combine(local.date(), time(), TEHRAN)


def is_last_try(tries: int) -> bool:
    """Whether no further try follows the one under way."""
    return tries >= MOST_TRIES
