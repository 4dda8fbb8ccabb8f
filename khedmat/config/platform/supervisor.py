"""Keeps the site's processes running: starts them, heals crashes with a growing pause, stops them."""

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from khedmat.config.platform.errors import PlatformError
from khedmat.config.platform.layout import Layout, private_folder

MARK = "KHEDMAT_SUPERVISED"
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
STEADY_AFTER = 60.0
STOP_PATIENCE = 15.0
LARGEST_LOG = 10 * 1024 * 1024
_POLL = 0.2


@dataclass(frozen=True)
class Service:
    """One program to keep running; `name` is how the terminal calls it."""

    name: str
    command: Sequence[str]


@dataclass
class _Running:
    service: Service
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = FIRST_PAUSE
    next_start: float = field(default=0.0)


class Supervisor:
    """Runs the services of one site until told to stop.

    `label` tells one site of a clone from another (its port). `heal` is called about every second, for what
    runs outside, such as the embedded database. `say` gets one sentence at a time. What the services print
    goes to `logs`, a file for each, or, without it, to where the supervisor prints.
    """

    def __init__(
        self,
        layout: Layout,
        label: str,
        services: Sequence[Service],
        *,
        say: Callable[[str], None],
        heal: Callable[[], None] = lambda: None,
        logs: Path | None = None,
    ) -> None:
        self._layout = layout
        self._label = label
        self._running = [_Running(service) for service in services]
        self._say = say
        self._heal = heal
        self._logs = logs
        self._stop = threading.Event()

    def stop(self) -> None:
        """Let `run` end soon; may be called from a signal handler or another thread."""
        self._stop.set()

    def run(self, when_started: Callable[[], None] = lambda: None) -> None:
        """Start everything, call `when_started` once, watch until `stop`; raises PlatformError if it runs."""
        with self._only_one(), _signals(self.stop):
            self._end_leftovers()
            try:
                self._tick()
                when_started()
                self._watch()
            finally:
                self._stop_all()

    def process_ids(self) -> dict[str, int]:
        """The process id of each running service, by name."""
        return {
            entry.service.name: entry.process.pid
            for entry in self._running
            if entry.process is not None and entry.process.poll() is None
        }

    def _watch(self) -> None:
        next_heal = 0.0
        while not self._stop.wait(_POLL):
            if time.monotonic() >= next_heal:
                self._heal_outside()
                next_heal = time.monotonic() + 1.0
            self._tick()

    def _heal_outside(self) -> None:
        try:
            self._heal()
        except PlatformError as error:
            self._say(f"{error}")

    def _tick(self) -> None:
        now = time.monotonic()
        for entry in self._running:
            if entry.process is not None and entry.process.poll() is not None:
                self._bury(entry, now)
            if entry.process is None and now >= entry.next_start:
                self._start(entry)

    def _start(self, entry: _Running) -> None:
        wrapper = [sys.executable, "-m", "khedmat.config.platform.child", str(os.getpid())]
        # A session of its own: the terminal's Ctrl-C reaches the supervisor alone, which stops all in order.
        with self._output(entry.service.name) as output:
            entry.process = subprocess.Popen(
                [*wrapper, *entry.service.command],
                cwd=self._layout.root,
                env={**os.environ, MARK: self._mark()},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT if output else None,
                start_new_session=True,
            )
        entry.started = time.monotonic()

    @contextlib.contextmanager
    def _output(self, name: str) -> Iterator[IO[bytes] | None]:
        if self._logs is None:
            yield None
            return
        path = private_folder(self._logs) / f"{name}.log"
        if path.exists() and path.stat().st_size > LARGEST_LOG:
            path.replace(path.with_suffix(".old.log"))
        with path.open("ab") as handle:
            yield handle

    def _bury(self, entry: _Running, now: float) -> None:
        process = entry.process
        if process is None:
            return
        # Workers of a killed main process would keep the port.
        _signal_group(process.pid, signal.SIGKILL)
        if now - entry.started >= STEADY_AFTER:
            entry.pause = FIRST_PAUSE
        self._say(f"{entry.service.name} stopped ({_how(process.returncode)}); starting it again in {entry.pause:g} s.")
        entry.process = None
        entry.next_start = now + entry.pause
        entry.pause = min(entry.pause * 2, LONGEST_PAUSE)

    def _stop_all(self) -> None:
        alive = [entry.process for entry in self._running if entry.process is not None]
        for process in alive:
            _signal_group(process.pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_PATIENCE
        for process in alive:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=max(0.1, deadline - time.monotonic()))
            _signal_group(process.pid, signal.SIGKILL)
            process.wait()

    def _end_leftovers(self) -> None:
        """End what an earlier supervisor, itself killed, may have left behind."""
        mark = f"{MARK}={self._mark()}".encode()
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit() or int(entry.name) == os.getpid():
                continue
            with contextlib.suppress(OSError):
                if mark in (entry / "environ").read_bytes().split(b"\0"):
                    os.kill(int(entry.name), signal.SIGKILL)

    def _mark(self) -> str:
        return f"{self._layout.clone_hash}:{self._label}"

    @contextlib.contextmanager
    def _only_one(self) -> Iterator[None]:
        with (private_folder(self._layout.run) / f"supervisor-{self._label}.lock").open("w") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise PlatformError(
                    f"Khedmat runs already from this folder on port {self._label}. "
                    "Stop it there with Ctrl-C, or choose another --port."
                ) from error
            yield


@contextlib.contextmanager
def _signals(stop: Callable[[], None]) -> Iterator[None]:
    """SIGINT and SIGTERM mean stop; only the main thread may say so."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    kinds = (signal.SIGINT, signal.SIGTERM)
    former = {kind: signal.signal(kind, lambda *_: stop()) for kind in kinds}
    try:
        yield
    finally:
        for kind, handler in former.items():
            signal.signal(kind, handler)


def _signal_group(group: int, kind: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, kind)


def _how(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"
