"""The database roles and what each may do: the SQL, its text for a database administrator, its application.

The owner, the site, the inspections, the backup and the matcher are five roles, because a table's owner and a superuser
see every row whatever the policies say. Works on PostgreSQL 15 and newer; repeating it changes nothing.
"""

from collections.abc import Mapping
from typing import Final

import psycopg
from psycopg import sql

from khedmat.config.platform.database import PURPOSES, RoleNames
from khedmat.config.platform.errors import PlatformError

_ATTRIBUTES = {
    "migrator": "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS",
    "app": "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS",
    "inspection": "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS",
    "backup": "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION BYPASSRLS",
    "matcher": "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS",
}
_TIMEOUTS: Final = {
    "statement_timeout": "30s",
    "idle_in_transaction_session_timeout": "60s",
    "lock_timeout": "10s",
}
# One reading of a whole province; nobody waits for it at a counter.
_TIMEOUTS_OF_MATCHER: Final = {**_TIMEOUTS, "statement_timeout": "10min"}


def role_statements(names: RoleNames) -> list[str]:
    """The statements for the whole server: the five roles without passwords, and their limits."""
    statements = []
    for purpose in PURPOSES:
        role, attributes = getattr(names, purpose), _ATTRIBUTES[purpose]
        statements.append(
            f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') "
            f"THEN CREATE ROLE {role} {attributes}; END IF; END $$"
        )
        statements.append(_attributes_statement(role, attributes))
    statements.append(f"GRANT pg_read_all_data TO {names.backup}")
    limits = {names.app: _TIMEOUTS, names.inspection: _TIMEOUTS, names.matcher: _TIMEOUTS_OF_MATCHER}
    for role, timeouts in limits.items():
        statements += [f"ALTER ROLE {role} SET {name} = '{value}'" for name, value in timeouts.items()]
    return statements


def database_statements(names: RoleNames, database: str) -> list[str]:
    """The statements for inside one database, owned by the migrator: nobody holds what is not listed."""
    others = f"{names.app}, {names.inspection}"
    return [
        f"REVOKE ALL ON DATABASE {database} FROM PUBLIC, {others}, {names.backup}, {names.matcher}",
        f"GRANT CONNECT ON DATABASE {database} TO {others}, {names.backup}, {names.matcher}",
        f"ALTER SCHEMA public OWNER TO {names.migrator}",
        "REVOKE ALL ON SCHEMA public FROM PUBLIC",
        # The matcher has no business in schema public: what it may call is granted by a migration.
        f"REVOKE ALL ON SCHEMA public FROM {others}, {names.matcher}",
        f"GRANT USAGE ON SCHEMA public TO {others}",
        # PostgreSQL lets everybody call a new function: a definer's function must be granted by name.
        f"ALTER DEFAULT PRIVILEGES FOR ROLE {names.migrator} REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC",
    ]


def script(names: RoleNames) -> str:
    """The whole as text for psql, to be run by a database administrator on database `postgres`.

    The passwords are psql variables: `psql -v migrator_password=… -v app_password=… …`.
    """
    lines = [
        "-- Roles and database of Khedmat. Run it with psql as a superuser; repeating it changes nothing.",
        "-- Give the five passwords as psql variables; each role needs its own:",
        *(
            f"--   -v {purpose}_password=...   of role {getattr(names, purpose)}: {_DUTIES[purpose]}"
            for purpose in PURPOSES
        ),
        "\\set ON_ERROR_STOP on",
        "SET password_encryption = 'scram-sha-256';",
        *(f"{statement};" for statement in role_statements(names)),
        *(f"ALTER ROLE {getattr(names, purpose)} PASSWORD :'{purpose}_password';" for purpose in PURPOSES),
        _creation_unless_there(names),
        f"\\connect {names.database}",
        *(f"{statement};" for statement in database_statements(names, names.database)),
    ]
    return "\n".join(lines) + "\n"


def _creation_unless_there(names: RoleNames) -> str:
    """CREATE DATABASE knows no IF NOT EXISTS: psql makes the statement from a query and runs it."""
    creation = f"CREATE DATABASE {names.database} OWNER {names.migrator} TEMPLATE template0 ENCODING ''UTF8''"
    there = f"SELECT FROM pg_database WHERE datname = '{names.database}'"
    return f"SELECT '{creation}' WHERE NOT EXISTS ({there}) \\gexec"


_DUTIES = {
    "migrator": "owns the database and changes its tables",
    "app": "serves pages and jobs, owns nothing, bound by row-level security",
    "inspection": "serves inspections, sees no people",
    "backup": "reads everything for a backup, writes nothing",
    "matcher": "looks for likely duplicates: reads names and birth dates of one province, writes nothing",
}


def apply(admin_url: str, names: RoleNames, passwords: Mapping[str, str]) -> None:
    """Make the roles, their passwords and the database, as the administrator; safe to repeat.

    Raises PlatformError when the administrator may not, or cannot be reached.
    """
    try:
        with psycopg.connect(admin_url, autocommit=True) as admin:
            for statement in role_statements(names):
                _run(admin, statement)
            for purpose in PURPOSES:
                _set_password(admin, getattr(names, purpose), passwords[purpose])
        create_database(admin_url, names, names.database)
    except psycopg.errors.InsufficientPrivilege as error:
        raise PlatformError(
            f"The administrator in DATABASE_URL may not make Khedmat's roles ({_first_line(error)}). "
            "Print the SQL with 'khedmat db roles' and give it to a superuser, then set "
            "the five KHEDMAT_*_URL."
        ) from error
    except psycopg.OperationalError as error:
        raise PlatformError(f"The database administrator cannot sign in: {_first_line(error)}") from error


