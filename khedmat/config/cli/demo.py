"""`khedmat demo`: from nothing to a running site with synthetic people, in one command."""

import argparse
import os
import time
from collections.abc import Callable
from typing import Any

from khedmat.config.cli.commands import database_healer, make_keys, rotate_context_key
from khedmat.config.platform import build, provision, site, web
from khedmat.config.platform.layout import Layout, current_layout
from khedmat.config.platform.steps import digest_of, run_once
from khedmat.config.platform.supervisor import Supervisor

DEFAULT_HOUSEHOLDS = 40
DEFAULT_SEED = 18


def add_to(subcommands: Any) -> None:
    """Add `demo`."""
    demo = subcommands.add_parser(
        "demo", help="set everything up and run the site with synthetic people, on this machine only"
    )
    demo.add_argument("--households", type=int, default=DEFAULT_HOUSEHOLDS, help="how many families to make")
    demo.add_argument("--seed", type=int, default=DEFAULT_SEED, help="the same seed makes the same people")
    demo.add_argument("--port", type=int, help="port to listen on (default: the first free one from 8000)")
    demo.add_argument("--once-check", action="store_true", help="set up, start, see that the site answers, then stop")
    demo.set_defaults(run=run)


class Progress:
    """Prints one line for each step, with its seconds, and the minutes of all."""

    def __init__(self, steps: int) -> None:
        self._steps = steps
        self._done = 0
        self._began = time.monotonic()

    def step(self, words: str, action: Callable[[], bool | None]) -> None:
        """Run one step; an action that returns False had nothing to do."""
        self._done += 1
        print(f"[{self._done:>2}/{self._steps}] {words} … ", end="", flush=True)
        began = time.monotonic()
        try:
            worked = action()
        except BaseException:
            print("failed", flush=True)
            raise
        seconds = time.monotonic() - began
        print("nothing to do" if worked is False else f"{seconds:.1f} s", flush=True)

    def minutes(self) -> float:
        """Minutes since the beginning."""
        return (time.monotonic() - self._began) / 60


def run(given: argparse.Namespace) -> int:
    """Set up, run until Ctrl-C, stop everything."""
    os.environ["KHEDMAT_DEMO"] = "1"
    layout = current_layout()
    port = web.free_port(given.port)
    progress = Progress(9)
    try:
        progress.step("Making the secret keys", make_keys)
        progress.step("Starting the database", lambda: provision.ensure_database(layout))
        _build(layout, progress)
        _fill(layout, progress, households=given.households, seed=given.seed)
        _serve(layout, progress, port, once=given.once_check)
    finally:
        provision.release_database(layout)
    print("Everything is stopped; the data stays for the next 'make demo'.")
    return 0


def _build(layout: Layout, progress: Progress) -> None:
    def static() -> bool:
        digest = build.static_digest(layout.root)
        result = layout.root / build.BUILT_FOLDER
        return run_once(layout, "static", digest, lambda: build.build_static(layout), result=result)

    def collect() -> bool:
        digest = build.collected_digest(layout.root)
        result = layout.var / "static" / "staticfiles.json"
        return run_once(layout, "collect", digest, site.collect_static, result=result)

    progress.step("Building the static files", static)
    progress.step("Compiling the translations", lambda: bool(build.compile_messages(layout.root)))
    progress.step("Gathering the static files", collect)


def _fill(layout: Layout, progress: Progress, *, households: int, seed: int) -> None:
    identity = provision.database_identity(layout)
    migrations = digest_of(
        [*layout.root.glob("khedmat/*/migrations"), layout.root / "requirements" / "base.txt"], identity
    )
    makers = digest_of([*layout.root.glob("khedmat/config/demo*")], identity, str(households), str(seed))

    def seed_people() -> None:
        from khedmat.config.demo import seed as sow

        sow(households, seed)

    def load_and_migrate() -> None:
        site.migrate(verbosity=0)

    progress.step("Making the tables", lambda: run_once(layout, "migrate", migrations, load_and_migrate))
    progress.step("Changing the context key", rotate_context_key)
    progress.step(
        f"Making {households} synthetic families",
        lambda: run_once(layout, "seed", makers, seed_people),
    )


def _serve(layout: Layout, progress: Progress, port: int, *, once: bool) -> None:
    services = web.services(layout.root, host=web.LOOPBACK, port=port)
    supervisor = Supervisor(
        layout,
        str(port),
        services,
        say=lambda words: print(words, flush=True),
        heal=database_healer(),
        logs=layout.var / "log",
    )

    def announce() -> None:
        progress.step("Starting the site", lambda: web.wait_until_answers(port))
        _welcome(port, progress.minutes())
        print(f"What the site reports is in {layout.var / 'log'}. Ctrl-C stops everything.", flush=True)
        if once:
            supervisor.stop()

    supervisor.run(when_started=announce)


def _welcome(port: int, minutes: float) -> None:
    from khedmat.config.demo import cast

    rows = [("role", "place", "user name", "password")]
    rows += [(member.role, member.place, member.username, member.password) for member in cast()]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    print(f"\nKhedmat is ready at http://{web.LOOPBACK}:{port}   ({minutes:.1f} minutes)\n")
    for row in rows:
        print("  " + "  ".join(word.ljust(width) for word, width in zip(row, [*widths, 0], strict=True)))
    print("\nAll people and papers in it are made up.", flush=True)
