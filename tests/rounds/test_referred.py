"""A referred family's appointment and code end at the old office: the new one books it as its own."""

from datetime import timedelta

import pytest
from django.utils import timezone

from khedmat.accounts.errors import RecordNotVisible
from khedmat.audit.models import Entry
from khedmat.casework.models import Case
from khedmat.casework.referrals import accept_referral
from khedmat.common.actor import Actor
from khedmat.rounds.booking import subject_of
from khedmat.rounds.enrolment import CASE_TYPE, start_enrolment
from khedmat.service.booking import book, client_with, make_code, release_elsewhere
from khedmat.service.enums import BookingState, Channel
from khedmat.service.errors import CodeUnknown
from khedmat.service.models import Booking, Slot
from khedmat.service.opening import open_days
from khedmat.service.selectors import today_in_tehran
from khedmat.vault.context import working_context
from tests import line
from tests.casework.recourse import asked
from tests.cast import Cast
from tests.service.opened import PLAN

pytestmark = pytest.mark.django_db


def a_slot(manager: Actor) -> Slot:
    """A time of tomorrow at the manager's office."""
    tomorrow = today_in_tehran(timezone.now()) + timedelta(days=1)
    with working_context(manager):
        open_days(tomorrow, tomorrow, PLAN, with_free_days=True, by=manager)
        return Slot.objects.filter(scope_id=manager.scope_id).order_by("starts_at")[0]


def test_the_new_office_books_and_hands_over_a_code_of_its_own(cast: Cast) -> None:
    line.open_round(cast)
    household, narges, omid = line.register(cast), cast["narges"], cast["omid"]
    slot, new_slot = a_slot(cast["shirin"]), a_slot(cast["reza"])
    with working_context(narges):
        case = start_enrolment(household.pk, line.ROUND, by=narges)
        code = book(slot.pk, subject_of(case), channel=Channel.COUNTER, by=narges).code
    assert code is not None
    referral = asked(narges, case, cast.places["rey"])
    with working_context(omid):
        accept_referral(referral.pk, by=omid)
        subject = subject_of(Case.objects.get(pk=case.pk))
        assert book(new_slot.pk, subject, channel=Channel.COUNTER, by=omid).code
        assert make_code(subject, by=omid)
    with pytest.raises(CodeUnknown):
        client_with(code)
    with working_context(narges):
        left = Booking.objects.select_related("slot").get()
        assert (left.state, left.slot.taken) == (BookingState.CANCELLED, 0)
    with working_context(cast["guardian"]):
        assert Entry.objects.filter(action="appointment.cancelled", subject_id=str(left.pk)).count() == 1


def test_only_the_place_that_has_the_case_ends_what_others_booked(cast: Cast) -> None:
    line.open_round(cast)
    household, narges = line.register(cast), cast["narges"]
    with working_context(narges):
        case = start_enrolment(household.pk, line.ROUND, by=narges)
    with pytest.raises(RecordNotVisible), working_context(cast["omid"]):
        release_elsewhere(CASE_TYPE, case.pk)
