"""Two openings at the last place of the day's budget, at once: one succeeds."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID

import pytest
from django.db import connection

from khedmat.accounts.errors import SpentReadBudget
from khedmat.common.actor import Actor
from khedmat.registry.actions import look_up, open_hit
from khedmat.registry.models import Household
from khedmat.vault.context import working_context
from tests.cast import make_cast
from tests.factories import family

FAMILIES = 6


def _open(start: Barrier, actor: Actor, looked: UUID) -> str:
    try:
        start.wait(timeout=20)
        with working_context(actor):
            open_hit(looked, 1, by=actor)
    except SpentReadBudget:
        return "spent"
    finally:
        connection.close()
    return "opened"


@pytest.mark.django_db(transaction=True)
def test_the_last_place_is_taken_once(transactional_db: None, budget: Callable[[str, int, int], None]) -> None:
    cast = make_cast()
    omid = cast["omid"]
    for number in range(FAMILIES):
        family(cast["narges"], 1, document=f"RACE{number}")
    with working_context(omid):
        looked = [look_up(number=f"RACE{number}", by=omid).look_up_id for number in range(FAMILIES)]
    budget("clerk", 2, 200)
    start = Barrier(FAMILIES)
    with ThreadPoolExecutor(FAMILIES) as pool:
        answers = list(pool.map(lambda one: _open(start, omid, one), looked))
    assert sorted(answers) == ["opened"] * 2 + ["spent"] * (FAMILIES - 2)
    with working_context(omid):
        assert Household.objects.count() == 2
