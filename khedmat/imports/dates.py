"""Dates as offices write them: Jalali in any spelling, Gregorian from 1700 on, a spreadsheet's own.

Never month first. The order of day and year is decided for a whole column; what nothing decides is a problem
that names both readings.
"""

import re
from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache
from typing import Final, NamedTuple

from khedmat.common.jalali import FIRST_YEAR, LAST_YEAR, JalaliDate, days_in_month, from_jalali, month_names, to_jalali
from khedmat.common.text import fold_for_search, to_ascii_digits
from khedmat.imports.cells import Read, clean_text, is_blank
from khedmat.imports.enums import DateKind, DateOrder
from khedmat.imports.reasons import Note, Param, Problem, shown_value

FIRST_GREGORIAN_YEAR: Final = 1700
EARLIEST_BIRTH: Final = 1260
EXPIRY_YEARS_AHEAD: Final = 15
_LAST_GREGORIAN_YEAR: Final = 2199
_LAST_DAY: Final = 31
_MONTHS: Final = 12
_FOUR, _TWO = 4, 2
_COMPACT: Final = {6, 8}
_FIRST_SERIAL, _LAST_SERIAL = 10_000, 79_999
_CACHED: Final = 1 << 14
_GREGORIAN_MONTH_DAYS: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)

_TIME_BEHIND: Final = re.compile(r"(?<=[0-9])[T ]+[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?Z?$")
_PARTS: Final = re.compile(r"([0-9]{1,4}) ?[-/\\._،,٫ ] ?([0-9]{1,2}) ?[-/\\._،,٫ ] ?([0-9]{1,4})")
_TWO_PARTS: Final = re.compile(r"[0-9]{1,4} ?[-/\\._ ] ?[0-9]{1,4}")
_WITH_NAME: Final = re.compile(r"([0-9]{1,2}) ?(?:ام|م)? ([^0-9]+?) (?:ماه )?(?:سال )?([0-9]{2,4})")
_WHOLE_NUMBER: Final = re.compile(r"([0-9]+)(?:[.٫]0+)?")
_MONTH_OF_NAME: Final = {
    fold_for_search(word): number
    for language in ("fa", "prs")
    for number, word in enumerate(month_names(language), start=1)
}


class Parts(NamedTuple):
    """Three numbers as written; a year's own digits count, `05` is not `5`."""

    first: str
    month: str
    last: str


def parts_of(cell: object) -> Parts | None:
    """Year, month and day as they stand in a text or a compact number; None for anything else."""
    if isinstance(cell, bool) or cell is None or isinstance(cell, date):
        return None
    if isinstance(cell, float):
        return _parts_of_text(str(int(cell))) if cell.is_integer() and 0 <= cell < 10**9 else None
    return _parts_of_text(str(cell)[:60])


@lru_cache(maxsize=_CACHED)
def _parts_of_text(given: str) -> Parts | None:
    typed = _TIME_BEHIND.sub("", to_ascii_digits(clean_text(given)).lstrip("'’`").replace("\u200c", ""))
    found = _PARTS.fullmatch(typed)
    if found:
        return Parts(*found.groups())
    number = _WHOLE_NUMBER.fullmatch(typed)
    if number:
        return _compact(number[1])
    named = _WITH_NAME.fullmatch(typed)
    if named and (month := _MONTH_OF_NAME.get(fold_for_search(named[2].removesuffix("ماه").strip()))):
        # A month in words stands between day and year, never the other way round.
        return Parts(named[1], str(month), named[3].zfill(_FOUR) if len(named[3]) > _TWO else f"’{named[3]}")
    return None


def _compact(run: str) -> Parts | None:
    if len(run) not in _COMPACT:
        return None
    if len(run) == min(_COMPACT):
        return Parts(run[:2], run[2:4], run[4:])
    if _is_year(run[:4]):
        return Parts(run[:4], run[4:6], run[6:])
    return Parts(run[:2], run[2:4], run[4:])


def _is_year(text: str) -> bool:
    return FIRST_YEAR <= int(text) <= LAST_YEAR or FIRST_GREGORIAN_YEAR <= int(text) <= _LAST_GREGORIAN_YEAR


def _must_be_year(part: str) -> bool:
    return len(part) > _TWO or not 1 <= int(part) <= _LAST_DAY


