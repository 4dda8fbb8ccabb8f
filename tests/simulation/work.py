"""One day's work in a province, by the actions that the pages call; what was done is counted beside them.

Nothing here reads what the cockpit reads: `Tally` is what the people of the simulation did, day by day.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from itertools import count
from uuid import UUID

from django.test import override_settings

from khedmat.cards.actions import hand_over, make_batch, mark_batch_printed
from khedmat.cards.errors import NothingToPrint
from khedmat.cards.models import Card
from khedmat.cards.printing import prepare_batch
from khedmat.casework.actions import enter_case, take_for_review
from khedmat.casework.enums import MemberStep, Outcome
from khedmat.casework.models import Case, CaseMember
from khedmat.common.actor import Actor
from khedmat.config.demo.families import portrait
from khedmat.payments.actions import receive_callback, start_payment, take_counter_payment
from khedmat.payments.enums import CounterMethod
from khedmat.payments.gateways import DemoGateway, PaymentOrder
from khedmat.payments.models import Charge
from khedmat.payments.selectors import live_charge_of
from khedmat.registry.actions import register_household
from khedmat.rounds.enrolment import (
    CASE_TYPE,
    add_portrait,
    decide,
    mark_papers,
    resubmit_member,
    start_enrolment,
    submit_enrolment,
    withdraw_enrolment,
)
from khedmat.rounds.enrolment_view import enrolment_view
from khedmat.vault.context import working_context
from tests import line
from tests.factories import DEMO_BANK
from tests.simulation.plan import Family, Money, Story
from tests.simulation.town import Office, Province, pass_the_night

REASON = "مدارک دیده شد؛ شرط‌های دوره برقرار است."
METHODS = {Money.CASH: CounterMethod.CASH, Money.CARD: CounterMethod.TERMINAL}
FACES = 6


@cache
def face(number: int) -> bytes:
    """One of a few drawn portraits: drawing one for each member would take longer than all else."""
    return portrait(number)


@dataclass
class Tally:
    """What happened: by (office, step, day), families for steps of the case, members for the others."""

    done: Counter[tuple[int, str, date]] = field(default_factory=Counter)

    def add(self, office: Office, step: str, day: date, amount: int = 1) -> None:
        self.done[office.place.pk, step, day] += amount


@dataclass(frozen=True)
class Application:
    """A family that has a case."""

    family: Family
    office: Office
    case_id: UUID


class ProvinceAtWork:
    """A province's people, and what lies on their desks from one day to the next."""

    def __init__(self, province: Province, round_code: str) -> None:
        self.province = province
        self.tally = Tally()
        self._round = round_code
        self._receipts = count(1)
        self._callbacks = count(1)
        # By the number of the working day on which somebody takes it up again.
        self._coming_back: dict[int, list[Application]] = defaultdict(list)
        self._to_review: list[Application] = []
        self._for_director: list[Application] = []
        self._ready: dict[int, list[Application]] = defaultdict(list)
        self._by_case: dict[UUID, Application] = {}

    @property
    def is_idle(self) -> bool:
        """Whether nothing waits for anybody."""
        return not (
            any(self._coming_back.values()) or self._to_review or self._for_director or any(self._ready.values())
        )

    def work(self, number: int, day: date, arriving: Sequence[tuple[Office, Family]]) -> None:
        """One working day: the counter, then the province, then the night."""
        for application in self._coming_back.pop(number, []):
            self._take_up(application, day)
        for application in self._ready.pop(number, []):
            self._give_cards(application, day)
        for office, family in arriving:
            self._receive(office, family, number, day)
        self._review(number, day)
        self._print(number, day)
        pass_the_night(self.province.everybody)

    # The counter

    def _receive(self, office: Office, family: Family, number: int, day: date) -> None:
        clerk = office.clerk
        entry = line.family(cards_from=family.cards_from, size=family.size, series=family.series)
        with working_context(clerk):
            household = register_household(entry, by=clerk)
            case = start_enrolment(household.pk, self._round, by=clerk, today=day)
        application = Application(family, office, case.pk)
        self._by_case[case.pk] = application
        self.tally.add(office, "arrived", day)
        if family.story == Story.WITHDRAWN_AT_COUNTER:
            self._withdraw(application, day)
        elif family.story == Story.MISSING_PAPER:
            self._see_papers(application, leaving_out=1)
            self._coming_back[number + family.comes_back].append(application)
        else:
            self._see_papers(application)
            self._finish_at_counter(application, day)

    def _take_up(self, application: Application, day: date) -> None:
        """They come back with what was missing: at the counter, or for a returned member."""
        with working_context(application.office.clerk):
            case = enter_case(application.case_id, by=application.office.clerk)
            returned = list(CaseMember.objects.filter(case=case, step=MemberStep.RETURNED))
            for member in returned:
                case = resubmit_member(case.pk, case.version, member.pk, by=application.office.clerk)
        if returned:
            self._to_review.append(application)
            return
        self._see_papers(application)
        self._finish_at_counter(application, day)

    def _see_papers(self, application: Application, leaving_out: int = 0) -> None:
        clerk = application.office.clerk
        with working_context(clerk):
            case = Case.objects.get(pk=application.case_id)
            papers = [(paper.code, paper.member_id) for paper in enrolment_view(case).papers]
            mark_papers(case.pk, case.version, papers[leaving_out:], by=clerk)

    def _finish_at_counter(self, application: Application, day: date) -> None:
        office, clerk = application.office, application.office.clerk
        with working_context(clerk):
            members = list(CaseMember.objects.filter(case=application.case_id).values_list("pk", flat=True))
            for number, member_id in enumerate(members):
                add_portrait(application.case_id, member_id, face(number % FACES), by=clerk)
        self.tally.add(office, "photographed", day)
        self._pay(application)
        self.tally.add(office, "paid", day)
        with working_context(clerk):
            case = Case.objects.get(pk=application.case_id)
            submit_enrolment(case.pk, case.version, by=clerk)
        self.tally.add(office, "submitted", day)
        if application.family.story == Story.WITHDRAWN_LATER:
            self._withdraw(application, day)
        else:
            self._to_review.append(application)

    def _withdraw(self, application: Application, day: date) -> None:
        clerk = application.office.clerk
        with working_context(clerk):
            case = Case.objects.get(pk=application.case_id)
            withdraw_enrolment(case.pk, case.version, by=clerk)
        self.tally.add(application.office, "withdrawn", day)

    def _pay(self, application: Application) -> None:
        cashier, money = application.office.cashier, application.family.money
        with working_context(cashier):
            charge = live_charge_of(CASE_TYPE, application.case_id)
            assert charge is not None
            if money in METHODS:
                take_counter_payment(
                    charge.pk,
                    method=METHODS[money],
                    receipt_number=f"{next(self._receipts)}",
                    expected_version=charge.version,
                    by=cashier,
                )
                return
        if money == Money.GATEWAY_TWICE:
            self._at_gateway(charge, cashier, has_succeeded=False)
        answer = self._at_gateway(charge, cashier, has_succeeded=True)
        if money == Money.GATEWAY_TWICE:
            receive_callback("demo", answer)

    def _at_gateway(self, charge: Charge, cashier: Actor, *, has_succeeded: bool) -> dict[str, str]:
        with override_settings(PAYMENT_GATEWAYS=DEMO_BANK):
            with working_context(cashier):
                started = start_payment(
                    charge.pk, gateway_code="demo", return_url="/", expected_version=charge.version, by=cashier
                )
            order = PaymentOrder(started.attempt.reference, charge.amount_rial)
            callback_id = f"sim-{self.province.place.code}-{next(self._callbacks)}"
            answer = DemoGateway().answer(order, callback_id=callback_id, has_succeeded=has_succeeded)
            receive_callback("demo", answer)
        return answer

    # The province

    def _review(self, number: int, day: date) -> None:
        """What came today is decided today; what a rule asks the director for, by the director tomorrow."""
        for_director, self._for_director = self._for_director, []
        for application in for_director:
            self._decide(application, self.province.director, number, day)
        to_review, self._to_review = self._to_review, []
        for application in to_review:
            self._decide(application, self.province.officer, number, day)

    def _decide(self, application: Application, officer: Actor, number: int, day: date) -> None:
        story = application.family.story
        with working_context(officer):
            case = enter_case(application.case_id, by=officer)
            case = take_for_review(case.pk, by=officer)
            is_first = not case.decisions.exists()
            waiting = list(CaseMember.objects.filter(case=case, step=MemberStep.UNDER_REVIEW))
            for place, member in enumerate(waiting):
                if member.needs_director and officer is not self.province.director:
                    continue
                outcome = Outcome.APPROVE
                if place == 0 and is_first and story == Story.RETURNED:
                    outcome = Outcome.RETURN
                elif place == 0 and is_first and story == Story.REFUSED:
                    outcome = Outcome.REFUSE
                case = decide(case.pk, case.version, member.pk, outcome, REASON, by=officer)
                if outcome != Outcome.RETURN:
                    self.tally.add(application.office, "decided", day)
            left = Counter(CaseMember.objects.filter(case=case).values_list("step", flat=True))
        if left[MemberStep.RETURNED]:
            self._coming_back[number + application.family.comes_back].append(application)
        if left[MemberStep.UNDER_REVIEW]:
            self._for_director.append(application)

    def _print(self, number: int, day: date) -> None:
        """Batch after batch, until no approved member waits."""
        printer = self.province.printer
        while True:
            try:
                with working_context(printer):
                    batch = make_batch(by=printer)
            except NothingToPrint:
                return
            with working_context(printer):
                prepare_batch(batch.pk, by=printer)
            with working_context(printer):
                mark_batch_printed(batch.pk, by=printer)
                printed = Counter(Card.objects.filter(batch=batch).values_list("case_id", flat=True))
            for case_id, cards in printed.items():
                application = self._by_case[case_id]
                self.tally.add(application.office, "printed", day, cards)
                waiting = self._ready[number + application.family.comes_back]
                if application not in waiting:
                    waiting.append(application)

    def _give_cards(self, application: Application, day: date) -> None:
        clerk = application.office.clerk
        with working_context(clerk):
            enter_case(application.case_id, by=clerk)
            ready = Card.objects.filter(case_id=application.case_id, state="ready").values_list("pk", flat=True)
            given = hand_over(list(ready), by=clerk) if ready else []
        self.tally.add(application.office, "handed_over", day, len(given))
