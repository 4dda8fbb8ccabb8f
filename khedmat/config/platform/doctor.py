"""Says in words what is missing or wrong with this site, and what to do about it."""

import shutil
import stat
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import psycopg

from khedmat.config.platform import roles
from khedmat.config.platform.build import BUILT_FOLDER, is_stale
from khedmat.config.platform.database import DatabaseSettings, connection_settings
from khedmat.config.platform.errors import PlatformError
from khedmat.config.platform.layout import Layout
from khedmat.config.platform.node import OLDEST_MAJOR, find_node

OLDEST_POSTGRESQL = 15
LEAST_FREE_BYTES = 2 * 1024**3
LARGEST_CLOCK_DIFFERENCE = 5.0  # seconds
KEY_FILES = ("django-secret", "data-1", "blind", "card-signing.pem", "anchor.pem")
_DURABLE = ("fsync", "full_page_writes", "synchronous_commit")


@dataclass(frozen=True)
class Finding:
    """One line of the report: what was looked at, what was found, and, when it is wrong, what to do."""

    subject: str
    words: str
    advice: str = ""

    @property
    def wrong(self) -> bool:
        """Whether somebody has to do something."""
        return bool(self.advice)


def examine(layout: Layout) -> Iterator[Finding]:
    """Every finding, in the order in which a new site is set up; never raises."""
    yield from _python()
    yield from _keys(layout.keys)
    yield from _static(layout)
    yield from _messages(layout.root)
    yield from _disk(layout.var)
    yield from _time_zones()
    yield from _database(layout)


def _python() -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    right = sys.version_info[:2] == (3, 11)
    yield Finding("Python", version, "" if right else "Run Khedmat with Python 3.11 ('make demo' finds it).")


def _keys(folder: Path) -> Iterator[Finding]:
    missing = [name for name in KEY_FILES if not (folder / name).is_file()]
    if missing:
        advice = "Run 'khedmat keys init' on a new site. On an old one, bring the keys back from their backup: "
        yield Finding(
            "Keys",
            f"missing in {folder}: {', '.join(missing)}",
            advice + "without them nothing that is stored can be read.",
        )
        return
    exposed = [path.name for path in sorted(folder.iterdir()) if path.is_file() and _others_may_read(path)]
    if exposed:
        yield Finding(
            "Keys",
            f"readable by others: {', '.join(exposed)}",
            f"Run 'chmod 600' on them in {folder}, and change them if others had access.",
        )
        return
    if _others_may_read(folder):
        yield Finding("Keys", "the folder is open to others", f"Run 'chmod 700 {folder}'.")
        return
    yield Finding("Keys", "present, readable by the owner only")


def _others_may_read(path: Path) -> bool:
    return bool(stat.S_IMODE(path.stat().st_mode) & 0o077)


def _static(layout: Layout) -> Iterator[Finding]:
    collected = layout.var / "static" / "staticfiles.json"
    if not (layout.root / BUILT_FOLDER).is_dir() or not collected.is_file():
        node = find_node()
        tool = f"Node.js {node.version} is there" if node else f"Node.js {OLDEST_MAJOR} will be fetched from PyPI"
        yield Finding("Static files", f"not built ({tool})", "Run 'khedmat static'.")
        return
    yield Finding("Static files", "built")


def _messages(root: Path) -> Iterator[Finding]:
    catalogues = sorted(root.glob("khedmat/*/locale/*/LC_MESSAGES/django.po"))
    stale = [path for path in catalogues if is_stale(path, path.with_suffix(".mo"))]
    if stale or not catalogues:
        yield Finding("Translations", f"{len(stale)} of {len(catalogues)} not compiled", "Run 'khedmat messages'.")
        return
    yield Finding("Translations", f"{len(catalogues)} catalogues compiled")


def _disk(var: Path) -> Iterator[Finding]:
    folder = var if var.exists() else var.parent
    free = shutil.disk_usage(folder).free
    words = f"{free / 1024**3:.1f} GB free at {folder}"
    enough = free >= LEAST_FREE_BYTES
    yield Finding("Disk", words, "" if enough else "Make room: files and the database need at least 2 GB free.")


def _time_zones() -> Iterator[Finding]:
    try:
        ZoneInfo("Asia/Tehran")
    except ZoneInfoNotFoundError:
        yield Finding("Time zones", "Asia/Tehran is unknown", "Install the system package tzdata.")
        return
    yield Finding("Time zones", "Asia/Tehran is known")


def _database(layout: Layout) -> Iterator[Finding]:
    try:
        settings = connection_settings(layout=layout)
    except PlatformError as error:
        yield Finding("Database", str(error), "Correct the environment variable.")
        return
    if settings.source == "none":
        yield Finding(
            "Database",
            "none is configured",
            "Run 'khedmat db start' for the embedded one, or set DATABASE_URL or the KHEDMAT_*_URL variables.",
        )
        return
    try:
        with psycopg.connect(settings.app.url(), connect_timeout=5) as connection:
            for look in (_server, _clock, _roles, _matcher, _migrations, _books):
                yield from _looked(look, connection, settings)
    except psycopg.OperationalError as error:
        advice = {
            "embedded": "Run 'khedmat db start'.",
            "administrator": "Check DATABASE_URL, then run 'khedmat db roles --apply'.",
        }.get(settings.source, "Check KHEDMAT_APP_URL, and that 'khedmat db roles' was run by an administrator.")
        yield Finding("Database", f"not reachable as {settings.app.user}: {_first_line(error)}", advice)


