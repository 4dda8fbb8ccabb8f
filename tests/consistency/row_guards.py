"""Checks of the rows' protection. Each answers with sentences that say what is wrong; none when all is well.

They take a cursor, so that the very same check runs on the real database and on one with a guard switched off.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django.apps import apps
from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import RunSQL

from khedmat.common.database_roles import app_role, matcher_role, migrator_role
from khedmat.common.rows import RowClass
from khedmat.config.row_classes import THIRD_PARTY
from tests.consistency.database import (
    Cursor,
    Relation,
    column_names,
    foreign_keys,
    guard_functions,
    privileges,
    reachable,
    relations,
    rows,
    tables,
)

NEVER = frozenset({"TRUNCATE", "REFERENCES", "TRIGGER"})
PROTECTED = frozenset({RowClass.PERSONAL, RowClass.SCOPED})
# Rows of a user's own, kept by a policy that names no household and no place.
OF_THE_USER = {"accounts_grant": "user_id", "registry_lookup": "user_id"}
# Rows of a place that name people by their ids, shown to those who work in one of these roles there.
OF_THE_ROLE = {
    "imports_stagedrow": frozenset({"register_keeper"}),
    "duplicates_duplicatepair": frozenset({"register_keeper", "matcher"}),
    "duplicates_answer": frozenset({"register_keeper"}),
    "duplicates_personlink": frozenset({"register_keeper"}),
}
# Scoped rows that belong to two places, and are seen from either; the first is the one that writes them.
OF_TWO_PLACES = {"casework_referral": ("from_scope_id", "to_scope_id")}
# All that the matcher may do.
MATCHER_MAY_CALL = "guard.people_to_match()"
# The household itself is named by its own key.
HOUSEHOLD_COLUMN = {"registry_household": "id"}
_REVOKE = re.compile(r"REVOKE\s+([^;]+?)\s+ON\s+(?:TABLE\s+)?(\w+)\s+FROM\s+(\w+)")
_GRANT = re.compile(r"GRANT\s+((?:(?!GRANT)[^;])+?)\s+ON\s+(?:TABLE\s+)?(\w+)\s+TO\s+(\w+)")
# Called by other definer functions alone: whoever could call it would open any family.
NOT_FOR_THE_APP = ("open_grant", "require_installer")
# In schema guard and not in public: the keys of the context, for the owner's eyes only.
KEPT_FROM_ALL = frozenset({"guard.context_key"})


def declarations() -> list[tuple[str, RowClass]]:
    """(table, class) for each statement of a class: by our models, and in the list of third-party tables."""
    own = [
        (model._meta.db_table, row_class)
        for model in apps.get_models(include_auto_created=True)
        if isinstance(row_class := getattr(model, "row_class", None), RowClass) and model._meta.managed
    ]
    return own + [(table, row_class) for table, (row_class, _grants) in THIRD_PARTY.items()]


def classes() -> dict[str, RowClass]:
    return dict(declarations())


def people_tables() -> set[str]:
    return {table for table, row_class in declarations() if row_class == RowClass.PERSONAL}


def household_column(cursor: Cursor, table: str) -> str | None:
    """The column that says whose row it is, if the table has one."""
    if table in HOUSEHOLD_COLUMN:
        return HOUSEHOLD_COLUMN[table]
    return "household_id" if "household_id" in column_names(cursor, table) else None


def declaration_faults(cursor: Cursor, declared: Iterable[tuple[str, RowClass]] | None = None) -> list[str]:
    """A table with no class or with two, and a class with no table."""
    stated = [table for table, _row_class in (declarations() if declared is None else declared)]
    there = tables(cursor)
    return (
        [f"{table} has no row class" for table in there if table not in stated]
        + [f"{table} states its row class twice" for table in set(stated) if stated.count(table) > 1]
        + [f"{table} is declared and is not there" for table in stated if table not in there]
    )


def protection_faults(cursor: Cursor) -> list[str]:
    """A protected table without forced row-level security, or with a policy that binds no one."""
    declared, found = classes(), []
    for table in relations(cursor):
        if not table.holds_rows or table.schema != "public":
            continue
        needs = declared.get(table.name) in PROTECTED or table.name in OF_THE_USER or table.is_rls_on
        if needs and not (table.is_rls_on and table.is_rls_forced):
            found.append(f"{table.name}: row-level security is not enabled and forced")
        if needs:
            found += _policy_faults(cursor, table.name, declared.get(table.name))
    return found


def _policy_faults(cursor: Cursor, table: str, row_class: RowClass | None) -> list[str]:
    policies = rows(
        cursor,
        "SELECT polname, polpermissive, polroles::regrole[]::text[], pg_get_expr(polqual, polrelid), "
        "pg_get_expr(polwithcheck, polrelid), polcmd::text FROM pg_policy WHERE polrelid = %s::regclass",
        table,
    )
    found = []
    open_to = [(name, expr, cmd) for name, yes, who, expr, _, cmd in policies if yes and who != [migrator_role()]]
    if not open_to:
        found.append(f"{table}: no policy for the app")
    for name, yes, who, expression, check, _command in policies:
        if yes and set(who) - {app_role(), migrator_role()}:
            found.append(f"{table}: policy {name} is for {who}")
        if who == [migrator_role()] or row_class not in PROTECTED:
            continue
        for condition in filter(None, (expression, check)):
            if condition != "false" and "guard." not in condition:
                found.append(f"{table}: policy {name} asks no guard: {condition}")
            if "guard." in condition and "SELECT guard." not in condition:
                found.append(f"{table}: policy {name} calls a guard outside (SELECT …)")
    return found


def ownership_faults(cursor: Cursor) -> list[str]:
    """Anything that does not belong to the migrator; a view that shows its owner's rows; a stored view at all."""
    found = []
    for one in relations(cursor):
        if one.owner != migrator_role():
            found.append(f"{one.name} belongs to {one.owner}")
        if one.kind == "v" and not _is_invoker(one):
            found.append(f"{one.name}: the view does not ask as its reader (security_invoker)")
        if one.kind == "m":
            found.append(f"{one.name}: a materialised view keeps rows past their policies")
        if one.kind == "f":
            found.append(f"{one.name}: row-level security does not reach a foreign table")
    owned = rows(
        cursor,
        "SELECT classid::regclass::text, objid::text FROM pg_shdepend WHERE deptype = 'o' "
        "AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) "
        "AND refclassid = 'pg_authid'::regclass AND refobjid <> %s::regrole "
        "AND refobjid IN (SELECT oid FROM pg_roles WHERE rolname = ANY (%s))",
        migrator_role(),
        [app_role(), *_other_roles()],
    )
    return found + [f"a role other than the owner's owns {kind} {number}" for kind, number in owned]


