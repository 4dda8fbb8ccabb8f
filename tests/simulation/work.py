"""One day's work in a province, by the actions that the pages call; what was done is counted beside them.

Nothing here reads what the cockpit reads: `Tally` is what the people of the simulation did, day by day.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from functools import cache, partial
from itertools import count
from uuid import UUID

from django.db.models import F
from django.test import override_settings
from django.utils import timezone

from khedmat.cards.actions import hand_over, make_batch, mark_batch_printed
from khedmat.cards.errors import NothingToPrint
from khedmat.cards.models import Card
from khedmat.cards.printing import prepare_batch
from khedmat.casework.actions import enter_case, take_for_review
from khedmat.casework.appeals import take_appeal, withdraw_appeal
from khedmat.casework.assignment import resume_case_clock, stop_case_clock
from khedmat.casework.bulk import DECIDED, Draft, choose_cases, decide_bulk, draft_case, see_case
from khedmat.casework.enums import MemberStep, Outcome, ReferralReason, StopReason
from khedmat.casework.models import Bulk, Case, CaseMember
from khedmat.casework.referrals import accept_referral, ask_referral, return_referral, revoke_referral
from khedmat.common.actor import Actor
from khedmat.config.demo.families import portrait
from khedmat.notices.enums import Language, LetterKind
from khedmat.payments.actions import receive_callback, start_payment, take_counter_payment
from khedmat.payments.day_ends import confirm_day, count_day
from khedmat.payments.enums import ChargeState, CounterMethod, RefundCause, RefundMethod
from khedmat.payments.gateways import DemoGateway, PaymentOrder
from khedmat.payments.models import Charge
from khedmat.payments.refunds import ask_refund, decline_refund, pay_refund
from khedmat.payments.selectors import drawers_at, live_charge_of, takings_of
from khedmat.registry.actions import look_up, open_hit, register_household
from khedmat.registry.rules import HouseholdEntry
from khedmat.rounds.appealing import decide_enrolment_appeal, lodge_enrolment_appeal
from khedmat.rounds.booking import pre_register, subject_of
from khedmat.rounds.cockpit import cockpit_of
from khedmat.rounds.enrolment import (
    CASE_TYPE,
    add_portrait,
    decide_each,
    mark_papers,
    resubmit_member,
    start_enrolment,
    submit_enrolment,
    withdraw_enrolment,
)
from khedmat.rounds.enrolment_view import enrolment_view
from khedmat.rounds.enums import ReliefKind
from khedmat.rounds.letters import make_case_letter
from khedmat.rounds.relief import ask_relief, content_of_case, grant_relief
from khedmat.rounds.rules.forecast import Interval
from khedmat.service.booking import book
from khedmat.service.enums import Channel
from khedmat.service.hall import call_next, give_number, serve
from khedmat.service.models import Slot
from khedmat.service.opening import MOST_DAYS, open_days
from khedmat.service.rules import DayPlan
from khedmat.vault.context import working_context
from tests import line
from tests.factories import DEMO_BANK
from tests.simulation.plan import Answer, Appeal, Family, Money, Story, working_days
from tests.simulation.town import Office, Province, answered_in_the_round, pass_the_night

REASON = "مدارک دیده شد؛ شرط‌های دوره برقرار است."
METHODS = {Money.CASH: CounterMethod.CASH, Money.CARD: CounterMethod.TERMINAL}
FACES = 6
UNUSUAL = {Story.RETURNED: Outcome.RETURN, Story.REFUSED: Outcome.REFUSE}
# What of its own words each family asks for, and on how many working days cases are decided together.
LANGUAGES = (Language.PRS, Language.PS, Language.AR, Language.EN)
BULK_EVERY = 3
# Days from the round's first on of which it must be known whether they are working days.
DAYS_OF_CALENDAR = 200


@cache
def face(number: int) -> bytes:
    """One of a few drawn portraits: drawing one for each member would take longer than all else."""
    return portrait(number)


def _decide_drafted(officer: Actor, case_id: UUID, version: int, drafts: Sequence[Draft]) -> None:
    decide_each(case_id, version, [(one.member_id, one.outcome, one.reason) for one in drafts], by=officer)


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

    @property
    def is_plain(self) -> bool:
        """Whether nothing but an approval is to be expected."""
        return self.family.story not in UNUSUAL and not self.family.stands_still


@dataclass(frozen=True)
class Report:
    """What a province's people did, and what the cockpit foresaw: by (office, day, working days before)."""

    province: Province
    tally: Tally
    foreseen: dict[tuple[int, date, int], Interval]
    is_idle: bool
    # What people saw that must not be.
    wrong: list[str]