_Connection = psycopg.Connection[tuple[object, ...]]


def _looked(
    look: Callable[[_Connection, DatabaseSettings], Iterator[Finding]],
    connection: _Connection,
    settings: DatabaseSettings,
) -> Iterator[Finding]:
    try:
        yield from look(connection, settings)
    except psycopg.Error as error:
        connection.rollback()
        yield Finding("Database", f"a question failed: {_first_line(error)}", "Show this line to a developer.")


def _server(connection: _Connection, settings: DatabaseSettings) -> Iterator[Finding]:
    major = connection.info.server_version // 10000
    old = f"Use PostgreSQL {OLDEST_POSTGRESQL} or newer." if major < OLDEST_POSTGRESQL else ""
    yield Finding("Database", f"reachable ({settings.source}), PostgreSQL {major}", old)
    for name in _DURABLE:
        if _one(connection, f"SHOW {name}") != "on":
            yield Finding("Database", f"{name} is off: a crash can lose what was confirmed", f"Set {name} = on in it.")
    encoding = _one(connection, "SHOW server_encoding")
    if encoding != "UTF8":
        yield Finding("Database", f"its encoding is {encoding}", "Make the database anew with encoding UTF8.")
    kind = _one(connection, "SELECT datctype FROM pg_database WHERE datname = current_database()")
    if kind in {"C", "POSIX"}:
        yield Finding(
            "Database", f"its character type is {kind}: search finds no Persian", "Make it anew with C.UTF-8."
        )


def _clock(connection: _Connection, _settings: DatabaseSettings) -> Iterator[Finding]:
    theirs = float(_one(connection, "SELECT extract(epoch FROM clock_timestamp())"))
    difference = abs(time.time() - theirs)
    words = f"{difference:.1f} s from the database's"
    right = difference <= LARGEST_CLOCK_DIFFERENCE
    yield Finding("Clock", words, "" if right else "Set both machines' clocks by NTP: permissions expire by them.")


def _roles(connection: _Connection, settings: DatabaseSettings) -> Iterator[Finding]:
    faults = roles.faults(connection, settings.roles)
    for fault in faults:
        yield Finding("Roles", fault, "Run the SQL of 'khedmat db roles' as an administrator.")
    if not faults:
        yield Finding("Roles", "right: the site owns no table and cannot bypass row-level security")


def _matcher(_connection: _Connection, settings: DatabaseSettings) -> Iterator[Finding]:
    if not settings.matcher.password and settings.source == "environment":
        advice = "Set KHEDMAT_MATCHER_URL: until then nobody looks for likely duplicates."
        yield Finding("Matcher", "its address is not given", advice)
        return
    try:
        psycopg.connect(settings.matcher.url(), connect_timeout=5).close()
    except psycopg.OperationalError as error:
        advice = "Run the SQL of 'khedmat db roles' as an administrator, and check KHEDMAT_MATCHER_URL."
        if settings.source == "embedded":
            advice = "Run 'khedmat db start'."
        yield Finding("Matcher", f"{settings.matcher.user} cannot sign in: {_first_line(error)}", advice)
        return
    yield Finding("Matcher", f"{settings.matcher.user} can sign in")


def _migrations(_connection: _Connection, settings: DatabaseSettings) -> Iterator[Finding]:
    from khedmat.config.platform.site import pending_migrations

    if not settings.migrator.password and settings.source == "environment":
        yield Finding("Migrations", "not looked at: KHEDMAT_MIGRATOR_URL is not given to this process")
        return
    try:
        pending = pending_migrations()
    except Exception as error:
        yield Finding("Migrations", f"cannot tell: {_first_line(error)}", "Mend the lines above, then ask again.")
        return
    if pending:
        yield Finding("Migrations", f"{len(pending)} not applied, first {pending[0]}", "Run 'khedmat migrate'.")
        return
    yield Finding("Migrations", "all applied")


def _books(connection: _Connection, _settings: DatabaseSettings) -> Iterator[Finding]:
    if _one(connection, "SELECT to_regprocedure('guard.books()')") == "None":
        return
    off, faults = connection.execute(b"SELECT off_rial, faults FROM guard.books()").fetchone() or (0, 0)
    if off or faults:
        words = f"the ledger is off by {off} rial, and {faults} entries or charges do not add up"
        yield Finding(
            "Ledger", words, "Take no money until a developer has looked: restore the last good backup aside."
        )
        return
    yield Finding("Ledger", "in balance to the rial")


def _one(connection: _Connection, query: str) -> str:
    row = connection.execute(query.encode()).fetchone()
    return str(row[0]) if row else ""


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
