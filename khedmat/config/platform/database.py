"""How to reach the database: read from the environment, or from what the launcher wrote."""

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from khedmat.config.platform.errors import PlatformError
from khedmat.config.platform.layout import Layout, current_layout, read_json, write_json

PURPOSES = ("migrator", "app", "inspection", "backup", "matcher")
DEFAULT_PREFIX = "khedmat"
# libpq prints the socket folder in its error, so this folder's name is the message.
UNCONFIGURED_HOST = "/no database is configured - run 'khedmat doctor' or 'khedmat db start'"
_PREFIX_PATTERN = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True)
class RoleNames:
    """The names of the five database roles, and of the database."""

    migrator: str
    app: str
    inspection: str
    backup: str
    matcher: str
    database: str


@dataclass(frozen=True)
class Connection:
    """One way into the database."""

    host: str
    port: str
    name: str
    user: str
    password: str = field(repr=False)
    options: tuple[tuple[str, str], ...] = ()

    def as_django(self) -> dict[str, Any]:
        """The entry for Django's DATABASES."""
        return {
            "ENGINE": "django.db.backends.postgresql",
            "HOST": self.host,
            "PORT": self.port,
            "NAME": self.name,
            "USER": self.user,
            "PASSWORD": self.password,
            "OPTIONS": dict(self.options),
        }

    def url(self, *, database: str | None = None) -> str:
        """The connection as a URL, with its password; `database` names another database of the server."""
        query = {"host": self.host, "port": self.port, **dict(self.options)}
        who = f"{quote(self.user, safe='')}:{quote(self.password, safe='')}"
        place = quote(database or self.name, safe="")
        return f"postgresql://{who}@/{place}?{urlencode(query, quote_via=quote)}"


@dataclass(frozen=True)
class DatabaseSettings:
    """The five connections; `source` is environment, administrator, embedded or none."""

    source: str
    app: Connection
    migrator: Connection
    inspection: Connection
    backup: Connection
    matcher: Connection

    @property
    def roles(self) -> RoleNames:
        """The role names that migrations grant to."""
        return RoleNames(
            migrator=self.migrator.user,
            app=self.app.user,
            inspection=self.inspection.user,
            backup=self.backup.user,
            matcher=self.matcher.user,
            database=self.app.name,
        )

    def as_django(self) -> dict[str, dict[str, Any]]:
        """Django's DATABASES: pages and jobs on `default`, the schema on `migrator`."""
        return {"default": self.app.as_django(), "migrator": self.migrator.as_django()}


def role_names(environ: Mapping[str, str] | None = None) -> RoleNames:
    """The names made from `KHEDMAT_ROLE_PREFIX`; raises PlatformError on a prefix PostgreSQL would change."""
    environ = os.environ if environ is None else environ
    prefix = environ.get("KHEDMAT_ROLE_PREFIX", DEFAULT_PREFIX)
    if not _PREFIX_PATTERN.fullmatch(prefix):
        raise PlatformError(
            f"KHEDMAT_ROLE_PREFIX is {prefix!r}: use 1 to 40 small Latin letters, digits or '_', "
            "starting with a letter."
        )
    return RoleNames(**{purpose: f"{prefix}_{purpose}" for purpose in PURPOSES}, database=prefix)


def connection_settings(environ: Mapping[str, str] | None = None, layout: Layout | None = None) -> DatabaseSettings:
    """The connections to use, by the first source that says anything; reads only, connects nowhere.

    1. `KHEDMAT_APP_URL` (with `KHEDMAT_MIGRATOR_URL`, `KHEDMAT_INSPECTION_URL`, `KHEDMAT_BACKUP_URL`,
       `KHEDMAT_MATCHER_URL`);
    2. `DATABASE_URL`, the administrator: its server, with the generated passwords of the roles;
    3. `var/run/database.json`, written by `khedmat db start` or `khedmat db roles --apply`;
    4. nothing: values on which connecting fails, with a sentence that names `khedmat doctor`.
    """
    environ = os.environ if environ is None else environ
    layout = layout or current_layout(environ)
    if environ.get("KHEDMAT_APP_URL"):
        return _from_urls(environ)
    passwords = read_json(layout.database_passwords)
    if environ.get("DATABASE_URL"):
        administrator = connection_from_url(environ["DATABASE_URL"], "DATABASE_URL")
        return _on_server("administrator", administrator, role_names(environ), passwords)
    facts = read_json(layout.database_facts)
    if facts:
        names = _names_of_facts(facts["roles"])
        server = Connection(facts["host"], facts["port"], "", "", "", _pairs(facts.get("options", {})))
        return _on_server(str(facts["source"]), server, names, passwords)
    nowhere = Connection(UNCONFIGURED_HOST, "5432", "", "", "")
    return _on_server("none", nowhere, role_names(environ), {})


