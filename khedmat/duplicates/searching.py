"""Runs the search in a process of its own: its memory ends with it, and it is told the matcher's address alone."""

import json
import os
import subprocess
import sys
from typing import Final

from django.conf import settings
from django.db import connection

from khedmat.common.actor import Actor
from khedmat.duplicates.matching.pairs import Pair
from khedmat.vault.context import SETTING, sign_context

LONGEST_SECONDS: Final = 30 * 60
_TELLING: Final = ("DATABASE_URL", "PGPASSWORD")


class SearchFailed(Exception):
    """The process did not answer. Names the kind of failure alone: what went wrong may quote a person's data."""


def search(by: Actor) -> tuple[int, list[Pair]]:
    """How many people there were, and the likely pairs. Errors: SearchFailed."""
    order = {
        "url": settings.KHEDMAT_MATCHER.url(database=str(connection.settings_dict["NAME"])),
        "setting": SETTING,
        "token": sign_context(by),
    }
    # Secrets go by the pipe: what is on a command line or in the environment, others may see.
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in _TELLING and not (name.startswith("KHEDMAT_") and name.endswith("_URL"))
    }
    try:
        process = subprocess.run(
            [sys.executable, "-m", "khedmat.duplicates.matching"],
            input=json.dumps(order).encode(),
            capture_output=True,
            cwd=settings.BASE_DIR,
            env=environment,
            timeout=LONGEST_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise SearchFailed("TimeoutExpired") from None
    if process.returncode != 0:
        raise SearchFailed(process.stderr.decode(errors="replace")[:80].split("\n")[0] or str(process.returncode))
    answer = json.loads(process.stdout)
    pairs = [Pair(**{**pair, "likenesses": tuple(pair["likenesses"])}) for pair in answer["pairs"]]
    return int(answer["people"]), pairs
