"""The embedded server: durable, private, one a clone, and back after a kill -9."""

import os
import signal
import threading
import time
from pathlib import Path

import psycopg
import pytest

from khedmat.config.platform import postgres
from khedmat.config.platform.database import admin_url, connection_settings
from khedmat.config.platform.errors import PlatformError
from khedmat.config.platform.postgres import Cluster
from tests.config.conftest import make_layout

LONGEST_SOCKET_PATH = 100


def _admin(cluster: Cluster) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(admin_url(environ={}, layout=cluster.layout), autocommit=True)


def _migrator(cluster: Cluster) -> psycopg.Connection[tuple[object, ...]]:
    settings = connection_settings(environ={}, layout=cluster.layout)
    return psycopg.connect(settings.migrator.url(), autocommit=True)


def _kill_postmaster(cluster: Cluster) -> None:
    pid = postgres.postmaster(cluster)
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    while postgres.postmaster(cluster) is not None:
        time.sleep(0.02)


def test_start_of_a_running_server_changes_nothing(cluster: Cluster) -> None:
    postgres.start(cluster)
    before = postgres.postmaster(cluster)

    assert postgres.start(cluster) is False
    assert postgres.postmaster(cluster) == before


def test_server_runs_unprivileged(cluster: Cluster) -> None:
    postgres.start(cluster)

    assert Path(f"/proc/{postgres.postmaster(cluster)}").stat().st_uid == cluster.account.uid != 0


def test_server_is_private_and_durable(cluster: Cluster) -> None:
    postgres.start(cluster)

    assert len(str(cluster.socket / ".s.PGSQL.5432")) < LONGEST_SOCKET_PATH
    for folder in (cluster.socket, cluster.data):
        assert folder.stat().st_mode & 0o077 == 0
    assert cluster.layout.database_passwords.stat().st_mode & 0o077 == 0
    with _admin(cluster) as admin:
        for name, value in {
            "listen_addresses": "",
            "fsync": "on",
            "synchronous_commit": "on",
            "data_checksums": "on",
            "TimeZone": "UTC",
            "server_encoding": "UTF8",
        }.items():
            assert admin.execute("SELECT current_setting(%s)", (name,)).fetchone() == (value,)


def test_trigrams_of_persian_words_are_not_empty(cluster: Cluster) -> None:
    postgres.start(cluster)

    with _admin(cluster) as admin:
        admin.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        assert admin.execute("SELECT cardinality(show_trgm('فاطمه'))").fetchone() == (6,)


def test_wrong_password_is_refused(cluster: Cluster) -> None:
    postgres.start(cluster)
    right = connection_settings(environ={}, layout=cluster.layout).app.url()

    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(right.replace("khedmat_app:", "khedmat_app:x"))


def test_log_keeps_no_value_of_a_failed_statement(cluster: Cluster) -> None:
    postgres.start(cluster)
    with _migrator(cluster) as migrator:
        migrator.execute("CREATE TABLE IF NOT EXISTS canary (number text PRIMARY KEY)")
        migrator.execute("INSERT INTO canary VALUES ('canary-8841')")
        with pytest.raises(psycopg.errors.UniqueViolation):
            migrator.execute("INSERT INTO canary VALUES ('canary-8841')")
        migrator.execute("DROP TABLE canary")

    log = "".join(path.read_text() for path in cluster.log.iterdir())

    assert "duplicate key value" in log
    assert "canary-8841" not in log


def test_start_after_kill_keeps_what_was_committed(cluster: Cluster) -> None:
    postgres.start(cluster)
    with _migrator(cluster) as migrator:
        migrator.execute("CREATE TABLE kept (number int)")
        migrator.execute("INSERT INTO kept SELECT generate_series(1, 1000)")
    # An orphan busy in its own loop does not notice for a while that its server is dead.
    busy = threading.Thread(target=_count_until_killed, args=(cluster,))
    busy.start()
    time.sleep(0.3)

    _kill_postmaster(cluster)
    assert postgres.start(cluster) is True

    busy.join()
    with _migrator(cluster) as migrator:
        assert migrator.execute("SELECT count(*) FROM kept").fetchone() == (1000,)
        migrator.execute("DROP TABLE kept")


def _count_until_killed(cluster: Cluster) -> None:
    with _admin(cluster) as admin, pytest.raises(psycopg.OperationalError):
        admin.execute("SELECT count(*) FROM generate_series(1, 10000000000)")


def test_start_ignores_a_pid_file_that_names_another_program(cluster: Cluster) -> None:
    postgres.start(cluster)
    remembered = (cluster.data / "postmaster.pid").read_text().splitlines()
    postgres.stop(cluster)
    stale = "\n".join([str(os.getpid()), *remembered[1:]]) + "\n"
    for path in (cluster.data / "postmaster.pid", cluster.socket / ".s.PGSQL.5432.lock"):
        path.write_text(stale)
        cluster.account.own(path)

    assert postgres.postmaster(cluster) is None
    assert postgres.start(cluster) is True
    assert postgres.answers(cluster)


def test_stop_ends_every_process_of_the_server(cluster: Cluster) -> None:
    postgres.start(cluster)

    assert postgres.stop(cluster) is True
    assert postgres.stop(cluster) is False
    assert not postgres.answers(cluster)


def test_start_refuses_a_socket_folder_of_a_stranger(cluster: Cluster, tmp_path: Path) -> None:
    postgres.stop(cluster)
    for leftover in cluster.socket.iterdir():
        leftover.unlink()
    cluster.socket.rmdir()
    cluster.socket.symlink_to(tmp_path)
    try:
        with pytest.raises(PlatformError, match="does not belong to"):
            postgres.start(cluster)
    finally:
        cluster.socket.unlink()


def test_two_clones_run_side_by_side(cluster: Cluster, tmp_path: Path) -> None:
    postgres.start(cluster)
    neighbour = postgres.cluster(make_layout(tmp_path))
    # An interrupted initdb of an earlier start.
    neighbour.data.with_name(f"{neighbour.data.name}.new").mkdir()
    try:
        postgres.start(neighbour)
        with _migrator(neighbour) as migrator:
            migrator.execute("CREATE TABLE only_here (number int)")
        with _migrator(cluster) as migrator:
            assert migrator.execute("SELECT to_regclass('only_here')").fetchone() == (None,)
        postgres.stop(neighbour)
        assert postgres.answers(cluster)
    finally:
        postgres.remove(neighbour)
    assert not neighbour.home.exists()


def test_wrong_folder_of_programs_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KHEDMAT_POSTGRES_BIN", str(tmp_path))

    with pytest.raises(PlatformError, match="no working 'postgres'"):
        postgres.cluster(make_layout(tmp_path))
