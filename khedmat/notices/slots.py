"""What may stand in a letter: a closed set of slots for each kind, each of one type. Pure.

A letter is made from values that know no language (dates, amounts, codes) and from words that come in several. A value
that the kind does not name, one that is missing and one of another type are refused, before anything is written.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, time
from enum import StrEnum
from typing import Any, Final

from khedmat.common.text import has_forbidden_characters
from khedmat.notices.enums import Language, LetterKind

_CODE: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z/.:+-]{0,63}")
LONGEST_TEXT: Final = 2000
MOST_ENTRIES: Final = 40


class UnfitValues(ValueError):
    """The values do not fit the kind of letter; `slots` names which."""

    def __init__(self, kind: str, slots: list[str]) -> None:
        self.slots = slots
        super().__init__(f"{kind}: {', '.join(slots)}")


@dataclass(frozen=True, slots=True)
class Words:
    """The same in several languages. Persian is always there and stands in for what is missing.

    `unreviewed`: languages in which nobody has looked at the translation yet.
    """

    texts: Mapping[str, str]
    unreviewed: frozenset[str] = frozenset()

    def in_language(self, language: str) -> str:
        """The text in this language, or the Persian one."""
        return self.texts.get(language) or self.texts[Language.FA]


def words(fa: str, **others: str) -> Words:
    """`words("آمایش ۱۸", en="Amayesh 18")`: reviewed in all that are given."""
    return Words({"fa": fa, **others})


@dataclass(frozen=True, slots=True)
class Result:
    """What was decided about one member, by which rule and why, what is missing and what can be done."""

    name: str
    outcome: str
    rule: Words | None = None
    reason: Words | None = None
    missing: tuple[Words, ...] = ()
    remedy: Words | None = None
    source: Words | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of what was paid."""

    title: Words
    amount: int


Value = Words | str | int | date | time | tuple[Words, ...] | tuple[Result, ...] | tuple[Line, ...]
Values = Mapping[str, Value]


class SlotType(StrEnum):
    """What a slot holds, and so how it is written in each language."""

    WORDS = "words"
    LIST = "list"
    NAME = "name"
    CODE = "code"
    DAY = "day"
    TIME = "time"
    AMOUNT = "amount"
    COUNT = "count"
    RESULTS = "results"
    LINES = "lines"


SLOTS: Final[Mapping[str, SlotType]] = {
    # Every letter.
    "office": SlotType.WORDS,
    "reach": SlotType.WORDS,
    "recipient": SlotType.NAME,
    "service": SlotType.WORDS,
    "case_number": SlotType.CODE,
    "letter_number": SlotType.CODE,
    "made_on": SlotType.DAY,
    # Reasons, remedies and days.
    "rule": SlotType.WORDS,
    "reason": SlotType.WORDS,
    "remedy": SlotType.WORDS,
    "next_remedy": SlotType.WORDS,
    "source": SlotType.WORDS,
    "results": SlotType.RESULTS,
    "missing": SlotType.LIST,
    "bring": SlotType.LIST,
    "bring_until": SlotType.DAY,
    "appeal_until": SlotType.DAY,
    "appeal_days": SlotType.COUNT,
    # Appointments.
    "day": SlotType.DAY,
    "time": SlotType.TIME,
    "booking_code": SlotType.CODE,
    # Money.
    "lines": SlotType.LINES,
    "total": SlotType.AMOUNT,
    "still_due": SlotType.AMOUNT,
    "due_on": SlotType.DAY,
    "method": SlotType.WORDS,
    "receipt_number": SlotType.CODE,
    "paid_on": SlotType.DAY,
    # Extensions, appeals, referrals.
    "printed_until": SlotType.DAY,
    "valid_until": SlotType.DAY,
    "notice": SlotType.WORDS,
    "notice_on": SlotType.DAY,
    "check_address": SlotType.CODE,
    "lodged_on": SlotType.DAY,
    "to_office": SlotType.WORDS,
    "to_reach": SlotType.WORDS,
    "referred_on": SlotType.DAY,
}


@dataclass(frozen=True, slots=True)
class KindSpec:
    """What a kind of letter needs, what it may have, and which outcomes its results know."""

    required: frozenset[str]
    optional: frozenset[str] = frozenset()
    outcomes: frozenset[str] = frozenset()


EVERY_LETTER: Final = frozenset({"office", "reach", "recipient", "service", "case_number", "letter_number", "made_on"})


def _spec(required: str, optional: str = "", outcomes: str = "") -> KindSpec:
    return KindSpec(EVERY_LETTER | set(required.split()), frozenset(optional.split()), frozenset(outcomes.split()))


SPECS: Final[Mapping[LetterKind, KindSpec]] = {
    LetterKind.DECISION: _spec(
        "results source", "bring_until appeal_until appeal_days", outcomes="approved refused returned"
    ),
    LetterKind.MISSING_PAPERS: _spec("missing source", "bring_until rule remedy"),
    LetterKind.APPOINTMENT: _spec("day time bring", "booking_code source"),
    LetterKind.RECEIPT: _spec("lines total method receipt_number paid_on source", "still_due due_on"),
    LetterKind.EXTENSION: _spec("printed_until valid_until notice notice_on", "check_address source"),
    LetterKind.APPEAL: _spec("results lodged_on source", "next_remedy", outcomes="upheld kept"),
    LetterKind.REFERRAL: _spec("to_office to_reach referred_on", "reason source"),
}
# A refusal without a way to appeal, or a thing to complete without a day, is no letter.
_DEMANDED: Final[Mapping[str, tuple[str, ...]]] = {"refused": ("appeal_until",), "returned": ("bring_until",)}


