"""What the matcher's database role may read: one function, one province, and nothing else."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.conf import settings

from khedmat.common.actor import Actor
from khedmat.duplicates.actions import search_actor
from khedmat.vault.context import SETTING, sign_context
from tests.cast import Cast
from tests.duplicates.conftest import Twice, household, matcher_url, member

pytestmark = pytest.mark.django_db(transaction=True)
READ = "SELECT * FROM guard.people_to_match()"


@pytest.fixture
def matcher(twice: Twice) -> Iterator[psycopg.Cursor[Any]]:
    with psycopg.connect(matcher_url()) as connection, connection.cursor() as cursor:
        yield cursor
        connection.rollback()


def _work_as(cursor: psycopg.Cursor[Any], actor: Actor) -> None:
    cursor.execute("SELECT set_config(%s, %s, true)", [SETTING, sign_context(actor)])


def test_without_context_nobody_shows(matcher: psycopg.Cursor[Any]) -> None:
    assert matcher.execute(READ).fetchall() == []


def test_only_its_province_shows(matcher: psycopg.Cursor[Any], cast: Cast) -> None:
    away = household(member("مشهدی"), by=cast["mina"])
    _work_as(matcher, search_actor(cast["daftari"].scope_id))
    seen = matcher.execute(READ).fetchall()

    assert {row[2] for row in seen} == {"غلام‌سخی", "غلام سخي"}
    assert away.pk not in {row[1] for row in seen}


@pytest.mark.parametrize("name", ["daftari", "narges", "director", "guardian", "manager"])
def test_token_of_a_member_of_staff_shows_nobody(matcher: psycopg.Cursor[Any], cast: Cast, name: str) -> None:
    _work_as(matcher, cast[name])
    assert matcher.execute(READ).fetchall() == []


def test_forged_token_shows_nobody(matcher: psycopg.Cursor[Any], cast: Cast) -> None:
    token = sign_context(search_actor(cast["daftari"].scope_id))
    matcher.execute("SELECT set_config(%s, %s, true)", [SETTING, token[:-1] + ("0" if token[-1] != "0" else "1")])
    assert matcher.execute(READ).fetchall() == []


def test_its_columns_are_those_that_are_compared(matcher: psycopg.Cursor[Any]) -> None:
    matcher.execute(READ)
    assert [column.name for column in matcher.description or ()] == [
        "person_id", "household_id", "given_name", "family_name", "father_name", "sex", "birth_on", "documents",
    ]  # fmt: skip


def test_document_shows_as_eight_bytes_of_its_keyed_index(matcher: psycopg.Cursor[Any], cast: Cast) -> None:
    from khedmat.registry.models import document_index

    _work_as(matcher, search_actor(cast["daftari"].scope_id))
    seen = {number for row in matcher.execute(READ).fetchall() for number in row[7]}

    assert seen == {int.from_bytes(document_index("A17001")[:8], "big", signed=True)}


def test_document_that_relatives_share_is_left_out(matcher: psycopg.Cursor[Any], cast: Cast) -> None:
    shared = household(member("کریم", number="P1"), member("نبی", relation="son", number="P1"), by=cast["narges"])
    _work_as(matcher, search_actor(cast["daftari"].scope_id))
    assert [row[7] for row in matcher.execute(READ).fetchall() if row[1] == shared.pk] == [[], []]


def test_no_table_and_no_other_function_is_open_to_it(twice: Twice, as_migrator: Any) -> None:
    role = settings.KHEDMAT_DATABASE_ROLES.matcher
    as_migrator.execute(
        "SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE c.relkind IN ('r', 'v', 'm', 'p', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema') "
        "AND n.nspname NOT LIKE 'pg_toast%%' "
        "AND (has_table_privilege(%s, c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER') "
        "OR has_any_column_privilege(%s, c.oid, 'SELECT, INSERT, UPDATE, REFERENCES'))",
        [role, role],
    )
    assert as_migrator.fetchall() == []
    as_migrator.execute(
        "SELECT p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace "
        "WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND has_schema_privilege(%s, n.oid, 'USAGE') "
        "AND has_function_privilege(%s, p.oid, 'EXECUTE')",
        [role, role],
    )
    assert as_migrator.fetchall() == [("people_to_match",)]


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT count(*) FROM public.registry_person",
        "SELECT count(*) FROM guard.context_key",
        "SELECT guard.open_pair(gen_random_uuid())",
        "CREATE TEMPORARY TABLE kept AS SELECT 1",
        "CREATE FUNCTION public.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    ],
)
def test_everything_else_is_refused(matcher: psycopg.Cursor[Any], statement: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        matcher.execute(statement.encode())


def test_the_app_may_not_read_as_the_matcher_does(cast: Cast, twice: Twice, raw: Any) -> None:
    from django.db import ProgrammingError

    from khedmat.vault.context import working_context

    with pytest.raises(ProgrammingError, match="permission denied"), working_context(search_actor(1)):
        raw.execute(READ)
