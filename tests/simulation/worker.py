"""A province of a simulated round in a process of its own, started by `start` below.

Provinces share nothing but the database, so that each process takes its own one through all days.
"""

import os
import pickle
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def start(database: str, task: Path, report: Path, *, keys: Path, files: Path) -> subprocess.Popen[bytes]:
    """A worker on the database, keys and files of the test; `task` holds its province and the round's size."""
    # The database is found by the environment as it is; keys and files are set once the settings are read.
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "khedmat.config.settings", "KHEDMAT_DEMO": "1"}
    paths = [str(path) for path in (task, report, keys, files)]
    command = [sys.executable, "-m", "tests.simulation.worker", database, *paths]
    with words_of(report).open("wb") as words:
        return subprocess.Popen(command, cwd=ROOT, env=environment, stderr=words)


def words_of(report: Path) -> Path:
    """Where a worker's own words stand, should it fail."""
    return report.with_suffix(".words")


def main(database: str, task: Path, report: Path, keys: Path, files: Path) -> None:
    """Take the province of the task through the round, and write down what was done."""
    import django
    from django.conf import settings

    for alias in settings.DATABASES:
        settings.DATABASES[alias]["NAME"] = database
    settings.KHEDMAT_KEYS_DIR, settings.KHEDMAT_FILES_DIR = keys, files
    django.setup()
    from tests.simulation.round_online import work_through

    province, size = pickle.loads(task.read_bytes())  # noqa: S301 - written by the test that started this
    (done,) = work_through([province], size)
    report.write_bytes(pickle.dumps(done.report()))


if __name__ == "__main__":
    main(sys.argv[1], *map(Path, sys.argv[2:6]))