def _is_invoker(view: Relation) -> bool:
    return bool({"security_invoker=true", "security_invoker=on", "security_invoker=1"} & set(view.options))


def _other_roles() -> list[str]:
    from django.conf import settings

    roles = settings.KHEDMAT_DATABASE_ROLES
    return [roles.inspection, roles.backup, roles.matcher]


def privilege_faults(cursor: Cursor) -> list[str]:
    """A privilege of the app beyond what its migration grants, or beyond what its class may ever have."""
    declared, granted, found = classes(), declared_privileges(), []
    for one in relations(cursor):
        name = one.name if one.schema == "public" else f"{one.schema}.{one.name}"
        held = privileges(cursor, app_role(), name)
        if name in KEPT_FROM_ALL:
            found += [f"{name}: the app holds {sorted(held)}"] if held else []
            continue
        stated = granted.get(name, frozenset())
        extra = {privilege for privilege in held - stated if privilege.split(" ", 1)[0] not in stated}
        if extra:
            found.append(f"{name}: the app holds {sorted(extra)} beyond its migration")
        found += [f"{name}: the app holds {bad}" for bad in sorted(NEVER & {p.split()[0] for p in held})]
        if declared.get(one.name) in {*PROTECTED, RowClass.REFERENCE} and "DELETE" in held:
            found.append(f"{name}: the app may delete rows")
        writes = {p.split()[0] for p in held} & {"INSERT", "UPDATE"}
        if declared.get(one.name) == RowClass.REFERENCE and writes and not one.is_rls_forced:
            found.append(f"{name}: the app may write what everybody reads, without any context")
        found += _public_privileges(cursor, name)
    return found


