"""Each guard is shown to be needed: with it switched off, the very check that is green elsewhere reports the leak.

Everything here happens in a transaction that is rolled back.
"""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings

from khedmat.common.rows import RowClass
from tests.consistency import foreign_rows, row_guards
from tests.consistency.conftest import Both, World
from tests.consistency.database import Cursor, foreign_keys
from tests.consistency.foreign_rows import guarded_tables, truth_for

ROLES = settings.KHEDMAT_DATABASE_ROLES
APP, INSPECTION, MATCHER = ROLES.app, ROLES.inspection, ROLES.matcher


def _structure(cursor: Cursor) -> list[str]:
    return row_guards.structure_faults(cursor, INSPECTION)


def _leaks(both: Both, world: World, name: str = "narges") -> list[str]:
    truth = truth_for(both.as_owner(), world[name])
    return foreign_rows.visibility_faults(both.as_app(), world[name], truth)


def _nameless(both: Both) -> list[str]:
    return foreign_rows.unprotected_counts(both.as_app())


def test_all_is_well_before(both: Both, world: World) -> None:
    assert _structure(both.as_owner()) == []
    assert _leaks(both, world) == []
    assert _nameless(both) == []


def _personal_and_scoped() -> list[str]:
    return sorted(
        table
        for table, row_class in row_guards.declarations()
        if row_class in {RowClass.PERSONAL, RowClass.SCOPED} or table in row_guards.OF_THE_USER
    )


@pytest.mark.parametrize("table", _personal_and_scoped())
def test_row_level_security_switched_off(both: Both, world: World, table: str) -> None:
    both.as_owner().execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY".encode())
    assert f"{table}: row-level security is not enabled and forced" in _structure(both.cursor)
    assert any(fault.startswith(f"{table}: ") and "foreign rows" in fault for fault in _leaks(both, world))
    assert any(fault.startswith(f"{table}: ") for fault in _nameless(both))


@pytest.mark.parametrize("table", _personal_and_scoped())
def test_force_switched_off(both: Both, table: str) -> None:
    both.as_owner().execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY".encode())
    assert f"{table}: row-level security is not enabled and forced" in row_guards.protection_faults(both.cursor)


@pytest.mark.parametrize("table", _personal_and_scoped())
def test_policy_that_lets_all_pass(both: Both, world: World, table: str) -> None:
    both.as_owner().execute(f"CREATE POLICY everybody ON {table} TO {APP} USING (true) WITH CHECK (true)".encode())
    assert any(fault.startswith(f"{table}: ") and "foreign rows" in fault for fault in _leaks(both, world))
    if table not in row_guards.OF_THE_USER:
        assert f"{table}: policy everybody asks no guard: true" in row_guards.protection_faults(both.as_owner())


@pytest.mark.parametrize("table", _personal_and_scoped())
def test_policy_dropped(both: Both, world: World, table: str) -> None:
    """It fails closed: nobody sees anything, and the check says so."""
    names = [
        name
        for (name,) in both.as_owner()
        .execute("SELECT polname FROM pg_policy WHERE polrelid = %s::regclass AND polname <> 'owner_migrates'", [table])
        .fetchall()
    ]
    for name in names:
        both.cursor.execute(f"DROP POLICY {name} ON {table}".encode())
    assert f"{table}: no policy for the app" in row_guards.protection_faults(both.cursor)


def test_policy_that_forgets_the_check(both: Both, world: World) -> None:
    truth = truth_for(both.as_owner(), world["narges"])
    own = list(truth.visible["registry_household"])
    foreign = truth.foreign("registry_household")[0]
    both.cursor.execute("ALTER POLICY app_sees ON registry_person WITH CHECK (true)")
    faults = foreign_rows.attach_faults(both, world["narges"], truth, own=own, foreign=foreign)
    assert [fault.split(":")[0] for fault in faults] == ["registry_person"]


