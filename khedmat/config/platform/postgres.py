"""The embedded PostgreSQL server of one clone: made, started, stopped, and healed after a crash."""

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg

from khedmat.config.platform import roles
from khedmat.config.platform.account import Account, server_account
from khedmat.config.platform.binaries import Binaries, prepare_binaries
from khedmat.config.platform.database import (
    Connection,
    admin_url,
    ensure_passwords,
    role_names,
    write_facts,
)
from khedmat.config.platform.errors import PlatformError
from khedmat.config.platform.layout import PRIVATE_FOLDER, Layout, current_layout, private_folder
from khedmat.config.platform.postgres_config import ACCESS_RULES, ADMIN, IDENTITY_RULES, server_settings

SYSTEM_HOME = Path("/var/lib/khedmat")
# Socket paths end at 107 bytes: the folder must be short whatever the clone's path is.
SOCKET_PARENT = Path("/tmp")  # noqa: S108 - the folder below it is private, and its owner is checked
PORT = "5432"
START_PATIENCE = 90.0
ORPHAN_PATIENCE = 3.0


@dataclass(frozen=True)
class Cluster:
    """Where the server of a clone lives; `data` is its database folder."""

    layout: Layout
    account: Account
    binaries: Binaries
    home: Path
    socket: Path

    @property
    def data(self) -> Path:
        return self.home / f"data-{self.binaries.major}"

    @property
    def log(self) -> Path:
        return self.home / "log"

    @property
    def server(self) -> Connection:
        return Connection(str(self.socket), PORT, "", "", "")


def cluster(layout: Layout | None = None) -> Cluster:
    """The cluster of this clone, its folders and programs made ready, nothing started."""
    layout = layout or current_layout()
    account = server_account()
    home = SYSTEM_HOME / layout.clone_hash if account.switch else layout.var / "postgres"
    binaries = prepare_binaries(home)
    home.mkdir(parents=True, exist_ok=True)
    if account.switch:
        # Passable for the server's user whatever root's umask is; the data below stays private.
        SYSTEM_HOME.chmod(0o755)
        home.chmod(0o755)
    return Cluster(layout, account, binaries, home, SOCKET_PARENT / f"khedmat-{layout.clone_hash}")


def start(target: Cluster) -> bool:
    """Start the server, making the cluster first where it is missing; returns whether it was down.

    Heals what a kill -9 leaves: a stale pid file, and orphaned children that still hold the shared memory.
    Raises PlatformError with the end of the server's log when it cannot start.
    """
    with _only_one(target):
        passwords = ensure_passwords(target.layout)
        was_down = postmaster(target) is None
        if was_down:
            if not (target.data / "PG_VERSION").exists():
                _make_cluster(target, passwords["admin"])
            _make_private_for_server(target)
            _write_settings(target)
            _clear_remains(target)
            _launch(target)
        names = role_names()
        write_facts(target.layout, source="embedded", server=target.server, names=names, admin=ADMIN)
        own_url = _own_admin_url(target, passwords["admin"])
        # A server left running over an upgrade lacks the roles that are new.
        if was_down or roles.missing(own_url, names):
            roles.apply(own_url, names, passwords)
    return was_down


def stop(target: Cluster) -> bool:
    """Stop the server: open transactions are rolled back, clients disconnected; returns whether it ran."""
    with _only_one(target):
        if postmaster(target) is None:
            return False
        outcome = _as_server(target, "pg_ctl", "stop", "-D", str(target.data), "-m", "fast", "-w", "-t", "60")
        if outcome.returncode != 0:
            raise PlatformError(f"The database did not stop: {outcome.stderr.strip() or outcome.stdout.strip()}")
        return True


def postmaster(target: Cluster) -> int | None:
    """The process id of the running server, or None; a pid file left by a dead one does not count."""
    try:
        pid = int((target.data / "postmaster.pid").read_text(encoding="ascii").splitlines()[0])
    except (FileNotFoundError, IndexError, ValueError):
        return None
    return pid if _is_server_process(target, pid) else None


def answers(target: Cluster) -> bool:
    """Whether the server accepts an administrator's connection now."""
    try:
        with psycopg.connect(admin_url(environ={}, layout=target.layout), connect_timeout=3) as connection:
            connection.execute("SELECT 1")
    except (psycopg.Error, PlatformError):
        return False
    return True


def remove(target: Cluster) -> None:
    """Stop the server and delete its data for ever, with the folders made for it."""
    stop(target)
    target.layout.database_facts.unlink(missing_ok=True)
    shutil.rmtree(target.home)
    shutil.rmtree(target.socket, ignore_errors=True)


@contextlib.contextmanager
def _only_one(target: Cluster) -> Iterator[None]:
    """Of several starts and stops of one clone at the same time, let one work and the others wait."""
    lock = private_folder(target.layout.run) / "database.lock"
    with lock.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _own_admin_url(target: Cluster, password: str) -> str:
    return Connection(str(target.socket), PORT, "postgres", ADMIN, password).url()


