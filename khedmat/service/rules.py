"""Decisions about days, times and turns, pure: no clock, no database."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from khedmat.common.jalali import TEHRAN
from khedmat.common.text import to_ascii_digits
from khedmat.service.enums import TicketKind
from khedmat.service.errors import HoursNotInOrder

# Neither 0 and O, 1 and I and L, 2 and Z, 5 and S, 8 and B, nor U and V: read out on the telephone, each is itself.
CODE_ALPHABET: Final = "34679ACDEFGHJKMNPQRTWXY"
CODE_LENGTH: Final = 8
LONGEST_WAIT: Final = timedelta(minutes=90)
_NOON: Final = 12


class SlotPlan(NamedTuple):
    """One time of a day that is to be opened."""

    starts_at: datetime
    capacity: int
    is_quiet: bool


@dataclass(frozen=True, slots=True)
class DayPlan:
    """How an office's day is opened. `quiet` are hours of fewer places (`quiet_places` at a time), for calm."""

    opens: time
    closes: time
    minutes: int
    counters: int
    each_counter: int = 1
    quiet_from: time | None = None
    quiet_until: time | None = None
    quiet_places: int = 1

    @property
    def places(self) -> int:
        """Places of one time outside the quiet hours."""
        return self.counters * self.each_counter


def slots_of_day(plan: DayPlan, day: date) -> list[SlotPlan]:
    """The times of a day, the last one ending when the office closes at the latest. Errors: HoursNotInOrder."""
    start, end = moment(day, plan.opens), moment(day, plan.closes)
    step = timedelta(minutes=plan.minutes)
    if plan.minutes <= 0 or start + step > end:
        raise HoursNotInOrder
    found = []
    while start + step <= end:
        is_quiet = _is_quiet(plan, start.astimezone(TEHRAN).time())
        found.append(SlotPlan(start, min(plan.quiet_places, plan.places) if is_quiet else plan.places, is_quiet))
        start += step
    return found


def _is_quiet(plan: DayPlan, at: time) -> bool:
    return plan.quiet_from is not None and plan.quiet_until is not None and plan.quiet_from <= at < plan.quiet_until


def moment(day: date, at: time) -> datetime:
    """An hour of a day in Tehran, as a moment."""
    return datetime.combine(day, at, tzinfo=TEHRAN)


def code_as_typed(text: str) -> str:
    """A client's code as its digest is made from: Latin digits, capitals, no spaces or dashes."""
    return "".join(letter for letter in to_ascii_digits(text).upper() if letter in CODE_ALPHABET)


def may_be_code(text: str) -> bool:
    """Whether something typed has a code's length and letters, so that it is worth asking for."""
    bare = "".join(letter for letter in to_ascii_digits(text).upper() if letter.isalnum())
    return len(bare) == CODE_LENGTH and bare == code_as_typed(text)


def code_for_reading(code: str) -> str:
    """`ABCD-EFGH`: in two parts, as it is printed and read out."""
    return f"{code[: CODE_LENGTH // 2]}-{code[CODE_LENGTH // 2 :]}"


class Waiting(NamedTuple):
    """A ticket in the hall, as the rule of turns sees it."""

    ticket_id: UUID
    number: int
    kind: str
    turn_at: datetime


def turn_of(kind: TicketKind, joined_at: datetime, appointment_at: datetime | None = None) -> datetime:
    """When a ticket's turn has come.

    An appointment's turn is its own time, or its arrival where that was later. Whoever comes without one, and
    whoever was called and was not there just then, has a turn after ninety minutes at the latest.
    """
    if kind == TicketKind.BOOKED and appointment_at is not None:
        return max(joined_at, appointment_at)
    return joined_at + LONGEST_WAIT


def in_order_of_calling(waiting: Iterable[Waiting], now: datetime) -> Sequence[Waiting]:
    """Who is called next, then who after that.

    1. Those whose turn has come, the longest due first: appointments at their time, and walk-ins of ninety minutes.
    2. Walk-ins, in the order of their tickets.
    3. Appointments that came early and still wait for their time, when nobody else does.
    """
    return sorted(waiting, key=lambda one: (_rank(one, now), one.turn_at, one.number))


def _rank(one: Waiting, now: datetime) -> int:
    if one.turn_at <= now:
        return 0
    return 1 if one.kind == TicketKind.WALK_IN else 2


def is_morning(starts_at: datetime) -> bool:
    """Before noon in Tehran: times of a day are shown in two parts."""
    return starts_at.astimezone(TEHRAN).hour < _NOON
