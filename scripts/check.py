"""The stages behind `make lint`, `make test` and `make proof`; prints the minutes of each.

`python scripts/check.py lint|test|proof`
"""

# ruff: noqa: T201 - printing is what it is for

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")
MINUTES_ALLOWED = 25.0
# Three keep two cores busy while one waits for the database. In small portions, so that all end together, and in
# their order: what commits a world of its own (tests/consistency) must come after what expects an empty database.
WORKERS = ("-n", "3", "--dist", "load", "--maxschedchunk", "4")
CONFIGURED_ELSEWHERE = ("KHEDMAT_APP_URL", "DATABASE_URL")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@dataclass(frozen=True)
class Stage:
    """One command, with what it adds to the environment."""

    name: str
    command: Sequence[str]
    environment: dict[str, str] = field(default_factory=dict)


def gates() -> list[Stage]:
    """What reads the sources only."""
    python = sys.executable
    return [
        Stage("lint", [str(BIN / "ruff"), "check", "."]),
        Stage("format", [str(BIN / "ruff"), "format", "--check", "--quiet", "."]),
        Stage("types", [str(BIN / "mypy")]),
        Stage("layers", [str(BIN / "lint-imports")]),
        Stage("maxima", [python, str(ROOT / "scripts" / "maxima.py")]),
        Stage("messages", [python, str(ROOT / "scripts" / "catalogues.py")]),
    ]


def database_tests(environment: dict[str, str]) -> Stage:
    """Everything on a real PostgreSQL that needs no browser."""
    command = [str(BIN / "pytest"), "-q", *WORKERS, "-m", "not browser and not proof"]
    return Stage("tests", command, environment)


def pages() -> Stage:
    """What drives a real browser."""
    return Stage("pages", [str(BIN / "pytest"), "-q", *WORKERS, "-m", "browser and not proof"])


def khedmat(*arguments: str, environment: dict[str, str] | None = None) -> None:
    """Run one of our own commands; ends the whole check when it fails."""
    command = [sys.executable, "-m", "khedmat.config.cli", *arguments]
    outcome = subprocess.run(command, cwd=ROOT, env={**os.environ, **(environment or {})}, check=False)
    if outcome.returncode != 0:
        sys.exit(f"'khedmat {' '.join(arguments)}' failed; nothing was tested.")


class Checks:
    """Runs stages one after another and remembers what failed and how long each took."""

    def __init__(self, minutes_allowed: float | None) -> None:
        self._allowed = minutes_allowed
        self._began = time.monotonic()
        self._results: list[tuple[str, float, str]] = []

    def run(self, stage: Stage) -> None:
        """Run a stage; past the allowed minutes it is ended, and counts as failed."""
        print(f"── {stage.name}", flush=True)
        began = time.monotonic()
        process = subprocess.Popen(
            stage.command, cwd=ROOT, env={**os.environ, **stage.environment}, start_new_session=True
        )
        try:
            code = process.wait(timeout=self._seconds_left())
            words = "passed" if code == 0 else f"FAILED (exit code {code})"
        except subprocess.TimeoutExpired:
            words = "FAILED (ended: the time was over)"
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
                process.wait()
        self._results.append((stage.name, (time.monotonic() - began) / 60, words))

    def report(self) -> int:
        """Print the minutes of each stage; returns the exit code."""
        minutes = (time.monotonic() - self._began) / 60
        print("\nstage       minutes")
        for name, took, words in self._results:
            print(f"{name:<11} {took:7.1f}  {words}")
        print(f"{'in all':<11} {minutes:7.1f}", f" of {self._allowed:g} allowed" if self._allowed else "")
        failed = any(words != "passed" for _name, _took, words in self._results)
        if self._allowed is not None and minutes > self._allowed:
            print(f"The checks took longer than {self._allowed:g} minutes: make them quicker.")
            failed = True
        return 1 if failed else 0

    def _seconds_left(self) -> float | None:
        if self._allowed is None:
            return None
        return max(1.0, self._allowed * 60 - (time.monotonic() - self._began))


def lint() -> int:
    """Only the gates."""
    checks = Checks(MINUTES_ALLOWED)
    for stage in gates():
        checks.run(stage)
    return checks.report()


def test() -> int:
    """The gates, the tests and the pages."""
    checks = Checks(MINUTES_ALLOWED)
    for stage in gates():
        checks.run(stage)
    _prepare({})
    try:
        checks.run(database_tests({}))
        if _browser_there():
            checks.run(pages())
    finally:
        _release({})
    return checks.report()


def proof() -> int:
    """The long forms, and the tests again on Debian's PostgreSQL 15."""
    checks = Checks(None)
    _prepare({})
    try:
        checks.run(Stage("proof", [str(BIN / "pytest"), "-q", *WORKERS, "-m", "proof", "-o", "timeout=0"]))
        if _browser_there():
            checks.run(Stage("pages", pages().command, {"KHEDMAT_LOOKS": "all"}))
    finally:
        _release({})
    if (DEBIAN_15 / "postgres").exists():
        _on_debian_15(checks)
    else:
        print(f"PostgreSQL 15 of Debian is not installed ({DEBIAN_15}): the tests did not run on it.")
    return checks.report()


def _on_debian_15(checks: Checks) -> None:
    var = ROOT / "var" / "proof-15"
    other = {"KHEDMAT_POSTGRES_BIN": str(DEBIAN_15), "KHEDMAT_VAR_DIR": str(var)}
    for name in ("KHEDMAT_KEYS_DIR", *CONFIGURED_ELSEWHERE):
        os.environ.pop(name, None)
    _prepare(other)
    stage = database_tests(other)
    try:
        checks.run(Stage("tests on 15", stage.command, stage.environment))
    finally:
        khedmat("db", "remove", "--yes-delete-all-data", environment=other)
        shutil.rmtree(var, ignore_errors=True)


def _prepare(environment: dict[str, str]) -> None:
    khedmat("keys", "init", environment=environment)
    khedmat("messages", environment=environment)
    khedmat("db", "ensure", environment=environment)
    if not (ROOT / "static-built").is_dir():
        khedmat("static", environment=environment)


def _release(environment: dict[str, str]) -> None:
    khedmat("db", "release", environment=environment)


def _browser_there() -> bool:
    if any(shutil.which(name) for name in BROWSERS):
        return True
    if os.environ.get("CI", "").lower() in {"1", "true"}:
        sys.exit("No Chromium is installed: with CI=true the pages must be tested. Install chromium.")
    print("No Chromium is installed: the pages were NOT tested. Install chromium to test them.")
    return False


if __name__ == "__main__":
    sys.exit({"lint": lint, "test": test, "proof": proof}[sys.argv[1]]())