def check_values(kind: LetterKind, values: Values) -> None:
    """Every value that the kind needs, none that it does not know, each of its type. Errors: UnfitValues."""
    spec = SPECS[kind]
    given = {name for name, value in values.items() if not _is_nothing(value)}
    wrong: set[str] = set(spec.required - given)
    wrong |= set(values) - spec.required - spec.optional
    wrong |= {name for name in given - wrong if not _fits(SLOTS[name], values[name])}
    for result in _results(values) if "results" not in wrong else ():
        if result.outcome not in spec.outcomes:
            wrong.add("results")
        wrong |= {name for name in _DEMANDED.get(result.outcome, ()) if name not in given}
    if wrong:
        raise UnfitValues(kind, sorted(wrong))


def derived_flags(values: Values) -> frozenset[str]:
    """`has_refused` and the like: which outcomes there are, for sections that only they need."""
    return frozenset(f"has_{result.outcome}" for result in _results(values))


def _results(values: Values) -> tuple[Result, ...]:
    found = values.get("results", ())
    return tuple(one for one in found if isinstance(one, Result)) if isinstance(found, tuple) else ()


def _is_nothing(value: Value) -> bool:
    # Not `in`: words are unhashable.
    return value is None or value == "" or value == ()  # noqa: PLR1714


def _fits(slot: SlotType, value: Any) -> bool:
    if slot == SlotType.RESULTS:
        return _entries(value, Result) and all(_result_fits(one) for one in value)
    if slot == SlotType.LINES:
        return _entries(value, Line) and all(_words_fit(one.title) and _amount_fits(one.amount) for one in value)
    if slot == SlotType.LIST:
        return _entries(value, Words) and all(_words_fit(one) for one in value)
    return _SINGLE[slot](value)


def _entries(value: Any, kind: type) -> bool:
    return isinstance(value, tuple) and len(value) <= MOST_ENTRIES and all(isinstance(one, kind) for one in value)


def _result_fits(result: Result) -> bool:
    told = [one for one in (result.rule, result.reason, result.remedy, result.source) if one is not None]
    return _name_fits(result.name) and all(_words_fit(one) for one in (*told, *result.missing))


def _words_fit(value: Any) -> bool:
    return (
        isinstance(value, Words)
        and set(value.texts) <= set(Language.values)
        and bool(value.texts.get(Language.FA))
        and all(_text_fits(text) for text in value.texts.values())
    )


def _text_fits(text: Any) -> bool:
    return isinstance(text, str) and len(text) <= LONGEST_TEXT and not has_forbidden_characters(text, multiline=True)


def _name_fits(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= LONGEST_TEXT and not has_forbidden_characters(value)


def _amount_fits(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


_SINGLE: Final = {
    SlotType.WORDS: _words_fit,
    SlotType.NAME: _name_fits,
    SlotType.CODE: lambda value: isinstance(value, str) and bool(_CODE.fullmatch(value)),
    SlotType.DAY: lambda value: type(value) is date,
    SlotType.TIME: lambda value: isinstance(value, time),
    SlotType.AMOUNT: _amount_fits,
    SlotType.COUNT: _amount_fits,
}


# ---------- as a letter keeps them ----------


def as_json(values: Values) -> dict[str, Any]:
    """The values as they are sealed; `from_json` reads them again."""
    return {name: _plain(value) for name, value in values.items()}


def from_json(stored: Mapping[str, Any]) -> dict[str, Value]:
    """What `as_json` wrote."""
    return {name: _READ.get(SLOTS[name], lambda one: one)(value) for name, value in stored.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Words):
        return {"texts": dict(value.texts), "unreviewed": sorted(value.unreviewed)}
    if isinstance(value, Result | Line):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return value.isoformat() if isinstance(value, date | time) else value


def _read_words(stored: Any) -> Words:
    return Words(stored["texts"], frozenset(stored["unreviewed"]))


def _read_result(stored: Any) -> Result:
    told = {name: _read_words(stored[name]) for name in ("rule", "reason", "remedy", "source") if stored[name]}
    missing = tuple(_read_words(one) for one in stored["missing"])
    return Result(stored["name"], stored["outcome"], missing=missing, **told)


def _read_line(stored: Any) -> Line:
    return Line(_read_words(stored["title"]), stored["amount"])


_READ: Final[Mapping[SlotType, Any]] = {
    SlotType.WORDS: _read_words,
    SlotType.LIST: lambda stored: tuple(_read_words(one) for one in stored),
    SlotType.DAY: date.fromisoformat,
    SlotType.TIME: time.fromisoformat,
    SlotType.RESULTS: lambda stored: tuple(_read_result(one) for one in stored),
    SlotType.LINES: lambda stored: tuple(_read_line(one) for one in stored),
}
