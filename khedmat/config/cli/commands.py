"""The single steps: migrate, static, messages, keys, run, doctor."""

import argparse
from typing import Any

from khedmat.config.platform import build, doctor, postgres, provision, site, web
from khedmat.config.platform.layout import current_layout, private_folder
from khedmat.config.platform.supervisor import Supervisor


def add_to(subcommands: Any) -> None:
    """Add the commands of this module."""
    run = subcommands.add_parser("run", help="run the site: web server and jobs, healed when they crash")
    run.add_argument("--host", default=web.LOOPBACK, help="address to listen on (default: this machine only)")
    run.add_argument("--port", type=int, default=web.FIRST_PORT, help="port to listen on (default: 8000)")
    run.add_argument("--workers", type=int, help="web processes (default: one a processor, at most 4)")
    run.set_defaults(run=_run)
    subcommands.add_parser("doctor", help="say in words what is missing or wrong").set_defaults(run=_doctor)
    subcommands.add_parser("migrate", help="bring the database's tables up to date").set_defaults(run=_migrate)
    subcommands.add_parser("static", help="build the files that browsers load").set_defaults(run=_static)
    subcommands.add_parser("messages", help="compile the translations").set_defaults(run=_messages)
    keys = subcommands.add_parser("keys", help="make or change the secret keys")
    actions = keys.add_subparsers(dest="action", required=True, metavar="ACTION")
    actions.add_parser("init", help="make the keys that are missing; never replaces one").set_defaults(run=_keys_init)
    actions.add_parser(
        "rotate-context", help="change the key by which the database knows who asks (at each start)"
    ).set_defaults(run=_rotate_context)


def _run(given: argparse.Namespace) -> int:
    layout = current_layout()
    port = web.free_port(given.port)
    services = web.services(layout.root, host=given.host, port=port, workers=given.workers)
    try:
        provision.ensure_database(layout)
        supervisor = Supervisor(layout, str(port), services, say=_say, heal=database_healer())
        supervisor.run(when_started=lambda: _say(f"Khedmat listens on http://{given.host}:{port}"))
    finally:
        provision.release_database(layout)
    _say("Khedmat is stopped.")
    return 0


def _doctor(_given: argparse.Namespace) -> int:
    wrong = 0
    for finding in doctor.examine(current_layout()):
        wrong += finding.wrong
        print(f"{'WRONG' if finding.wrong else 'ok':<6}{finding.subject}: {finding.words}")
        if finding.wrong:
            print(f"      → {finding.advice}")
    print("Everything is in order." if not wrong else f"{wrong} to mend.")
    return 1 if wrong else 0


def _migrate(_given: argparse.Namespace) -> int:
    site.migrate()
    return 0


def _static(_given: argparse.Namespace) -> int:
    layout = current_layout()
    build.build_static(layout)
    site.collect_static()
    print("The static files are built.")
    return 0


def _messages(_given: argparse.Namespace) -> int:
    compiled = build.compile_messages(current_layout().root)
    print(f"{len(compiled)} catalogues compiled." if compiled else "All catalogues were compiled already.")
    return 0


def _keys_init(_given: argparse.Namespace) -> int:
    make_keys()
    print(f"The keys are in {current_layout().keys}. Keep a copy elsewhere: nothing can be read without them.")
    return 0


def _rotate_context(_given: argparse.Namespace) -> int:
    rotate_context_key()
    print("The context key is changed.")
    return 0


def make_keys() -> None:
    """Make the keys that are missing, in a folder that only the owner can enter."""
    from khedmat.vault.keyring import ensure_keys

    ensure_keys(private_folder(current_layout().keys))


def rotate_context_key() -> None:
    """Change the key of the working context, in the database and in the keys folder."""
    site.load_django()
    from khedmat.vault.context import rotate_context_key as rotate

    rotate()


def database_healer() -> Any:
    """What the supervisor calls every second: starts the embedded database again when it is gone."""
    layout = current_layout()
    if not provision.is_embedded(layout):
        return lambda: None
    cluster = postgres.cluster(layout)

    def heal() -> None:
        if postgres.postmaster(cluster) is None:
            _say("The database stopped; starting it again.")
            postgres.start(cluster)

    return heal


def _say(words: str) -> None:
    print(words, flush=True)
