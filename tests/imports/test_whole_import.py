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

    _killed_and_gone_on_with(job, whole, first.seconds, kills)
    last = job.run().counts
    assert {name: last[name] for name in ("read", "refused")} == {name: counts[name] for name in ("read", "refused")}
    assert job.state() == whole


def _killed_and_gone_on_with(job: WholeImport, whole: str, longest: float, kills: int) -> None:
    """From an empty register; the last kill may leave anything behind, but a later run mends it."""
    job.empty()
    choice, struck = Random(SEED), 0
    while struck < kills:
        moment = choice.uniform(0.1, 1.0) * longest
        if job.kill_after(moment):
            struck += 1
        else:
            # It came to its end: complete after every kill so far. Strike earlier from now on.
            assert job.state() == whole
            longest = moment
            job.empty()


@pytest.mark.timeout(900)
def test_import_is_repeatable_and_survives_kills() -> None:
    with whole_import(5_000) as job:
        _survives(job, 5_000, kills=3)


@pytest.mark.proof
@pytest.mark.timeout(0)
def test_hundred_thousand_rows_survive_ten_kills() -> None:
    with whole_import(100_000) as job:
        _survives(job, 100_000, kills=10)
