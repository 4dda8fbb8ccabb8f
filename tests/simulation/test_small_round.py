"""A small round, simulated day by day: everything holds each week, and at the end."""

import pytest

from tests.simulation.plan import Story
from tests.simulation.round_online import Size, simulate

# With this seed every story happens, and three of the four ends of a refusal.
SMALL = Size(households=60, provinces=1, offices_each=2, days=13, counters=1, seed=1403)


@pytest.mark.django_db(transaction=True)
def test_small_round_holds(unhashed_static: None) -> None:
    outcome = simulate(SMALL, look_every=5)
    assert outcome.wrong == []
    _held, foreseen = outcome.judged[0]
    assert foreseen >= 10
    assert outcome.covered(0) >= 0.75, str(outcome)


def test_small_round_has_every_story() -> None:
    families = [family for day in SMALL.plan().values() for family in day]
    assert {family.story for family in families} == set(Story)
    assert sum(family.stands_still for family in families) > 1
