"""A referred family's appointment and code end at the old office: the new one books it as its own."""

import pytest

from khedmat.casework.models import Case
from khedmat.casework.referrals import accept_referral
from khedmat.rounds.booking import subject_of
from khedmat.service.booking import book, make_code
from khedmat.service.enums import Channel
from khedmat.vault.context import working_context
from tests.casework.recourse import arrived, asked
from tests.cast import Cast
from tests.service.opened import MORNING, opened, slots

pytestmark = pytest.mark.django_db


def test_the_new_office_books_and_hands_over_a_code(cast: Cast) -> None:
    narges, omid = cast["narges"], cast["omid"]
    case = arrived(narges)
    opened(cast["shirin"])
    opened(cast["reza"])
    old = slots(cast["shirin"])[0]
    with working_context(narges):
        book(old.pk, subject_of(case), channel=Channel.COUNTER, by=narges, now=MORNING)
    referral = asked(narges, case, cast.places["rey"])
    with working_context(omid):
        accept_referral(referral.pk, by=omid)
        subject = subject_of(Case.objects.get(pk=case.pk))
    new = slots(cast["reza"])[0]
    with working_context(omid):
        assert book(new.pk, subject, channel=Channel.COUNTER, by=omid, now=MORNING).code
        assert make_code(subject, by=omid)
