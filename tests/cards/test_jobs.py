"""Background jobs, by a real worker on the app's own role."""

import json
import logging
import re
from dataclasses import asdict
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from khedmat.audit.models import Entry, Link
from khedmat.cards import printing
from khedmat.cards.enums import BatchState
from khedmat.cards.models import PrintBatch
from khedmat.cards.tasks import BatchNotPrepared, prepare_batch_job
from khedmat.common.tasks import take_up_stalled_jobs
from khedmat.vault.context import working_context
from tests.browsers import SignIn
from tests.cards.conftest import Approved, cards_of
from tests.cast import Cast

pytestmark = pytest.mark.django_db(transaction=True)
UUID_TEXT = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@pytest.fixture(autouse=True)
def _threads_close_their_connections(monkeypatch: pytest.MonkeyPatch, transactional_db: None) -> None:
    """A job runs in a thread that ends with the worker; a kept connection would outlive both."""
    monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", 0)


def work() -> None:
    """A worker of the app's role does what waits, and ends."""
    with app.replace_connector(app.connector.get_worker_connector()):  # type: ignore[attr-defined]
        app.run_worker(wait=False, install_signal_handlers=False, listen_notify=False)


def press(as_staff: SignIn) -> tuple[Client, str]:
    """The printer makes a batch; her browser, and the batch's page."""
    client = as_staff("printer")
    answer = client.post("/print/", {"batch_id": str(uuid4())})
    return client, answer.url  # type: ignore[attr-defined]


def the_job() -> ProcrastinateJob:
    """The batch's own; the periodic ones of the house run beside it."""
    job: ProcrastinateJob = ProcrastinateJob.objects.get(task_name="cards.prepare_batch")
    return job


def batch_state(cast: Cast) -> str:
    with working_context(cast["printer"]):
        return PrintBatch.objects.get().state


@pytest.fixture
def two_waiting(approved: Approved) -> Any:
    return approved(size=2)


def test_worker_knows_every_job() -> None:
    assert set(app.tasks) >= {
        "audit.link_new_entries",
        "cards.prepare_batch",
        "common.take_up_stalled_jobs",
        "files.sweep_orphan_blobs",
    }
    periodic = {periodic_task.task.name for periodic_task in app.periodic_registry.periodic_tasks.values()}
    assert periodic >= {"audit.link_new_entries", "common.take_up_stalled_jobs", "files.sweep_orphan_blobs"}


def test_worker_prepares_a_batch_from_press_to_pdf(cast: Cast, as_staff: SignIn, two_waiting: Any) -> None:
    client, page = press(as_staff)
    assert "The PDF is being made" in client.get(page).content.decode()
    work()
    assert "Printed, all looked at" in client.get(page).content.decode()
    assert client.get(f"{page}cards.pdf").content.startswith(b"%PDF-")
    assert the_job().status == "succeeded"


def test_job_that_crashes_leaves_the_batch_failed_and_the_page_says_so(
    cast: Cast, as_staff: SignIn, two_waiting: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crashes(*_args: Any, **_options: Any) -> bytes:
        raise RuntimeError("typst stumbled over رضایی")

    client, page = press(as_staff)
    monkeypatch.setattr(printing, "render_cards", crashes)
    work()
    assert batch_state(cast) == BatchState.FAILED
    text = client.get(page).content.decode()
    assert "The PDF could not be made" in text
    assert "Try again" in text


def test_failed_batch_tried_again_is_prepared(
    cast: Cast, as_staff: SignIn, two_waiting: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, page = press(as_staff)
    with monkeypatch.context() as broken:
        broken.setattr(printing, "render_cards", None)
        work()
    client.post(page, {"step": "again"})
    work()
    assert batch_state(cast) == BatchState.PREPARED


def test_jobs_and_logs_carry_ids_alone(
    cast: Cast,
    as_staff: SignIn,
    two_waiting: Any,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def crashes(cards: Any, **_options: Any) -> bytes:
        raise RuntimeError(f"typst stumbled over {cards[0].name} {cards[0].number}")

    caplog.set_level(logging.DEBUG)
    press(as_staff)
    cards = cards_of(cast, two_waiting.pk)
    monkeypatch.setattr(printing, "render_cards", crashes)
    work()
    job = the_job()
    assert set(job.args) == {"batch_id", "actor"}
    assert UUID_TEXT.fullmatch(job.args["batch_id"])
    assert UUID_TEXT.fullmatch(job.args["actor"].pop("user_id"))
    printer = cast["printer"]
    assert job.args["actor"] == {"role": printer.role, "scope_id": printer.scope_id, "purpose": "print_cards"}
    logged = "\n".join(logging.Formatter().format(record) for record in caplog.records)
    assert "RuntimeError" in logged
    for secret in ("stumbled", *(str(card.number) for card in cards), *(card.person.family_name for card in cards)):
        assert secret not in logged
        assert secret not in json.dumps(job.args)


def test_job_of_a_dead_worker_begins_anew(cast: Cast, as_staff: SignIn, two_waiting: Any) -> None:
    press(as_staff)
    # What a worker leaves behind when it is killed in the midst of a job: nobody's heartbeat.
    ProcrastinateJob.objects.filter(task_name="cards.prepare_batch").update(status="doing")
    take_up_stalled_jobs.configure().defer(timestamp=0)
    work()
    assert batch_state(cast) == BatchState.PREPARED


def test_worker_links_new_audit_entries(cast: Cast, two_waiting: Any) -> None:
    from khedmat.audit.tasks import link_new_entries_job

    with working_context(cast["guardian"]):
        entries = Entry.objects.count()
    before = Link.objects.count()
    link_new_entries_job.configure().defer(timestamp=0)
    work()
    assert Link.objects.count() >= before + entries > before


def test_batch_that_is_not_made_leaves_no_job(cast: Cast, as_staff: SignIn) -> None:
    as_staff("printer").post("/print/", {"batch_id": str(uuid4())})
    assert not ProcrastinateJob.objects.exists()
    assert reverse("cards:print-queue") == "/print/"


def test_job_gives_nobody_a_role_they_do_not_hold(cast: Cast, as_staff: SignIn, two_waiting: Any) -> None:
    press(as_staff)
    forged = {**asdict(cast["printer"]), "user_id": str(cast["narges"].user_id)}
    batch_id = the_job().args["batch_id"]
    with pytest.raises(BatchNotPrepared, match="RoleNotHeld"):
        prepare_batch_job(batch_id=batch_id, actor=forged)
    assert batch_state(cast) != BatchState.PREPARED
