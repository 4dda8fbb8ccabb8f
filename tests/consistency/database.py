"""What the database itself says: its tables, columns, keys, policies and privileges. Nothing is listed by hand.

Every function takes an open psycopg cursor, so that the same question can be asked as any role, and in a
transaction in which a guard has been switched off.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg

Cursor = psycopg.Cursor[Any]
PRIVILEGES = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
OWN_SCHEMAS_ONLY = (
    "n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') AND n.nspname NOT LIKE 'pg_temp%%'"
    " AND n.nspname NOT LIKE 'pg_toast_temp%%'"
)


@dataclass(frozen=True, slots=True)
class Relation:
    """A table (r, p), view (v), materialised view (m) or foreign table (f)."""

    schema: str
    name: str
    kind: str
    owner: str
    is_rls_on: bool
    is_rls_forced: bool
    options: tuple[str, ...]

    @property
    def holds_rows(self) -> bool:
        return self.kind in {"r", "p", "f"}


@dataclass(frozen=True, slots=True)
class Column:
    """One column as the catalogue has it."""

    name: str
    type: str
    is_required: bool
    is_generated: bool


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """Columns of `table` that point at columns of `target`, in order."""

    name: str
    table: str
    columns: tuple[str, ...]
    target: str
    target_columns: tuple[str, ...]


def rows(cursor: Cursor, statement: str, *values: object) -> list[Any]:
    cursor.execute(statement, values or None)
    return cursor.fetchall()


def relations(cursor: Cursor) -> list[Relation]:
    """Everything that can be selected from, in every schema of ours."""
    found = rows(
        cursor,
        "SELECT n.nspname, c.relname, c.relkind::text, pg_get_userbyid(c.relowner), c.relrowsecurity, "
        "c.relforcerowsecurity, coalesce(c.reloptions, '{}') FROM pg_class c "
        "JOIN pg_namespace n ON n.oid = c.relnamespace "
        f"WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND {OWN_SCHEMAS_ONLY} ORDER BY 1, 2".replace("%%", "%"),
    )
    return [
        Relation(schema, name, kind, owner, is_on, is_forced, tuple(options))
        for schema, name, kind, owner, is_on, is_forced, options in found
    ]


def tables(cursor: Cursor) -> list[str]:
    """Names of what holds rows in schema public."""
    return [one.name for one in relations(cursor) if one.schema == "public" and one.holds_rows]


def columns(cursor: Cursor, table: str) -> list[Column]:
    found = rows(
        cursor,
        "SELECT attname, format_type(atttypid, atttypmod), attnotnull, attgenerated <> '' FROM pg_attribute "
        "WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
        table,
    )
    return [Column(*row) for row in found]


def column_names(cursor: Cursor, table: str) -> list[str]:
    return [column.name for column in columns(cursor, table)]


def row_key(cursor: Cursor, table: str) -> str:
    """An expression that tells the rows of a table apart, whatever the primary key consists of."""
    found = rows(
        cursor,
        "SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey) "
        "WHERE i.indrelid = %s::regclass AND i.indisprimary ORDER BY a.attnum",
        table,
    )
    names = [str(name) for (name,) in found]
    return names[0] if len(names) == 1 else f"concat_ws('/', {', '.join(names)})"


def primary_key(cursor: Cursor, table: str) -> str:
    """The first column of the primary key, most often the only one."""
    (row,) = rows(
        cursor,
        "SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] "
        "WHERE i.indrelid = %s::regclass AND i.indisprimary",
        table,
    )
    return str(row[0])


def foreign_keys(cursor: Cursor) -> list[ForeignKey]:
    """Every foreign key of schema public."""
    found = rows(
        cursor,
        "SELECT k.conname, s.relname, "
        "(SELECT array_agg(a.attname::text ORDER BY u.place) FROM unnest(k.conkey) WITH ORDINALITY u(num, place) "
        " JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.num), t.relname, "
        "(SELECT array_agg(a.attname::text ORDER BY u.place) FROM unnest(k.confkey) WITH ORDINALITY u(num, place) "
        " JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.num) "
        "FROM pg_constraint k JOIN pg_class s ON s.oid = k.conrelid JOIN pg_class t ON t.oid = k.confrelid "
        "JOIN pg_namespace n ON n.oid = s.relnamespace WHERE k.contype = 'f' AND n.nspname = 'public' ORDER BY 1",
    )
    return [ForeignKey(name, table, tuple(cols), target, tuple(to)) for name, table, cols, target, to in found]


def privileges(cursor: Cursor, role: str, table: str) -> frozenset[str]:
    """What a role may do with a whole table, or with some of its columns, as `UPDATE (step)`."""
    held = set()
    for privilege in PRIVILEGES:
        ((on_table,),) = rows(cursor, "SELECT has_table_privilege(%s, %s::regclass, %s)", role, table, privilege)
        if on_table:
            held.add(privilege)
        elif privilege in {"SELECT", "INSERT", "UPDATE", "REFERENCES"}:
            on_columns = rows(
                cursor,
                "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped "
                "AND has_column_privilege(%s, attrelid, attnum, %s)",
                table,
                role,
                privilege,
            )
            held |= {f"{privilege} ({name})" for (name,) in on_columns}
    return frozenset(held)


def reachable(keys: list[ForeignKey], start: str) -> set[str]:
    """Tables that foreign keys lead to from `start`, however many steps away."""
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        here = waiting.pop()
        for key in keys:
            if key.table == here and key.target not in seen:
                seen.add(key.target)
                waiting.append(key.target)
    return seen


def guard_functions(cursor: Cursor) -> Iterator[tuple[str, bool, tuple[str, ...], bool]]:
    """(signature, is SECURITY DEFINER, settings, may PUBLIC execute) of each function of schema guard."""
    found = rows(
        cursor,
        "SELECT p.oid::regprocedure::text, p.prosecdef, coalesce(p.proconfig, '{}'), "
        "EXISTS (SELECT 1 FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a "
        "        WHERE a.grantee = 0 AND a.privilege_type = 'EXECUTE') "
        "FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'guard' ORDER BY 1",
    )
    for signature, is_definer, settings, is_public in found:
        yield signature, is_definer, tuple(settings), is_public
