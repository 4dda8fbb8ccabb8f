"""What an actor may see, worked out by the owner in another way than the policies do, and attempts to pass them.

Every check answers with sentences that say what leaked; none when all is well.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import psycopg

from khedmat.common.actor import Actor
from khedmat.common.rows import RowClass
from tests.consistency.conftest import set_context
from tests.consistency.database import Cursor, columns, primary_key, row_key, rows, tables
from tests.consistency.row_guards import OF_THE_ROLE, OF_THE_USER, OF_TWO_PLACES, classes, household_column

Rows = Mapping[str, frozenset[Any]]


@dataclass(frozen=True)
class Truth:
    """Primary keys by table: all there are, and those that the actor may see."""

    everything: Rows
    visible: Rows

    def foreign(self, table: str) -> list[Any]:
        return sorted(self.everything[table] - self.visible[table], key=str)


def guarded_tables(cursor: Cursor) -> list[str]:
    """Personal and scoped tables, and those of a user's own."""
    declared = classes()
    guarded = {RowClass.PERSONAL, RowClass.SCOPED}
    return [name for name in tables(cursor) if declared.get(name) in guarded or name in OF_THE_USER]


def truth_for(owner: Cursor, actor: Actor | None) -> Truth:
    everything, visible = {}, {}
    granted, beneath = _granted(owner, actor), _beneath(owner, actor)
    for table in guarded_tables(owner):
        key = row_key(owner, table)
        everything[table] = frozenset(pk for (pk,) in rows(owner, f"SELECT {key} FROM {table}"))
        condition, values = _condition(owner, table, actor, granted, beneath)
        found = rows(owner, f"SELECT {key} FROM {table} WHERE {condition}", *values) if actor else []
        visible[table] = frozenset(pk for (pk,) in found)
    return Truth(everything, visible)


def _granted(owner: Cursor, actor: Actor | None) -> list[Any]:
    if actor is None:
        return []
    found = rows(
        owner,
        "SELECT household_id FROM accounts_grant WHERE user_id = %s AND scope_id = %s AND expires_at > now()",
        actor.user_id,
        actor.scope_id,
    )
    return [household for (household,) in found]


def _beneath(owner: Cursor, actor: Actor | None) -> list[int]:
    """The place and all below it, by parents (the policies go by path)."""
    if actor is None:
        return []
    children: dict[int, list[int]] = {}
    for place, parent in rows(owner, "SELECT id, parent_id FROM places_scope"):
        children.setdefault(parent, []).append(place)
    found, waiting = [], [actor.scope_id]
    while waiting:
        here = waiting.pop()
        found.append(here)
        waiting += children.get(here, [])
    return found


def _condition(
    owner: Cursor, table: str, actor: Actor | None, granted: list[Any], beneath: list[int]
) -> tuple[str, list[Any]]:
    if actor is None:
        return "false", []
    if table == "audit_entry":
        oversees = actor.role == "protection_officer"
        return (
            "household_id = ANY (%s) OR (%s AND scope_id = ANY (%s)) OR (actor_id = %s AND household_id IS NULL)",
            [granted, oversees, beneath, actor.user_id],
        )
    if table in OF_THE_ROLE:
        return "%s AND scope_id = %s", [actor.role in OF_THE_ROLE[table], actor.scope_id]
    if table in OF_THE_USER:
        return f"{OF_THE_USER[table]} = %s", [actor.user_id]
    if classes()[table] == RowClass.SCOPED:
        columns = OF_TWO_PLACES.get(table, ("scope_id",))
        return " OR ".join(f"{column} = ANY (%s)" for column in columns), [beneath] * len(columns)
    return f"{household_column(owner, table)} = ANY (%s)", [granted]


def visibility_faults(app: Cursor, actor: Actor | None, truth: Truth) -> list[str]:
    """Rows that show though they should not, and rows that should and do not, in any guarded table."""
    set_context(app, actor)
    found = []
    for table, expected in truth.visible.items():
        seen = {pk for (pk,) in rows(app, f"SELECT {_key(app, table)} FROM {table}")}
        ((count,),) = rows(app, f"SELECT count(*) FROM {table}")
        if foreign := seen - expected:
            found.append(f"{table}: {len(foreign)} foreign rows")
        if missing := expected - seen:
            found.append(f"{table}: {len(missing)} own rows are hidden")
        if count != len(seen):
            found.append(f"{table}: count(*) says {count}, the rows are {len(seen)}")
    return found


def unprotected_counts(app: Cursor) -> list[str]:
    """Without a context: any guarded table that shows a row, and what lets a row be counted otherwise."""
    set_context(app, None)
    found = []
    for table in guarded_tables(app):
        ((count,),) = rows(app, f"SELECT count(*) FROM {table}")
        if count:
            found.append(f"{table}: {count} rows without a context")
    return found


