"""Codes on paper and messages are gone when their time is over, and not before."""

from typing import Any

import pytest

from khedmat.notices.expiry import expire_notices
from khedmat.notices.models import Message, Slip
from khedmat.registry.models import Household
from tests.cast import Cast
from tests.notices.telling import told_in_every_way

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def told(cast: Cast, household: Household) -> Household:
    """A family with a slip, a message that went out, and one that waits."""
    told_in_every_way(household.pk, by=cast["narges"])
    return household


def grow_older(as_migrator: Any, days: int) -> None:
    older = "- make_interval(days => %s)"
    as_migrator.execute(
        f"UPDATE notices_slip SET made_at = made_at {older}, expires_at = expires_at {older}", [days] * 2
    )
    as_migrator.execute(
        f"UPDATE notices_message SET queued_at = queued_at {older}, ended_at = ended_at {older}", [days] * 2
    )
    as_migrator.connection.commit()


@pytest.mark.parametrize(("days", "kept"), [(179, (1, 2)), (181, (0, 2)), (370, (0, 1))])
def test_what_was_told_is_deleted_when_its_time_is_over(
    cast: Cast, told: Household, acting: Any, as_migrator: Any, days: int, kept: tuple[int, int]
) -> None:
    grow_older(as_migrator, days)
    assert expire_notices() == 3 - sum(kept)
    with acting(cast["narges"]):
        assert (Slip.objects.count(), Message.objects.count()) == kept
