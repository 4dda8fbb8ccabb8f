"""The two ways of counting a round agree, and both say what the contract of `Milestone` says."""

from collections import Counter
from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from khedmat.casework.actions import enter_case, take_for_review
from khedmat.casework.counts import reached_by_day
from khedmat.casework.enums import CaseStep, Outcome
from khedmat.casework.models import Case, CaseMember
from khedmat.casework.referrals import accept_referral
from khedmat.payments.instalments import split_by_plan
from khedmat.payments.selectors import live_charge_of
from khedmat.rounds.booking import pre_register, subject_of
from khedmat.rounds.enrolment import CASE_TYPE, decide, withdraw_enrolment
from khedmat.service.booking import book
from khedmat.service.enums import Channel
from khedmat.service.hall import give_number
from khedmat.service.models import Slot
from khedmat.service.opening import open_days
from khedmat.service.selectors import today_in_tehran
from khedmat.vault.context import working_context
from tests import line
from tests.casework.recourse import asked
from tests.cast import Cast, make_cast
from tests.rounds.counting import counted_by_office
from tests.service.opened import PLAN
from tests.simulation.town import owner

# Moments of the database's clock are those of transactions: each act has one of its own here.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    made = make_cast()
    line.open_round(made)
    tomorrow = today_in_tehran(timezone.now()) + timedelta(days=1)
    with working_context(made["shirin"]):
        open_days(tomorrow, tomorrow, PLAN, with_free_days=True, by=made["shirin"])
    return made


def book_at_shahriar(cast: Cast, case: Case) -> None:
    with working_context(cast["narges"]):
        slot = Slot.objects.order_by("starts_at")[0]
        book(slot.pk, subject_of(case), channel=Channel.PHONE, by=cast["narges"])


def decide_one(cast: Cast, case_id: UUID, place: int) -> None:
    bahram = cast["bahram"]
    with working_context(bahram):
        enter_case(case_id, by=bahram)
        case = take_for_review(case_id, by=bahram)
        member = CaseMember.objects.filter(case=case).order_by("person__position")[place]
        decide(case_id, case.version, member.pk, Outcome.APPROVE, line.REASON, by=bahram)


def come_booked_and_withdraw(cast: Cast) -> None:
    """Booked, came, photographed; went away without paying."""
    narges = cast["narges"]
    household = line.register(cast, cards_from=4_500_000, size=1)
    with working_context(narges):
        case = pre_register(household.pk, line.ROUND, by=narges)
    book_at_shahriar(cast, case)
    with working_context(narges):
        give_number(subject_of(case), by=narges)
        case.refresh_from_db()
        assert case.step == CaseStep.ARRIVED
        withdraw_enrolment(case.pk, case.version, by=narges)


def go_on_at_rey(cast: Cast) -> None:
    """A walk-in of two who books a second visit, pays the first of three parts, and goes to Rey half decided."""
    case = line.take_application(cast, line.register(cast, size=2))
    book_at_shahriar(cast, case)
    with working_context(cast["kamran"]):
        charge = live_charge_of(CASE_TYPE, case.pk)
        assert charge is not None
        split_by_plan(charge.pk, plan_code="three-parts", expected_version=charge.version, by=cast["kamran"])
    line.pay(cast, case)
    line.submit(cast, case.pk)
    decide_one(cast, case.pk, 0)
    referral = asked(cast["narges"], case, cast.places["rey"])
    with working_context(cast["omid"]):
        accept_referral(referral.pk, by=cast["omid"])
    decide_one(cast, case.pk, 1)
    line.print_cards(cast)
    line.give_cards(cast, case.pk, "omid")


def test_both_count_what_the_contract_says(cast: Cast) -> None:
    come_booked_and_withdraw(cast)
    go_on_at_rey(cast)
    shahriar, rey = cast.places["shahriar"].pk, cast.places["rey"].pk
    expected = {
        (shahriar, "booked"): 1,
        (shahriar, "arrived"): 2,
        (shahriar, "withdrawn"): 1,
        (shahriar, "photographed"): 1,
        (shahriar, "paid"): 1,
        (shahriar, "submitted"): 1,
        (shahriar, "decided"): 1,
        (rey, "decided"): 1,
        (rey, "printed"): 2,
        (rey, "handed_over"): 2,
    }
    with owner() as connected, connected.cursor() as cursor:
        assert counted_by_office(cursor, line.ROUND) == expected
    shown: Counter[tuple[int, str]] = Counter()
    with working_context(cast["manager"]):
        for one in reached_by_day(line.ROUND):
            shown[one.scope_id, one.step] += one.amount
    assert shown == expected
