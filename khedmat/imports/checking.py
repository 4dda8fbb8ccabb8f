"""The dry run: a file is read whole, its rows staged, judged together, matched and compared. Nothing is written
into the register.

It may die at any point: the next check of the run begins again.
"""

import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from khedmat.audit.actions import record
from khedmat.common.actor import Actor
from khedmat.files.selectors import read_file
from khedmat.imports import staging
from khedmat.imports.actions import counts_of, lock_run, put_to_check
from khedmat.imports.dates import date_order_of_column
from khedmat.imports.enums import DateOrder, RowOutcome, RunState
from khedmat.imports.headings import FoundHeadings, find_headings
from khedmat.imports.kinds import Brief, ImportKind, Settled, Terms, kind_of
from khedmat.imports.models import Run
from khedmat.imports.reading import RawTable, Row, read_table
from khedmat.imports.reasons import Problem
from khedmat.imports.refused_sheet import cell_text
from khedmat.imports.run_errors import RowsExpired
from khedmat.vault.context import working_context

Progress = Callable[[int, int], None]
_ROWS_A_BATCH: Final = 1_000
# Enough to show how the dates of a column are written.
_ROWS_LOOKED_AT: Final = 20_000
_EXAMPLES: Final = 3


@dataclass(frozen=True, slots=True)
class Preview:
    """The top of a file, for saying what its columns are."""

    table: RawTable
    found: FoundHeadings
    samples: tuple[Row, ...]
    orders: Mapping[int, DateOrder]


def preview(run: Run, *, sheet: str = "") -> Preview:
    """Read the file's headings and first rows. Needs a working context.

    Errors: the TableRefused family, RowsExpired.
    """
    table = look_at(_data(run), run.file_name, sheet=sheet or run.sheet)
    kind = kind_of(run.kind)
    found = find_headings(table.rows, kind.schema, remembered=run.source.columns)
    data = table.rows[found.first_data_row :]
    orders = {
        column: date_order_of_column(row[column] for row in data)
        for column, code in found.guesses.items()
        if code in kind.date_fields
    }
    return Preview(table, found, tuple(data[:5]), orders)


def check_run(run_id: UUID, *, by: Actor, progress: Progress | None = None) -> None:
    """Read, stage, judge and compare the whole file; the counts then stand on the run.

    Opens working contexts of its own, one a batch. Errors: RunAtOtherStep, the TableRefused family.
    """
    with working_context(by):
        run = _begin(run_id, by=by)
    tally = _Tally()
    with working_context(by):
        data = _data(run)
    # Outside any transaction: reading a large workbook takes longer than one may lie idle.
    table = read_sent(data, run.file_name, sheet=run.sheet)
    del data
    found = find_headings(table.rows, kind_of(run.kind).schema, remembered=run.source.columns)
    total = len(table.rows) - found.first_data_row
    briefs: list[Brief] = []
    for batch in _batches(_read_lines(run, table, found, tally, briefs)):
        with working_context(by):
            staging.stage(run.pk, run.scope_id, batch)
        if progress:
            progress(len(briefs), total * 2)
    del table
    against = dict(kind_of(run.kind).judge_together(briefs))
    with working_context(by):
        staging.make_known()
        staging.refuse(run.pk, against)
    for number, one in against.items():
        tally.note(one.problem, "", number, refuses=True)
    groups = max((brief.group for brief in briefs), default=0)
    tally.refused = sum(brief.is_refused or brief.number in against for brief in briefs)
    _compare(run, groups, tally, by=by, progress=progress, read=len(briefs))
    with working_context(by):
        _finish(run.pk, len(briefs), groups, tally, by=by)


@dataclass(slots=True)
class _Tally:
    """What the check counts as it goes."""

    outcomes: Counter[RowOutcome] = field(default_factory=Counter)
    refused: int = 0
    questions: int = 0
    rows: Counter[tuple[str, str, bool]] = field(default_factory=Counter)
    examples: dict[tuple[str, str, bool], list[int]] = field(default_factory=lambda: defaultdict(list))

    def note(self, code: str, field_code: str, number: int, *, refuses: bool) -> None:
        key = (code, field_code, refuses)
        self.rows[key] += 1
        if len(self.examples[key]) < _EXAMPLES:
            self.examples[key].append(number)

    def as_json(self) -> list[dict[str, Any]]:
        return [
            {"code": code, "field": field_code, "refuses": refuses, "rows": rows, "examples": self.examples[key]}
            for key, rows in self.rows.items()
            for code, field_code, refuses in [key]
        ]


@transaction.atomic
def _begin(run_id: UUID, *, by: Actor) -> Run:
    # A run that was being checked when its worker died is found in that state, and begins again.
    run = lock_run(run_id, {RunState.UPLOADED, RunState.CHECKING, RunState.CHECKED, RunState.FAILED}, by=by)
    put_to_check(run)
    staging.clear(run.pk)
    record("import.check-began", by=by, subject="imports.run", subject_id=run.pk)
    return Run.objects.select_related("source", "file", "scope").get(pk=run.pk)