def _public_privileges(cursor: Cursor, name: str) -> list[str]:
    held = rows(
        cursor,
        "SELECT DISTINCT privilege_type FROM pg_class c, aclexplode(c.relacl) a "
        "WHERE c.oid = %s::regclass AND a.grantee = 0",
        name,
    )
    return [f"{name}: PUBLIC holds {privilege}" for (privilege,) in held]


@lru_cache(maxsize=1)
def declared_privileges() -> dict[str, frozenset[str]]:
    """What migrations grant to the app, read from their SQL; what one takes back, no other grants again."""
    loader = MigrationLoader(connections["migrator"], ignore_no_migrations=True)
    found: dict[str, set[str]] = {}
    statements = [
        str(operation.sql)
        for migration in loader.disk_migrations.values()
        for operation in migration.operations
        if isinstance(operation, RunSQL)
    ]
    for statement in statements:
        for grants, table, role in _GRANT.findall(statement):
            if role == app_role():
                found.setdefault(table, set()).update(_each_privilege(grants))
    for statement in statements:
        for taken, table, role in _REVOKE.findall(statement):
            if role == app_role() and table in found:
                found[table] -= _each_privilege(taken)
    return {table: frozenset(held) for table, held in found.items()}


def _each_privilege(grants: str) -> set[str]:
    held = set()
    for privilege, inside in re.findall(r"(\w+)\s*(?:\(([^)]*)\))?", grants):
        held |= {f"{privilege} ({column.strip()})" for column in inside.split(",")} if inside else {privilege}
    return held


def function_faults(cursor: Cursor) -> list[str]:
    """A definer function that resolves names by its caller's path, or that everybody may call."""
    found = []
    for signature, is_definer, settings, is_public in guard_functions(cursor):
        path = next((one for one in settings if one.startswith("search_path=")), "")
        if is_definer and not path:
            found.append(f"{signature}: a definer function without a fixed search_path")
        if is_definer and path and not path.rstrip('"').endswith("pg_temp"):
            found.append(f"{signature}: temporary objects come first in its search_path")
        if is_public:
            found.append(f"{signature}: PUBLIC may execute it")
        ((may,),) = rows(cursor, "SELECT has_function_privilege(%s, %s, 'EXECUTE')", app_role(), signature)
        if may and signature.split("(")[0].removeprefix("guard.") in NOT_FOR_THE_APP:
            found.append(f"{signature}: the app may execute it")
    strangers = rows(
        cursor,
        "SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace "
        "WHERE p.prosecdef AND n.nspname NOT IN ('guard', 'pg_catalog', 'information_schema')",
    )
    return found + [f"{name}: a definer function outside schema guard" for (name,) in strangers]


def role_faults(cursor: Cursor, inspection: str) -> list[str]:
    """What would let a role past the policies; the inspection role's rights to people's tables."""
    found = []
    for role in (app_role(), migrator_role(), inspection, matcher_role()):
        (row,) = rows(cursor, "SELECT rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname = %s", role)
        labels = ("is a superuser", "bypasses row-level security", "may create roles")
        found += [f"{role} {label}" for label, is_so in zip(labels, row, strict=True) if is_so]
    member = rows(
        cursor,
        "SELECT pg_get_userbyid(member), pg_get_userbyid(roleid) FROM pg_auth_members "
        "WHERE member IN (SELECT oid FROM pg_roles WHERE rolname = ANY (%s))",
        [app_role(), inspection, matcher_role()],
    )
    found += [f"{who} is a member of {of}" for who, of in member]
    for table in tables(cursor):
        if table in people_tables() and (held := privileges(cursor, inspection, table)):
            found.append(f"{table}: the inspection role holds {sorted(held)}")
    for privilege in ("CREATE", "TEMPORARY"):
        for role in (app_role(), inspection, matcher_role()):
            ((may,),) = rows(cursor, "SELECT has_database_privilege(%s, current_database(), %s)", role, privilege)
            found += [f"{role} holds {privilege} on the database"] if may else []
            if privilege == "CREATE":
                ((may,),) = rows(cursor, "SELECT has_schema_privilege(%s, 'public', 'CREATE')", role)
                found += [f"{role} may create in schema public"] if may else []
    return found


