"""A date typed in three accessible fields: day, month by name, year; always by the Iranian calendar."""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.utils.datastructures import MultiValueDict
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from khedmat.common.jalali import (
    FIRST_YEAR,
    LAST_YEAR,
    MONTHS_IN_YEAR,
    InvalidJalaliDate,
    Part,
    days_in_month,
    format_date,
    from_jalali,
    month_names,
    to_jalali,
)
from khedmat.common.text import localise_digits, to_ascii_digits, trim

Limit = dt.date | Callable[[], dt.date] | None

_LONGEST_PART: Final = 8
_PARTS: Final[tuple[Part, ...]] = ("day", "month", "year")


class TypedDate(NamedTuple):
    """The three parts as they were typed, kept for showing them again."""

    day: str
    month: str
    year: str

    def number(self, part: Part) -> int | None:
        """The part as a number, or None where it is not one."""
        digits = trim(to_ascii_digits(getattr(self, part)))
        return int(digits) if re.fullmatch(r"[0-9]{1,4}", digits) else None


class DateFault(NamedTuple):
    """What is wrong with a typed date: the part, a stable code and the sentence for the reader."""

    part: Part
    code: str
    message: str


def _language() -> str:
    return get_language() or "fa"


def _in_reader_digits(number: int) -> str:
    return localise_digits(str(number), _language())


def _year_fault(typed: TypedDate) -> DateFault | None:
    if not trim(typed.year):
        return DateFault("year", "year-missing", gettext("Enter the year."))
    year = typed.number("year")
    if year is None or not FIRST_YEAR <= year <= LAST_YEAR:
        sentence = gettext("Enter the year of the Iranian calendar in four digits, such as %(example)s.")
        return DateFault("year", "year-wrong", sentence % {"example": _in_reader_digits(1365)})
    return None


def _month_fault(typed: TypedDate) -> DateFault | None:
    month = typed.number("month")
    if month is None or not 1 <= month <= MONTHS_IN_YEAR:
        return DateFault("month", "month-missing", gettext("Choose the month."))
    return None


def _day_fault(typed: TypedDate) -> DateFault | None:
    if not trim(typed.day):
        return DateFault("day", "day-missing", gettext("Enter the day."))
    day = typed.number("day")
    longest_month = 31
    if day is None or not 1 <= day <= longest_month:
        sentence = gettext("The day is a number from %(first)s to %(last)s. Correct the day.")
        values = {"first": _in_reader_digits(1), "last": _in_reader_digits(longest_month)}
        return DateFault("day", "day-wrong", sentence % values)
    return None


def _length_fault(typed: TypedDate) -> DateFault | None:
    """The day that its month does not have; the parts are numbers by now."""
    day, month, year = (typed.number(part) or 0 for part in _PARTS)
    last_day = days_in_month(year, month)
    if day <= last_day:
        return None
    sentence = gettext("%(month)s %(year)s has %(days)s days. Correct the day.")
    values = {
        "month": month_names(_language())[month - 1],
        "year": _in_reader_digits(year),
        "days": _in_reader_digits(last_day),
    }
    return DateFault("day", "day-not-in-month", sentence % values)


def find_faults(typed: TypedDate) -> list[DateFault]:
    """Everything wrong with the parts, in reading order; empty for a real day."""
    faults = [fault for fault in (_day_fault(typed), _month_fault(typed), _year_fault(typed)) if fault is not None]
    if not faults and (fault := _length_fault(typed)):
        faults.append(fault)
    return faults


class JalaliDateWidget(forms.Widget):
    """Day, month and year, each with its own label; the page puts a fieldset and legend around them."""

    template_name = "common/jalali_date.html"
    use_fieldset = True

    def id_for_label(self, id_: str) -> str:
        """None: the legend names the group, each part has a label of its own."""
        return ""

    def value_from_datadict(
        self,
        data: Mapping[str, Any],
        files: MultiValueDict[str, Any],
        name: str,
    ) -> TypedDate:
        parts = (str(data.get(f"{name}_{part}") or "")[:_LONGEST_PART] for part in _PARTS)
        return TypedDate(*(part.replace("\0", "") for part in parts))

    def value_omitted_from_data(
        self,
        data: Mapping[str, Any],
        files: MultiValueDict[str, Any],
        name: str,
    ) -> bool:
        return all(f"{name}_{part}" not in data for part in _PARTS)

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        typed = _as_typed(value)
        final_attrs: dict[str, Any] = context["widget"]["attrs"]
        has_errors = final_attrs.get("aria-invalid") == "true"
        faulty = {fault.part for fault in find_faults(typed)} or set(_PARTS)
        id_base = final_attrs.get("id", f"id_{name}")
        labels: dict[Part, Promise | str] = {"day": _("Day"), "month": _("Month"), "year": _("Year")}
        context["widget"]["parts"] = {
            part: {
                "name": f"{name}_{part}",
                "id": f"{id_base}_{part}",
                "label": labels[part],
                "value": getattr(typed, part),
                "is_invalid": has_errors and part in faulty,
            }
            for part in _PARTS
        }
        context["widget"]["months"] = [
            {"number": number, "name": month_name, "is_chosen": typed.number("month") == number}
            for number, month_name in enumerate(month_names(_language()), start=1)
        ]
        context["widget"]["is_disabled"] = bool(final_attrs.get("disabled"))
        context["widget"]["described_by"] = final_attrs.get("aria-describedby", "")
        return context


def _as_typed(value: object) -> TypedDate:
    if isinstance(value, TypedDate):
        return value
    if isinstance(value, dt.date):
        jalali = to_jalali(value)
        return TypedDate(_in_reader_digits(jalali.day), str(jalali.month), _in_reader_digits(jalali.year))
    return TypedDate("", "", "")


def _resolve(limit: Limit) -> dt.date | None:
    return limit() if callable(limit) else limit


class JalaliDateField(forms.Field):
    """A form field whose value is `datetime.date` (None where not required and left empty).

    `min_date` and `max_date` are inclusive; a callable is asked at each check (`timezone.localdate`).
    """

    widget = JalaliDateWidget
    default_error_messages = {"required": _("Enter the day, the month and the year.")}

    def __init__(self, *, min_date: Limit = None, max_date: Limit = None, **options: Any) -> None:
        self.min_date, self.max_date = min_date, max_date
        super().__init__(**options)

    def to_python(self, value: Any) -> dt.date | None:
        if isinstance(value, dt.date):
            return value
        typed = _as_typed(value)
        if not any(trim(part) for part in typed):
            return None
        if faults := find_faults(typed):
            raise ValidationError([ValidationError(fault.message, code=fault.code) for fault in faults])
        return from_jalali(*(typed.number(part) or 0 for part in reversed(_PARTS)))

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value is None:
            return
        earliest, latest = _resolve(self.min_date), _resolve(self.max_date)
        if earliest is not None and value < earliest:
            sentence = gettext("This date is too early. Enter %(limit)s or a later day.")
            raise ValidationError(sentence % {"limit": self._readable(earliest)}, code="too-early")
        if latest is not None and value > latest:
            sentence = gettext("This date is too late. Enter %(limit)s or an earlier day.")
            raise ValidationError(sentence % {"limit": self._readable(latest)}, code="too-late")

    @staticmethod
    def _readable(day: dt.date) -> str:
        return format_date(day, _language(), "long")

    def has_changed(self, initial: Any, data: Any) -> bool:
        if self.disabled:
            return False
        try:
            return self.to_python(data) != self.to_python(initial)
        except (ValidationError, InvalidJalaliDate):
            return True