def _read_lines(
    run: Run, table: RawTable, found: FoundHeadings, tally: _Tally, briefs: list[Brief]
) -> Iterator[staging.StagedLine]:
    kind = kind_of(run.kind)
    columns = {int(column): code for column, code in run.columns.items()}
    first = found.first_data_row
    terms = Terms(
        today=timezone.localdate(),
        date_orders=_date_orders(run, kind, columns, table.rows[first:]),
        options=run.options,
        place_code=run.scope.code,
    )
    groups: dict[str, int] = {}
    last_group = 0
    for row, number in zip(table.rows[first:], table.row_numbers[first:], strict=True):
        read = kind.read_row({code: row[column] for column, code in columns.items() if column < len(row)}, terms)
        group = groups.get(read.group) if read.group is not None else None
        if group is None:
            last_group += 1
            group = last_group
            if read.group is not None:
                groups[read.group] = group
        for finding in (*read.problems, *read.notes):
            tally.note(finding.code, finding.field, number, refuses=isinstance(finding, Problem))
        briefs.append(Brief(number, group, bool(read.problems), read.leads, tuple(key for _kind, key in read.keys)))
        yield staging.StagedLine(
            number,
            group,
            read.group_key,
            read.keys,
            read.leads,
            tuple(cell_text(cell) for cell in row),
            dict(read.values),
            read.problems,
            read.notes,
        )


def _date_orders(run: Run, kind: ImportKind, columns: Mapping[int, str], rows: Sequence[Row]) -> dict[str, DateOrder]:
    orders = {}
    for column, code in columns.items():
        if code in kind.date_fields:
            shown = date_order_of_column(row[column] for row in rows if column < len(row))
            chosen = run.date_orders.get(code)
            orders[code] = DateOrder(chosen) if chosen else shown
    return orders


def _compare(run: Run, groups: int, tally: _Tally, *, by: Actor, progress: Progress | None, read: int) -> None:
    kind, done, seen = kind_of(run.kind), 0, 0
    while done < groups:
        with working_context(by):
            staging.look_up_by_key()
            rows, done = staging.chunk(run.pk, done)
            settled: list[Settled] = list(kind.settle(run.pk, rows, is_written=False)) if rows else []
            staging.write_outcomes(run.pk, settled)
        for one in settled:
            tally.outcomes[one.outcome] += 1
            tally.questions += one.questions
            if one.against:
                tally.note(one.against.problem, "", one.number, refuses=True)
        seen += len(rows)
        if progress:
            progress(min(read * 2, read + seen), read * 2)


@transaction.atomic
def _finish(run_id: UUID, read: int, groups: int, tally: _Tally, *, by: Actor) -> None:
    run = lock_run(run_id, {RunState.CHECKING}, by=by)
    run.rows_read, run.groups, run.questions = read, groups, tally.questions
    run.rows_refused = tally.refused + tally.outcomes[RowOutcome.REFUSED]
    run.rows_new = tally.outcomes[RowOutcome.NEW]
    run.rows_changed = tally.outcomes[RowOutcome.CHANGED]
    run.rows_unchanged = tally.outcomes[RowOutcome.UNCHANGED]
    run.notes = {"findings": tally.as_json()}
    run.state, run.changed_at = RunState.CHECKED, timezone.now()
    run.save()
    record("import.checked", by=by, subject="imports.run", subject_id=run.pk, details=counts_of(run))


def _batches(lines: Iterator[staging.StagedLine]) -> Iterator[list[staging.StagedLine]]:
    while batch := list(islice(lines, _ROWS_A_BATCH)):
        yield batch


def _data(run: Run) -> bytes:
    if run.file is None:
        raise RowsExpired
    return read_file(run.file)


def look_at(data: bytes, file_name: str, *, sheet: str = "") -> RawTable:
    """The first rows of what was sent under that name: soon enough for a page. Errors: the TableRefused family."""
    with _in_memory(data) as path:
        return read_table(path, file_name, sheet=sheet or None, most_rows=_ROWS_LOOKED_AT)


def read_sent(data: bytes, file_name: str, *, sheet: str = "") -> RawTable:
    """What was sent under that name, as a table. Errors: the TableRefused family."""
    with _in_memory(data) as path:
        return read_table(path, file_name, sheet=sheet or None)


@contextmanager
def _in_memory(data: bytes) -> Iterator[Path]:
    """A path to the content that is on no disk: an import is people's data, and is kept sealed alone."""
    handle = os.memfd_create("table")
    try:
        with os.fdopen(os.dup(handle), "wb") as out:
            out.write(data)
        yield Path(f"/proc/{os.getpid()}/fd/{handle}")
    finally:
        os.close(handle)
