"""Requests of all offices go through a few long-lived connections, many with errors: no context outlives its own."""

import random
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from psycopg import Cursor

from khedmat.accounts import gate
from khedmat.accounts.enums import Permission, Purpose
from khedmat.accounts.errors import RecordNotVisible
from khedmat.accounts.gate import StaffRequest, page
from khedmat.accounts.models import User
from khedmat.common.actor import Actor
from tests.consistency.conftest import World
from tests.consistency.foreign_rows import truth_for

NAMES = ("narges", "omid", "mina", "kamran", "bahram", "sara", "director", "printer", "guardian")
CONNECTIONS = 3
WAYS = ("well", "well", "fails", "refuses", "broken statement", "caught", "times out", "nested", "connection lost")


class ViewFailed(Exception):
    """A programming error in a view."""


@dataclass(frozen=True)
class Expected:
    """What the owner says that an actor sees."""

    actor: Actor
    user: User
    households: int
    cases: int


def _see() -> tuple[int, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT (SELECT count(*) FROM registry_household), (SELECT count(*) FROM casework_case)")
        households, cases = cursor.fetchone()
    return households, cases


def _run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _misbehave(way: str) -> None:
    if way == "fails":
        raise ViewFailed
    if way == "refuses":
        raise RecordNotVisible
    if way == "broken statement":
        _run("SELECT nothing FROM nowhere")
    if way == "times out":
        _run("SET LOCAL statement_timeout = 2; SELECT pg_sleep(5)")
    if way == "connection lost":
        _run("SELECT pg_terminate_backend(pg_backend_pid())")
    if way == "caught":
        _violate_and_go_on()


def _violate_and_go_on() -> None:
    from django.db import transaction

    try:
        with transaction.atomic():
            raise IntegrityError
    except IntegrityError:
        pass


@page(permission=Permission.SEE_DESK, purpose=Purpose.DAILY_WORK)
def looking_page(request: StaffRequest, way: str, seen: list[tuple[int, int]]) -> HttpResponse:
    seen.append(_see())
    _misbehave(way)
    seen.append(_see())
    return HttpResponse()


def _request(expected: Expected) -> HttpRequest:
    request = RequestFactory().get("/")
    request.user = expected.user
    request.session = {}  # type: ignore[assignment]
    return request


def _one_request(expected: Expected, way: str) -> list[str]:
    seen: list[tuple[int, int]] = []
    with suppress(ViewFailed, DatabaseError):
        looking_page(_request(expected), way, seen)
    faults = [f"{way}: saw {one}" for one in seen if one != (expected.households, expected.cases)]
    if connection.connection is None or connection.connection.closed:
        connection.close()
    left = _left_behind()
    return faults + ([f"{way}: left {left} behind"] if left else [])


def _left_behind() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_setting('khedmat.context', true), ''), guard.user_id()::text")
        token, user = cursor.fetchone()
    return [part for part in (token, user, *(count for count in _see() if count)) if part]


def _many_requests(world: World, expected: list[Expected], how_many: int, seed: int) -> list[str]:
    dice = random.Random(seed)
    faults: list[str] = []
    try:
        for number in range(how_many):
            # A lost connection costs a new one; a few of them show what all of them would.
            ways = WAYS if number % 20 == 0 else WAYS[:-1]
            faults += _one_request(dice.choice(expected), dice.choice(ways))
    finally:
        connection.close()
    return faults


def _expectations(world: World, owner: Cursor[Any]) -> list[Expected]:
    found = []
    for name in NAMES:
        truth = truth_for(owner, world[name])
        households, cases = (len(truth.visible[table]) for table in ("registry_household", "casework_case"))
        found.append(Expected(world[name], User.objects.get(pk=world[name].user_id), households, cases))
    assert len({(one.households, one.cases) for one in found}) > 3
    return found


def _interleave(world: World, owner: Cursor[Any], how_many: int, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setattr(gate, "error_page", lambda _request, error: HttpResponse(status=error.status))
    expected = _expectations(world, owner)
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        each = how_many // CONNECTIONS + 1
        answers = [pool.submit(_many_requests, world, expected, each, seed) for seed in range(CONNECTIONS)]
        return [fault for answer in answers for fault in answer.result()]


def test_500_requests_leave_no_context_behind(
    world: World, owner: Cursor[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _interleave(world, owner, 500, monkeypatch) == []


@pytest.mark.proof
def test_10000_requests_leave_no_context_behind(
    world: World, owner: Cursor[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _interleave(world, owner, 10_000, monkeypatch) == []


def test_a_context_for_the_session_is_found(world: World, owner: Cursor[Any]) -> None:
    """The check itself: a context that is not bound to its transaction stays, and is reported."""
    from khedmat.vault.context import SETTING, sign_context

    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, false)", [SETTING, sign_context(world["narges"])])
    try:
        assert _left_behind()
    finally:
        connection.close()
