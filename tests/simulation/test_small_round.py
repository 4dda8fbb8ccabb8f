"""A small round, simulated day by day: everything holds each week, and at the end."""

import pytest

from tests.simulation.round_online import Size, simulate

SMALL = Size(households=40, provinces=2, offices_each=1, days=13, counters=1)


@pytest.mark.django_db(transaction=True)
def test_small_round_holds(unhashed_static: None) -> None:
    outcome = simulate(SMALL, look_every=5)
    assert outcome.wrong == []
    assert outcome.foreseen >= 10
    assert outcome.covered >= 0.75, str(outcome)
