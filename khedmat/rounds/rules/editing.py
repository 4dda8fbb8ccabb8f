"""A version's content with a row more, less, changed or moved: pure, so that a page may show it before it is kept."""

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import date, timedelta
from typing import Any

from khedmat.rounds.enums import TextKind
from khedmat.rounds.errors import CodeTwice, RowNotFound
from khedmat.rounds.rules.specs import NOTHING, ClientTextSpec, Example, MemberFacts, VersionSpec

# What belongs to a row of these parts goes with it.
_TEXTS_OF = {"rules": {TextKind.RULE, TextKind.REMEDY}, "documents": {TextKind.DOCUMENT}}


def row_of(content: VersionSpec, part: str, code: str) -> Any:
    """A row by its code; an example by its place, counted from 1. Errors: RowNotFound."""
    return getattr(content, part)[_index(content, part, code)]


def with_row(content: VersionSpec, part: str, row: Any, *, instead_of: str | None = None) -> VersionSpec:
    """A row more at the end, or another in the place of the one with this code. Errors: CodeTwice, RowNotFound."""
    rows: list[Any] = list(getattr(content, part))
    if instead_of is not None:
        rows[_index(content, part, instead_of)] = row
    elif part != "examples" and row.code in {one.code for one in rows}:
        raise CodeTwice
    else:
        rows.append(row)
    return _with(content, part, rows)


def without_row(content: VersionSpec, part: str, code: str) -> VersionSpec:
    """A row less, with its texts for clients and what examples expect of it. Errors: RowNotFound."""
    rows: list[Any] = list(getattr(content, part))
    rows.pop(_index(content, part, code))
    left = _with(content, part, rows)
    if part in _TEXTS_OF:
        texts = (one for one in left.texts if not (one.code == code and one.kind in _TEXTS_OF[part]))
        left = replace(left, texts=tuple(texts))
    if part == "rules":
        left = replace(left, examples=tuple(_without_expectation(one, code) for one in left.examples))
    return left


def moved_row(content: VersionSpec, part: str, code: str, *, up: bool) -> VersionSpec:
    """A row one place earlier or later; at an end it stays. Errors: RowNotFound."""
    rows: list[Any] = list(getattr(content, part))
    here = _index(content, part, code)
    there = min(max(here + (-1 if up else 1), 0), len(rows) - 1)
    rows[here], rows[there] = rows[there], rows[here]
    return _with(content, part, rows)


def with_texts(content: VersionSpec, texts: Sequence[ClientTextSpec]) -> VersionSpec:
    """The texts for clients, each in the place of what stood there; an empty one is taken out."""

    def place(text: ClientTextSpec) -> tuple[object, ...]:
        return text.kind, text.code, text.field, text.language

    merged = {place(text): text for text in content.texts} | {place(text): text for text in texts}
    return replace(content, texts=tuple(text for text in merged.values() if text.text))


def cloned(content: VersionSpec, *, opens_on: date, rounds_later: int = 0) -> VersionSpec:
    """The content for a round that opens on another day: all days move along, in the examples too.

    The circular is not known yet: its number and day are left out, and its source says so.
    """
    days = opens_on - content.opens_on
    return replace(
        content,
        opens_on=opens_on,
        closes_on=content.closes_on + days,
        card_valid_from=content.card_valid_from + days,
        card_valid_until=content.card_valid_until + days,
        circular_number=content.circular_number if not rounds_later else "",
        circular_on=content.circular_on if not rounds_later else None,
        circular_source=content.circular_source if not rounds_later else NOTHING,
        windows=tuple(
            replace(one, opens_on=one.opens_on + days, closes_on=one.closes_on + days) for one in content.windows
        ),
        examples=tuple(replace(one, facts=_moved_facts(one.facts, days, rounds_later)) for one in content.examples),
    )


def _moved_facts(facts: MemberFacts, days: timedelta, rounds_later: int) -> MemberFacts:
    values: dict[str, Any] = {}
    for one in fields(facts):
        value = getattr(facts, one.name)
        if isinstance(value, date):
            values[one.name] = value + days
        elif one.name in {"round_number", "last_round_number"} and value is not None:
            values[one.name] = value + rounds_later
    return replace(facts, **values)


def _with(content: VersionSpec, part: str, rows: Sequence[Any]) -> VersionSpec:
    changes: dict[str, Any] = {part: tuple(rows)}
    return replace(content, **changes)


def _index(content: VersionSpec, part: str, code: str) -> int:
    rows: Sequence[Any] = getattr(content, part)
    codes = [str(place) for place in range(1, len(rows) + 1)] if part == "examples" else [row.code for row in rows]
    if code not in codes:
        raise RowNotFound
    return codes.index(code)


def _without_expectation(example: Example, code: str) -> Example:
    return replace(example, expected={rule: state for rule, state in example.expected.items() if rule != code})
