"""Brings up the database that this site is configured for, whichever kind it is."""

import os

import psycopg

from khedmat.config.platform import postgres, roles
from khedmat.config.platform.database import (
    DatabaseSettings,
    connection_from_url,
    connection_settings,
    ensure_passwords,
    role_names,
    write_facts,
)
from khedmat.config.platform.errors import PlatformError
from khedmat.config.platform.layout import Layout, private_folder


def is_embedded(layout: Layout) -> bool:
    """Whether this site uses the embedded server: nobody ever named another."""
    return connection_settings(layout=layout).source in {"embedded", "none"}


def apply_roles(layout: Layout) -> None:
    """Make roles and database through `DATABASE_URL`, and write down how the site reaches them."""
    administrator_url = os.environ.get("DATABASE_URL")
    if not administrator_url:
        raise PlatformError("Set DATABASE_URL to an administrator who may create roles.")
    administrator = connection_from_url(administrator_url, "DATABASE_URL")
    names = role_names()
    roles.apply(administrator_url, names, ensure_passwords(layout))
    write_facts(layout, source="administrator", server=administrator, names=names, admin=administrator.user)


def ensure_database(layout: Layout) -> bool:
    """Make sure the site's database can be used; returns whether the embedded server was started for it."""
    if is_embedded(layout):
        return postgres.start(postgres.cluster(layout))
    if connection_settings(layout=layout).source == "administrator" and os.environ.get("DATABASE_URL"):
        apply_roles(layout)
    _check_reachable(connection_settings(layout=layout))
    return False


def keep_database(layout: Layout, *, keep: bool) -> None:
    """Remember that a person started the embedded server by hand: no command but `db stop` ends it then."""
    marker = private_folder(layout.run) / "database-kept"
    if keep:
        marker.touch()
    else:
        marker.unlink(missing_ok=True)


def release_database(layout: Layout) -> None:
    """Stop the embedded server, unless it was started by hand."""
    if is_embedded(layout) and not (layout.run / "database-kept").exists():
        postgres.stop(postgres.cluster(layout))


def database_identity(layout: Layout) -> str:
    """Words that change when the site's database is another one or was made anew."""
    settings = connection_settings(layout=layout)
    with psycopg.connect(settings.app.url()) as connection:
        row = connection.execute("SELECT oid::text FROM pg_database WHERE datname = current_database()").fetchone()
    return f"{settings.app.host}:{settings.app.port}/{settings.app.name}#{row[0] if row else ''}"


def _check_reachable(settings: DatabaseSettings) -> None:
    try:
        psycopg.connect(settings.app.url(), connect_timeout=10).close()
    except psycopg.OperationalError as error:
        first = (str(error).strip().splitlines() or ["no reason given"])[0]
        raise PlatformError(
            f"The database does not let {settings.app.user} in: {first}. 'khedmat doctor' says more."
        ) from error