def order_of(parts: Parts) -> DateOrder:
    """What the parts themselves decide; MIXED where both ends must be a year."""
    first, last = _must_be_year(parts.first), _must_be_year(parts.last)
    if first and last:
        return DateOrder.MIXED
    if first or last:
        return DateOrder.YEAR_FIRST if first else DateOrder.DAY_FIRST
    return DateOrder.AMBIGUOUS


def date_order_of_column(cells: Iterable[object]) -> DateOrder:
    """The one order that the cells of a column show; MIXED for both, AMBIGUOUS for neither."""
    shown: set[DateOrder] = set()
    for cell in cells:
        parts = parts_of(cell)
        if parts is not None:
            shown.add(order_of(parts))
        if {DateOrder.YEAR_FIRST, DateOrder.DAY_FIRST} <= shown:
            return DateOrder.MIXED
    decided = shown & {DateOrder.YEAR_FIRST, DateOrder.DAY_FIRST}
    return decided.pop() if decided else DateOrder.AMBIGUOUS


def read_date(
    cell: object, field: str, *, kind: DateKind, order: DateOrder, today: date
) -> Read[date | None] | Problem:
    """The day a cell stands for; None for a blank. `order` is the column's, or the one chosen on screen."""
    if is_blank(cell):
        return Read(None)
    if isinstance(cell, date):
        return _spreadsheet_date(cell, field, kind, today)
    if isinstance(cell, bool):
        return Problem("date-not-readable", field, shown_value(cell))
    if isinstance(cell, float) and not (cell.is_integer() and 0 <= cell < 10**9):
        serial = _FIRST_SERIAL <= cell <= _LAST_SERIAL
        return Problem("date-serial" if serial else "date-not-readable", field, shown_value(cell))
    return _read_typed(str(int(cell)) if isinstance(cell, float) else str(cell), field, kind, order, today)


def _spreadsheet_date(cell: date, field: str, kind: DateKind, today: date) -> Read[date | None] | Problem:
    day = cell.date() if isinstance(cell, datetime) else cell
    if FIRST_YEAR <= day.year <= LAST_YEAR:
        # Some programs keep a Jalali date under the numbers it is written with.
        read = _jalali(day.year, day.month, day.day, field, shown_value(day))
    elif day.year >= FIRST_GREGORIAN_YEAR:
        read = day
    else:
        read = Problem("date-year", field, shown_value(day), {"year": day.year})
    if isinstance(read, Problem):
        return read
    note = Note("date-cell", field, shown_value(day), {"read_on": read.isoformat()})
    return _impossible(read, field, shown_value(day), kind, today) or Read(read, (note,))


@lru_cache(maxsize=_CACHED)
def _read_typed(given: str, field: str, kind: DateKind, order: DateOrder, today: date) -> Read[date | None] | Problem:
    shown = shown_value(given)
    parts = _parts_of_text(given[:60])
    if parts is None:
        return Problem(_why_no_parts(given), field, shown)
    own = order_of(parts)
    if own == DateOrder.AMBIGUOUS:
        own = order
    if own in {DateOrder.AMBIGUOUS, DateOrder.MIXED}:
        return _both_readings(parts, field, shown, kind, today)
    return _resolved(parts, own, field, shown, kind, today)


def _why_no_parts(given: str) -> str:
    typed = to_ascii_digits(clean_text(given[:60]))
    number = _WHOLE_NUMBER.fullmatch(typed)
    if number and len(number[1]) <= 9 and _FIRST_SERIAL <= int(number[1]) <= _LAST_SERIAL:  # noqa: PLR2004
        return "date-serial"
    if _TWO_PARTS.fullmatch(typed) or (number and len(number[1]) in {_TWO, _FOUR}):
        return "date-incomplete"
    return "date-not-readable"


def _both_readings(parts: Parts, field: str, shown: str, kind: DateKind, today: date) -> Read[date | None] | Problem:
    if order_of(parts) == DateOrder.MIXED:
        incomplete = "0" in {parts.first.lstrip("0") or "0", parts.last.lstrip("0") or "0"}
        return Problem("date-incomplete" if incomplete else "date-not-readable", field, shown)
    year_first = _resolved(parts, DateOrder.YEAR_FIRST, field, shown, kind, today)
    day_first = _resolved(parts, DateOrder.DAY_FIRST, field, shown, kind, today)
    if isinstance(year_first, Problem) or isinstance(day_first, Problem):
        # Only one reading is a day at all; that it was meant is not certain enough to take it.
        return year_first if isinstance(year_first, Problem) else day_first
    if year_first.value == day_first.value or year_first.value is None or day_first.value is None:
        return year_first
    readings: dict[str, Param] = {
        "year_first_on": year_first.value.isoformat(),
        "day_first_on": day_first.value.isoformat(),
    }
    return Problem("date-ambiguous", field, shown, readings)


