"""Finds the headings of a table and what they stand for: any order, any usual spelling, one row or two."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Final

from khedmat.common.text import ZWNJ, fold_for_search
from khedmat.imports.cells import clean_text
from khedmat.imports.errors import HeadingsNotFound
from khedmat.imports.reading import Cell, Row
from khedmat.imports.schema import REASON_HEADING, ROW_HEADING, Field, Schema

ROWS_LOOKED_AT: Final = 30
_LONGEST_HEADING: Final = 80
_FEWEST_KNOWN: Final = 2
_TEXT_SHARE: Final = 0.6
_ALIKE: Final = 0.86
_SHORTEST_ALIKE: Final = 5
_MARGIN: Final = 0.03
_JOINT: Final = " - "
_NOT_LETTERS: Final = re.compile(r"[\W_]+")
# Words of a parent heading that say nothing of what stands beneath it.
_FILLERS: Final = frozenset({"مشخصات", "اطلاعات", "مربوط", "به", "the", "of", "details", "information", "no", "فارسی"})
_OWN: Final = (ROW_HEADING, REASON_HEADING)


@dataclass(frozen=True, slots=True)
class FoundHeadings:
    """What the top of a table says.

    `rows[first_data_row]` is the first row of data. `headings[column]` is the heading as it stands, the parent
    before it in two rows. `guesses` maps columns to field codes; `doubtful` are those of them that rest on
    likeness alone. `unknown` are columns with a heading and no field; `missing` are required fields without
    a column.
    """

    first_data_row: int
    headings: tuple[str, ...]
    guesses: Mapping[int, str]
    doubtful: tuple[int, ...]
    unknown: tuple[int, ...]
    missing_required: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Heading:
    """One column's heading: as shown, and the spellings that are looked up, the fullest first."""

    shown: str
    spellings: tuple[str, ...]


def fold_heading(heading: str) -> str:
    """The key under which a heading is remembered: without spaces, punctuation, marks and letter variants."""
    return "".join(_words(heading))


@lru_cache(maxsize=4096)
def _words(heading: str) -> tuple[str, ...]:
    return tuple(_NOT_LETTERS.sub(" ", fold_for_search(heading.replace(ZWNJ, " "))).split())


def _bag(heading: str) -> str:
    """The words in one order, without those that say nothing; `نوع مشخصات مدرک` is `مدرک نوع`."""
    return " ".join(sorted(word for word in _words(heading) if word not in _FILLERS))


class _Dictionary:
    """The headings of a schema, and those remembered for this source."""

    def __init__(self, schema: Schema, remembered: Mapping[str, str]) -> None:
        self.remembered = remembered
        self._keys: dict[str, str] = {}
        self._bags: dict[str, str] = {}
        for entry in schema.fields:
            for spelling in _spellings(entry):
                self._keys.setdefault(fold_heading(spelling), entry.code)
                self._bags.setdefault(_bag(spelling), entry.code)
        self._own = {fold_heading(heading) for heading in _OWN}

    def is_own(self, heading: _Heading) -> bool:
        """A column that a refused sheet added."""
        return any(fold_heading(spelling) in self._own for spelling in heading.spellings)

    def exact(self, heading: _Heading) -> str | None:
        """The field's code; "" for a column that is to be left out; None where nothing fits."""
        known = self.remembered.get(fold_heading(heading.shown))
        if known is not None:
            return known
        for spelling in heading.spellings:
            code = self._keys.get(fold_heading(spelling)) or self._bags.get(_bag(spelling))
            if code is not None:
                return code
        return None

    def alike(self, heading: _Heading) -> str | None:
        """The one field whose heading is nearly this; None where none, or more than one, is."""
        best: dict[str, float] = {}
        for key in map(fold_heading, heading.spellings):
            if len(key) < _SHORTEST_ALIKE:
                continue
            matcher = SequenceMatcher(b=key, autojunk=False)
            for known, code in self._keys.items():
                if len(known) < _SHORTEST_ALIKE or abs(len(known) - len(key)) > 2:  # noqa: PLR2004
                    continue
                matcher.set_seq1(known)
                if matcher.quick_ratio() >= _ALIKE and (ratio := matcher.ratio()) >= _ALIKE:
                    best[code] = max(best.get(code, 0), ratio)
        ranked = sorted(best, key=lambda code: -best[code])
        if not ranked or (len(ranked) > 1 and best[ranked[0]] - best[ranked[1]] < _MARGIN):
            return None
        return ranked[0]


def _spellings(entry: Field) -> tuple[str, ...]:
    return (entry.heading, entry.code, *entry.synonyms)