def create_database(admin_url: str, names: RoleNames, database: str, *, template: str = "template0") -> None:
    """Make a database owned by the migrator where it is missing, with the grants of the site.

    Empty, or a copy of a `template` of the migrator's, to which nobody may be connected.
    """
    outside = psycopg.connect(admin_url, autocommit=True)
    # Only as a member of the owner may an administrator who is no superuser enter the database at all.
    with outside as admin, _Membership(admin, names.migrator):
        exists = admin.execute("SELECT FROM pg_database WHERE datname = %s", (database,)).fetchone()
        if exists is None:
            admin.execute(
                sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {} ENCODING 'UTF8'").format(
                    sql.Identifier(database), sql.Identifier(names.migrator), sql.Identifier(template)
                )
            )
        with psycopg.connect(admin_url, dbname=database, autocommit=True) as inside:
            _run(inside, f"SET ROLE {names.migrator}")
            for statement in database_statements(names, sql.Identifier(database).as_string(inside)):
                _run(inside, statement)


def drop_database(admin_url: str, database: str) -> None:
    """Drop a database, its connections included, when it is there."""
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))


def missing(admin_url: str, names: RoleNames) -> list[str]:
    """Roles that an older release did not make yet."""
    with psycopg.connect(admin_url) as admin:
        there = admin.execute("SELECT rolname FROM pg_roles").fetchall()
    return sorted({getattr(names, purpose) for purpose in PURPOSES} - {str(name) for (name,) in there})


def faults(connection: psycopg.Connection[tuple[object, ...]], names: RoleNames) -> list[str]:
    """What is wrong with the roles, one sentence each, seen from any connection to the site's database."""
    found = []
    rows = connection.execute(
        "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = ANY(%s)",
        ([getattr(names, purpose) for purpose in PURPOSES],),
    ).fetchall()
    by_name = {row[0]: row[1:] for row in rows}
    for purpose in PURPOSES:
        role = getattr(names, purpose)
        if role not in by_name:
            found.append(f"role {role} is missing")
            continue
        superuser, bypass, create_role, create_database_ = by_name[role]
        if superuser:
            found.append(f"role {role} is a superuser: row-level security does not bind it")
        if bool(bypass) != (purpose == "backup"):
            found.append(f"role {role} must {'' if purpose == 'backup' else 'not '}have BYPASSRLS")
        if create_role or create_database_:
            found.append(f"role {role} may create roles or databases")
    return found + _ownership_faults(connection, names)


def _ownership_faults(connection: psycopg.Connection[tuple[object, ...]], names: RoleNames) -> list[str]:
    found = []
    owner = connection.execute(
        "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()"
    ).fetchone()
    if owner is not None and owner[0] != names.migrator:
        found.append(f"the database belongs to {owner[0]}, not to {names.migrator}")
    for role in (names.app, names.inspection, names.backup, names.matcher):
        owned = connection.execute(
            "SELECT relname FROM pg_class WHERE pg_get_userbyid(relowner) = %s LIMIT 1", (role,)
        ).fetchone()
        if owned is not None:
            found.append(f"role {role} owns the table {owned[0]}: an owner escapes row-level security")
    members = connection.execute(
        "SELECT member.rolname, granted.rolname FROM pg_auth_members "
        "JOIN pg_roles member ON member.oid = pg_auth_members.member "
        "JOIN pg_roles granted ON granted.oid = pg_auth_members.roleid WHERE member.rolname = ANY(%s)",
        ([names.app, names.inspection, names.matcher],),
    ).fetchall()
    found += [f"role {member} is a member of {granted}" for member, granted in members]
    return found


class _Membership:
    """Makes an administrator who is no superuser a member of the role for the time of a block."""

    def __init__(self, admin: psycopg.Connection[tuple[object, ...]], role: str) -> None:
        self._admin = admin
        self._role = role
        row = admin.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
        self._needed = row is None or not row[0]

    def __enter__(self) -> None:
        if self._needed:
            _run(self._admin, f"GRANT {self._role} TO CURRENT_USER")

    def __exit__(self, *_: object) -> None:
        if self._needed:
            _run(self._admin, f"REVOKE {self._role} FROM CURRENT_USER")


def _attributes_statement(role: str, attributes: str) -> str:
    """Set the attributes only where they differ: an administrator may be allowed to create, not to alter."""
    bypass = "true" if attributes.endswith(" BYPASSRLS") else "false"
    return (
        f"DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}' AND (rolsuper OR rolcreatedb "
        f"OR rolcreaterole OR rolreplication OR NOT rolcanlogin OR rolbypassrls <> {bypass})) "
        f"THEN ALTER ROLE {role} {attributes}; END IF; END $$"
    )


def _set_password(admin: psycopg.Connection[tuple[object, ...]], role: str, password: str) -> None:
    # Hashed here, so that the password itself is never in a statement that the server could log.
    verifier = admin.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    admin.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(verifier)))


def _run(connection: psycopg.Connection[tuple[object, ...]], statement: str) -> None:
    # The text is built from role names checked by database.role_names; nothing comes from a user.
    connection.execute(statement.encode())


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
