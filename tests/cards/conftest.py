"""Pages of cards through Django's test client, and families at the steps where cards come in."""

from collections.abc import Callable
from uuid import UUID

import pytest

from khedmat.cards.models import Card, PrintBatch
from khedmat.casework.actions import enter_case
from khedmat.casework.models import Case
from khedmat.config.demo.line import make_prepared_batch
from khedmat.vault.context import working_context
from tests import line
from tests.cast import Cast

Approved = Callable[..., Case]


@pytest.fixture
def approved(cast: Cast) -> Approved:
    """`approved()`: another family whose members all wait for their cards."""
    line.open_round(cast)
    made = 0

    def make(size: int = 3, clerk: str = "narges", cashier: str = "kamran") -> Case:
        nonlocal made
        made += 1
        household = line.register(cast, clerk, cards_from=4_500_000 + 100 * made, size=size)
        case = line.take_application(cast, household, clerk)
        line.pay(cast, case, cashier, receipt=str(1000 + made))
        line.submit(cast, case.pk, clerk)
        return line.decide_all(cast, case.pk)

    return make


@pytest.fixture
def in_print(cast: Cast, approved: Approved) -> PrintBatch:
    """A family of three in a prepared batch."""
    approved()
    return make_prepared_batch(cast)


@pytest.fixture
def ready(cast: Cast, approved: Approved) -> Case:
    """A family of three whose cards wait at the office: two adults and a child."""
    case = approved()
    line.print_cards(cast)
    return case


def cards_of(cast: Cast, case_id: UUID, name: str = "narges") -> list[Card]:
    """A case's cards in the family's order, as somebody with the family open sees them."""
    with working_context(cast[name]):
        enter_case(case_id, by=cast[name])
        cards = Card.objects.filter(case_id=case_id).select_related("person", "case")
        return list(cards.order_by("person__position"))
