"""Whoever makes letters of it is told that a round's cards stay valid for longer."""

from collections.abc import Iterator
from datetime import date

import pytest

from khedmat.cards.actions import extend_validity
from khedmat.cards.listeners import ExtendedValidity, forget, on_extended
from khedmat.cards.models import ValidityExtension
from khedmat.common.actor import Actor
from khedmat.vault.context import working_context
from tests.cast import Cast

pytestmark = pytest.mark.django_db
UNTIL, NOTICED = date(2028, 1, 1), date(2026, 11, 1)


class Told(list[ExtendedValidity]):
    """What the listener heard; it refuses the notice named NO."""

    def __call__(self, extended: ExtendedValidity, by: Actor) -> None:
        if extended.notice_number == "NO":
            raise RuntimeError
        self.append(extended)


@pytest.fixture
def told() -> Iterator[Told]:
    listener = Told()
    on_extended(listener)
    on_extended(listener)
    yield listener
    forget(listener)


def extend(cast: Cast, notice: str, until_on: date = UNTIL) -> None:
    manager = cast["manager"]
    with working_context(manager):
        extend_validity(series="amayesh-18", until_on=until_on, notice_number=notice, noticed_on=NOTICED, by=manager)


def test_listener_is_told_once_in_the_same_transaction(cast: Cast, told: Told) -> None:
    extend(cast, "N-1")
    assert [(one.series, one.until_on, one.notice_number) for one in told] == [("amayesh-18", UNTIL, "N-1")]
    with pytest.raises(RuntimeError):
        extend(cast, "NO", date(2028, 2, 1))
    assert ValidityExtension.objects.count() == 1
