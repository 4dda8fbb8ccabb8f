"""The jobs of imports, by a real worker on the app's own role: checked, imported, taken up again, expired."""

import json
import logging
import re
from contextlib import suppress
from dataclasses import asdict
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import AlreadyEnqueued

from khedmat.common.actor import Actor
from khedmat.common.tasks import take_up_stalled_jobs
from khedmat.files.blobs import _path_of
from khedmat.files.models import ScopedFile
from khedmat.imports import staging, tasks
from khedmat.imports.actions import (
    ask_check,
    cancel_import,
    counts_of,
    expire_imports,
    import_next_chunk,
    note_check_progress,
    pause_import,
    start_import,
)
from khedmat.imports.enums import RunState
from khedmat.imports.errors import HeadingsNotFound
from khedmat.imports.models import Run, StagedRow
from khedmat.imports.run_errors import RowsExpired, RunAtOtherStep
from khedmat.imports.selectors import failure_words, refused_rows, run_of
from khedmat.vault.context import working_context
from tests.cast import Cast
from tests.imports.registers import FAMILY, HEAD, SON, WIFE, send, table

pytestmark = pytest.mark.django_db(transaction=True)

UUID_TEXT = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
OTHER = tuple(
    row | {"household_code": "خ-2", "document_number": str(17440000021 + place), "fida_code": ""}
    for place, row in enumerate(FAMILY)
)
WRONG = SON | {"birth_on": "1394/13/01"}


@pytest.fixture(autouse=True)
def _threads_close_their_connections(monkeypatch: pytest.MonkeyPatch, transactional_db: None) -> None:
    """A job runs in a thread that ends with the worker; a kept connection would outlive both."""
    monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", 0)


@pytest.fixture
def keeper(cast: Cast) -> Actor:
    return cast["daftari"]


def work() -> None:
    """A worker of the app's role does what waits, and ends; what is to be tried again later waits no longer."""
    ProcrastinateJob.objects.filter(status="todo").update(scheduled_at=None)
    with app.replace_connector(app.connector.get_worker_connector()):  # type: ignore[attr-defined]
        app.run_worker(wait=False, install_signal_handlers=False, listen_notify=False)


def now(run_id: UUID, by: Actor) -> Run:
    with working_context(by):
        return run_of(run_id)


def asked(by: Actor, rows: Any = FAMILY) -> UUID:
    """A run whose check is queued."""
    run = send(table(rows), by, working_context)
    with working_context(by):
        tasks.queue_check(ask_check(run.pk, by=by), by=by)
    return run.pk


def checked(by: Actor, rows: Any = FAMILY) -> UUID:
    run_id = asked(by, rows)
    work()
    assert now(run_id, by).state == RunState.CHECKED
    return run_id


def start(run_id: UUID, by: Actor) -> None:
    with working_context(by):
        tasks.queue_import(start_import(run_id, by=by), by=by)


def the_job(name: str) -> ProcrastinateJob:
    job: ProcrastinateJob = ProcrastinateJob.objects.filter(task_name=name).latest("id")
    return job


def kill_worker(name: str) -> None:
    """What a worker leaves behind when it is killed in the midst of a job: nobody's heartbeat."""
    ProcrastinateJob.objects.filter(task_name=name, status="todo").update(status="doing")


def take_up() -> None:
    # At the turn of a minute the worker itself has asked for it already.
    with suppress(AlreadyEnqueued):
        take_up_stalled_jobs.configure().defer(timestamp=0)
    work()
    work()


def test_worker_knows_the_jobs() -> None:
    assert set(app.tasks) >= {"imports.check", "imports.import", "imports.expire"}
    periodic = {one.task.name for one in app.periodic_registry.periodic_tasks.values()}
    assert "imports.expire" in periodic


def test_worker_checks_and_imports(keeper: Actor) -> None:
    run_id = checked(keeper)
    start(run_id, keeper)
    work()
    run = now(run_id, keeper)
    assert (run.state, run.rows_new, run.rows_done) == (RunState.DONE, 3, 3)


def test_check_that_a_killed_worker_began_begins_again(keeper: Actor) -> None:
    run_id = asked(keeper)
    # It had staged a row already.
    with working_context(keeper):
        line = staging.StagedLine(2, 1, None, (), False, ("x",), {}, (), ())
        staging.stage(run_id, keeper.scope_id, [line])
    kill_worker("imports.check")
    assert now(run_id, keeper).state == RunState.CHECKING
    take_up()
    run = now(run_id, keeper)
    assert (run.state, run.rows_read, run.rows_new) == (RunState.CHECKED, 3, 3)