def _make_cluster(target: Cluster, password: str) -> None:
    """initdb beside the final place, then rename: an interrupted one never looks finished."""
    draft = target.data.with_name(f"{target.data.name}.new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=PRIVATE_FOLDER)
    target.account.own(draft)
    password_file = draft.with_name("initdb-password")
    password_file.unlink(missing_ok=True)
    descriptor = os.open(password_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as handle:
            handle.write(password)
        target.account.own(password_file)
        outcome = _as_server(
            target,
            "initdb",
            f"--pgdata={draft}",
            f"--username={ADMIN}",
            f"--pwfile={password_file}",
            "--encoding=UTF8",
            "--auth=scram-sha-256",
            "--data-checksums",
            "--no-instructions",
            "--lc-messages=C",
            *_locale_options(target.binaries.major),
        )
    finally:
        password_file.unlink()
    if outcome.returncode != 0:
        shutil.rmtree(draft, ignore_errors=True)
        raise PlatformError(f"The database could not be made (initdb): {outcome.stderr.strip()}")
    draft.rename(target.data)


def _locale_options(major: int) -> list[str]:
    # Plain C makes the trigrams of Persian words empty; the builtin C.UTF-8 came with 17.
    first_with_builtin = 17
    if major >= first_with_builtin:
        return ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C.UTF-8"]
    return ["--locale=C.UTF-8"]


def _make_private_for_server(target: Cluster) -> None:
    """The socket folder and the log folder, for the server's user alone; refuses a stranger's folder."""
    for folder in (target.socket, target.log):
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=PRIVATE_FOLDER)
            target.account.own(folder)
        status = folder.lstat()
        if folder.is_symlink() or not folder.is_dir() or status.st_uid != target.account.uid:
            raise PlatformError(
                f"{folder} is there already and does not belong to {target.account.name}. Remove it, then try again."
            )
        folder.chmod(PRIVATE_FOLDER)


def _write_settings(target: Cluster) -> None:
    texts = {
        "postgresql.conf": server_settings(socket=target.socket, log=target.log),
        "pg_hba.conf": ACCESS_RULES,
        "pg_ident.conf": IDENTITY_RULES,
    }
    for name, text in texts.items():
        path = target.data / name
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)
        target.account.own(path)


def _clear_remains(target: Cluster) -> None:
    """Wait for the children of a killed server to leave, end those that do not, drop its lock files."""
    deadline = time.monotonic() + ORPHAN_PATIENCE
    while orphans := _server_processes(target):
        if time.monotonic() > deadline:
            for pid in orphans:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        time.sleep(0.1)
    # Another program may carry the old process id by now, and the server would take it for itself.
    for leftover in (target.data / "postmaster.pid", target.socket / f".s.PGSQL.{PORT}.lock"):
        leftover.unlink(missing_ok=True)


def _launch(target: Cluster) -> None:
    startup_log = target.log / "startup.log"
    startup_log.unlink(missing_ok=True)
    deadline = time.monotonic() + START_PATIENCE
    while True:
        options = ("-D", str(target.data), "-l", str(startup_log), "-w", "-t", "60")
        if _as_server(target, "pg_ctl", "start", *options).returncode == 0:
            return
        if time.monotonic() > deadline or not _worth_retrying(startup_log):
            raise PlatformError(f"The database did not start. The end of its log:\n{_tail(startup_log)}")
        time.sleep(0.5)


def _worth_retrying(startup_log: Path) -> bool:
    passing = ("shared memory block", "lock file", "the database system is starting up")
    return any(words in _tail(startup_log) for words in passing)


def _tail(path: Path, lines: int = 15) -> str:
    try:
        return "\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
    except FileNotFoundError:
        return f"(no log at {path})"


def _server_processes(target: Cluster) -> list[int]:
    """The server's processes: a PostgreSQL process works inside its data folder."""
    pids = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
    return [pid for pid in pids if _is_server_process(target, pid)]


def _is_server_process(target: Cluster, pid: int) -> bool:
    process = Path("/proc") / str(pid)
    try:
        return (process / "cwd").readlink() == target.data and "postgres" in (process / "comm").read_text()
    except OSError:
        return False


def _as_server(target: Cluster, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    # The server detaches and would keep a pipe open for ever: its output goes to a file instead.
    report = target.home / f"{program}.out"
    with report.open("w+", encoding="utf-8") as output:
        outcome = subprocess.run(
            [target.binaries.program(program), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=target.home,
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "TZ": "UTC"},
            start_new_session=True,
            check=False,
            **target.account.identity(),
        )
        output.seek(0)
        text = output.read()
    report.unlink()
    return subprocess.CompletedProcess(outcome.args, outcome.returncode, stdout=text, stderr=text)