def test_policy_for_new_cases_dropped(both: Both, world: World) -> None:
    """Without it a clerk opens a case, and by it a family, of another province."""
    truth = truth_for(both.as_owner(), world["narges"])
    own = list(truth.visible["registry_household"])
    foreign = truth.foreign("registry_household")[0]
    both.cursor.execute("DROP POLICY new_cases_of_opened_families ON casework_case")
    faults = foreign_rows.attach_faults(both, world["narges"], truth, own=own, foreign=foreign)
    assert [fault.split(":")[0] for fault in faults] == ["casework_case"]


def _composite_keys() -> list[tuple[str, str]]:
    """(table, constraint) as migrations name them; a test below asks the catalogue whether any is missing here."""
    return [
        ("registry_persondocument", "document_of_own_household"),
        ("casework_casemember", "member_of_own_case"),
        ("casework_casemember", "member_of_own_household"),
        ("casework_casemember", "portrait_of_own_household"),
        ("casework_papercheck", "paper_of_own_case"),
        ("casework_papercheck", "paper_of_own_member"),
        ("casework_papercheck", "file_of_own_household"),
        ("casework_decision", "decision_of_own_case"),
        ("casework_decision", "decision_of_own_member"),
        ("casework_appeal", "appeal_of_own_case"),
        ("casework_appeal", "appeal_of_own_member"),
        ("casework_appeal", "appeal_of_own_decision"),
        ("casework_appeal", "appeal_paper_of_own_household"),
        ("cards_card", "card_of_own_person"),
        ("cards_card", "card_of_own_case"),
        ("cards_card", "card_of_own_member"),
        ("cards_card", "portrait_of_own_household"),
        ("changes_changeitem", "item_of_own_person"),
        ("changes_changeitem", "item_of_own_request"),
        ("changes_changerequest", "paper_of_own_household"),
        ("registry_provenance", "provenance_of_own_household"),
        ("registry_question", "question_of_own_household"),
        ("rounds_reliefrequest", "relief_of_own_case"),
        ("casework_draft", "draft_of_own_case"),
        ("casework_clockstop", "stop_of_own_case"),
        ("casework_bulksight", "sight_of_own_case"),
        ("rounds_versionmove", "move_of_own_case"),
    ]


@pytest.mark.parametrize(("table", "constraint"), _composite_keys())
def test_composite_key_dropped(both: Both, table: str, constraint: str) -> None:
    both.as_owner().execute(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}".encode())
    (fault,) = row_guards.composite_key_faults(both.cursor)
    assert fault.startswith(f"{table}.")


def test_every_composite_key_is_tried(owner: Cursor) -> None:
    there = {(key.table, key.name) for key in foreign_keys(owner) if "household_id" in key.columns[1:]}
    assert there == set(_composite_keys())


