"""The databases of a test run: one template, migrated once, and for each worker two copies of it.

One copy is as the migrations leave it. In the other the cast (tests/cast.py) stands committed: a test that asks for
`cast` and runs in a transaction of its own gets that one, and need not write the cast anew.
"""

import copy
import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import sql

from khedmat.config.platform.database import admin_url, connection_settings
from khedmat.config.platform.layout import current_layout, private_folder
from khedmat.config.platform.roles import create_database, drop_database
from khedmat.vault.context import rotate_context_key
from tests.cast import Cast, make_cast

ROOT = Path(__file__).resolve().parent.parent
# Whatever the migrations, and what they call, may be written in; and what else decides how a database looks.
SOURCES = ("khedmat/**/*.py", "khedmat/**/*.sql", "khedmat/**/*.json", "requirements/*.txt")


class Databases:
    """The two databases of this worker. Until `make` there are none; between tests the plain one is on."""

    def __init__(self) -> None:
        self._names: dict[bool, str] = {}
        self._wrappers: dict[bool, BaseDatabaseWrapper] = {}
        self._cast: Cast | None = None
        self.with_cast = False

    def make(self) -> None:
        """The plain copy of the template, with a context key of this worker's own."""
        worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
        plain = f"test_{connection_settings().app.name}_{os.getpid()}_{worker}"
        self._names = {False: plain, True: f"{plain}_cast"}
        with _only_one():
            _copy(_template(), plain)
        self._point_at(plain)
        rotate_context_key()
        _close_all()

    def remove(self) -> None:
        """Drop both."""
        self.put(with_cast=False)
        _close_all()
        for wrapper in self._wrappers.values():
            wrapper.close()
        for name in self._names.values():
            drop_database(admin_url(), name)

    def put(self, *, with_cast: bool) -> None:
        """Let every connection made from here on lead to the one database or the other."""
        if with_cast == self.with_cast or not self._names:
            return
        if with_cast and not self._wrappers:
            self._make_the_other()
        self.with_cast = with_cast
        self._point_at(self._names[with_cast])
        connections["migrator"].close()
        connections["default"] = self._wrappers[with_cast]

    @property
    def cast(self) -> Cast:
        """The cast that stands in its database; the caller's own copy."""
        assert self.with_cast
        assert self._cast is not None
        return copy.deepcopy(self._cast)

    def _make_the_other(self) -> None:
        plain, other = self._names[False], self._names[True]
        _close_all()
        _copy(plain, other)
        here = connections["default"]
        there = here.copy()
        # Threads of the plain one's tests read this worker's settings; the other's must not follow them.
        there.settings_dict = {**here.settings_dict, "NAME": other}
        self._wrappers = {False: here, True: there}
        connections["default"] = there
        try:
            with transaction.atomic():
                self._cast = make_cast()
        finally:
            connections["default"] = here

    def _point_at(self, name: str) -> None:
        for alias in connections:
            connections.settings[alias]["NAME"] = name
            settings.DATABASES[alias]["NAME"] = name
            if alias != "default" or not self._wrappers:
                connections[alias].settings_dict["NAME"] = name


def _template() -> str:
    """The name of a migrated database, made where it is missing.

    It stays after the run, for the next one of the same sources; those of other sources are dropped.
    """
    stem = f"test_{connection_settings().app.name}_template_"
    name = stem + _stamp()
    with psycopg.connect(admin_url(), autocommit=True) as admin:
        there = {str(one) for (one,) in admin.execute("SELECT datname FROM pg_database")}
        if name in there:
            return name
        for old in sorted(there):
            if old.startswith(stem):
                drop_database(admin_url(), old)
        draft = f"{stem}draft"
        create_database(admin_url(), connection_settings().roles, draft)
        for alias in connections:
            connections[alias].close()
            connections[alias].settings_dict["NAME"] = draft
        call_command("migrate", database="migrator", verbosity=0)
        _close_all()
        admin.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(draft), sql.Identifier(name)))
    return name


def _stamp() -> str:
    """Another one whenever a source changes that a migration could read."""
    found = hashlib.sha256()
    for path in sorted(path for pattern in SOURCES for path in ROOT.glob(pattern)):
        found.update(f"{path.relative_to(ROOT)}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()[:16]


def _copy(source: str, name: str) -> None:
    create_database(admin_url(), connection_settings().roles, name, template=source)


def _close_all() -> None:
    for alias in connections:
        connections[alias].close()


@contextmanager
def _only_one() -> Iterator[None]:
    """Of several workers, or runs, one makes the template and the others wait for it."""
    with (private_folder(current_layout().run) / "test-template.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


DATABASES = Databases()


def wants_cast(fixtures: Any, marker: Any) -> bool:
    """Whether a test may get the database with the cast: what commits would spoil it for the others."""
    commits = bool(marker and (marker.kwargs.get("transaction") or marker.args))
    return "cast" in fixtures and not commits and not {"transactional_db", "live_server"} & set(fixtures)
