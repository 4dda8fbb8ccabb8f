"""Two notices that extend one round at once: the second sees the first, and is refused where it is not later."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from django.db import connection

from khedmat.cards.actions import extend_validity
from khedmat.cards.errors import ExtensionNotLater
from khedmat.cards.models import ValidityExtension
from khedmat.common.actor import Actor
from khedmat.vault.context import working_context
from tests.cast import make_cast

AT_ONCE = 4
DAY = date(2027, 6, 21)


def _extend(start: Barrier, manager: Actor, number: int) -> str:
    try:
        start.wait(timeout=20)
        with working_context(manager):
            extend_validity(series="amayesh-17", until_on=DAY, notice_number=f"N-{number}", noticed_on=DAY, by=manager)
    except ExtensionNotLater:
        return "not later"
    finally:
        connection.close()
    return "extended"


@pytest.mark.django_db(transaction=True)
def test_the_same_day_is_given_once(transactional_db: None) -> None:
    manager = make_cast()["manager"]
    start = Barrier(AT_ONCE)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(lambda number: _extend(start, manager, number), range(AT_ONCE)))
    assert sorted(answers) == ["extended"] + ["not later"] * (AT_ONCE - 1)
    assert ValidityExtension.objects.count() == 1