TOO_MUCH: dict[str, tuple[str, str]] = {
    "delete a person": (f"GRANT DELETE ON registry_person TO {APP}", "registry_person: the app holds ['DELETE']"),
    "truncate": (f"GRANT TRUNCATE ON casework_case TO {APP}", "casework_case: the app holds TRUNCATE"),
    "keys to a table": (f"GRANT REFERENCES ON registry_person TO {APP}", "registry_person: the app holds REFERENCES"),
    "trigger": (f"GRANT TRIGGER ON audit_entry TO {APP}", "audit_entry: the app holds TRIGGER"),
    "write the log": (f"GRANT INSERT ON audit_entry TO {APP}", "audit_entry: the app holds ['INSERT']"),
    "give itself a grant": (f"GRANT INSERT ON accounts_grant TO {APP}", "accounts_grant: the app holds ['INSERT']"),
    "give itself a role": (
        f"GRANT INSERT ON accounts_roleholding TO {APP}",
        "accounts_roleholding: the app holds ['INSERT']",
    ),
    "change a password": (
        f"GRANT UPDATE (password) ON accounts_user TO {APP}",
        "accounts_user: the app holds ['UPDATE (password)']",
    ),
    "ask for the installer": (
        f"GRANT EXECUTE ON FUNCTION guard.require_installer() TO {APP}",
        "guard.require_installer(): the app may execute it",
    ),
    "move a case to another family": (
        f"GRANT UPDATE (household_id) ON casework_case TO {APP}",
        "casework_case: the app holds ['UPDATE (household_id)']",
    ),
    "write places": (f"GRANT UPDATE ON places_scope TO {APP}", "places_scope: the app holds ['UPDATE']"),
    "read the keys": (f"GRANT SELECT ON guard.context_key TO {APP}", "guard.context_key: the app holds ['SELECT']"),
    "everybody reads": ("GRANT SELECT ON registry_person TO PUBLIC", "registry_person: PUBLIC holds SELECT"),
    "inspections read people": (
        f"GRANT SELECT (id) ON registry_person TO {INSPECTION}",
        "registry_person: the inspection role holds ['SELECT (id)']",
    ),
    "the matcher reads a table": (
        f"GRANT SELECT (id) ON registry_person TO {MATCHER}",
        "registry_person: the matcher holds ['SELECT (id)']",
    ),
    "the matcher opens families": (
        f"GRANT EXECUTE ON FUNCTION guard.open_pair(uuid) TO {MATCHER}",
        "guard.open_pair(uuid): the matcher may execute it",
    ),
    "the matcher walks about": (
        f"GRANT USAGE ON SCHEMA public TO {MATCHER}",
        "the matcher may enter schema public",
    ),
    "a public guard": (
        "GRANT EXECUTE ON FUNCTION guard.granted_households() TO PUBLIC",
        "guard.granted_households(): PUBLIC may execute it",
    ),
    "an open door": (
        f"GRANT EXECUTE ON FUNCTION guard.open_grant(uuid, uuid, text) TO {APP}",
        "guard.open_grant(uuid,uuid,text): the app may execute it",
    ),
    "a path of the caller's": (
        "ALTER FUNCTION guard.look_up(bytea, text[], text[], int[], int[]) RESET search_path",
        "guard.look_up(bytea,text[],text[],integer[],integer[]): a definer function without a fixed search_path",
    ),
    "temporary objects first": (
        "ALTER FUNCTION guard.open_case(uuid) SET search_path = pg_temp, public",
        "guard.open_case(uuid): temporary objects come first in its search_path",
    ),
    "a definer outside": (
        "CREATE FUNCTION public.anything() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'",
        "anything(): a definer function outside schema guard",
    ),
    "a view of its owner's eyes": (
        "CREATE VIEW everybody AS SELECT id FROM registry_person",
        "everybody: the view does not ask as its reader (security_invoker)",
    ),
    "a stored view": (
        "CREATE MATERIALIZED VIEW everybody AS SELECT id FROM registry_person",
        "everybody: a materialised view keeps rows past their policies",
    ),
    "a table of no class": ("CREATE TABLE notes (id int)", "notes has no row class"),
    "reference data for anyone to write": (
        "ALTER TABLE cards_validityextension DISABLE ROW LEVEL SECURITY; "
        "ALTER TABLE cards_validityextension NO FORCE ROW LEVEL SECURITY",
        "cards_validityextension: the app may write what everybody reads, without any context",
    ),
    "an inspection of people": (
        "CREATE TABLE inspections_visit (id uuid PRIMARY KEY, who uuid REFERENCES registry_person)",
        "inspections_visit leads to registry_person",
    ),
    "a person with an inspection": (
        "CREATE TABLE inspections_visit (id uuid PRIMARY KEY); "
        "ALTER TABLE registry_person ADD visit uuid REFERENCES inspections_visit",
        "registry_person leads to inspections_visit",
    ),
    "an inspection of a family": (
        "CREATE TABLE inspections_visit (id uuid PRIMARY KEY, household_id uuid)",
        "inspections_visit names a person",
    ),
}


@pytest.mark.parametrize(("statement", "fault"), TOO_MUCH.values(), ids=TOO_MUCH.keys())
def test_too_much_is_found(both: Both, statement: str, fault: str) -> None:
    both.as_owner().execute(statement.encode())
    assert any(found.startswith(fault) for found in _structure(both.cursor))


