"""A file on its way in: received, its headings said, checked, imported, paused, resumed, cancelled.

Checking reads the whole file and stages it (khedmat.imports.checking); importing walks the staged groups. Every
step here is one transaction; between two chunks of an import the run may be paused, or the process may die.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from django.db import DataError, IntegrityError, connection, transaction
from django.utils import timezone

from khedmat.accounts.errors import PermissionMissing
from khedmat.audit.actions import record
from khedmat.common.actor import Actor
from khedmat.common.text import clean_name, fold_for_search
from khedmat.files.actions import store_table
from khedmat.files.enums import MediaType
from khedmat.imports import staging
from khedmat.imports.enums import RowOutcome, RunState
from khedmat.imports.headings import fold_heading
from khedmat.imports.kinds import Against, Settled, Waiting, kind_of
from khedmat.imports.models import Run, Source
from khedmat.imports.perms import can_import
from khedmat.imports.refused_sheet import refused_sheet
from khedmat.imports.run_errors import (
    AnotherImportRuns,
    ColumnsMissing,
    ColumnTakenTwice,
    NothingRefused,
    RunAtOtherStep,
    RunNotThere,
    SourceNeedsName,
)
from khedmat.imports.schema import REASON_HEADING, ROW_HEADING
from khedmat.imports.selectors import refused_rows, run_of, unfinished_run
from khedmat.places.models import Scope
from khedmat.vault.crypto import blind_index

_COLUMN_OF: Final[Mapping[RowOutcome, str]] = {
    RowOutcome.NEW: "rows_new",
    RowOutcome.CHANGED: "rows_changed",
    RowOutcome.UNCHANGED: "rows_unchanged",
    RowOutcome.REFUSED: "rows_refused",
}
# Written, and yet refused by a constraint: something that the check did not foresee.
NOT_WRITABLE: Final = "not-writable"


@transaction.atomic
def receive_file(
    data: bytes, file_name: str, *, kind: str, source_name: str, options: Mapping[str, str], by: Actor
) -> Run:
    """Keep a file that was sent, sealed, for a source of that name at the working place.

    A second click sends the same file once more: it gets the run of the first. What the file holds is looked at
    when its headings are shown. Errors: PermissionMissing, SourceNeedsName.
    """
    _require(by)
    source = _source(source_name, kind, by=by)
    digest = file_digest(data)
    begun = unfinished_run(source, digest)
    if begun is not None and begun.state == RunState.UPLOADED and begun.options == dict(options):
        return begun
    media_type = MediaType.XLSX if data[:2] == b"PK" else MediaType.CSV
    run = Run(
        scope_id=by.scope_id,
        source=source,
        kind=kind,
        file=store_table(data, by.scope_id, media_type, by=by),
        file_name=clean_file_name(file_name),
        file_digest=digest,
        options=dict(options),
        created_by=by.user_id,
    )
    run.save(force_insert=True)
    _record("import.received", run, by, source=str(source.pk))
    return run


def file_digest(data: bytes) -> bytes:
    """Keyed, so that a known file cannot be recognised without the key."""
    return blind_index("import-file", hashlib.sha256(data).hexdigest())


def clean_file_name(name: str) -> str:
    """The last part of the name, without what cannot be shown; never empty."""
    last = name.replace("\\", "/").rsplit("/", maxsplit=1)[-1]
    shown = "".join(character if character.isprintable() else " " for character in last).strip()
    return shown[-120:] or "table"


def _source(name: str, kind: str, *, by: Actor) -> Source:
    key = fold_for_search(name)
    if not key:
        raise SourceNeedsName(field="source")
    source, _is_new = Source.objects.get_or_create(
        scope_id=by.scope_id,
        kind=kind,
        name_key=key[:80],
        defaults={"name": clean_name(name)[:80], "created_by": by.user_id},
    )
    return Source.objects.select_for_update().get(pk=source.pk)


@transaction.atomic
def map_columns(
    run_id: UUID,
    columns: Mapping[int, str],
    headings: Sequence[str],
    *,
    date_orders: Mapping[str, str],
    sheet: str = "",
    by: Actor,
) -> Run:
    """Say which column holds which field (empty: left out), and remember it for the source.

    Errors: RunAtOtherStep, ColumnsMissing, ColumnTakenTwice.
    """
    run = lock_run(run_id, {RunState.UPLOADED, RunState.CHECKED, RunState.FAILED}, by=by)
    taken = Counter(field for field in columns.values() if field)
    if any(times > 1 for times in taken.values()):
        raise ColumnTakenTwice(field=_column_field(next(field for field, times in taken.items() if times > 1), columns))
    if any(field not in taken for field in kind_of(run.kind).schema.required()):
        raise ColumnsMissing
    run.headings = list(headings)
    run.columns = {str(column): field for column, field in sorted(columns.items()) if field}
    run.date_orders = dict(date_orders)
    run.sheet = sheet
    _move(run, RunState.UPLOADED)
    remembered = {fold_heading(headings[column]): field for column, field in columns.items() if headings[column]}
    source = Source.objects.select_for_update().get(pk=run.source_id)
    source.columns = {**source.columns, **remembered}
    source.date_orders = {**source.date_orders, **date_orders}
    source.save(update_fields=["columns", "date_orders"])
    _record("import.columns-named", run, by)
    return run


def _column_field(field: str, columns: Mapping[int, str]) -> str:
    return f"column-{max(column for column, named in columns.items() if named == field)}"


@transaction.atomic
def ask_check(run_id: UUID, *, by: Actor) -> Run:
    """Have a file whose columns are named checked by the worker. Errors: RunAtOtherStep, ColumnsMissing."""
    run = lock_run(run_id, {RunState.UPLOADED, RunState.CHECKED, RunState.FAILED}, by=by)
    if not run.columns:
        raise ColumnsMissing
    put_to_check(run)
    _record("import.check-asked", run, by)
    return run


def put_to_check(run: Run) -> None:
    """Forget what an earlier check said; the run, locked, is being checked from here on."""
    for name in ("rows_read", *_COLUMN_OF.values(), "questions", "groups"):
        setattr(run, name, 0)
    run.notes = {}
    _move(run, RunState.CHECKING)


@transaction.atomic
def start_import(run_id: UUID, *, by: Actor) -> Run:
    """Let a checked file in. Errors: RunAtOtherStep, AnotherImportRuns."""
    run = lock_run(run_id, {RunState.CHECKED, RunState.PAUSED}, by=by)
    others = Run.objects.filter(kind=run.kind, state__in=[RunState.IMPORTING, RunState.PAUSED]).exclude(pk=run.pk)
    if others.exists():
        raise AnotherImportRuns
    was_paused = run.state == RunState.PAUSED
    _move(run, RunState.IMPORTING)
    _record("import.resumed" if was_paused else "import.started", run, by)
    return run


@transaction.atomic
def pause_import(run_id: UUID, *, by: Actor) -> Run:
    """Stop behind the chunk under way. Errors: RunAtOtherStep."""
    run = lock_run(run_id, {RunState.IMPORTING}, by=by)
    _move(run, RunState.PAUSED)
    _record("import.paused", run, by)
    return run


@transaction.atomic
def cancel_import(run_id: UUID, *, by: Actor) -> Run:
    """End a run for good; what it has already written stays, and is seen in the counts. Errors: RunAtOtherStep."""
    open_states = set(RunState) - {RunState.DONE, RunState.CANCELLED, RunState.IMPORTING}
    run = lock_run(run_id, open_states, by=by)
    _end(run, RunState.CANCELLED, by)
    _record("import.cancelled", run, by, rows_done=run.rows_done)
    return run


@transaction.atomic
def note_failure(run_id: UUID, code: str, *, by: Actor) -> None:
    """Say on the run why it stopped; it may be checked again. `code`: a DomainError's, or `fault`."""
    run = Run.objects.select_for_update().get(pk=run_id)
    if run.state in {RunState.CHECKING, RunState.IMPORTING}:
        run.failure = code[:40]
        _move(run, RunState.PAUSED if run.state == RunState.IMPORTING else RunState.FAILED)
        _record("import.failed", run, by, code=run.failure)


