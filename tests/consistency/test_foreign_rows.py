"""With three offices in two provinces, raw SQL as the app shows no foreign row of any table, and writes none."""

from dataclasses import replace
from typing import Any

import psycopg
import pytest

from khedmat.vault.context import SETTING, sign_context
from tests.consistency import foreign_rows
from tests.consistency.conftest import Both, World, set_context
from tests.consistency.database import Cursor, ForeignKey, foreign_keys, rows
from tests.consistency.foreign_rows import Truth, guarded_tables, truth_for
from tests.consistency.row_guards import household_column

ACTORS = (
    "narges", "omid", "mina", "newcomer", "kamran", "bahram", "laleh", "sara",
    "director", "printer", "printer-khorasan", "manager", "guardian", "daftari", "nasrin",
)  # fmt: skip


def test_the_world_fills_every_guarded_table(owner: Cursor, world: World) -> None:
    """Otherwise 'no foreign row' says nothing."""
    truths = [truth_for(owner, world[name]) for name in ("narges", "mina", "printer", "daftari")]
    for table in guarded_tables(owner):
        assert all(truth.foreign(table) for truth in truths), table
        assert len({truth.visible[table] for truth in truths}) > 1, f"{table} looks alike to everybody"


@pytest.mark.parametrize("name", ACTORS)
def test_actor_sees_own_rows_alone(owner: Cursor, app: Cursor, world: World, name: str) -> None:
    assert foreign_rows.visibility_faults(app, world[name], truth_for(owner, world[name])) == []


@pytest.mark.parametrize("name", ACTORS)
def test_actor_changes_no_foreign_row(owner: Cursor, app: Cursor, world: World, name: str) -> None:
    assert foreign_rows.change_faults(app, world[name], truth_for(owner, world[name])) == []


def test_nobody_sees_anything_without_context(owner: Cursor, app: Cursor) -> None:
    assert foreign_rows.unprotected_counts(app) == []
    assert foreign_rows.change_faults(app, None, truth_for(owner, None)) == []


def _households(owner: Cursor, world: World) -> tuple[Truth, Any, Any]:
    """An own family and a foreign one, both with a case."""
    truth = truth_for(owner, world["narges"])
    with_case = {household for (household,) in rows(owner, "SELECT household_id FROM cards_card")}
    own = next(one for one in truth.visible["registry_household"] if one in with_case)
    return truth, own, next(one for one in truth.foreign("registry_household") if one in with_case)


def _visible(truth: Truth) -> list[Any]:
    return list(truth.visible["registry_household"])


def test_no_row_attaches_to_an_invisible_household(both: Both, owner: Cursor, world: World) -> None:
    truth, _own, foreign = _households(owner, world)
    assert foreign_rows.attach_faults(both, world["narges"], truth, own=_visible(truth), foreign=foreign) == []


def test_the_copied_row_is_good_for_an_own_household(both: Both, owner: Cursor, world: World) -> None:
    """The attempt above fails for the household alone: the same insert passes the policy for one's own."""
    truth, own, _foreign = _households(owner, world)
    faults = foreign_rows.attach_faults(both, world["narges"], truth, own=_visible(truth), foreign=own)
    written = {fault.split(":")[0] for fault in faults}
    assert {"registry_person", "registry_persondocument", "casework_casemember", "files_storedfile"} <= written
    assert {"casework_papercheck", "casework_decision", "casework_case", "cards_card"} <= written
    assert "audit_entry" not in written


def test_no_row_is_written_for_a_foreign_place(both: Both, owner: Cursor, world: World) -> None:
    truth = truth_for(owner, world["narges"])
    foreign = world.places["mashhad"].pk
    assert foreign_rows.scope_faults(both, world["narges"], truth, foreign_scope=foreign) == []


def test_no_key_leads_from_an_own_row_to_a_foreign_one(both: Both, owner: Cursor, world: World) -> None:
    """Keys are checked past the policies, even for the owner: only a key with the household in it holds."""
    _truth, own, foreign = _households(owner, world)
    tried = 0
    for key in foreign_keys(owner):
        column, target_column = household_column(owner, key.table), household_column(owner, key.target)
        if len(key.columns) > 1 or not column or not target_column or key.columns[0] == column:
            continue
        cursor = both.as_owner()
        (target,) = rows(
            cursor, f"SELECT {key.target_columns[0]} FROM {key.target} WHERE {target_column} = %s LIMIT 1", foreign
        )[0]
        cursor.execute("SAVEPOINT attempt")
        with pytest.raises(psycopg.errors.IntegrityError):
            _attach(cursor, key, column, own, target)
        cursor.execute("ROLLBACK TO SAVEPOINT attempt")
        tried += 1
    assert tried >= 10


