"""A round as large as a real one: 20,000 households in 12 offices of four provinces over 60 days. `make proof`."""

import os
import pickle
import subprocess
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from khedmat.rounds.cockpit import DAYS_AHEAD
from tests.simulation.clock import simulated
from tests.simulation.plan import OPENS_ON
from tests.simulation.round_online import Outcome, Size, conclude, look_quickly, prepare
from tests.simulation.town import owner
from tests.simulation.work import Report
from tests.simulation.worker import start, words_of

WHOLE = Size(households=20_000, provinces=4, offices_each=3, days=60, counters=4)
SECONDS_BETWEEN_LOOKS = 120
# Looking through all rows joins the record of acts in ways that no page does.
INDEXES = (
    "CREATE INDEX sim_member ON audit_entry ((details->>'member'), action)",
    "CREATE INDEX sim_subject ON audit_entry (subject_id, action)",
)


def size_of_proof() -> Size:
    """20,000 households; KHEDMAT_SIMULATED takes fewer, for trying the proof itself."""
    asked = int(os.environ.get("KHEDMAT_SIMULATED", WHOLE.households))
    return replace(WHOLE, households=asked)


def run_whole(size: Size, folder: Path) -> Outcome:
    """A process for each province; meanwhile money and places are looked at again and again."""
    with simulated(OPENS_ON - timedelta(days=1)):
        manager, provinces = prepare(size)
    began = time.monotonic()
    running = []
    for number, province in enumerate(provinces):
        task, report = folder / f"task-{number}", folder / f"report-{number}"
        task.write_bytes(pickle.dumps((province, size)))
        database = str(connection.settings_dict["NAME"])
        keys, files = Path(settings.KHEDMAT_KEYS_DIR), Path(settings.KHEDMAT_FILES_DIR)
        running.append((start(database, task, report, keys=keys, files=files), report))
    wrong = _watch([process for process, _report in running])
    seconds = time.monotonic() - began
    reports: list[Report] = []
    for process, report in running:
        assert process.wait() == 0, words_of(report).read_text()[-3_000:]
        reports.append(pickle.loads(report.read_bytes()))  # noqa: S301 - written by our own worker
    with owner() as connected:
        for statement in INDEXES:
            connected.execute(statement.encode())
        connected.execute("ANALYZE")
    outcome = conclude(size, manager, reports)
    # What is wrong once is seen at each look after it.
    outcome.wrong = list(dict.fromkeys([*wrong, *outcome.wrong]))
    outcome.seconds = seconds
    print(outcome)  # noqa: T201
    return outcome


def _watch(processes: list[subprocess.Popen[bytes]]) -> list[str]:
    """What does not hold while the round goes on."""
    wrong: list[str] = []
    looked = time.monotonic()
    while any(process.poll() is None for process in processes):
        time.sleep(1)
        if time.monotonic() - looked > SECONDS_BETWEEN_LOOKS:
            with owner() as connected, connected.cursor() as cursor:
                wrong += look_quickly(cursor)
            looked = time.monotonic()
    return wrong


@pytest.mark.proof
@pytest.mark.timeout(6 * 3600)
@pytest.mark.django_db(transaction=True)
def test_whole_round_holds(unhashed_static: None, tmp_path: Path) -> None:
    outcome = run_whole(size_of_proof(), tmp_path)
    assert not outcome.wrong, "\n".join(outcome.wrong)
    assert len(outcome.judged) == DAYS_AHEAD
    for ahead, (_held, foreseen) in outcome.judged.items():
        assert foreseen >= 480
        assert outcome.covered(ahead) >= 0.85, str(outcome)