def find_headings(rows: Sequence[Row], schema: Schema, *, remembered: Mapping[str, str] | None = None) -> FoundHeadings:
    """Where the headings are and what they stand for.

    `remembered` maps `fold_heading(heading)` to a field's code, or to "" for a column to leave out; it goes
    before any guess. Errors: HeadingsNotFound.
    """
    dictionary = _Dictionary(schema, remembered or {})
    best: tuple[int, bool, int, list[_Heading]] | None = None
    for index, row in enumerate(rows[:ROWS_LOOKED_AT]):
        candidates = [(True, index + 1, [_single(cell) for cell in row])]
        if index + 1 < len(rows) and _could_be_headings(rows[index + 1]):
            candidates.append((False, index + 2, _double(row, rows[index + 1])))
        for is_single, first_data_row, headings in candidates:
            known = _known(headings, dictionary)
            # A title over one row of headings names no more than that row alone.
            if known >= _FEWEST_KNOWN and (best is None or (known, is_single) > best[:2]):
                best = (known, is_single, first_data_row, headings)
    first_data_row, headings = _first_texts(rows) if best is None else best[2:]
    return _found(first_data_row, headings, schema, dictionary)


def _single(cell: Cell) -> _Heading:
    shown = _heading_text(cell)
    return _Heading(shown, (shown,) if shown else ())


def _heading_text(cell: Cell) -> str:
    shown = clean_text(cell) if isinstance(cell, str) else ""
    return shown if len(shown) <= _LONGEST_HEADING else ""


def _double(above: Row, beneath: Row) -> list[_Heading]:
    """Parents over children; a parent reaches to the right over blank cells, as where merging was lost."""
    headings = []
    parent = ""
    for cell_above, cell_beneath in zip(above, beneath, strict=True):
        upper, lower = _heading_text(cell_above), _heading_text(cell_beneath)
        parent = upper or (parent if lower else "")
        if lower and parent and parent != lower:
            shown = f"{parent}{_JOINT}{lower}"
            headings.append(_Heading(shown, (f"{lower} {parent}", f"{parent} {lower}", lower)))
        else:
            shown = lower or upper
            headings.append(_Heading(shown, (shown,) if shown else ()))
    return headings


def _could_be_headings(row: Row) -> bool:
    """Texts only, and none that is mostly digits: data has numbers and dates."""
    texts = [cell for cell in row if cell is not None]
    return bool(texts) and all(isinstance(cell, str) and not any(c.isdigit() for c in cell) for cell in texts)


def _known(headings: Sequence[_Heading], dictionary: _Dictionary) -> int:
    """How many different columns a row of headings names."""
    named = {heading.shown: dictionary.exact(heading) for heading in headings if heading.shown}
    codes = {code for code in named.values() if code}
    return len(codes) + sum(code == "" for code in named.values())


def _first_texts(rows: Sequence[Row]) -> tuple[int, list[_Heading]]:
    """The first row of different texts over most of the table's width, where no heading is known."""
    width = max((sum(cell is not None for cell in row) for row in rows[:ROWS_LOOKED_AT]), default=0)
    for index, row in enumerate(rows[:ROWS_LOOKED_AT]):
        texts = {cell for cell in row if isinstance(cell, str) and _heading_text(cell)}
        if len(texts) >= max(_FEWEST_KNOWN, width * _TEXT_SHARE) and _could_be_headings(row) and index + 1 < len(rows):
            return index + 1, [_single(cell) for cell in row]
    raise HeadingsNotFound


def _found(first_data_row: int, headings: Sequence[_Heading], schema: Schema, dictionary: _Dictionary) -> FoundHeadings:
    guesses: dict[int, str] = {}
    open_columns: list[int] = []
    for column, heading in enumerate(headings):
        if not heading.shown or dictionary.is_own(heading):
            continue
        code = dictionary.exact(heading)
        if code and code not in guesses.values():
            guesses[column] = code
        elif code != "":
            open_columns.append(column)
    doubtful: list[int] = []
    for column in open_columns:
        code = dictionary.alike(headings[column])
        if code and code not in guesses.values():
            guesses[column] = code
            doubtful.append(column)
    taken = set(guesses.values())
    return FoundHeadings(
        first_data_row=first_data_row,
        headings=tuple(heading.shown for heading in headings),
        guesses=guesses,
        doubtful=tuple(doubtful),
        unknown=tuple(column for column in open_columns if column not in guesses),
        missing_required=tuple(code for code in schema.required() if code not in taken),
    )
