"""The command imports a large untidy file, twice, and however often it is killed.

5,000 rows and 3 kills in `make test`; 100,000 rows and 10 kills in `make proof`.
"""

from random import Random

import pytest

from tests.imports.whole_import import WholeImport, whole_import

SEED = 1405
MOST_MEGABYTES = 500


def _survives(job: WholeImport, rows: int, kills: int) -> None:
    first = job.run()
    counts = first.counts
    assert counts["read"] == rows == sum(counts[name] for name in ("new", "changed", "unchanged", "refused"))
    assert first.status == 1  # rows were refused
    assert job.people() == counts["new"]
    assert first.peak_kb < MOST_MEGABYTES * 1024
    whole = job.state()

    again = job.run().counts
    assert (again["new"], again["changed"], again["unchanged"]) == (0, 0, counts["new"])
    assert job.state() == whole

    job.empty()
    choice, struck = Random(SEED), 0
    while struck < kills and job.kill_after(choice.uniform(0.2, 1.0) * first.seconds):
        struck += 1
    assert struck >= min(kills, 2)
    last = job.run().counts
    assert {name: last[name] for name in ("read", "refused")} == {name: counts[name] for name in ("read", "refused")}
    assert job.state() == whole


@pytest.mark.timeout(900)
def test_import_is_repeatable_and_survives_kills() -> None:
    with whole_import(5_000) as job:
        _survives(job, 5_000, kills=3)


@pytest.mark.proof
@pytest.mark.timeout(0)
def test_hundred_thousand_rows_survive_ten_kills() -> None:
    with whole_import(100_000) as job:
        _survives(job, 100_000, kills=10)
