"""A family at Narges's counter, and what a letter to it is made from."""

from typing import Any
from uuid import UUID

import pytest

from khedmat.audit.models import Entry
from khedmat.common.actor import Actor
from khedmat.notices.actions import make_letter
from khedmat.notices.enums import LetterKind
from khedmat.notices.models import Letter
from khedmat.notices.samples import SAMPLES
from khedmat.notices.slots import Value
from khedmat.registry.models import Household
from tests import line
from tests.cast import Cast

SET_BY_THE_ACTION = ("case_number", "letter_number", "made_on")


@pytest.fixture
def household(cast: Cast) -> Household:
    return line.register(cast, size=1)


def values_of(kind: LetterKind) -> dict[str, Value]:
    return {name: value for name, value in SAMPLES[kind].items() if name not in SET_BY_THE_ACTION}


def letter_to(
    household: Household,
    by: Actor,
    *,
    kind: LetterKind = LetterKind.MISSING_PAPERS,
    language: str = "ps",
    about: UUID | None = None,
) -> Letter:
    subject_id = about or household.pk
    return make_letter(kind, household.pk, "enrolment", subject_id, "18-0042817", values_of(kind), language, by=by)


def entries(household_id: UUID, action: str) -> list[dict[str, Any]]:
    """What the record of an open family says of one action, the oldest first."""
    found = Entry.objects.filter(household_id=household_id, action=action).order_by("id")
    return [entry.details for entry in found]
