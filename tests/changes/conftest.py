"""Two families of Shahriar, and the ways in which a clerk asks and an officer decides."""

import pytest

from khedmat.registry.models import Household
from tests.cast import Cast
from tests.changes.asking import families_of


@pytest.fixture
def rezai(cast: Cast) -> Household:
    """A family of five, open to Narges."""
    return families_of(cast, "narges", cards_from=4411830)


@pytest.fixture
def karimi(cast: Cast) -> Household:
    """Another family of three, open to Narges too."""
    return families_of(cast, "narges", cards_from=5511830, size=3)
