"""What an app registers with the engine to have its rows imported.

The engine reads files, stages rows sealed, counts, pauses and resumes. What a row means, which record it is
and how it is written is the kind's:

    register_kind(PeopleImport())      # from apps.py, in ready()
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol
from uuid import UUID

from django import forms

from khedmat.imports.enums import DateOrder, RowOutcome
from khedmat.imports.reading import Cell
from khedmat.imports.reasons import Note, Problem
from khedmat.imports.schema import Schema


@dataclass(frozen=True, slots=True)
class Terms:
    """Under which a file's rows are read: the order of each date column, the day, the kind's own options,
    and the official code of the place whose file it is."""

    today: date
    date_orders: Mapping[str, DateOrder]
    options: Mapping[str, str]
    place_code: str = ""


@dataclass(frozen=True, slots=True)
class ReadRow:
    """One row as read. `values` is JSON; empty when there are problems.

    `group` names the rows that come in or stay out together (None: the row alone), `group_key` finds their
    record by its keyed index; `keys` are (kind, keyed index) by which the row's own record is found again.
    """

    values: Mapping[str, Any]
    problems: tuple[Problem, ...] = ()
    notes: tuple[Note, ...] = ()
    group: str | None = None
    group_key: bytes | None = None
    keys: tuple[tuple[str, bytes], ...] = ()
    leads: bool = False


@dataclass(frozen=True, slots=True)
class Brief:
    """What is kept of each row while the whole file is judged together."""

    number: int
    group: int
    is_refused: bool
    leads: bool
    keys: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Against:
    """What stands against a row beyond its own cells, and the other rows concerned."""

    problem: str
    rows: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Waiting:
    """A staged row, opened."""

    number: int
    group: int
    group_key: bytes | None
    keys: tuple[tuple[str, bytes], ...]
    leads: bool
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Settled:
    """What becomes of a row. `questions`: how many of its values ask instead of changing anything."""

    number: int
    outcome: RowOutcome
    against: Against | None = None
    questions: int = 0


class ImportKind(Protocol):
    """One kind of import.

    `options_form`: what is asked beside a file; its fields' cleaned texts become `Run.options`, by their names.
    Each field cleans itself: the form's own `clean` is not called.
    """

    code: str
    schema: Schema
    date_fields: frozenset[str]
    options_form: type[forms.Form]

    def shown_options(self, options: Mapping[str, str]) -> Sequence[tuple[str, str]]:
        """Each option as (label, value), in the active language."""

    def read_row(self, cells: Mapping[str, Cell], terms: Terms) -> ReadRow:
        """Total: whatever the cells hold becomes values or problems."""

    def judge_together(self, briefs: Sequence[Brief]) -> Mapping[int, Against]:
        """What rows do to each other within one file, by row number. Pure."""

    def settle(self, run_id: UUID, rows: Sequence[Waiting], *, is_written: bool) -> Iterable[Settled]:
        """Match and compare whole groups with what is there; with `is_written`, write them too."""

    def reason_against(self, against: Against) -> str:
        """Why the row stays out, in the active language, and what to do."""


_kinds: dict[str, ImportKind] = {}


def register_kind(kind: ImportKind) -> None:
    """Have the engine import this kind."""
    _kinds[kind.code] = kind


def registered_kinds() -> list[ImportKind]:
    """In the order in which their apps registered them."""
    return list(_kinds.values())


def kind_of(code: str) -> ImportKind:
    """Errors: KeyError for a kind that nobody registered."""
    return _kinds[code]