def test_import_goes_on_behind_the_last_chunk_of_a_killed_worker(
    keeper: Actor, monkeypatch: pytest.MonkeyPatch, as_migrator: Any
) -> None:
    run_id = checked(keeper, [*FAMILY, *OTHER])
    monkeypatch.setattr(staging, "ROWS_A_CHUNK", 3)
    start(run_id, keeper)
    with working_context(keeper):
        assert import_next_chunk(run_id, by=keeper)
    kill_worker("imports.import")
    assert now(run_id, keeper).groups_done == 1
    chunks: list[UUID] = []

    def count(run: UUID, *, by: Actor) -> bool:
        chunks.append(run)
        return import_next_chunk(run, by=by)

    monkeypatch.setattr(tasks, "import_next_chunk", count)
    take_up()
    run = now(run_id, keeper)
    assert (run.state, run.rows_new, run.rows_done, len(chunks)) == (RunState.DONE, 6, 6, 1)
    as_migrator.execute("SELECT count(*), count(DISTINCT household_id) FROM registry_person")
    assert as_migrator.fetchone() == (6, 2)


def test_job_that_comes_twice_does_its_work_once(keeper: Actor) -> None:
    run_id = checked(keeper)
    with working_context(keeper):
        tasks.queue_check(now(run_id, keeper), by=keeper)
    before = now(run_id, keeper).changed_at
    work()
    assert now(run_id, keeper).changed_at == before
    start(run_id, keeper)
    work()
    with working_context(keeper):
        tasks.queue_import(now(run_id, keeper), by=keeper)
    work()
    assert counts_of(now(run_id, keeper))["new"] == 3
    assert the_job("imports.import").status == "succeeded"


def test_paused_import_stops_and_its_job_ends_in_peace(keeper: Actor) -> None:
    run_id = checked(keeper)
    start(run_id, keeper)
    with working_context(keeper):
        pause_import(run_id, by=keeper)
    work()
    run = now(run_id, keeper)
    assert (run.state, run.rows_done, the_job("imports.import").status) == (RunState.PAUSED, 0, "succeeded")
    start(run_id, keeper)
    work()
    assert now(run_id, keeper).state == RunState.DONE