def matcher_faults(cursor: Cursor) -> list[str]:
    """Anything that the matcher may read or call beside its one function; a schema it has no business in."""
    found = []
    for one in relations(cursor):
        name = one.name if one.schema == "public" else f"{one.schema}.{one.name}"
        if held := privileges(cursor, matcher_role(), name):
            found.append(f"{name}: the matcher holds {sorted(held)}")
    for signature, _is_definer, _settings, _is_public in guard_functions(cursor):
        ((may,),) = rows(cursor, "SELECT has_function_privilege(%s, %s, 'EXECUTE')", matcher_role(), signature)
        if may != (signature == MATCHER_MAY_CALL):
            found.append(f"{signature}: the matcher {'may' if may else 'may not'} execute it")
    schemas = rows(
        cursor,
        "SELECT nspname FROM pg_namespace WHERE has_schema_privilege(%s, oid, 'USAGE') "
        "AND nspname NOT IN ('guard', 'pg_catalog', 'information_schema') AND nspname NOT LIKE 'pg_%%'",
        matcher_role(),
    )
    return found + [f"the matcher may enter schema {schema}" for (schema,) in schemas]


def inspection_path_faults(cursor: Cursor) -> list[str]:
    """A way along foreign keys from a table of inspections to a person, either way round."""
    keys, people = foreign_keys(cursor), people_tables()
    found = []
    for table in tables(cursor):
        if not table.startswith("inspections_"):
            continue
        found += [f"{table} leads to {target}" for target in sorted(reachable(keys, table) & people)]
        found += [f"{key.table} leads to {table}" for key in keys if key.target == table and key.table in people]
        if "household_id" in column_names(cursor, table) or "person_id" in column_names(cursor, table):
            found.append(f"{table} names a person")
    return found


def composite_key_faults(cursor: Cursor) -> list[str]:
    """A key between two tables of households, or of places, that does not carry the household or place along.

    PostgreSQL checks foreign keys without row-level security: the plain key alone lets a row of one family
    hang on a row of another.
    """
    keys, found = foreign_keys(cursor), []
    declared = classes()
    for column in ("household_id", "scope_id"):
        holders = {table for table in tables(cursor) if column in column_names(cursor, table)}
        for key in keys:
            # A membership outlives the person's stay, and nobody but a trigger writes it.
            if key.table == "registry_membership":
                continue
            if {key.table, key.target} <= holders and len(key.columns) == 1 and key.columns[0] != column:
                if column == "scope_id" and {declared.get(key.table), declared.get(key.target)} != {RowClass.SCOPED}:
                    continue
                if not _is_tied(keys, key.table, key.target, {key.columns[0], column}):
                    found.append(f"{key.table}.{key.columns[0]} → {key.target} does not carry {column}")
    return found + _untied_people(cursor, keys)


def _untied_people(cursor: Cursor, keys: Iterable[Any]) -> list[str]:
    """Tables that the app writes and that name a person by no key at all."""
    return [
        f"{table}.person_id hangs on nobody"
        for table in tables(cursor)
        if {"person_id", "household_id"} <= set(column_names(cursor, table))
        and {"INSERT", "UPDATE"} & privileges(cursor, app_role(), table)
        and not any(key.table == table and "person_id" in key.columns for key in keys)
    ]


def _is_tied(keys: Iterable[Any], table: str, target: str, needed: set[str]) -> bool:
    # A person's membership carries both the person and the household: it ties as the person itself does.
    targets = {target, "registry_membership"} if target == "registry_person" else {target}
    return any(key.table == table and key.target in targets and needed <= set(key.columns) for key in keys)


def structure_faults(cursor: Cursor, inspection: str) -> list[str]:
    """All of the above."""
    return [
        *declaration_faults(cursor),
        *protection_faults(cursor),
        *ownership_faults(cursor),
        *privilege_faults(cursor),
        *function_faults(cursor),
        *role_faults(cursor, inspection),
        *matcher_faults(cursor),
        *inspection_path_faults(cursor),
        *composite_key_faults(cursor),
    ]
