"""A real site in a folder of its own: own keys, own PostgreSQL, own port; killed and healed at will."""

import contextlib
import http.client
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any, Final

import psycopg

from khedmat.config.platform import postgres, web
from khedmat.config.platform.database import connection_settings
from khedmat.config.platform.layout import Layout
from khedmat.config.platform.supervisor import MARK

ROOT: Final = Path(__file__).resolve().parents[2]
SETTINGS_OF_OTHERS: Final = ("DATABASE_URL", "KHEDMAT_APP_URL", "KHEDMAT_KEYS_DIR", "KHEDMAT_FILES_DIR", MARK)
HEALING_PATIENCE: Final = 120.0
TARGETS: Final = ("web", "jobs", "database")
EVERYTHING: Final = "everything"
_PROGRAMS: Final = {"web": b"granian", "jobs": b"procrastinate"}
# The steps of `khedmat demo`, by its own functions, but for the build of what browsers load: no browser comes here.
_PREPARE: Final = """
from khedmat.config.cli.commands import make_keys, rotate_context_key
from khedmat.config.platform import provision, site
from khedmat.config.platform.layout import current_layout
make_keys()
provision.ensure_database(current_layout())
provision.keep_database(current_layout(), keep=True)
site.migrate(verbosity=0)
rotate_context_key()
site.collect_static()
from khedmat.config.demo import seed
seed(0, 1)
"""


class OwnSite:
    """One site, run by `khedmat run` as in production, with the demo's cast and no family yet."""

    def __init__(self, folder: Path) -> None:
        self.layout = Layout(root=ROOT, var=folder, keys=folder / "keys")
        self.port = web.free_port()
        self.environment = {name: value for name, value in os.environ.items() if name not in SETTINGS_OF_OTHERS}
        self.environment |= {"KHEDMAT_VAR_DIR": str(folder), "KHEDMAT_DEMO": "1", "PYTHONWARNINGS": "default"}
        self._process: subprocess.Popen[bytes] | None = None
        self._log = folder / "site.log"

    def prepare(self) -> None:
        """Keys, database, tables, static files, the cast."""
        outcome = subprocess.run(
            [sys.executable, "-c", _PREPARE],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert outcome.returncode == 0, f"the site is not made: {outcome.stdout}{outcome.stderr}"

    def start(self) -> None:
        """`khedmat run`, and wait until it answers."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "khedmat.config.cli", "run", "--port", str(self.port), "--workers", "1"],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.wait_until_healed()

    def wait_until_healed(self) -> None:
        """Return when pages come from the database again; the site's own words are in the error."""
        deadline = time.monotonic() + HEALING_PATIENCE
        while not (self._database_answers() and self._pages_answer()):
            assert time.monotonic() < deadline, f"the site does not heal:\n{self.words()}"
            time.sleep(0.1)

    def _database_answers(self) -> bool:
        try:
            with self.owner() as cursor:
                cursor.execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def _pages_answer(self) -> bool:
        connection = http.client.HTTPConnection(web.LOOPBACK, self.port, timeout=10)
        try:
            connection.request("GET", "/account/sign-in/")
            return connection.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def words(self) -> str:
        """The end of what the site printed."""
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-40:])

    def kill(self, target: str, choice: Random) -> str:
        """kill -9 of one part, or of everything with the supervisor; answers what was killed, for the record."""
        if target == EVERYTHING:
            assert self._process is not None
            pids = [self._process.pid, *self._pids_of("web"), *self._pids_of("jobs"), *self._database()]
            self._process.kill()
            _kill(pids[1:])
            self._process.wait()
            self.start()
            return f"everything ({len(pids)} processes)"
        pids = self._database() if target == "database" else self._pids_of(target)
        if target == "database" and choice.random() < 0.25:
            pids = pids[-1:]  # one of the server's children: the postmaster itself must heal that
        _kill(pids)
        return f"{target} ({len(pids)} processes)"

    @contextlib.contextmanager
    def owner(self) -> Iterator[psycopg.Cursor[Any]]:
        """A cursor of the tables' owner, who sees every row, in one snapshot."""
        with psycopg.connect(self.owner_url()) as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            with connection.cursor() as cursor:
                yield cursor

    def owner_url(self) -> str:
        """Where the tables' owner connects."""
        return connection_settings(environ={}, layout=self.layout).migrator.url()

    def remove(self) -> None:
        """Stop all and delete the data."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=60)
            self._process.kill()
            self._process.wait()
        postgres.remove(postgres.cluster(self.layout))
        shutil.rmtree(self.layout.var, ignore_errors=True)

    def _pids_of(self, service: str) -> list[int]:
        mark = f"{MARK}={self.layout.clone_hash}:{self.port}".encode()
        return [
            pid for pid in _all_pids() if mark in _read(pid, "environ") and _PROGRAMS[service] in _read(pid, "cmdline")
        ]

    def _database(self) -> list[int]:
        """The postmaster first, then its children."""
        cluster = postgres.cluster(self.layout)
        first = postgres.postmaster(cluster)
        rest = [pid for pid in _all_pids() if pid != first and _works_in(pid, cluster.data)]
        return [*([first] if first else []), *rest]


@contextlib.contextmanager
def own_site_without_server() -> Iterator[OwnSite]:
    """A prepared site whose web server and worker are the caller's to start; gone without trace afterwards."""
    site = OwnSite(Path(tempfile.mkdtemp(prefix="khedmat-own-")))
    try:
        site.prepare()
        yield site
    finally:
        site.remove()


@contextlib.contextmanager
def own_site() -> Iterator[OwnSite]:
    """A prepared site that runs; gone without trace afterwards."""
    site = OwnSite(Path(tempfile.mkdtemp(prefix="khedmat-robust-")))
    try:
        site.prepare()
        site.start()
        yield site
    finally:
        site.remove()


def _all_pids() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _read(pid: int, what: str) -> bytes:
    try:
        return (Path("/proc") / str(pid) / what).read_bytes()
    except OSError:
        return b""


def _works_in(pid: int, folder: Path) -> bool:
    try:
        return (Path("/proc") / str(pid) / "cwd").readlink() == folder and b"postgres" in _read(pid, "cmdline")
    except OSError:
        return False


def _kill(pids: list[int]) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
