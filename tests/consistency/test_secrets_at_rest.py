"""What is sealed cannot be read anywhere: not in a dump, not in the tables' files, not in a log.

The secrets looked for are the opened values of every sealed column there is, found by asking the models.
"""

import logging
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection

from khedmat.config.platform.database import admin_url, connection_settings
from khedmat.vault.crypto import open_sealed
from khedmat.vault.fields import SealedTextField
from tests.cast import Cast
from tests.consistency.conftest import World
from tests.consistency.database import Cursor, primary_key, rows
from tests.factories import Crew, family, whole_line

# Three letters of a country: too short to be looked for, and the same for nearly everybody.
TOO_SHORT = frozenset({"nationality"})


def _sealed_columns() -> list[tuple[str, str, str, str]]:
    """Table and column; the table in whose name the value is sealed, and the column that holds the record's id."""
    return [
        (model._meta.db_table, str(field.column), field.sealed_in or model._meta.db_table, field.sealed_for)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, SealedTextField) and field.column not in TOO_SHORT
    ]


def _secrets(owner: Cursor) -> dict[str, set[str]]:
    """By column: its values, opened."""
    found = {}
    for table, column, sealed_in, sealed_for in _sealed_columns():
        key = primary_key(owner, table) if sealed_for == "pk" else sealed_for
        stored = rows(owner, f"SELECT {key}, {column} FROM {table} WHERE {column} IS NOT NULL")
        found[f"{table}.{column}"] = {
            open_sealed(bytes(value), f"{sealed_in}.{column}:{pk}".encode()).decode() for pk, value in stored
        }
    return found


def _spellings(secret: str) -> list[bytes]:
    """As text, and as bytea is written in a dump."""
    return [secret.encode(), secret.encode().hex().encode()]


def _hits(secrets: dict[str, set[str]], haystack: bytes) -> list[str]:
    return [
        column
        for column, values in secrets.items()
        if any(spelling in haystack for secret in values for spelling in _spellings(secret))
    ]


def _name_in_the_clear(owner: Cursor) -> bytes:
    """Names are kept plain, for the look-up: a search that does not find one of them searches nothing."""
    (name,) = rows(owner, "SELECT given_name FROM registry_person LIMIT 1")[0]
    return str(name).encode()


@pytest.fixture
def secrets(owner: Cursor) -> dict[str, set[str]]:
    found = _secrets(owner)
    assert all(found.values()), f"no value in {[column for column, values in found.items() if not values]}"
    assert min(len(value) for values in found.values() for value in values) >= 8
    return found


def _pg_dump() -> str:
    if os.environ.get("DATABASE_URL") or os.environ.get("KHEDMAT_APP_URL"):
        return shutil.which("pg_dump") or "pg_dump"
    from khedmat.config.platform.postgres import cluster

    return cluster().binaries.program("pg_dump")


def test_dump_by_the_backup_role_shows_no_secret(owner: Cursor, secrets: dict[str, set[str]]) -> None:
    url = connection_settings().backup.url(database=str(connection.settings_dict["NAME"]))
    made = subprocess.run([_pg_dump(), "--data-only", "--schema=public", url], capture_output=True, check=True)
    assert _name_in_the_clear(owner) in made.stdout
    assert _hits(secrets, made.stdout) == []


def _as_superuser() -> psycopg.Connection[Any]:
    name = str(connection.settings_dict["NAME"])
    opened = psycopg.connect(admin_url(), dbname=name, autocommit=True)
    ((is_super,),) = opened.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchall()
    if not is_super:
        opened.close()
        pytest.skip("only a superuser reads the server's files")
    return opened


def test_files_of_the_tables_show_no_secret(owner: Cursor, secrets: dict[str, set[str]]) -> None:
    with _as_superuser() as admin:
        admin.execute("CHECKPOINT")
        found = admin.execute(
            "SELECT pg_read_binary_file(pg_relation_filepath(oid)) FROM pg_class "
            "WHERE relkind IN ('r', 'i', 't') AND relfilenode <> 0 AND pg_relation_size(oid) > 0 "
            "AND relnamespace IN ('public'::regnamespace, 'pg_toast'::regnamespace)"
        )
        everything = b"\n".join(bytes(part) for (part,) in found)
    assert _name_in_the_clear(owner) in everything
    assert _hits(secrets, everything) == []


def test_the_server_s_log_shows_no_secret_and_no_name(app: Cursor, world: World, secrets: dict[str, set[str]]) -> None:
    """A statement that fails carries its values; they must not reach the log."""
    canary = "CANARY-IN-A-FAILING-STATEMENT"
    with pytest.raises(psycopg.DatabaseError):
        app.execute(f"INSERT INTO registry_person (given_name) VALUES ('{canary}')".encode())
    with _as_superuser() as admin:
        if not rows(admin.cursor(), "SELECT 1 FROM pg_settings WHERE name = 'logging_collector' AND setting = 'on'"):
            pytest.skip("this server's log is kept elsewhere")
        logs = admin.execute(
            "SELECT pg_read_binary_file(current_setting('log_directory') || '/' || name) FROM pg_ls_logdir() "
            "WHERE modification > now() - interval '1 hour'"
        )
        everything = b"\n".join(bytes(part) for (part,) in logs)
    assert everything
    assert canary.encode() not in everything
    assert _hits(secrets, everything) == []


def test_stored_files_show_nothing(world: World) -> None:
    blobs = [path.read_bytes() for path in Path(settings.KHEDMAT_FILES_DIR).rglob("*") if path.is_file()]
    assert len(blobs) > 5
    for blob in blobs:
        assert b"%PDF" not in blob
        assert b"\xff\xd8\xff" not in blob[:64]
        assert b"JFIF" not in blob


def test_sealed_columns_are_those_that_were_promised() -> None:
    """Document numbers, phones, addresses, postal codes, free text about people, card numbers and tokens."""
    promised = {
        ("registry_household", "phone"),
        ("registry_household", "address"),
        ("registry_household", "postal_code"),
        ("registry_household", "code"),
        ("registry_person", "birth_place"),
        ("registry_persondocument", "number"),
        ("registry_question", "asked"),
        ("changes_changerequest", "details"),
        ("changes_changeitem", "new"),
        ("casework_decision", "reason"),
        ("cards_card", "number"),
        ("cards_card", "token"),
        ("cards_card", "revocation_reason"),
    }
    assert promised <= {(table, column) for table, column, _sealed_in, _sealed_for in _sealed_columns()}


@pytest.mark.django_db
def test_the_house_s_own_log_shows_nothing_of_a_family(cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    household = family(cast["narges"], 2, document="LOGGED1", name="کاناری")
    said = caplog.text
    for secret in ("LOGGED1", "کاناری", household.phone, household.address):
        assert secret not in said


@pytest.mark.django_db
def test_the_whole_line_logs_nothing_of_a_family(cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    crew = Crew(cast["narges"], cast["kamran"], cast["bahram"], cast["printer"])
    case = whole_line(crew, 1)
    from khedmat.vault.context import working_context

    with working_context(cast["narges"]):
        (member,) = case.household.members.all()
        secrets = [member.given_name, case.household.phone, case.household.address]
    assert not any(secret in caplog.text for secret in secrets)
