"""Why a cell is refused, or what was changed while reading it, as a sentence somebody can act on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from dataclasses import field as with_default
from datetime import date
from typing import Any, Final, Self

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from khedmat.common.jalali import format_date, month_names
from khedmat.common.text import localise_digits, trim
from khedmat.imports.schema import Schema

Param = str | int
_SHOWN_CHARACTERS: Final = 40
# Isolated, so that a date or a number inside a right-to-left sentence keeps its own direction.
_ISOLATE, _END_ISOLATE = "\u2068", "\u2069"


@dataclass(frozen=True, slots=True)
class Finding:
    """About one cell. `value` is what was given, shortened; `params` fill the sentence of `code`.

    A parameter ending in `_on` is an ISO date, `month` a Jalali month's number; the reader's language decides
    how they show.
    """

    code: str
    field: str
    value: str = ""
    params: Mapping[str, Param] = with_default(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """What `from_json` reads again."""
        return {"code": self.code, "field": self.field, "value": self.value, "params": dict(self.params)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """From what `as_json` gave."""
        return cls(stored["code"], stored["field"], stored["value"], stored["params"])


class Problem(Finding):
    """Refuses its row."""

    __slots__ = ()


class Note(Finding):
    """Refuses nothing: tells that a cell was read in another way than it is written."""

    __slots__ = ()


SENTENCES: Final[Mapping[str, str | Promise]] = {
    "missing": _("%(field)s is empty. Write it."),
    "formula": _("%(field)s %(value)s looks like a formula. Write the value itself."),
    "control-characters": _("%(field)s %(value)s holds an invisible character. Type it again instead of pasting."),
    "too-long": _("%(field)s %(value)s is too long. Write at most %(most)s characters."),
    "not-text": _("%(field)s %(value)s is a date or a number, not a text. Write the text itself."),
    "not-a-name": _("%(field)s %(value)s has digits in it. Write the name only."),
    "not-a-number": _("%(field)s %(value)s is not a number. Write only its digits."),
    "number-with-fraction": _("%(field)s %(value)s has a fraction. Write the number as on the document."),
    "digits-lost": _(
        "%(field)s %(value)s was shortened by the spreadsheet and its last digits are lost. "
        "Make the column text and write the number again."
    ),
    "number-is-date": _(
        "%(field)s %(value)s was turned into a date by the spreadsheet. Make the column text and write it again."
    ),
    "digit-count": _("%(field)s %(value)s has %(found)s digits; it must have %(expected)s. Read it again."),
    "phone-not-readable": _(
        "%(field)s %(value)s is not a mobile number. Write 11 digits beginning with 09, or + and the country's code."
    ),
    "document-characters": _(
        "%(field)s %(value)s has signs that no document number has. Write letters and digits only."
    ),
    "date-not-readable": _("%(field)s %(value)s is not a date. Write it as 1395/02/05."),
    "date-incomplete": _("%(field)s %(value)s is not a full date. Write year, month and day, as 1395/02/05."),
    "date-serial": _(
        "%(field)s %(value)s is the number a spreadsheet keeps for a date. "
        "Give the column the form of a date, or write it as 1395/02/05."
    ),
    "date-year": _(
        "%(field)s %(value)s cannot be read: the year %(year)s is not possible. Write all four digits of it."
    ),
    "date-month": _("%(field)s %(value)s cannot be read: there is no month %(number)s. Write the right date."),
    "date-day": _("%(field)s %(value)s cannot be read: %(month)s of %(year)s has %(days)s days. Write the right date."),
    "date-ambiguous": _(
        "%(field)s %(value)s can be read in two ways: %(year_first_on)s or %(day_first_on)s. "
        "Write the year with four digits, or choose the order of this column."
    ),
    "birth-in-future": _("%(field)s %(value)s lies in the future (%(read_on)s). Write the right date."),
    "birth-too-early": _("%(field)s %(value)s lies before the year %(first)s (%(read_on)s). Write the right date."),
    "issue-in-future": _("%(field)s %(value)s lies in the future (%(read_on)s). Write the right date."),
    "expiry-too-far": _("%(field)s %(value)s lies too far ahead (%(read_on)s). Write the right date."),
    # Notes.
    "two-digit-year": _("%(field)s %(value)s was read as %(read_on)s."),
    "gregorian-date": _("%(field)s %(value)s is a Gregorian date; it was read as %(read_on)s."),
    "date-cell": _("%(field)s %(value)s is a date of the spreadsheet's own; it was read as %(read_on)s."),
    "leading-zeros": _("%(field)s %(value)s had lost a zero at its beginning; it was read as %(read)s."),
    "number-as-text": _("%(field)s %(value)s is a number; it was read as text."),
    "unusual-postal-code": _("%(field)s %(value)s is not of the usual form. Look at it once more."),
}


def shown_value(cell: object) -> str:
    """What stood in the cell, in one line of at most 40 characters, without invisible characters."""
    if cell is None:
        return ""
    if isinstance(cell, str) and len(cell) <= _SHOWN_CHARACTERS and cell.isprintable() and "  " not in cell:
        return cell.strip()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:  # noqa: PLR2004
        cell = int(cell)
    text = " ".join("".join(c if c.isprintable() else " " for c in str(cell)[: _SHOWN_CHARACTERS * 5]).split())
    return text if len(text) <= _SHOWN_CHARACTERS else text[: _SHOWN_CHARACTERS - 1] + "…"


def reason_text(problem: Finding, schema: Schema) -> str:
    """The sentence in the active language: the field, what was given, what is wrong, what to do."""
    language = get_language() or "fa"
    sentence = str(schema.sentences.get(problem.code) or SENTENCES[problem.code])
    value = f"«{_ISOLATE}{problem.value}{_END_ISOLATE}»" if problem.value else ""
    shown = {name: _shown_param(name, param, language) for name, param in problem.params.items()}
    return trim(" ".join((sentence % {"field": schema.label(problem.field), "value": value, **shown}).split()))


def reasons_text(problems: Iterable[Finding], schema: Schema) -> list[str]:
    """A sentence for each problem, each sentence once."""
    return list(dict.fromkeys(reason_text(problem, schema) for problem in problems))


def _shown_param(name: str, param: Param, language: str) -> str:
    if name.endswith("_on"):
        return f"{_ISOLATE}{format_date(date.fromisoformat(str(param)), language)}{_END_ISOLATE}"
    if name == "month":
        return month_names(language)[int(param) - 1]
    if name.startswith("read") or isinstance(param, str):
        return f"{_ISOLATE}{param}{_END_ISOLATE}"
    return localise_digits(str(param), language)
