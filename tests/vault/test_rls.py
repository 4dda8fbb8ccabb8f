"""The migration operations write what they promise, for any table, and nothing more."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db.migrations.operations import RunSQL
from django.db.migrations.operations.base import Operation

from khedmat.common.database_roles import app_role, migrator_role
from khedmat.vault.rls import personal, protected, reference, scoped, system

PROBE = "rls_probe"


@pytest.fixture
def probe(as_migrator: Any) -> Iterator[Any]:
    """A table of the owner, in a transaction that is rolled back."""
    as_migrator.execute("BEGIN")
    as_migrator.execute(f"CREATE TABLE {PROBE} (id bigserial PRIMARY KEY, household_id uuid, scope_id int)")
    yield as_migrator
    as_migrator.execute("ROLLBACK")


def _apply(cursor: Any, operations: list[Operation]) -> None:
    for operation in operations:
        assert isinstance(operation, RunSQL)
        cursor.execute(str(operation.sql))


def _held(cursor: Any, *, role: str) -> set[str]:
    cursor.execute(
        "SELECT privilege_type FROM pg_class c, aclexplode(c.relacl) a "
        "WHERE c.relname = %s AND a.grantee = %s::regrole",
        [PROBE, role],
    )
    return {privilege for (privilege,) in cursor.fetchall()}


def _security(cursor: Any) -> tuple[bool, bool]:
    cursor.execute("SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE relname = %s", [PROBE])
    enabled, forced = cursor.fetchone()
    return enabled, forced


def _policies(cursor: Any) -> dict[str, tuple[str, str, str]]:
    cursor.execute("SELECT policyname, roles[1], qual, with_check FROM pg_policies WHERE tablename = %s", [PROBE])
    return {name: (role, using, check) for name, role, using, check in cursor.fetchall()}


@pytest.mark.parametrize(
    ("operations", "privileges"),
    [
        (personal(PROBE), {"SELECT", "INSERT", "UPDATE"}),
        (personal(PROBE, grants="SELECT, INSERT"), {"SELECT", "INSERT"}),
        (scoped(PROBE), {"SELECT", "INSERT", "UPDATE"}),
        (protected(PROBE, "false", grants="SELECT"), {"SELECT"}),
    ],
)
def test_protected_table_is_forced_and_narrowly_granted(
    probe: Any, operations: list[Operation], privileges: set[str]
) -> None:
    _apply(probe, operations)
    assert _security(probe) == (True, True)
    assert _held(probe, role=app_role()) == privileges
    assert set(_policies(probe)) == {"owner_migrates", "app_sees"}


@pytest.mark.parametrize("operations", [reference(PROBE), system(PROBE, "SELECT")])
def test_open_table_is_granted_as_named(probe: Any, operations: list[Operation]) -> None:
    _apply(probe, operations)
    assert _security(probe) == (False, False)
    assert _held(probe, role=app_role()) == {"SELECT"}


def test_personal_rows_ask_for_the_grant(probe: Any) -> None:
    _apply(probe, personal(PROBE))
    policies = _policies(probe)
    role, using, check = policies["app_sees"]
    assert role == app_role()
    assert "granted_households" in using
    assert using == check
    assert policies["owner_migrates"] == (migrator_role(), "true", "true")


def test_scoped_rows_ask_for_the_place(probe: Any) -> None:
    _apply(probe, scoped(PROBE))
    _role, using, check = _policies(probe)["app_sees"]
    assert "visible_scopes" in using
    assert using == check


def test_check_may_be_narrower_than_sight(probe: Any) -> None:
    _apply(probe, protected(PROBE, "true", grants="SELECT", check="false"))
    assert _policies(probe)["app_sees"] == (app_role(), "true", "false")


def test_app_draws_numbers_and_reads_no_sequence(probe: Any) -> None:
    _apply(probe, personal(PROBE))
    for privilege, held in (("USAGE", True), ("SELECT", False), ("UPDATE", False)):
        probe.execute("SELECT has_sequence_privilege(%s, %s, %s)", [app_role(), f"{PROBE}_id_seq", privilege])
        assert probe.fetchone() == (held,)


def test_owner_still_migrates_a_forced_table(probe: Any) -> None:
    _apply(probe, personal(PROBE))
    probe.execute(f"INSERT INTO {PROBE} (household_id) VALUES (gen_random_uuid())")
    probe.execute(f"SELECT count(*) FROM {PROBE}")
    assert probe.fetchone() == (1,)
