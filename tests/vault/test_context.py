"""PostgreSQL shows rows to a signed context only."""

from dataclasses import replace
from typing import Any

import pytest
from django.db import connection, transaction

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
