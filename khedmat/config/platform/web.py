"""The two programs of a running site, its port, and whether it answers."""

import http.client
import os
import socket
import sys
import time
from pathlib import Path

from khedmat.config.platform.errors import PlatformError
from khedmat.config.platform.supervisor import Service

LOOPBACK = "127.0.0.1"
FIRST_PORT = 8000
PORTS_TRIED = 100
THREADS = 4
# A long search or import holds up no sheet of cards.
JOBS_AT_ONCE = 3
SERVER_ERROR = 500


def services(root: Path, *, host: str, port: int, workers: int | None = None) -> list[Service]:
    """The web server and the worker of jobs, as they run in production."""
    workers = workers or min(os.cpu_count() or 1, 4)
    web = [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws", "--http", "1"),
        *("--host", host, "--port", str(port), "--workers", str(workers)),
        *("--blocking-threads", str(THREADS), "--log-level", "warning"),
        *("--respawn-failed-workers", "--respawn-interval", "0.5", "--workers-kill-timeout", "10"),
        "khedmat.config.wsgi:application",
    ]
    jobs = [sys.executable, str(root / "manage.py"), "procrastinate", "worker", "--concurrency", str(JOBS_AT_ONCE)]
    return [Service("web", web), Service("jobs", jobs)]


def free_port(wanted: int | None = None) -> int:
    """The wanted port, or the first free one from 8000; raises PlatformError when it is taken."""
    candidates = [wanted] if wanted else range(FIRST_PORT, FIRST_PORT + PORTS_TRIED)
    for port in candidates:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((LOOPBACK, port))
            except OSError:
                continue
            return port
    raise PlatformError(
        f"Port {wanted} is taken. Choose another with --port."
        if wanted
        else f"No port from {FIRST_PORT} to {FIRST_PORT + PORTS_TRIED - 1} is free. Choose one with --port."
    )


def wait_until_answers(port: int, *, path: str = "/", patience: float = 60.0) -> None:
    """Return when the site answers without a server error.

    Raises PlatformError after `patience` seconds of silence, or at once when it answers with an error.
    """
    deadline = time.monotonic() + patience
    status = _status(port, path)
    while status is None and time.monotonic() < deadline:
        time.sleep(0.2)
        status = _status(port, path)
    if status is not None and status < SERVER_ERROR:
        return
    words = "does not answer" if status is None else f"answers with error {status}"
    raise PlatformError(
        f"The site on port {port} {words}. 'khedmat doctor' says what is missing; a demo's own words are in "
        "var/log/web.log."
    )


def _status(port: int, path: str) -> int | None:
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=10)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except OSError:
        return None
    except http.client.HTTPException:
        return None
    finally:
        connection.close()
