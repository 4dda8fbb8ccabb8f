"""A small round, simulated day by day: everything holds at the end of each week, and of the round."""

import pytest

from tests.simulation.round_online import Outcome, simulate


@pytest.mark.django_db(transaction=True)
def test_small_round_holds(unhashed_static: None) -> None:
    outcome: Outcome = simulate(seed=1405, households=60, provinces=2, offices_each=1, days=15)
    assert outcome.wrong == []
    assert outcome.households == 60
