"""PostgreSQL shows rows to a signed context only."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from khedmat.audit.actions import record
from khedmat.common.actor import Actor
from khedmat.vault.context import SETTING, sign_context, working_context
from tests.cast import Cast


def _user_in(token: str) -> object:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, true)", [SETTING, token])
        cursor.execute("SELECT guard.user_id()")
        row = cursor.fetchone()
        transaction.set_rollback(True)
        return row[0]


def test_context_is_read_back(cast: Cast) -> None:
    with working_context(cast["narges"]), connection.cursor() as cursor:
        cursor.execute("SELECT guard.user_id(), guard.role(), guard.scope_id(), guard.purpose()")
        actor = cast["narges"]
        assert cursor.fetchone() == (actor.user_id, actor.role, actor.scope_id, actor.purpose)


def test_expired_context_shows_nothing(cast: Cast) -> None:
    assert _user_in(sign_context(cast["narges"], lifetime=-1)) is None


@pytest.mark.parametrize("place", range(0, 200, 7))
def test_changed_context_shows_nothing(cast: Cast, place: int) -> None:
    token = sign_context(cast["narges"])
    position = place % len(token)
    changed = token[:position] + ("0" if token[position] != "0" else "1") + token[position + 1 :]
    assert _user_in(changed) is None


def test_context_of_another_office_needs_its_own_signature(cast: Cast) -> None:
    own = sign_context(cast["narges"])
    other = sign_context(replace(cast["narges"], scope_id=cast["mina"].scope_id))
    mixed = other.rsplit("|", 1)[0] + "|" + own.rsplit("|", 1)[1]
    assert _user_in(mixed) is None


@pytest.mark.django_db(transaction=True)
def test_context_ends_with_its_transaction(transactional_db: None) -> None:
    from tests.cast import make_cast

    cast = make_cast()
    with working_context(cast["narges"]):
        pass
    with connection.cursor() as cursor:
        cursor.execute("SELECT guard.user_id()")
        assert cursor.fetchone()[0] is None


def test_app_cannot_read_the_context_key(raw: Any) -> None:
    from django.db.utils import ProgrammingError

    with pytest.raises(ProgrammingError, match="permission denied"):
        raw.execute("SELECT * FROM guard.context_key")


def _standing(cursor: Any) -> object:
    cursor.execute("SELECT guard.user_id()")
    return cursor.fetchone()[0]


@pytest.mark.django_db(transaction=True)
class TestNested:
    """One actor's context within another's, in transactions that are committed."""

    @pytest.fixture
    def cursor(self, transactional_db: None) -> Iterator[Any]:
        with connection.cursor() as cursor:
            yield cursor
            assert _standing(cursor) is None, "a context outlived its transaction"

    @pytest.fixture
    def outer(self) -> Actor:
        return Actor(uuid4(), "clerk", 1, "take_application")

    @pytest.fixture
    def inner(self) -> Actor:
        return Actor(uuid4(), "case_officer", 2, "review_case")

    def test_the_outer_one_stands_again(self, cursor: Any, outer: Actor, inner: Actor) -> None:
        with working_context(outer):
            for _time in range(2):
                with working_context(inner):
                    assert _standing(cursor) == inner.user_id
                    with working_context(outer):
                        assert _standing(cursor) == outer.user_id
                    assert _standing(cursor) == inner.user_id
                cursor.execute("SELECT guard.user_id(), guard.role(), guard.scope_id(), guard.purpose()")
                assert cursor.fetchone() == (outer.user_id, outer.role, outer.scope_id, outer.purpose)

    def test_it_stands_again_after_an_error(self, cursor: Any, outer: Actor, inner: Actor) -> None:
        with working_context(outer):
            with suppress(LookupError), working_context(inner):
                assert _standing(cursor) == inner.user_id
                raise LookupError
            assert _standing(cursor) == outer.user_id

    def test_it_stands_again_after_a_failed_statement(self, cursor: Any, outer: Actor, inner: Actor) -> None:
        with working_context(outer):
            with pytest.raises(DatabaseError), working_context(inner):
                cursor.execute("SELECT 1 / 0")
            assert _standing(cursor) == outer.user_id
            with pytest.raises(DatabaseError), working_context(inner), suppress(DatabaseError):
                cursor.execute("SELECT 1 / 0")
            assert _standing(cursor) == outer.user_id

    def test_it_stands_again_after_a_rollback_that_was_asked_for(self, cursor: Any, outer: Actor, inner: Actor) -> None:
        with working_context(outer):
            with working_context(inner):
                transaction.set_rollback(True)
            assert _standing(cursor) == outer.user_id

    def test_a_savepoint_within_takes_nothing_along(self, cursor: Any, outer: Actor, inner: Actor) -> None:
        with working_context(outer):
            with suppress(LookupError), transaction.atomic():
                with working_context(inner):
                    pass
                raise LookupError
            assert _standing(cursor) == outer.user_id

    def test_nobody_stands_again_in_a_plain_transaction(self, cursor: Any, inner: Actor) -> None:
        with transaction.atomic():
            with working_context(inner):
                assert _standing(cursor) == inner.user_id
            assert _standing(cursor) is None

    def test_no_context_begins_in_a_broken_transaction(self, cursor: Any, outer: Actor, inner: Actor) -> None:
        with working_context(outer):
            transaction.set_rollback(True)
            with pytest.raises(transaction.TransactionManagementError), working_context(inner):
                pytest.fail("it began")

    def test_what_the_inner_one_wrote_is_committed_under_its_name(
        self, cursor: Any, as_migrator: Any, outer: Actor, inner: Actor
    ) -> None:
        with working_context(outer):
            with working_context(inner):
                record("test.inner", by=inner, subject="test", subject_id="1")
            record("test.outer", by=outer, subject="test", subject_id="1")
        as_migrator.execute("SELECT action, actor_id FROM audit_entry WHERE subject = 'test' ORDER BY id")
        assert as_migrator.fetchall() == [("test.inner", inner.user_id), ("test.outer", outer.user_id)]