def admin_url(environ: Mapping[str, str] | None = None, layout: Layout | None = None) -> str:
    """The administrator's URL, on database `postgres` of the embedded server, or `DATABASE_URL` itself.

    For tests and for making roles; the running site never uses it. Raises PlatformError when there is none.
    """
    environ = os.environ if environ is None else environ
    layout = layout or current_layout(environ)
    if environ.get("DATABASE_URL"):
        return environ["DATABASE_URL"]
    facts = read_json(layout.database_facts)
    password = read_json(layout.database_passwords).get("admin")
    if facts.get("source") != "embedded" or not password:
        raise PlatformError(
            "No database administrator is known. Run 'khedmat db start' for the embedded database, "
            "or set DATABASE_URL to an administrator of your own PostgreSQL."
        )
    return Connection(facts["host"], facts["port"], "postgres", facts["admin"], str(password)).url()


def connection_from_url(url: str, variable: str) -> Connection:
    """Read a PostgreSQL URL (or libpq key=value text); `variable` names it in the error."""
    try:
        parts = {key: str(value) for key, value in conninfo_to_dict(url).items() if value is not None}
    except ProgrammingError as error:
        raise PlatformError(
            f"{variable} is not a PostgreSQL address. Write it like postgresql://user:password@host:5432/name"
        ) from error
    return Connection(
        host=parts.pop("host", ""),
        port=parts.pop("port", "5432"),
        name=parts.pop("dbname", "postgres"),
        user=parts.pop("user", ""),
        password=parts.pop("password", ""),
        options=tuple(sorted(parts.items())),
    )


def ensure_passwords(layout: Layout) -> dict[str, str]:
    """The passwords of `admin` and of the five roles, generated where missing."""
    passwords = {key: str(value) for key, value in read_json(layout.database_passwords).items()}
    missing = [purpose for purpose in ("admin", *PURPOSES) if purpose not in passwords]
    if missing:
        passwords |= {purpose: secrets.token_urlsafe(32) for purpose in missing}
        write_json(layout.database_passwords, passwords)
    return passwords


def write_facts(layout: Layout, *, source: str, server: Connection, names: RoleNames, admin: str) -> None:
    """Tell settings how to reach the server; passwords stay in the keys folder."""
    facts = {
        "source": source,
        "host": server.host,
        "port": server.port,
        "options": dict(server.options),
        "admin": admin,
        "roles": {
            "migrator": names.migrator,
            "app": names.app,
            "inspection": names.inspection,
            "backup": names.backup,
            "matcher": names.matcher,
            "database": names.database,
        },
    }
    if read_json(layout.database_facts) != facts:
        write_json(layout.database_facts, facts)


def _from_urls(environ: Mapping[str, str]) -> DatabaseSettings:
    app = connection_from_url(environ["KHEDMAT_APP_URL"], "KHEDMAT_APP_URL")
    names = role_names(environ)

    def given(purpose: str) -> Connection:
        variable = f"KHEDMAT_{purpose.upper()}_URL"
        if environ.get(variable):
            return connection_from_url(environ[variable], variable)
        # The web process of a careful site is not told the owner's password: it needs none.
        return Connection(UNCONFIGURED_HOST, app.port, app.name, getattr(names, purpose), "")

    return DatabaseSettings(
        "environment", app, given("migrator"), given("inspection"), given("backup"), given("matcher")
    )


def _on_server(source: str, server: Connection, names: RoleNames, passwords: Mapping[str, Any]) -> DatabaseSettings:
    def connection(purpose: str) -> Connection:
        return Connection(
            host=server.host,
            port=server.port,
            name=names.database,
            user=getattr(names, purpose),
            password=str(passwords.get(purpose, "")),
            options=server.options,
        )

    return DatabaseSettings(source, *(connection(purpose) for purpose in ("app", "migrator", *PURPOSES[2:])))


def _names_of_facts(written: Mapping[str, str]) -> RoleNames:
    """The names in the launcher's facts; those of an older release know no matcher yet."""
    return RoleNames(**{"matcher": f"{written['database']}_matcher", **written})


def _pairs(options: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((key, str(value)) for key, value in options.items()))