def _resolved(
    parts: Parts, order: DateOrder, field: str, shown: str, kind: DateKind, today: date
) -> Read[date | None] | Problem:
    year_first = order == DateOrder.YEAR_FIRST
    year_text = (parts.first if year_first else parts.last).lstrip("’")
    day, month = int((parts.last if year_first else parts.first).lstrip("’")), int(parts.month)
    if month == 0 or day == 0:
        return Problem("date-incomplete", field, shown)
    if len(year_text) <= _TWO:
        return _two_digit_year(int(year_text), month, day, field, shown, kind, today)
    year = int(year_text)
    if year >= FIRST_GREGORIAN_YEAR:
        return _gregorian(year, month, day, field, shown, kind, today)
    read = _jalali(year, month, day, field, shown)
    if isinstance(read, Problem):
        return read
    return _impossible(read, field, shown, kind, today) or Read(read)


def _jalali(year: int, month: int, day: int, field: str, shown: str) -> date | Problem:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return Problem("date-year", field, shown, {"year": year})
    if month > _MONTHS:
        return Problem("date-month", field, shown, {"number": month})
    last = _days_in_month(year, month)
    if day > last:
        return Problem("date-day", field, shown, {"month": month, "year": year, "days": last})
    return _known_day(year, month, day)


@lru_cache(maxsize=_CACHED)
def _days_in_month(year: int, month: int) -> int:
    return days_in_month(year, month)


@lru_cache(maxsize=_CACHED)
def _known_day(year: int, month: int, day: int) -> date:
    return from_jalali(year, month, day)


@lru_cache(maxsize=16)
def _jalali_day(today: date) -> JalaliDate:
    return to_jalali(today)


def _gregorian(
    year: int, month: int, day: int, field: str, shown: str, kind: DateKind, today: date
) -> Read[date | None] | Problem:
    if year > _LAST_GREGORIAN_YEAR:
        return Problem("date-year", field, shown, {"year": year})
    if month > _MONTHS:
        return Problem("date-month", field, shown, {"number": month})
    if day > _GREGORIAN_MONTH_DAYS[month - 1]:
        return Problem("date-not-readable", field, shown)
    try:
        read = date(year, month, day)
    except ValueError:
        return Problem("date-not-readable", field, shown)
    note = Note("gregorian-date", field, shown, {"read_on": read.isoformat()})
    return _impossible(read, field, shown, kind, today) or Read(read, (note,))


def _two_digit_year(
    two: int, month: int, day: int, field: str, shown: str, kind: DateKind, today: date
) -> Read[date | None] | Problem:
    """The latest year that ends in the two digits and is possible: past, or 15 years ahead for an expiry."""
    this_year = _jalali_day(today)
    century = this_year.year // 100 * 100
    limit = this_year.year + (EXPIRY_YEARS_AHEAD if kind == DateKind.EXPIRY else 0)
    year = max(
        candidate for candidate in (century - 100 + two, century + two, century + 100 + two) if candidate <= limit
    )
    if kind != DateKind.EXPIRY and (year, month, day) > this_year:
        year -= 100
    read = _jalali(year, month, day, field, shown)
    if isinstance(read, Problem):
        return read
    note = Note("two-digit-year", field, shown, {"read_on": read.isoformat()})
    return _impossible(read, field, shown, kind, today) or Read(read, (note,))


def _impossible(read: date, field: str, shown: str, kind: DateKind, today: date) -> Problem | None:
    found: dict[str, Param] = {"read_on": read.isoformat()}
    if kind == DateKind.BIRTH and read > today:
        return Problem("birth-in-future", field, shown, found)
    if kind == DateKind.BIRTH and read < _known_day(EARLIEST_BIRTH, 1, 1):
        return Problem("birth-too-early", field, shown, {**found, "first": EARLIEST_BIRTH})
    if kind == DateKind.ISSUE and read > today:
        return Problem("issue-in-future", field, shown, found)
    if kind == DateKind.EXPIRY and (read - today).days > EXPIRY_YEARS_AHEAD * 366:
        return Problem("expiry-too-far", field, shown, found)
    return None
