"""One family's way through the line, by the actions that the pages call. For the demo and for tests."""

from uuid import UUID

from django.utils import timezone

from khedmat.cards.actions import hand_over, make_batch, mark_batch_printed
from khedmat.cards.models import Card, PrintBatch
from khedmat.cards.printing import prepare_batch
from khedmat.casework.actions import enter_case, take_for_review
from khedmat.casework.enums import Outcome
from khedmat.casework.models import Case, CaseMember
from khedmat.config.demo.families import portrait
from khedmat.config.demo.staff import Cast
from khedmat.payments.actions import take_counter_payment
from khedmat.payments.enums import CounterMethod
from khedmat.payments.errors import ChargeNotFound
from khedmat.payments.selectors import live_charge_of
from khedmat.registry.actions import register_household
from khedmat.registry.models import Household
from khedmat.registry.rules import HouseholdEntry
from khedmat.rounds.actions import demo_round, publish_version
from khedmat.rounds.enrolment import (
    CASE_TYPE,
    add_portrait,
    decide,
    mark_papers,
    start_enrolment,
    submit_enrolment,
)
from khedmat.rounds.enrolment_view import enrolment_view
from khedmat.rounds.enums import VersionState
from khedmat.rounds.models import RoundVersion
from khedmat.vault.context import working_context

ROUND = "amayesh-18"
REASON = "مدارک کامل است."


def open_round(cast: Cast) -> RoundVersion:
    """Amayesh 18, proposed by one round manager and published by another."""
    with working_context(cast["manager"]):
        version = demo_round(by=cast["manager"], today=timezone.localdate())
    if version.state == VersionState.PUBLISHED:
        return version
    with working_context(cast["parvin"]):
        return publish_version(version.pk, by=cast["parvin"])


def register(cast: Cast, entry: HouseholdEntry, clerk: str = "narges") -> Household:
    """A family in the register of the clerk's province."""
    with working_context(cast[clerk]):
        return register_household(entry, by=cast[clerk])


def take_application(cast: Cast, household: Household, clerk: str = "narges") -> Case:
    """Arrived, papers seen, photographed: waiting at the cashier's."""
    actor = cast[clerk]
    with working_context(actor):
        case = start_enrolment(household.pk, ROUND, by=actor)
        seen = [(paper.code, paper.member_id) for paper in enrolment_view(case).papers]
        mark_papers(case.pk, case.version, seen, by=actor)
        for number, member_id in enumerate(CaseMember.objects.filter(case=case).values_list("pk", flat=True)):
            add_portrait(case.pk, member_id, portrait(number), by=actor)
        return Case.objects.get(pk=case.pk)


def pay(cast: Cast, case: Case, cashier: str = "kamran", receipt: str = "1001") -> None:
    """In cash, at the counter."""
    with working_context(cast[cashier]):
        charge = live_charge_of(CASE_TYPE, case.pk)
        if charge is None:
            raise ChargeNotFound
        take_counter_payment(
            charge.pk,
            method=CounterMethod.CASH,
            receipt_number=receipt,
            expected_version=charge.version,
            by=cast[cashier],
        )


def submit(cast: Cast, case_id: UUID, clerk: str = "narges") -> Case:
    """Handed to the province."""
    with working_context(cast[clerk]):
        return submit_enrolment(case_id, Case.objects.get(pk=case_id).version, by=cast[clerk])


def decide_all(cast: Cast, case_id: UUID, officer: str = "bahram", outcome: Outcome = Outcome.APPROVE) -> Case:
    """The officer takes the case and decides each member alike."""
    actor = cast[officer]
    with working_context(actor):
        enter_case(case_id, by=actor)
        take_for_review(case_id, by=actor)
        for member_id in list(CaseMember.objects.filter(case_id=case_id).values_list("pk", flat=True)):
            version = Case.objects.get(pk=case_id).version
            decide(case_id, version, member_id, outcome, REASON, by=actor)
        return Case.objects.get(pk=case_id)


def make_prepared_batch(cast: Cast, printer: str = "printer") -> PrintBatch:
    """Cards issued and drawn, not yet printed."""
    actor = cast[printer]
    with working_context(actor):
        batch = make_batch(by=actor)
        return prepare_batch(batch.pk, by=actor)


def print_cards(cast: Cast, printer: str = "printer") -> PrintBatch:
    """Batch made, PDF prepared, printed."""
    actor = cast[printer]
    batch = make_prepared_batch(cast, printer)
    with working_context(actor):
        return mark_batch_printed(batch.pk, by=actor)


def give_cards(cast: Cast, case_id: UUID, clerk: str = "narges") -> list[Card]:
    """All ready cards of a case into the family's hands."""
    actor = cast[clerk]
    with working_context(actor):
        enter_case(case_id, by=actor)
        ready = Card.objects.filter(case_id=case_id, state="ready").values_list("pk", flat=True)
        return hand_over(list(ready), by=actor)