Arrival = tuple[Office, Family]
# With the day for which an appointment is wished.
Wish = tuple[Office, Family, date]


def _stretches(since: date, until: date) -> Iterator[tuple[date, date]]:
    """The days in stretches as long as an office may open at once."""
    while since <= until:
        end = min(until, since + timedelta(days=MOST_DAYS - 1))
        yield since, end
        since = end + timedelta(days=1)


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
        # By the number of the working day: whose clock goes on, and who comes with an appeal.
        self._standing: dict[int, list[Application]] = defaultdict(list)
        self._appealing: dict[int, list[tuple[Application, UUID]]] = defaultdict(list)
        self._appeals: list[tuple[Application, UUID]] = []
        self._ready: dict[int, list[Application]] = defaultdict(list)
        self._by_case: dict[UUID, Application] = {}
        self._booked: dict[int, Application] = {}
        self._wrong: list[str] = []
        self.foreseen: dict[tuple[int, date, int], Interval] = {}

    @property
    def is_idle(self) -> bool:
        """Whether nothing waits for anybody."""
        by_day = (self._coming_back, self._ready, self._standing, self._appealing)
        return not (self._to_review or self._for_director or self._appeals or any(any(one.values()) for one in by_day))

    def report(self) -> Report:
        """What was done so far."""
        return Report(self.province, self.tally, self.foreseen, self.is_idle, self._wrong)

    def open_days(self, since: date, until: date, counters: int) -> None:
        """Each office opens its days, before the round begins."""
        plan = DayPlan(opens=time(7, 30), closes=time(13, 30), minutes=30, counters=counters)
        for office in self.province.offices:
            with working_context(office.manager):
                for begin, end in _stretches(since, until):
                    open_days(begin, end, plan, by=office.manager)

    def work(self, number: int, day: date, booking: Sequence[Wish], arriving: Sequence[Arrival]) -> None:
        """One working day: the counter, the telephone, then the province, the till, the night."""
        self._look_ahead(day)
        for application in self._coming_back.pop(number, []):
            self._take_up(application, day)
        for application in self._ready.pop(number, []):
            self._give_cards(application, day)
        for application, member_id in self._appealing.pop(number, []):
            self._lodge(application, member_id)
        for office, family in arriving:
            self._receive(office.at_desk(family.serial), family, number, day)
        for office, family, appointment_on in booking:
            self._book(office.at_desk(family.serial), family, appointment_on, day)
        self._review(number, day)
        self._print(number, day)
        self._count_tills()
        pass_the_night(self.province.everybody)

    # The counter

    def _look_ahead(self, day: date) -> None:
        """What the director's cockpit says in the morning of the coming days."""
        with working_context(self.province.director):
            shown = cockpit_of(self._round, self.province.place, day)
        for line_of_office in shown.lines:
            for ahead, one in enumerate(line_of_office.coming):
                self.foreseen[line_of_office.office.pk, one.day, ahead] = one.demand

    def _book(self, office: Office, family: Family, appointment_on: date, day: date) -> None:
        """By telephone: the family's case is begun, and a place of the day is taken while there is one."""
        clerk = office.clerk
        with working_context(clerk):
            free = Slot.objects.filter(
                scope_id=clerk.scope_id, opening_day__open_on=appointment_on, taken__lt=F("capacity")
            )
            slot = free.order_by("starts_at").first()
            if slot is None:
                return
            household = register_household(self._entry(family), by=clerk)
            case = pre_register(household.pk, self._round, by=clerk, today=day)
            book(slot.pk, subject_of(case), channel=Channel.PHONE, by=clerk)
        self._booked[family.serial] = Application(family, office, case.pk)
        self.tally.add(office, "booked", day)

    def _receive(self, office: Office, family: Family, number: int, day: date) -> None:
        application = self._booked.pop(family.serial, None)
        if application is not None:
            self._arrive(application)
        elif family.serial % 2:
            application = self._at_once(office, family, day)
        else:
            application = self._with_number(office, family, day)
        self._by_case[application.case_id] = application
        self.tally.add(office, "arrived", day)
        if family.story == Story.WITHDRAWN_AT_COUNTER:
            self._withdraw(application, day)
        elif family.story == Story.REFERRED and len(self.province.offices) > 1:
            self._coming_back[number + family.comes_back].append(self._refer(application))
        elif family.story == Story.MISSING_PAPER:
            self._see_papers(application, leaving_out=1)
            self._write(application, LetterKind.MISSING_PAPERS, by=office.clerk)
            self._coming_back[number + family.comes_back].append(application)
        else:
            self._see_papers(application)
            self._finish_at_counter(application, day)

    def _entry(self, family: Family) -> HouseholdEntry:
        return line.family(cards_from=family.cards_from, size=family.size, series=family.series)

    def _at_once(self, office: Office, family: Family, day: date) -> Application:
        with working_context(office.clerk):
            household = register_household(self._entry(family), by=office.clerk)
            case = start_enrolment(household.pk, self._round, by=office.clerk, today=day)
        return Application(family, office, case.pk)

    def _with_number(self, office: Office, family: Family, day: date) -> Application:
        with working_context(office.clerk):
            household = register_household(self._entry(family), by=office.clerk)
            case = pre_register(household.pk, self._round, by=office.clerk, today=day)
        application = Application(family, office, case.pk)
        self._arrive(application)
        return application

    def _arrive(self, application: Application) -> None:
        """A number at the door, called to the counter, where the family is opened."""
        office, clerk = application.office, application.office.clerk
        with working_context(clerk):
            give_number(subject_of(Case.objects.get(pk=application.case_id)), by=clerk)
        with working_context(clerk):
            serve(call_next(office.counter_id, by=clerk).pk, by=clerk)
            enter_case(application.case_id, by=clerk)

    def _refer(self, application: Application) -> Application:
        """The family lives elsewhere now: another office takes the case over, or does not."""
        family, office = application.family, application.office
        numbers = [one.number for one in self.province.offices]
        place = (numbers.index(office.number) + 1) % len(numbers)
        other = self.province.offices[place].at_desk(family.serial)
        with working_context(office.clerk):
            asked = ask_referral(application.case_id, None, other.place, ReferralReason.MOVED, REASON, by=office.clerk)
            if family.answer == Answer.REVOKED:
                revoke_referral(asked.pk, by=office.clerk)
        if family.answer == Answer.RETURNED:
            with working_context(other.clerk):
                return_referral(asked.pk, REASON, by=other.clerk)
        if family.answer != Answer.ACCEPTED:
            return application
        with working_context(other.clerk):
            accept_referral(asked.pk, by=other.clerk)
        answered_in_the_round(asked.pk)
        moved = Application(family, other, application.case_id)
        self._by_case[moved.case_id] = moved
        return moved

    def _write(self, application: Application, kind: LetterKind, *, by: Actor) -> None:
        """A letter for the file and for the family."""
        language = LANGUAGES[application.family.serial % len(LANGUAGES)]
        with working_context(by):
            make_case_letter(application.case_id, kind, language, by=by)

    def _lodge(self, application: Application, member_id: UUID) -> None:
        """The family appeals at the counter; some think better of it at once."""
        clerk = application.office.clerk
        with working_context(clerk):
            # A case that is closed opens to the counter by what the family presents.
            found = look_up(number=f"17{application.family.cards_from}", by=clerk)
            open_hit(found.look_up_id, found.hits[0].position, by=clerk)
            lodged = lodge_enrolment_appeal(application.case_id, member_id, REASON, by=clerk)
            if application.family.appeal == Appeal.WITHDRAWN:
                withdraw_appeal(lodged.pk, by=clerk)
                return
        self._appeals.append((application, lodged.pk))

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
        self._ask_relief(application)
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
        if application.family.story == Story.WITHDRAWN_LATER:
            self._pay_back(application)

    def _ask_relief(self, application: Application) -> None:
        """The clerk asks, the office's manager grants, and the bill changes."""
        story, office = application.family.story, application.office
        if story not in {Story.EXEMPT, Story.IN_PARTS}:
            return
        is_exemption = story == Story.EXEMPT
        with working_context(office.clerk):
            content = content_of_case(Case.objects.get(pk=application.case_id))
            exemption = content.exemptions[0]
            papers = dict.fromkeys(exemption.papers, face(0)) if is_exemption else {}
            kind = ReliefKind.EXEMPTION if is_exemption else ReliefKind.INSTALMENTS
            code = exemption.code if is_exemption else content.instalments[0].code
            asked = ask_relief(application.case_id, kind, code, REASON, papers, by=office.clerk)
        with working_context(office.manager):
            enter_case(application.case_id, by=office.manager)
            grant_relief(asked.pk, REASON, by=office.manager)

    def _pay_back(self, application: Application) -> None:
        """The cashier asks, the manager pays: to the card that paid, else from the cashier's drawer."""
        office, money = application.office, application.family.money
        with working_context(office.cashier):
            charge = Charge.objects.get(subject_id=application.case_id, state=ChargeState.PAID)
            asked = ask_refund(
                charge.pk,
                cause=RefundCause.WITHDRAWAL,
                amount_rial=charge.amount_rial,
                reason=REASON,
                by=office.cashier,
            )
        with override_settings(PAYMENT_GATEWAYS=DEMO_BANK), working_context(office.manager):
            if money in METHODS:
                held = drawers_at(office.place.pk, timezone.localdate())
                drawer = next((one for one in held if one.cash_rial >= charge.amount_rial), None)
                if drawer is None:
                    decline_refund(asked.pk, reason=REASON, by=office.manager)
                    return
                voucher = f"{next(self._receipts)}"
                pay_refund(
                    asked.pk,
                    method=RefundMethod.CASH,
                    drawer_of=drawer.cashier_id,
                    voucher=voucher,
                    by=office.manager,
                )
            else:
                pay_refund(asked.pk, method=RefundMethod.CARD, by=office.manager)

    def _count_tills(self) -> None:
        """Each cashier counts the day, and the office's manager confirms it."""
        for office in self.province.offices:
            with working_context(office.cashier):
                takings = takings_of(office.place.pk, office.cashier.user_id, timezone.localdate())
                if not takings.count:
                    continue
                told = (takings.cash_rial, takings.terminal_rial)
                counted = count_day(
                    counted_cash_rial=told[0],
                    counted_terminal_rial=told[1],
                    expected=told,
                    note="",
                    by=office.cashier,
                )
            with working_context(office.manager):
                confirm_day(counted.pk, by=office.manager)

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
            # The bank's refusal leaves the amount as it is; the payer tries once more.
            self._at_gateway(charge, cashier, has_succeeded=False)
        answer = self._at_gateway(charge, cashier, has_succeeded=True)
        if money == Money.GATEWAY_TWICE:
            with override_settings(PAYMENT_GATEWAYS=DEMO_BANK):
                receive_callback("demo", answer)

    def _pay_what_is_left(self, application: Application) -> None:
        """Whoever pays in parts pays the others when they come for the cards."""
        cashier = application.office.cashier
        with working_context(cashier):
            charge = live_charge_of(CASE_TYPE, application.case_id)
            while charge is not None and charge.state == ChargeState.OPEN:
                charge = take_counter_payment(
                    charge.pk,
                    method=CounterMethod.CASH,
                    receipt_number=f"{next(self._receipts)}",
                    expected_version=charge.version,
                    by=cashier,
                )

    def _at_gateway(self, charge: Charge, cashier: Actor, *, has_succeeded: bool) -> dict[str, str]:
        with override_settings(PAYMENT_GATEWAYS=DEMO_BANK):
            with working_context(cashier):
                started = start_payment(
                    charge.pk, gateway_code="demo", return_url="/", expected_version=charge.version, by=cashier
                )
            order = PaymentOrder(started.attempt.reference, started.attempt.amount_rial)
            callback_id = f"sim-{self.province.place.code}-{next(self._callbacks)}"
            answer = DemoGateway().answer(order, callback_id=callback_id, has_succeeded=has_succeeded)
            receive_callback("demo", answer)
        return answer

    # The province

    def _review(self, number: int, day: date) -> None:
        """What came today is decided today; what a rule asks the director for, by the director tomorrow."""
        self._answer_appeals()
        for application in self._standing.pop(number, []):
            self._go_on(application)
        for_director, self._for_director = self._for_director, []
        for application in for_director:
            self._decide(application, self.province.director, number, day)
        to_review, self._to_review = self._to_review, []
        if number % BULK_EVERY == 0:
            for officer in self.province.officers:
                own = [one for one in to_review if self._officer_of(one) is officer]
                together = self._decide_together(own, officer, day)
                to_review = [one for one in to_review if one.case_id not in together]
        for application in to_review:
            self._decide(application, self._officer_of(application), number, day)

    def _officer_of(self, application: Application) -> Actor:
        return self.province.officer_of(application.family.serial)

    def _answer_appeals(self) -> None:
        """By another officer than the one who refused."""
        appeals, self._appeals = self._appeals, []
        for application, appeal_id in appeals:
            officer = self.province.officer_of(application.family.serial + 1)
            with working_context(officer):
                take_appeal(appeal_id, by=officer)
                is_upheld = application.family.appeal == Appeal.UPHELD
                decide_enrolment_appeal(appeal_id, is_upheld=is_upheld, reason=REASON, by=officer)

    def _decide_together(self, waiting: Sequence[Application], officer: Actor, day: date) -> set[UUID]:
        """Plain cases: each one seen and written about, then all kept."""
        plain = {one.case_id: one for one in waiting if one.is_plain}
        with working_context(officer):
            fit = Case.objects.filter(pk__in=plain, is_for_director=False).order_by("number")
            chosen = list(fit.values_list("pk", flat=True)[: Bulk.MOST])
        if not chosen:
            return set()
        with working_context(officer):
            bulk = choose_cases(chosen, by=officer)
            for case_id in chosen:
                case = see_case(bulk.pk, case_id, by=officer)
                members = CaseMember.objects.filter(case=case).values_list("pk", flat=True)
                drafts = [Draft(member_id, Outcome.APPROVE, REASON) for member_id in members]
                draft_case(bulk.pk, case_id, case.version, drafts, is_confirmed=True, by=officer)
                self.tally.add(plain[case_id].office, "decided", day, len(drafts))
            done = decide_bulk(bulk.pk, partial(_decide_drafted, officer), by=officer)
        self._wrong += [f"case {one} of a bulk: {said}" for one, said in done.results.items() if said != DECIDED]
        return set(chosen)

    def _decide(self, application: Application, officer: Actor, number: int, day: date) -> None:
        family = application.family
        with working_context(officer):
            case = enter_case(application.case_id, by=officer)
            case = take_for_review(case.pk, by=officer)
            is_first = not case.decisions.exists()
            if family.stands_still and is_first and not case.stops.exists():
                stop_case_clock(case.pk, case.version, StopReason.OTHER_AUTHORITY, REASON, by=officer)
                self._standing[number + family.comes_back].append(application)
                return
            refused: UUID | None = None
            waiting = CaseMember.objects.filter(case=case, step=MemberStep.UNDER_REVIEW)
            decisions = []
            for place, member in enumerate(waiting.order_by("pk")):
                if member.needs_director and officer is not self.province.director:
                    continue
                outcome = UNUSUAL.get(family.story, Outcome.APPROVE) if place == 0 and is_first else Outcome.APPROVE
                decisions.append((member.pk, outcome, REASON))
                if outcome == Outcome.REFUSE:
                    refused = member.pk
                if outcome != Outcome.RETURN:
                    self.tally.add(application.office, "decided", day)
            if decisions:
                decide_each(case.pk, case.version, decisions, by=officer)
            left = Counter(CaseMember.objects.filter(case=case).values_list("step", flat=True))
        if refused is not None and family.appeal != Appeal.NONE:
            self._appealing[number + family.comes_back].append((application, refused))
        if left[MemberStep.RETURNED]:
            self._coming_back[number + family.comes_back].append(application)
        if left[MemberStep.UNDER_REVIEW]:
            self._for_director.append(application)

    def _go_on(self, application: Application) -> None:
        """The other authority answered: the time goes on, later by the working days for which it stood."""
        officer = self._officer_of(application)
        with working_context(officer):
            case = enter_case(application.case_id, by=officer)
            case = resume_case_clock(case.pk, case.version, by=officer)
        assert case.clock_from is not None
        assert case.standard_days is not None
        dates = working_days(DAYS_OF_CALENDAR)
        due_on = dates[dates.index(case.clock_from) + case.standard_days + application.family.comes_back]
        if case.due_on != due_on:
            self._wrong.append(f"case {case.number} is due on {case.due_on}, not on {due_on}")
        self._to_review.append(application)

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
        if application.family.story == Story.IN_PARTS:
            self._pay_what_is_left(application)
        with working_context(clerk):
            enter_case(application.case_id, by=clerk)
            ready = Card.objects.filter(case_id=application.case_id, state="ready").values_list("pk", flat=True)
            given = hand_over(list(ready), by=clerk) if ready else []
        self.tally.add(application.office, "handed_over", day, len(given))
