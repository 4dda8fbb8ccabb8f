"""The supervisor: a killed service comes back, its children with it; nothing outlives it."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from khedmat.config.platform import supervisor as module
from khedmat.config.platform.errors import PlatformError
from khedmat.config.platform.supervisor import Service, Supervisor
from tests.config.conftest import make_layout

# Starts a child that ignores its parent's death, writes both ids down, and waits.
_PARENT = """
import os, pathlib, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
pathlib.Path(sys.argv[1]).write_text(f"{os.getpid()} {child.pid}")
time.sleep(600)
"""
PATIENCE = 20.0


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def _alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False


class Site:
    """A supervisor in a thread over one service that writes its process ids into `note`."""

    def __init__(self, folder: Path) -> None:
        self.note = folder / "pids"
        self.said: list[str] = []
        self.healed = threading.Event()
        command = [sys.executable, "-c", _PARENT, str(self.note)]
        self.supervisor = Supervisor(
            make_layout(folder),
            "8000",
            [Service("web", command)],
            say=self.said.append,
            heal=self.healed.set,
        )
        # As a copy of the real root, so that the wrapper module is importable from there.
        (folder / "khedmat").symlink_to(Path(module.__file__).parents[2])
        self.thread = threading.Thread(target=self.supervisor.run)

    def pids(self) -> list[int]:
        """The ids of the service and of its child, once both are written."""
        _until(lambda: self.note.exists() and len(self.note.read_text().split()) == 2)
        return [int(word) for word in self.note.read_text().split()]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path)
    site.thread.start()
    yield site
    site.supervisor.stop()
    site.thread.join(PATIENCE)
    assert not site.thread.is_alive()


def test_killed_service_starts_again_and_its_children_end(site: Site) -> None:
    parent, child = site.pids()
    site.note.unlink()

    os.kill(parent, signal.SIGKILL)

    new_parent, _new_child = site.pids()
    assert new_parent != parent
    assert site.supervisor.process_ids() == {"web": new_parent}
    _until(lambda: not _alive(child))
    assert site.said == ["web stopped (signal 9); starting it again in 0.5 s."]


def test_stop_ends_services_and_their_children(site: Site) -> None:
    pids = site.pids()

    site.supervisor.stop()
    site.thread.join(PATIENCE)

    _until(lambda: not any(_alive(pid) for pid in pids))


def test_outside_is_healed(site: Site) -> None:
    assert site.healed.wait(PATIENCE)


def test_second_supervisor_of_the_same_port_is_refused(site: Site, tmp_path: Path) -> None:
    site.pids()
    second = Supervisor(make_layout(tmp_path), "8000", [], say=site.said.append)

    with pytest.raises(PlatformError, match="runs already"):
        second.run()


def test_pause_grows_while_a_service_keeps_failing(tmp_path: Path) -> None:
    said: list[str] = []
    failing = Service("jobs", [sys.executable, "-c", "raise SystemExit(3)"])
    folder = Path(module.__file__).parents[3]
    layout = make_layout(tmp_path)
    supervisor = Supervisor(
        type(layout)(root=folder, var=layout.var, keys=layout.keys), "1", [failing], say=said.append
    )
    thread = threading.Thread(target=supervisor.run)
    thread.start()
    _until(lambda: len(said) == 3)
    supervisor.stop()
    thread.join(PATIENCE)

    assert [words.rsplit(" in ", 1)[1] for words in said] == ["0.5 s.", "1 s.", "2 s."]
    assert "exit code 3" in said[0]


_OUTER = """
import sys
from pathlib import Path
from khedmat.config.platform.layout import Layout
from khedmat.config.platform.supervisor import Service, Supervisor
root, var, note, program = sys.argv[1:]
layout = Layout(root=Path(root), var=Path(var), keys=Path(var) / "keys")
Supervisor(layout, "8000", [Service("web", [sys.executable, "-c", program, note])], say=print).run()
"""


def test_services_end_when_the_supervisor_itself_is_killed(tmp_path: Path) -> None:
    root, note = Path(module.__file__).parents[3], tmp_path / "pids"
    command = [sys.executable, "-c", _OUTER, str(root), str(tmp_path / "var"), str(note), _PARENT]
    outer = subprocess.Popen(command, cwd=root)
    _until(lambda: note.exists() and len(note.read_text().split()) == 2)
    parent, child = (int(word) for word in note.read_text().split())

    outer.kill()
    outer.wait()

    _until(lambda: not _alive(parent))
    # What the kernel does not end, a service's own orphan, the next start does.
    assert _alive(child)
    layout = make_layout(tmp_path)
    following = Supervisor(type(layout)(root=root, var=tmp_path / "var", keys=layout.keys), "8000", [], say=print)
    following.run(when_started=following.stop)
    _until(lambda: not _alive(child))
