"""What the database refuses or cannot do in a view: a page in words, and nothing half-written."""

import logging
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.contrib import messages
from django.contrib.messages import get_messages
from django.contrib.messages.storage.cookie import CookieStorage
from django.db import DatabaseError, ProgrammingError, connection
from django.http import Http404, HttpRequest, HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from khedmat.accounts.enums import Permission, Purpose
from khedmat.accounts.errors import RecordNotVisible
from khedmat.accounts.gate import StaffRequest, page
from khedmat.accounts.models import User
from khedmat.audit.actions import record
from khedmat.audit.models import Entry
from khedmat.common.actor import Actor
from khedmat.payments.enums import EntryKind
from khedmat.payments.models import JournalEntry
from khedmat.vault.context import working_context
from tests.cast import Cast, make_cast
from tests.payments.conftest import raise_at

pytestmark = pytest.mark.usefixtures("unhashed_static", "in_english")
HELD = 4_300_815


def _run_sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _raise_state(state: str) -> None:
    _run_sql(f"DO $$ BEGIN RAISE EXCEPTION 'a name stands here' USING ERRCODE = '{state}'; END $$")


@page(permission=Permission.SEE_DESK, purpose=Purpose.DAILY_WORK)
def working_page(request: StaffRequest, misfortune: Callable[[], None]) -> HttpResponse:
    """Writes something, says so, and then has a misfortune."""
    record("gate.tried", by=request.actor, subject="tests", subject_id=uuid4())
    messages.success(request, "It is written.")
    misfortune()
    return HttpResponse("done")


def _request(actor: Actor) -> HttpRequest:
    request = RequestFactory().get("/")
    request.user = User.objects.get(pk=actor.user_id)
    request.session = {}  # type: ignore[assignment]
    request._messages = CookieStorage(request)  # type: ignore[attr-defined]
    return request


def _written(actor: Actor) -> int:
    with working_context(actor):
        return Entry.objects.filter(action="gate.tried").count()


def _assert_told(request: HttpRequest, response: Any, status: int, code: str) -> None:
    """The house's page with its words and code, and no word of what was undone."""
    text = response.content.decode()
    assert (response.status_code, code in text) == (status, True)
    assert "This was not done" in text
    assert "Nothing was changed." in text
    assert "It is written." not in text
    assert "a name stands here" not in text
    assert list(get_messages(request)) == []


@pytest.mark.parametrize(
    ("state", "status", "code"),
    [
        ("40001", 409, "record-in-use"),
        ("40P01", 409, "record-in-use"),
        ("55P03", 409, "record-in-use"),
        ("23505", 409, "record-contradicted"),
        ("23514", 409, "record-contradicted"),
        ("57014", 503, "took-too-long"),
        ("53300", 503, "records-out-of-reach"),
    ],
)
def test_page_tells_what_the_database_refused(cast: Cast, state: str, status: int, code: str) -> None:
    request = _request(cast["narges"])
    _assert_told(request, working_page(request, lambda: _raise_state(state)), status, code)
    assert _written(cast["narges"]) == 0


def test_page_without_misfortune_writes_and_says_so(cast: Cast) -> None:
    request = _request(cast["narges"])
    assert working_page(request, lambda: None).status_code == 200
    assert _written(cast["narges"]) == 1
    assert [str(one) for one in get_messages(request)] == ["It is written."]


def test_page_stops_at_the_statement_timeout(cast: Cast) -> None:
    request = _request(cast["narges"])
    response = working_page(request, lambda: _run_sql("SET LOCAL statement_timeout = 5; SELECT pg_sleep(5)"))
    _assert_told(request, response, 503, "took-too-long")


def test_page_gives_up_waiting_for_a_lock(cast: Cast, as_migrator: Any) -> None:
    as_migrator.execute("SELECT pg_advisory_lock(%s)", [HELD])
    request = _request(cast["narges"])
    response = working_page(
        request, lambda: _run_sql(f"SET LOCAL lock_timeout = 20; SELECT pg_advisory_xact_lock({HELD})")
    )
    _assert_told(request, response, 409, "record-in-use")


def test_log_names_the_state_and_quotes_nobody(cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        working_page(_request(cast["narges"]), lambda: _raise_state("23505"))
    assert "23505" in caplog.text
    assert "a name stands here" not in caplog.text


def test_page_that_is_not_there_is_told_as_a_record_that_is_not_visible(cast: Cast) -> None:
    def not_there() -> None:
        raise Http404("a name stands here")

    request = _request(cast["narges"])
    response = working_page(request, not_there)
    _assert_told(request, response, 404, "not-visible")
    assert "no-store" in response.headers["Cache-Control"]
    assert _written(cast["narges"]) == 0


def test_error_of_our_own_is_not_hidden(cast: Cast) -> None:
    for misfortune in (lambda: _run_sql("SELECT nothing FROM nowhere"), lambda: _raise_state("22001")):
        with pytest.raises(DatabaseError):
            working_page(_request(cast["narges"]), misfortune)
    assert _written(cast["narges"]) == 0


def test_missing_privilege_is_an_error_of_our_own(cast: Cast) -> None:
    """Both are SQLSTATE 42501: a policy that refuses a row, and a grant that a migration forgot."""
    with pytest.raises(ProgrammingError, match="permission denied"), working_context(cast["narges"]):
        _run_sql("SELECT kid FROM guard.context_key")
    with pytest.raises(RecordNotVisible), working_context(cast["narges"]):
        JournalEntry.objects.create(
            scope_id=cast["mina"].scope_id,
            kind=EntryKind.CHARGE_RAISED,
            charge_id=uuid4(),
            posted_at=timezone.now(),
            posted_by=cast["narges"].user_id,
        )


@pytest.fixture
def committed(transactional_db: None) -> Iterator[Cast]:
    yield make_cast()
    connection.close()


def test_page_tells_what_commit_refused(committed: Cast) -> None:
    """The ledger is checked at the end of the transaction, when the view has answered already."""
    clerk = committed["narges"]
    charge = raise_at(clerk)

    def write_half_an_entry() -> None:
        JournalEntry.objects.create(
            scope_id=charge.scope_id,
            kind=EntryKind.CHARGE_CANCELLED,
            charge=charge,
            posted_at=timezone.now(),
            posted_by=clerk.user_id,
        )

    request = _request(clerk)
    _assert_told(request, working_page(request, write_half_an_entry), 409, "record-contradicted")
    assert _written(clerk) == 0


def test_page_outlives_a_lost_connection(committed: Cast) -> None:
    clerk = committed["narges"]
    request = _request(clerk)
    response = working_page(request, lambda: _run_sql("SELECT pg_terminate_backend(pg_backend_pid())"))
    _assert_told(request, response, 503, "records-out-of-reach")
    connection.close()
    assert _written(clerk) == 0