def test_a_class_stated_twice_or_for_nothing_is_found(owner: Cursor) -> None:
    twice = [*row_guards.declarations(), ("registry_person", RowClass.SYSTEM), ("ghost", RowClass.SYSTEM)]
    assert row_guards.declaration_faults(owner, twice) == [
        "registry_person states its row class twice",
        "ghost is declared and is not there",
    ]


@pytest.mark.parametrize(
    ("attribute", "fault"),
    [("SUPERUSER", "is a superuser"), ("BYPASSRLS", "bypasses row-level security"), ("CREATEROLE", "may create roles")],
)
def test_a_role_past_the_policies_is_found(both: Both, attribute: str, fault: str) -> None:
    ((is_super,),) = both.cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = session_user").fetchall()
    if not is_super:
        pytest.skip("only a superuser can make another role one")
    both.cursor.execute(f"ALTER ROLE {APP} {attribute}".encode())
    assert f"{APP} {fault}" in row_guards.role_faults(both.as_owner(), INSPECTION)


OPEN_GUARDS: dict[str, tuple[str, Callable[[Both, World], list[str]]]] = {
    "any token holds": (
        """CREATE OR REPLACE FUNCTION guard.ctx() RETURNS guard.working LANGUAGE plpgsql STABLE SECURITY DEFINER
        SET search_path = pg_catalog, pg_temp AS $$ BEGIN
        RETURN ROW('%(mina)s'::uuid, 'clerk', %(mashhad)s, 'take_application')::guard.working; END $$""",
        _leaks,
    ),
    "grants never end and hold for all": (
        """CREATE OR REPLACE FUNCTION guard.granted_households() RETURNS uuid[] LANGUAGE sql STABLE SECURITY DEFINER
        SET search_path = pg_catalog, public, pg_temp AS $$
        SELECT coalesce(array_agg(household_id), '{}') FROM accounts_grant $$""",
        _leaks,
    ),
    "all places are beneath": (
        """CREATE OR REPLACE FUNCTION guard.visible_scopes() RETURNS int[] LANGUAGE sql STABLE SECURITY DEFINER
        SET search_path = pg_catalog, public, pg_temp AS $$ SELECT array_agg(id) FROM places_scope $$""",
        _leaks,
    ),
    "no context is a context": (
        """CREATE OR REPLACE FUNCTION guard.granted_households() RETURNS uuid[] LANGUAGE sql STABLE SECURITY DEFINER
        SET search_path = pg_catalog, public, pg_temp AS $$ SELECT array_agg(id) FROM registry_household $$""",
        lambda both, _world: _nameless(both),
    ),
}


@pytest.mark.parametrize(("statement", "check"), OPEN_GUARDS.values(), ids=OPEN_GUARDS.keys())
def test_a_guard_function_that_opens_is_found(both: Both, world: World, statement: str, check: Any) -> None:
    names = {"mina": world["mina"].user_id, "mashhad": world["mina"].scope_id}
    both.as_owner().execute((statement % names if "%(" in statement else statement).encode())
    assert any("foreign rows" in fault or "without a context" in fault for fault in check(both, world))


def test_note_that_asks_nobody_is_found(both: Both, world: World) -> None:
    """The log of a family is a table of the household like any other."""
    both.as_owner().execute(
        """CREATE OR REPLACE FUNCTION guard.may_note(of_household uuid, of_case uuid) RETURNS boolean
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$ SELECT true $$"""
    )
    foreign = truth_for(both.cursor, world["narges"]).foreign("registry_household")[0]
    app = both.as_app()
    from tests.consistency.conftest import set_context

    set_context(app, world["narges"])
    app.execute("SELECT guard.note('household.read', 'registry.household', 'x', %s, NULL, '{}')", [foreign])
    both.as_owner().execute("SELECT count(*) FROM audit_entry WHERE subject_id = 'x' AND household_id = %s", [foreign])
    assert both.cursor.fetchone() == (1,)


def test_the_guarded_tables_are_those_of_the_catalogue(owner: Cursor) -> None:
    assert sorted(guarded_tables(owner)) == _personal_and_scoped()