def _attach(cursor: Cursor, key: ForeignKey, column: str, own: Any, target: Any) -> None:
    cursor.execute(f"UPDATE {key.table} SET {key.columns[0]} = %s WHERE {column} = %s".encode(), [target, own])
    assert cursor.rowcount, f"{key} has no row to try it on"
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_a_foreign_family_takes_no_entry_in_its_log(app: Cursor, owner: Cursor, world: World) -> None:
    _truth, own, foreign = _households(owner, world)
    set_context(app, world["narges"])
    note = "SELECT guard.note('household.read', 'registry.household', %s, %s, %s, '{}')"
    app.execute(note, [str(own), own, None])
    (case,) = rows(owner, "SELECT id FROM casework_case WHERE household_id = %s", foreign)[0]
    for household, of_case in ((foreign, None), (foreign, case), (None, case)):
        app.execute("SAVEPOINT attempt")
        with pytest.raises(psycopg.DatabaseError, match="not yours"):
            app.execute(note, ["x", household, of_case])
        app.execute("ROLLBACK TO SAVEPOINT attempt")


def test_cashier_notes_a_case_of_the_place_unseeing(app: Cursor, owner: Cursor, world: World) -> None:
    (case, household) = rows(
        owner, "SELECT id, household_id FROM casework_case WHERE scope_id = %s", world["kamran"].scope_id
    )[0]
    set_context(app, world["kamran"])
    app.execute("SELECT guard.note('case.paid', 'casework.case', 'x', %s, %s, '{}')", [household, case])
    assert rows(app, "SELECT count(*) FROM registry_household") == [(0,)]


def _count(app: Cursor, token: str) -> int:
    app.execute("SELECT set_config(%s, %s, true)", [SETTING, token])
    return int(rows(app, "SELECT count(*) FROM registry_household")[0][0])


def test_a_token_of_another_office_shows_that_office_only_if_signed(app: Cursor, world: World) -> None:
    own, other = sign_context(world["narges"]), sign_context(world["mina"])
    assert _count(app, own) >= 1
    fields, mac = other.rsplit("|", 1)[0], own.rsplit("|", 1)[1]
    assert _count(app, f"{fields}|{mac}") == 0
    moved = own.split("|")
    moved[4] = str(world["mina"].scope_id)
    assert _count(app, "|".join(moved)) == 0


@pytest.mark.parametrize(
    "forged", ["", "v1", "v1|" * 8, "|" * 7, "v2|x|x|x|x|x|x|x", "x" * 401, "' OR true --", "\u202e|" * 7]
)
def test_a_token_of_no_form_shows_nothing(app: Cursor, world: World, forged: str) -> None:
    assert _count(app, forged) == 0


def test_a_token_at_another_place_shows_none_of_the_own_families(app: Cursor, world: World) -> None:
    """Even signed: a grant holds at the place where it was opened."""
    elsewhere = replace(world["narges"], scope_id=world["mina"].scope_id)
    assert _count(app, sign_context(elsewhere)) == 0


def test_a_signature_of_a_retired_key_shows_nothing(both: Both, world: World) -> None:
    token = sign_context(world["narges"])
    assert _count(both.as_app(), token) >= 1
    both.as_owner().execute("DELETE FROM guard.context_key")
    assert _count(both.as_app(), token) == 0


def test_other_sessions_of_the_app_do_not_show_a_token(app: Cursor, world: World) -> None:
    """pg_stat_activity shows each role the statements of its own sessions, with the values written into them."""
    from khedmat.vault.context import working_context

    with working_context(world["mina"]):
        statements = rows(app, "SELECT query FROM pg_stat_activity WHERE usename = current_user")
        assert any("set_config" in query for (query,) in statements)
        assert not any("v1|" in query for (query,) in statements)


def test_the_app_becomes_no_other_role(app: Cursor) -> None:
    for statement in ("SET ROLE khedmat_migrator", "SET SESSION AUTHORIZATION khedmat_migrator"):
        app.execute("SAVEPOINT attempt")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute(statement.replace("khedmat_migrator", _migrator()).encode())
        app.execute("ROLLBACK TO SAVEPOINT attempt")


def test_the_app_cannot_turn_row_security_off(app: Cursor, world: World) -> None:
    set_context(app, world["narges"])
    app.execute("SET LOCAL row_security = off")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute("SELECT count(*) FROM registry_person")


@pytest.mark.parametrize(
    "statement", ["CREATE TABLE mine (x int)", "CREATE TEMP TABLE mine (x int)", "CREATE VIEW mine AS SELECT 1"]
)
def test_the_app_makes_nothing(app: Cursor, statement: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute(statement.encode())


def _migrator() -> str:
    from khedmat.common.database_roles import migrator_role

    return migrator_role()
