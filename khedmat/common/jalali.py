"""The Iranian calendar at the edges: storage is `datetime.date` and UTC, people read and type Jalali."""

import datetime as dt
import re
from typing import Final, Literal, NamedTuple
from zoneinfo import ZoneInfo

import jdatetime

from khedmat.common.text import base_language, localise_digits, to_ascii_digits, trim

TEHRAN: Final = ZoneInfo("Asia/Tehran")
# Within these years every published conversion agrees (domain brief §6).
FIRST_YEAR: Final = 1200
LAST_YEAR: Final = 1500
MONTHS_IN_YEAR: Final = 12

Part = Literal["day", "month", "year"]
Style = Literal["numeric", "long", "weekday"]

_MONTHS_FA: Final = (
    "فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور",
    "مهر", "آبان", "آذر", "دی", "بهمن", "اسفند",
)  # fmt: skip
_MONTHS_PRS: Final = (
    "حمل", "ثور", "جوزا", "سرطان", "اسد", "سنبله",
    "میزان", "عقرب", "قوس", "جدی", "دلو", "حوت",
)  # fmt: skip
_MONTHS_EN: Final = (
    "Farvardin", "Ordibehesht", "Khordad", "Tir", "Mordad", "Shahrivar",
    "Mehr", "Aban", "Azar", "Dey", "Bahman", "Esfand",
)  # fmt: skip
_MONTHS: Final = {"fa": _MONTHS_FA, "prs": _MONTHS_PRS, "ps": _MONTHS_PRS, "en": _MONTHS_EN}
_GREGORIAN_MONTHS_EN: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
# Monday first, as in `date.weekday()`.
_WEEKDAYS_FA: Final = ("دوشنبه", "سه‌شنبه", "چهارشنبه", "پنجشنبه", "جمعه", "شنبه", "یکشنبه")
_WEEKDAYS_EN: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_TYPED_DATE: Final = re.compile(r"([0-9]{4})/([0-9]{1,2})/([0-9]{1,2})")


class JalaliDate(NamedTuple):
    """A day of the Iranian calendar; compares in calendar order."""

    year: int
    month: int
    day: int


class InvalidJalaliDate(ValueError):
    """No such day in the Iranian calendar, or outside 1200-1500; `part` names what is wrong."""

    def __init__(self, part: Part, detail: str) -> None:
        self.part: Part = part
        super().__init__(detail)


def to_jalali(day: dt.date) -> JalaliDate:
    """The Jalali day of a Gregorian date (from 622 on)."""
    converted = jdatetime.date.fromgregorian(date=dt.date(day.year, day.month, day.day))
    return JalaliDate(converted.year, converted.month, converted.day)


def days_in_month(year: int, month: int) -> int:
    """29, 30 or 31; `month` is 1-12."""
    first_long, last_long = 6, 11
    if month <= first_long:
        return 31
    if month <= last_long:
        return 30
    return 30 if jdatetime.date(year, 1, 1).isleap() else 29


def from_jalali(year: int, month: int, day: int) -> dt.date:
    """The Gregorian date of a Jalali day; raises InvalidJalaliDate, naming the wrong part."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise InvalidJalaliDate("year", f"year {year} is not within {FIRST_YEAR}-{LAST_YEAR}")
    if not 1 <= month <= MONTHS_IN_YEAR:
        raise InvalidJalaliDate("month", f"month {month} is not within 1-12")
    last_day = days_in_month(year, month)
    if not 1 <= day <= last_day:
        raise InvalidJalaliDate("day", f"day {day} is not within 1-{last_day}")
    converted: dt.date = jdatetime.date(year, month, day).togregorian()
    return converted


def parse_jalali_text(text: str) -> dt.date:
    """The date typed as `YYYY/MM/DD` in digits of any script; raises InvalidJalaliDate."""
    match = _TYPED_DATE.fullmatch(trim(to_ascii_digits(text)))
    if match is None:
        raise InvalidJalaliDate("year", "not of the form YYYY/MM/DD")
    year, month, day = (int(part) for part in match.groups())
    return from_jalali(year, month, day)


def month_names(language: str) -> tuple[str, ...]:
    """The twelve names: Iranian, Dari (also for Pashto readers), or transliterated for English."""
    return _MONTHS.get(base_language(language), _MONTHS_FA)


def _format_english(day: dt.date, style: Style) -> str:
    if style == "numeric":
        return day.isoformat()
    jalali = to_jalali(day)
    text = (
        f"{day.day} {_GREGORIAN_MONTHS_EN[day.month - 1]} {day.year} "
        f"({jalali.day} {_MONTHS_EN[jalali.month - 1]} {jalali.year})"
    )
    return f"{_WEEKDAYS_EN[day.weekday()]} {text}" if style == "weekday" else text


def format_date(day: dt.date, language: str, style: Style = "numeric") -> str:
    """A date for reading.

    Persian: ۱۴۰۵/۰۸/۳۰, ۳۰ آبان ۱۴۰۵, شنبه ۳۰ آبان ۱۴۰۵. English: 2026-11-21,
    21 November 2026 (30 Aban 1405), and the same with the weekday.
    """
    if base_language(language) == "en":
        return _format_english(day, style)
    jalali = to_jalali(day)
    if style == "numeric":
        return localise_digits(f"{jalali.year:04}/{jalali.month:02}/{jalali.day:02}", language)
    text = f"{jalali.day} {month_names(language)[jalali.month - 1]} {jalali.year}"
    if style == "weekday":
        text = f"{_WEEKDAYS_FA[day.weekday()]} {text}"
    return localise_digits(text, language)


def tehran_date(moment: dt.datetime) -> dt.date:
    """The day in Tehran of an aware moment; raises ValueError for a naive one."""
    if moment.tzinfo is None:
        message = "a moment needs its time zone"
        raise ValueError(message)
    return moment.astimezone(TEHRAN).date()


def format_datetime(moment: dt.datetime, language: str) -> str:
    """Date and hour in Tehran: ۱۴۰۵/۰۸/۳۰، ۹:۴۴ or 2026-11-21, 09:44.

    Raises ValueError for a naive moment.
    """
    date_text = format_date(tehran_date(moment), language)
    local = moment.astimezone(TEHRAN)
    if base_language(language) == "en":
        return f"{date_text}, {local.hour:02}:{local.minute:02}"
    return f"{date_text}، " + localise_digits(f"{local.hour}:{local.minute:02}", language)


def age_on(birth: dt.date, on: dt.date) -> int:
    """Whole years by the Iranian calendar, as the rounds count them; raises ValueError before birth.

    Round 17 took workers born 1341/04/01-1383/03/31 as those of 18 to 60 years (domain brief §2).
    """
    return age_in_months(birth, on) // MONTHS_IN_YEAR


def age_in_months(birth: dt.date, on: dt.date) -> int:
    """Whole months by the Iranian calendar; raises ValueError before birth."""
    if on < birth:
        message = "the day lies before the birth"
        raise ValueError(message)
    born, now = to_jalali(birth), to_jalali(on)
    return (now.year - born.year) * MONTHS_IN_YEAR + now.month - born.month - (now.day < born.day)
