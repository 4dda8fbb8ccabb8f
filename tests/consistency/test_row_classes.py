"""Every table is found in the catalogue, has one class, and is protected as its class demands."""

from typing import Any

import pytest
from django.apps import apps
from django.conf import settings

from khedmat.common.rows import RowClass
from tests.consistency import row_guards
from tests.consistency.conftest import World
from tests.consistency.database import Cursor, relations, rows, tables


def test_tables_are_found_in_the_catalogue(owner: Cursor) -> None:
    found = tables(owner)
    assert {"registry_person", "casework_case", "audit_entry", "django_session"} <= set(found)
    assert {model._meta.db_table for model in apps.get_models(include_auto_created=True)} <= set(found)


def test_every_table_states_one_class(owner: Cursor) -> None:
    assert row_guards.declaration_faults(owner) == []


@pytest.mark.parametrize(
    "check",
    [
        row_guards.protection_faults,
        row_guards.ownership_faults,
        row_guards.privilege_faults,
        row_guards.function_faults,
        row_guards.inspection_path_faults,
        row_guards.matcher_faults,
        row_guards.composite_key_faults,
    ],
    ids=lambda check: check.__name__,
)
def test_structure_has_no_fault(owner: Cursor, check: Any) -> None:
    assert check(owner) == []


def test_roles_have_no_way_past_the_policies(owner: Cursor) -> None:
    assert row_guards.role_faults(owner, settings.KHEDMAT_DATABASE_ROLES.inspection) == []


def test_inspection_role_reads_nobody(inspection: Cursor, world: World) -> None:
    import psycopg

    for table in sorted(row_guards.people_tables()):
        inspection.execute("SAVEPOINT before")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            inspection.execute(f"SELECT count(*) FROM {table}".encode())
        inspection.execute("ROLLBACK TO SAVEPOINT before")


def test_people_have_personal_class(owner: Cursor) -> None:
    """A column that ties a row to a family makes the table personal, scoped, or a user's own list."""
    for table in tables(owner):
        if row_guards.household_column(owner, table) and table not in row_guards.OF_THE_USER:
            assert row_guards.classes()[table] in {RowClass.PERSONAL, RowClass.SCOPED}, table


def test_the_keys_of_the_context_are_no_view(owner: Cursor) -> None:
    outside = [f"{one.schema}.{one.name}" for one in relations(owner) if one.schema != "public"]
    assert outside == sorted(row_guards.KEPT_FROM_ALL)


def test_sequences_tell_the_app_nothing(owner: Cursor) -> None:
    """The app draws numbers; reading a sequence's state would tell how many rows others wrote."""
    readable = rows(
        owner,
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace "
        "AND CASE WHEN relkind = 'S' THEN has_sequence_privilege(%s, oid, 'SELECT') END",
        settings.KHEDMAT_DATABASE_ROLES.app,
    )
    assert readable == []
