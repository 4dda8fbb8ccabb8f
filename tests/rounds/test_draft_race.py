"""Drafts of one round written at once: each gets a number of its own, the first of a new round too."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from khedmat.common.actor import Actor
from khedmat.rounds.actions import create_round_version
from khedmat.rounds.models import Round, RoundVersion
from khedmat.vault.context import working_context
from tests.cast import make_cast
from tests.rounds.samples import amayesh_18

AT_ONCE = 4


def _draft(start: Barrier, manager: Actor) -> int:
    try:
        start.wait(timeout=20)
        with working_context(manager):
            return create_round_version(amayesh_18(), by=manager).version
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_each_draft_has_a_number_of_its_own(transactional_db: None) -> None:
    manager = make_cast()["manager"]
    start = Barrier(AT_ONCE)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        numbers = list(pool.map(lambda _number: _draft(start, manager), range(AT_ONCE)))
    assert sorted(numbers) == list(range(1, AT_ONCE + 1))
    assert (Round.objects.count(), RoundVersion.objects.count()) == (1, AT_ONCE)