def test_check_cancelled_meanwhile_stops(keeper: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    run_id = asked(keeper)
    with working_context(keeper):
        note_check_progress(run_id, 1, 4, by=keeper)
        assert run_of(run_id).notes == {"permille": 250}
        cancel_import(run_id, by=keeper)
        with pytest.raises(RunAtOtherStep):
            note_check_progress(run_id, 2, 4, by=keeper)
    work()
    assert now(run_id, keeper).state == RunState.CANCELLED
    assert the_job("imports.check").status == "succeeded"


def test_progress_is_written_while_a_file_is_checked(keeper: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[int, int]] = []

    def note(run_id: UUID, done: int, total: int, *, by: Actor) -> None:
        seen.append((done, total))
        note_check_progress(run_id, done, total, by=by)

    monkeypatch.setattr(tasks, "PROGRESS_SECONDS", 0.0)
    monkeypatch.setattr(tasks, "note_check_progress", note)
    checked(keeper)
    assert seen == [(3, 6), (6, 6)]


def test_what_stops_a_check_stands_on_the_run_in_words(keeper: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(*_args: Any, **_options: Any) -> None:
        raise HeadingsNotFound

    run_id = asked(keeper)
    monkeypatch.setattr(tasks, "check_run", refuses)
    work()
    run = now(run_id, keeper)
    assert (run.state, run.failure) == (RunState.FAILED, "table-headings-not-found")
    assert failure_words(run) == str(HeadingsNotFound.message)
    assert the_job("imports.check").status == "succeeded"


def test_fault_is_tried_again_and_then_said(keeper: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[str] = []

    def crashes(*_args: Any, **_options: Any) -> None:
        tries.append("once")
        raise RuntimeError("stumbled over نجیب‌الله")

    run_id = asked(keeper)
    monkeypatch.setattr(tasks, "check_run", crashes)
    work()
    assert (now(run_id, keeper).state, len(tries)) == (RunState.CHECKING, 1)
    work()
    work()
    run = now(run_id, keeper)
    assert (run.state, run.failure, len(tries)) == (RunState.FAILED, "fault", 3)
    assert "went wrong" in failure_words(run) or "بازایستاد" in failure_words(run)


def test_fault_of_an_import_leaves_it_paused(keeper: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    run_id = checked(keeper)
    start(run_id, keeper)
    with monkeypatch.context() as broken:
        broken.setattr(tasks, "import_next_chunk", None)
        for _try in range(3):
            work()
    assert (now(run_id, keeper).state, now(run_id, keeper).failure) == (RunState.PAUSED, "fault")
    start(run_id, keeper)
    work()
    assert (now(run_id, keeper).state, now(run_id, keeper).failure) == (RunState.DONE, "")


def test_jobs_and_logs_carry_ids_alone(
    keeper: Actor, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def crashes(*_args: Any, **_options: Any) -> None:
        raise RuntimeError(f"stumbled over {HEAD['given_name']} {HEAD['document_number']}")

    caplog.set_level(logging.DEBUG)
    asked(keeper)
    monkeypatch.setattr(tasks, "check_run", crashes)
    work()
    job = the_job("imports.check")
    assert set(job.args) == {"run_id", "actor"}
    assert UUID_TEXT.fullmatch(job.args["run_id"])
    assert UUID_TEXT.fullmatch(job.args["actor"].pop("user_id"))
    assert job.args["actor"] == {"role": "register_keeper", "scope_id": keeper.scope_id, "purpose": "keep_register"}
    logged = "\n".join(logging.Formatter().format(record) for record in caplog.records)
    assert "RuntimeError" in logged
    for secret in ("stumbled", HEAD["given_name"], HEAD["document_number"]):
        assert secret not in logged
        assert secret not in json.dumps(job.args)


def test_job_gives_nobody_a_role_they_do_not_hold(keeper: Actor, cast: Cast) -> None:
    run_id = asked(keeper)
    forged = {**asdict(keeper), "user_id": str(cast["narges"].user_id)}
    ProcrastinateJob.objects.filter(task_name="imports.check").update(
        args={"run_id": str(run_id), "actor": json.loads(json.dumps(forged))}
    )
    work()
    assert now(run_id, keeper).state == RunState.CHECKING


# ---------- expiry ----------


@pytest.fixture
def ended(keeper: Actor) -> Run:
    """An import that is done, with a refused row."""
    run_id = checked(keeper, [HEAD, WIFE, WRONG])
    start(run_id, keeper)
    work()
    return now(run_id, keeper)


def move(as_migrator: Any, run: Run, **columns: str) -> None:
    """Put a run into the past."""
    for column, ago in columns.items():
        as_migrator.execute(f"UPDATE imports_run SET {column} = now() - interval '{ago}' WHERE id = %s", [run.pk])


def entries(as_migrator: Any, run: Run) -> list[tuple[str, str]]:
    as_migrator.execute(
        "SELECT action, role FROM audit_entry WHERE subject_id = %s AND role = 'system' ORDER BY id", [str(run.pk)]
    )
    return list(as_migrator.fetchall())


def test_rows_and_file_stay_for_seven_days(ended: Run, keeper: Actor, as_migrator: Any) -> None:
    move(as_migrator, ended, ended_at="6 days 23 hours")
    assert expire_imports() == 0
    with working_context(keeper):
        assert len(list(refused_rows(run_of(ended.pk)))) == 1


def test_rows_and_file_are_deleted_after_seven_days(ended: Run, keeper: Actor, as_migrator: Any) -> None:
    with working_context(keeper):
        blob_id = ScopedFile.objects.get(kind="import").blob_id
    move(as_migrator, ended, ended_at="7 days 1 hour")
    with suppress(AlreadyEnqueued):
        tasks.expire_job.configure().defer(timestamp=0)
    work()
    run = now(ended.pk, keeper)
    with working_context(keeper):
        assert not StagedRow.objects.filter(run_id=run.pk).exists()
        with pytest.raises(RowsExpired):
            list(refused_rows(run))
    assert (run.file_id, counts_of(run)) == (None, counts_of(ended))
    for name, key in (("files_scopedfile", ended.file_id), ("files_blob", blob_id)):
        as_migrator.execute(f"SELECT count(*) FROM {name} WHERE id = %s", [key])
        assert as_migrator.fetchone() == (0,)
    assert _path_of(blob_id).exists(), "the blob itself is the sweep's"
    assert entries(as_migrator, run) == [("import.expired", "system")]
    assert expire_imports() == 0


def test_run_untouched_for_thirty_days_is_cancelled(keeper: Actor, as_migrator: Any) -> None:
    run = now(checked(keeper), keeper)
    move(as_migrator, run, changed_at="29 days")
    assert expire_imports() == 0
    move(as_migrator, run, changed_at="30 days 1 hour")
    assert expire_imports() == 1
    run = now(run.pk, keeper)
    assert (run.state, run.failure, run.file_id) == (RunState.CANCELLED, "untouched", None)
    assert failure_words(run)
    assert entries(as_migrator, run) == [("import.cancelled", "system"), ("import.expired", "system")]


def test_other_files_are_no_prey_of_the_expiry(ended: Run, as_migrator: Any) -> None:
    as_migrator.execute("SELECT count(*) FROM files_blob")
    (before,) = as_migrator.fetchone()
    move(as_migrator, ended, ended_at="8 days")
    assert expire_imports() == 1
    as_migrator.execute("SELECT count(*) FROM files_blob")
    assert as_migrator.fetchone() == (before - 1,)
