"""The command `khedmat`: everything a person does at a terminal to set up and run the site."""

import argparse
import sys
from collections.abc import Sequence

from khedmat.config.cli import commands, database, demo, installation, register
from khedmat.config.platform.errors import PlatformError

INTERRUPTED = 130


def parser() -> argparse.ArgumentParser:
    """All subcommands with their help texts."""
    root = argparse.ArgumentParser(
        prog="khedmat",
        description="Set up, run and look after Khedmat. 'khedmat demo' shows it whole on this machine.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    subcommands = root.add_subparsers(dest="command", required=True, metavar="COMMAND")
    demo.add_to(subcommands)
    commands.add_to(subcommands)
    database.add_to(subcommands)
    installation.add_to(subcommands)
    register.add_to(subcommands)
    return root


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code. A failure is one sentence, not a traceback."""
    given = parser().parse_args(arguments)
    try:
        return int(given.run(given) or 0)
    except PlatformError as error:
        print(f"khedmat: {error}", file=sys.stderr)
        return 1
    except PermissionError as error:
        print(
            f"khedmat: no permission for {error.filename}. It was probably made by another user: "
            "run the command as that user, or give the file to yourself.",
            file=sys.stderr,
        )
        return 1
    except KeyboardInterrupt:
        print(file=sys.stderr)
        return INTERRUPTED