def change_faults(app: Cursor, actor: Actor | None, truth: Truth) -> list[str]:
    """Foreign rows that an UPDATE or DELETE of the app reaches."""
    set_context(app, actor)
    found = []
    for table in truth.everything:
        foreign = truth.foreign(table)
        if not foreign:
            continue
        key = _key(app, table)
        column = _updatable(app, table)
        where = f"WHERE {key} = ANY (%s)"
        found += _reached(app, f"UPDATE {table} SET {column} = {column} {where}", foreign, f"{table}: UPDATE")
        found += _reached(app, f"DELETE FROM {table} {where}", foreign, f"{table}: DELETE")
        found += _reached(app, f"SELECT 1 FROM {table} {where} FOR SHARE", foreign, f"{table}: FOR SHARE")
    return found


def _reached(app: Cursor, statement: str, foreign: list[Any], what: str) -> list[str]:
    app.execute("SAVEPOINT attempt")
    try:
        app.execute(statement.encode(), [foreign])
        touched = app.rowcount
    except psycopg.errors.InsufficientPrivilege:
        touched = 0
    finally:
        app.execute("ROLLBACK TO SAVEPOINT attempt")
    return [f"{what} reached {touched} foreign rows"] if touched else []


def _updatable(app: Cursor, table: str) -> str:
    """A column that the app may write, so that the policy is asked and not the privilege alone."""
    found = rows(
        app,
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND attgenerated = '' "
        "AND NOT attisdropped ORDER BY has_column_privilege(attrelid, attnum, 'UPDATE') DESC, attnum LIMIT 1",
        table,
    )
    return str(found[0][0])


def attach_faults(both: Any, actor: Actor, truth: Truth, *, own: list[Any], foreign: Any) -> list[str]:
    """Tables into which the app can write a row of the foreign household, by copying one of its own households'."""
    found = []
    cursor = both.as_owner()
    for table in guarded_tables(cursor):
        column = household_column(cursor, table)
        if column is None:
            continue
        copied = _copy_of(both.as_owner(), table, column, own)
        if copied is None:
            found.append(f"{table}: the world has no row of the actor's own household to copy")
            continue
        copied[column] = foreign
        found += _inserted(both.as_app(), actor, table, copied)
    return found


def scope_faults(both: Any, actor: Actor, truth: Truth, *, foreign_scope: int) -> list[str]:
    """Scoped tables into which the app can write a row of a foreign place."""
    found = []
    for table in guarded_tables(both.as_owner()):
        if classes().get(table) != RowClass.SCOPED:
            continue
        column = OF_TWO_PLACES.get(table, ("scope_id",))[0]
        copied = _copy_of(both.as_owner(), table, column, [actor.scope_id]) or _copy_of(both.as_owner(), table)
        if copied is not None:
            copied[column] = foreign_scope
            found += _inserted(both.as_app(), actor, table, copied)
    return found


def _copy_of(owner: Cursor, table: str, column: str = "", value: Any = None) -> dict[str, Any] | None:
    """One row as a dictionary, with a fresh primary key; without generated columns."""
    names = [one.name for one in columns(owner, table) if not one.is_generated]
    where = f"WHERE {column} = ANY (%s)" if column else ""
    found = rows(owner, f"SELECT {', '.join(names)} FROM {table} {where} LIMIT 1", *([value] if column else []))
    if not found:
        return None
    copied = dict(zip(names, found[0], strict=True))
    key = primary_key(owner, table)
    kinds = {one.name: one.type for one in columns(owner, table)}
    copied[key] = uuid4() if kinds[key] == "uuid" else 2**40
    return {name: _adapted(value, kinds[name]) for name, value in copied.items()}


def _adapted(value: Any, kind: str) -> Any:
    return psycopg.types.json.Jsonb(value) if kind == "jsonb" else value


def _inserted(app: Cursor, actor: Actor, table: str, values: dict[str, Any]) -> list[str]:
    set_context(app, actor)
    places = ", ".join(["%s"] * len(values))
    app.execute("SAVEPOINT attempt")
    try:
        app.execute(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({places})".encode(), list(values.values()))
    except psycopg.errors.InsufficientPrivilege:
        return []
    except psycopg.errors.IntegrityError as error:
        # The policy is asked before any constraint: to come this far means that it let the row pass.
        return [f"{table}: only a constraint stopped a foreign row ({type(error).__name__})"]
    finally:
        app.execute("ROLLBACK TO SAVEPOINT attempt")
    return [f"{table}: a row was written for what is invisible"]


def _key(cursor: Cursor, table: str) -> str:
    return row_key(cursor, table)
