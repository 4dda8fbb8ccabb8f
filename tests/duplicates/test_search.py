"""The job: by a real worker, in a process of its own, on the matcher's role."""

import re
import subprocess
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from khedmat.audit.models import Entry
from khedmat.duplicates import tasks
from khedmat.duplicates.actions import begin_search, keep_found, search_actor
from khedmat.duplicates.enums import PairState, RunState, Verdict
from khedmat.duplicates.errors import SearchUnderWay
from khedmat.duplicates.models import DuplicatePair, Run
from khedmat.duplicates.searching import SearchFailed, search
from khedmat.duplicates.tasks import SearchNotFinished, queue_search, search_everywhere_job, search_province_job
from khedmat.registry.models import Person
from khedmat.vault.context import working_context
from tests.cast import Cast
from tests.duplicates.conftest import Twice, found, household, member, pair_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _threads_close_their_connections(monkeypatch: pytest.MonkeyPatch, transactional_db: None) -> None:
    """A job runs in a thread that ends with the worker; a kept connection would outlive both."""
    monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", 0)


def _work() -> None:
    with app.replace_connector(app.connector.get_worker_connector()):  # type: ignore[attr-defined]
        app.run_worker(wait=False, install_signal_handlers=False, listen_notify=False)


def _runs(cast: Cast) -> list[Run]:
    with working_context(cast["daftari"]):
        return list(Run.objects.order_by("asked_at"))


def _pairs(cast: Cast, name: str = "daftari") -> list[DuplicatePair]:
    with working_context(cast[name]):
        return list(DuplicatePair.objects.order_by("number"))


def test_press_finds_the_pair_in_the_background(cast: Cast, twice: Twice, keeper: Client) -> None:
    assert keeper.post("/duplicates/search/").status_code == 302
    _work()

    (run,) = _runs(cast)
    assert (run.state, run.people, run.found, run.fresh) == (RunState.DONE, 2, 1, 1)
    (pair,) = _pairs(cast)
    assert {"given:same", "birth:digit", "document:same"} <= set(pair.likenesses)
    assert _pairs(cast, "nasrin") == []
    page = keeper.get("/duplicates/").content.decode()
    assert "Pair 1" in page
    assert "رضایی" not in page


def test_search_stays_in_its_province(cast: Cast, twice: Twice) -> None:
    household(member(number="A17001"), by=cast["mina"])
    people, pairs = search(search_actor(cast["nasrin"].scope_id))
    assert (people, pairs) == (1, [])


def test_searching_again_changes_nothing(cast: Cast, twice: Twice) -> None:
    for _again in range(2):
        with working_context(cast["daftari"]):
            queue_search(by=cast["daftari"])
        _work()

    first, second = _runs(cast)
    assert (first.fresh, second.fresh, second.found) == (1, 0, 1)
    (pair,) = _pairs(cast)
    assert (pair.number, pair.version, pair.run_id) == (1, 1, second.pk)


def test_job_that_runs_twice_does_its_work_once(cast: Cast, twice: Twice) -> None:
    with working_context(cast["daftari"]):
        run = queue_search(by=cast["daftari"])
    search_province_job(str(run.pk), run.scope_id)
    search_province_job(str(run.pk), run.scope_id)

    assert len(_pairs(cast)) == 1
    with working_context(cast["daftari"]):
        assert Run.objects.get().state == RunState.DONE


def test_run_whose_worker_died_begins_anew(cast: Cast, twice: Twice) -> None:
    with working_context(cast["daftari"]):
        run = queue_search(by=cast["daftari"])
    by = search_actor(run.scope_id)
    with working_context(by):
        begin_search(run.pk, by=by)

    search_province_job(str(run.pk), run.scope_id)

    assert [one.state for one in _runs(cast)] == [RunState.DONE]


def test_one_search_of_a_province_at_a_time(cast: Cast, keeper: Client) -> None:
    with working_context(cast["daftari"]):
        queue_search(by=cast["daftari"])
    with pytest.raises(SearchUnderWay), working_context(cast["daftari"]):
        queue_search(by=cast["daftari"])
    answer = keeper.post("/duplicates/search/")
    assert answer.status_code == 409
    assert "under way" in answer.content.decode()


