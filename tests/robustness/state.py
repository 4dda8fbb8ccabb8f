"""What a request has written, seen by the tables' owner from inside the request's own transaction.

A row's `xmin` names the (sub)transaction that wrote it, so `(rows, newest xmin)` of a table changes with every row
that is inserted, changed or deleted and stays: an exact answer, for the price of one statement. PostgreSQL counts what
a transaction inserts, changes and deletes in each table, rolled back or not: where that count stands still, nothing
was written, and the table need not be read.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection

from khedmat.common.database_roles import app_role
from khedmat.config.platform.database import connection_settings

# Written by reading and looking, whatever comes of the request: the record of reads, the openings that the budget
# counts, and what a browser's session and the throttle keep.
RECORDS_OF_READING = frozenset(
    {"accounts_grant", "registry_lookup", "audit_entry of reads", "config_cache", "django_session"}
)
READS = (
    "household.opened",
    "household.read",
    "file.read",
    "letter.read",
    "slip.missed",
    "register.looked-up",
    "read-budget.spent",
)
_SCHEMA = "robustness"

State = dict[str, tuple[int, int]]


@contextmanager
def owners_eye() -> Iterator[None]:
    """While it lasts, the app's role may ask the owner for the state of all tables."""
    with _owner() as owner:
        owner.execute(f"DROP SCHEMA IF EXISTS {_SCHEMA} CASCADE".encode())
        owner.execute(f"CREATE SCHEMA {_SCHEMA}".encode())
        owner.execute(f"GRANT USAGE ON SCHEMA {_SCHEMA} TO {app_role()}".encode())
        tables = [row[0] for row in owner.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
        owner.execute(_writes(owner))
        owner.execute(_function("state", "bigint", map(_count, sorted(tables))))
        for table in tables:
            owner.execute(_function(f"state_of_{table}", "bigint", [_count(table)]))
        owner.execute(_function("ids", "text", map(_ids, sorted(_with_uuid(owner)))))
        owner.execute(f"GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA {_SCHEMA} TO {app_role()}".encode())
    try:
        yield
    finally:
        with _owner() as owner:
            owner.execute("SET lock_timeout = '20s'")
            owner.execute(f"DROP SCHEMA {_SCHEMA} CASCADE".encode())


def state() -> State:
    """Rows and newest writer of every table, as the current transaction sees it."""
    return _read(["state"])


class Watch:
    """Tells what each request wrote, as long as each one is undone before the next."""

    def __init__(self) -> None:
        self._before, self._writes = state(), _counts_of_writes()

    def written(self) -> dict[str, int]:
        """Tables that differ from those of the beginning, with by how many rows."""
        writes = _counts_of_writes()
        # Whatever was written and undone in between moved the counts too: then those tables are read.
        touched = [table for table, count in writes.items() if count != self._writes[table]]
        self._writes = writes
        return changes(self._before, _read([f"state_of_{table}" for table in touched])) if touched else {}


def _read(functions: list[str]) -> State:
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(f"SELECT place, rows, newest FROM {_SCHEMA}.{one}()" for one in functions))
        return {place: (rows, newest) for place, rows, newest in cursor.fetchall()}


def _counts_of_writes() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_SCHEMA}.writes()")
        counts: dict[str, int] = json.loads(cursor.fetchone()[0])
        return counts


def changes(before: State, after: State) -> dict[str, int]:
    """Tables that differ, with by how many rows."""
    return {place: after[place][0] - before[place][0] for place in after if after[place] != before[place]}


def ids() -> dict[str, list[str]]:
    """The random ids of each table's rows."""
    found: dict[str, list[str]] = {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT place, rows FROM robustness.ids()")
        for table, one in cursor.fetchall():
            found.setdefault(table, []).append(one)
    return found


def _owner() -> psycopg.Connection[Any]:
    url = connection_settings().migrator.url(database=str(connection.settings_dict["NAME"]))
    return psycopg.connect(url, autocommit=True)


def _function(name: str, kind: str, selects: Any) -> bytes:
    body = "\nUNION ALL ".join(selects)
    answers = f"place text, rows {kind}" + (", newest bigint" if name.startswith("state") else "")
    return (
        f"CREATE FUNCTION {_SCHEMA}.{name}() RETURNS TABLE({answers}) LANGUAGE plpgsql SECURITY DEFINER "
        f"SET search_path = public, pg_temp AS $$ BEGIN RETURN QUERY {body}; END $$"
    ).encode()


def _writes(owner: psycopg.Connection[Any]) -> bytes:
    """Rows inserted, changed and deleted by this transaction in each table, as JSON; TRUNCATE is revoked."""
    found = owner.execute(
        "SELECT oid, relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
    ).fetchall()
    oids, names = ", ".join(str(row[0]) for row in found), ", ".join(str(row[1]) for row in found)
    counts = " + ".join(f"pg_stat_get_xact_tuples_{kind}(oid)" for kind in ("inserted", "updated", "deleted"))
    return (
        f"CREATE FUNCTION {_SCHEMA}.writes() RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN (SELECT "
        f"json_object_agg(name, {counts}) FROM unnest('{{{oids}}}'::oid[], '{{{names}}}'::text[]) one(oid, name)); "
        f"END $$"
    ).encode()


def _count(table: str) -> str:
    if table != "audit_entry":
        return _counted(table, "", "true")
    reads = ", ".join(f"'{action}'" for action in READS)
    return f"{_counted(table, ' of reads', f'action IN ({reads})')} UNION ALL " + _counted(
        table, "", f"action NOT IN ({reads})"
    )


def _counted(table: str, words: str, condition: str) -> str:
    return (
        f"SELECT '{table}{words}'::text, count(*), coalesce(max(t.xmin::text::bigint), 0) "
        f"FROM {table} t WHERE {condition}"
    )


def _ids(table: str) -> str:
    return f"SELECT '{table}'::text, t.id::text FROM {table} t"


def _with_uuid(owner: psycopg.Connection[Any]) -> list[str]:
    found = owner.execute(
        "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'id' "
        "AND data_type = 'uuid' AND table_name <> 'django_migrations'"
    )
    return [str(row[0]) for row in found]