@transaction.atomic
def note_check_progress(run_id: UUID, done: int, total: int, *, by: Actor) -> None:
    """Say how much of the file is checked. Errors: RunAtOtherStep, when it was cancelled meanwhile."""
    run = lock_run(run_id, {RunState.CHECKING}, by=by)
    run.notes = {"permille": done * 1000 // max(total, 1)}
    run.save(update_fields=["notes"])


def expire_imports() -> int:
    """Delete the rows and files of runs that ended seven days ago or lay untouched for thirty. Answers how many.

    Needs no working context; each run is a transaction of its own.
    """
    expired = 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute("SELECT guard.expire_imports(1)")
            (done,) = cursor.fetchone()
            if not done:
                return expired
            expired += done


def import_next_chunk(run_id: UUID, *, by: Actor) -> bool:
    """Write the next groups of a run; answers whether there are more. One transaction.

    A group that the database refuses for a reason the check did not foresee is refused by itself, and holds
    up no other. Errors: RunAtOtherStep when it was paused or ended meanwhile.
    """
    try:
        return _import_chunk(run_id, by=by, one_by_one=False)
    except (IntegrityError, DataError):
        return _import_chunk(run_id, by=by, one_by_one=True)


@transaction.atomic
def _import_chunk(run_id: UUID, *, by: Actor, one_by_one: bool) -> bool:
    run = lock_run(run_id, {RunState.IMPORTING}, by=by)
    staging.look_up_by_key()
    rows, last_group = staging.chunk(run.pk, run.groups_done)
    if one_by_one:
        settled = [one for group in _groups(rows) for one in _settle_alone(run, group)]
    else:
        settled = list(kind_of(run.kind).settle(run.pk, rows, is_written=True)) if rows else []
    if run.groups_done == 0:
        run.questions = 0
    run.questions += sum(one.questions for one in settled)
    for outcome, more in staging.write_outcomes(run.pk, settled).items():
        column = _COLUMN_OF[outcome]
        setattr(run, column, getattr(run, column) + more)
    run.rows_done += len(settled)
    run.groups_done = last_group
    if last_group >= run.groups:
        # Rows refused by the check are done with too.
        run.rows_done = run.rows_read
        _end(run, RunState.DONE, by)
        _record("import.done", run, by, **counts_of(run))
    else:
        _move(run, RunState.IMPORTING)
    return run.state == RunState.IMPORTING


def _settle_alone(run: Run, group: list[Waiting]) -> list[Settled]:
    try:
        with transaction.atomic():
            return list(kind_of(run.kind).settle(run.pk, group, is_written=True))
    except (IntegrityError, DataError):
        return [Settled(row.number, RowOutcome.REFUSED, Against(NOT_WRITABLE)) for row in group]


def _groups(rows: Sequence[Waiting]) -> list[list[Waiting]]:
    groups: dict[int, list[Waiting]] = {}
    for row in rows:
        groups.setdefault(row.group, []).append(row)
    return list(groups.values())


@transaction.atomic
def refused_sheet_of(run_id: UUID, *, by: Actor) -> bytes:
    """The refused rows as a sheet to be corrected and sent again, its reading recorded.

    Made anew each time, kept nowhere. Errors: PermissionMissing, RunNotThere, RowsExpired, NothingRefused.
    """
    _require(by)
    run = run_of(run_id)
    if not run.rows_refused:
        raise NothingRefused
    # A refused sheet that came back brings the two columns that are put in front again.
    own = {fold_heading(ROW_HEADING), fold_heading(REASON_HEADING)}
    kept = [column for column, heading in enumerate(run.headings) if fold_heading(heading) not in own]
    rows = [
        (row.number, [row.cells[column] for column in kept if column < len(row.cells)], row.reasons)
        for row in refused_rows(run)
    ]
    _record("import.refused-sheet-read", run, by, rows=len(rows))
    return refused_sheet([run.headings[column] for column in kept], rows)


def counts_of(run: Run) -> dict[str, int]:
    """The counts as the result page and `--json` give them."""
    return {
        "read": run.rows_read,
        "new": run.rows_new,
        "changed": run.rows_changed,
        "unchanged": run.rows_unchanged,
        "refused": run.rows_refused,
        "questions": run.questions,
    }


def lock_run(run_id: UUID, states: set[RunState], *, by: Actor) -> Run:
    """The run, locked, if it stands at one of these. Errors: PermissionMissing, RunNotThere, RunAtOtherStep."""
    _require(by)
    run = Run.objects.select_for_update().filter(pk=run_id, scope_id=by.scope_id).first()
    if run is None:
        raise RunNotThere
    if run.state not in states:
        raise RunAtOtherStep
    return run


def _move(run: Run, state: RunState) -> None:
    run.state = state
    run.changed_at = timezone.now()
    if state not in {RunState.FAILED, RunState.PAUSED}:
        run.failure = ""
    run.save()


def _end(run: Run, state: RunState, by: Actor) -> None:
    run.ended_at, run.ended_by = timezone.now(), by.user_id
    _move(run, state)


def _record(action: str, run: Run, by: Actor, **details: Any) -> None:
    record(action, by=by, subject="imports.run", subject_id=run.pk, details=details)


def _require(by: Actor) -> None:
    if not can_import(by) or not Scope.objects.filter(pk=by.scope_id, kind="province").exists():
        raise PermissionMissing