def test_failed_search_says_so_and_tells_nothing_else(
    cast: Cast, twice: Twice, keeper: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(*_args: Any) -> Any:
        raise ValueError("stumbled over رضایی")

    monkeypatch.setattr(tasks, "search", fails)
    with working_context(cast["daftari"]):
        run = queue_search(by=cast["daftari"])
    with pytest.raises(SearchNotFinished, match=r"^ValueError$"):
        search_province_job(str(run.pk), run.scope_id)

    assert "رضایی" not in caplog.text
    assert [one.state for one in _runs(cast)] == [RunState.FAILED]
    assert "Could not be finished" in keeper.get("/duplicates/").content.decode()
    with working_context(cast["daftari"]):
        queue_search(by=cast["daftari"])


def test_process_that_cannot_sign_in_names_the_kind_alone(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connection.settings_dict, "NAME", "no_such_database")
    with pytest.raises(SearchFailed, match=r"^OperationalError$"):
        search(search_actor(cast["daftari"].scope_id))


def test_process_is_told_no_other_address(cast: Cast, twice: Twice, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, Any] = {}
    real = subprocess.run

    def watched(command: list[str], **options: Any) -> Any:
        seen.update(command=command, environment=options["env"])
        return real(command, **options)

    monkeypatch.setenv("KHEDMAT_APP_URL", "postgresql://app:secret@db/site")
    monkeypatch.setenv("DATABASE_URL", "postgresql://boss:secret@db/postgres")
    monkeypatch.setattr(subprocess, "run", watched)
    people, pairs = search(search_actor(cast["daftari"].scope_id))

    assert (people, len(pairs)) == (2, 1)
    assert "secret" not in str(seen)
    assert "postgresql" not in str(seen["command"])


def test_job_s_arguments_are_ids(cast: Cast, twice: Twice) -> None:
    with working_context(cast["daftari"]):
        queue_search(by=cast["daftari"])
    job = ProcrastinateJob.objects.get(task_name="duplicates.search_province")
    assert set(job.args) == {"run_id", "province_id"}
    assert re.fullmatch(r"[0-9a-f-]{36}", job.args["run_id"])


def test_each_night_every_province_is_asked_for(cast: Cast) -> None:
    with working_context(cast["daftari"]):
        queue_search(by=cast["daftari"])

    assert search_everywhere_job(0) == 30

    assert ProcrastinateJob.objects.filter(task_name="duplicates.search_province").count() == 31
    assert len(_runs(cast)) == 1
    assert search_everywhere_job(0) == 0


def test_search_is_recorded_without_anybody_s_data(cast: Cast, twice: Twice, as_migrator: Any) -> None:
    with working_context(cast["daftari"]):
        queue_search(by=cast["daftari"])
    _work()
    as_migrator.execute("SELECT action, details FROM audit_entry WHERE action LIKE 'duplicates.%' ORDER BY id")
    assert as_migrator.fetchall() == [
        ("duplicates.search-asked", {}),
        ("duplicates.search-ended", {"people": 2, "found": 1, "new": 1}),
    ]
    assert Entry.objects.count() == 0


def test_pair_that_is_no_longer_found_leaves_the_queue_and_comes_back(
    cast: Cast, twice: Twice, as_migrator: Any
) -> None:
    pair = pair_of(twice, owner=as_migrator)
    for wanted, is_current in (([pair], True), ([], False), ([pair], True)):
        found(cast["daftari"], *wanted)
        (kept,) = _pairs(cast)
        assert (kept.is_current, kept.number) == (is_current, 1)


@pytest.mark.parametrize("verdict", [Verdict.DIFFERENT, Verdict.ASK_FOR_PAPERS])
def test_answered_pair_is_asked_again_only_when_the_data_changed(
    cast: Cast, twice: Twice, as_migrator: Any, verdict: Verdict
) -> None:
    from khedmat.duplicates.actions import answer_pair, open_pair

    found(cast["daftari"], pair_of(twice, owner=as_migrator))
    (pair,) = _pairs(cast)
    with working_context(cast["daftari"]):
        open_pair(pair.pk, by=cast["daftari"])
        answered = answer_pair(pair.pk, verdict, "دیده شد", version=1, by=cast["daftari"]).state

    found(cast["daftari"], pair_of(twice, owner=as_migrator))
    assert [one.state for one in _pairs(cast)] == [answered]
    found(cast["daftari"], pair_of(twice, compared="b" * 32, owner=as_migrator))
    assert [one.state for one in _pairs(cast)] == [PairState.OPEN]


def test_changed_record_makes_another_digest(cast: Cast, twice: Twice, as_migrator: Any) -> None:
    by = search_actor(cast["daftari"].scope_id)
    (before,) = search(by)[1]
    with working_context(cast["narges"]):
        person = Person.objects.get(household=twice[0])
        person.father_name = "محمدنبی‌خان"
        person.save()
    (after,) = search(by)[1]
    assert before.compared != after.compared


def test_search_that_has_ended_keeps_nothing_more(cast: Cast, twice: Twice, as_migrator: Any) -> None:
    run = found(cast["daftari"])
    by = search_actor(run.scope_id)
    with working_context(by):
        assert keep_found(run.pk, [pair_of(twice, owner=as_migrator)], people=2, by=by) is None
    assert _pairs(cast) == []
