"""Parts, exemptions, refunds, the cashier's day and numbered receipts: the actions, on real PostgreSQL."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as profile
from hypothesis import strategies as st

from khedmat.accounts.enums import Role
from khedmat.common.actor import Actor
from khedmat.common.errors import DomainError
from khedmat.payments import actions, day_ends, instalments, receipts, refunds, selectors
from khedmat.payments.enums import ChargeState, CounterMethod, RefundCause, RefundMethod, RefundState
from khedmat.payments.errors import (
    AlreadyWaived,
    DayAlreadyCounted,
    DayByAnother,
    DayChanged,
    DifferenceNeedsNote,
    DrawerTooEmpty,
    GatewayRefundFailed,
    NoCardToRefund,
    NothingToSplit,
    NothingToWaive,
    PaymentNotAllowed,
    ReceiptAlreadyUsed,
    RefundByAnother,
    RefundNeedsReason,
    RefundNotOpen,
    RefundTooLarge,
)
from khedmat.payments.gateways import DemoGateway, RefundOrder
from khedmat.payments.listeners import PaidCharge, PartPlan, offer_plans
from khedmat.payments.models import Charge, DayEnd, JournalEntry, Refund
from khedmat.payments.rules import PartDraft, WaiverLine
from khedmat.vault.context import working_context
from tests.cast import Cast
from tests.factories import staff
from tests.payments.conftest import AMOUNT, KIND, answer_of_bank, raise_at, start_at_bank

Acting = Callable[[Actor], AbstractContextManager[None]]
pytestmark = pytest.mark.django_db
LEVY, CARDS = 2_500_000, 6_000_000
EXEMPT = WaiverLine(
    "vulnerable", "municipal_levy", LEVY, "معاف از عوارض شهرداری: خانوار آسیب‌پذیر", "Exempt", "نمونه", "Sample"
)


def check() -> None:
    """What waits for the commit is looked at now."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


def fresh(charge: Charge) -> Charge:
    return Charge.objects.get(pk=charge.pk)


def split(charge: Charge, by: Actor, *amounts: int) -> Charge:
    today = timezone.localdate()
    drafts = [PartDraft(amount, today + timedelta(days=30 * index)) for index, amount in enumerate(amounts)]
    with working_context(by):
        return instalments.split_charge(charge.pk, drafts, expected_version=fresh(charge).version, by=by)


def pay(charge: Charge, by: Actor, receipt: str = "1", method: CounterMethod = CounterMethod.CASH) -> Charge:
    with working_context(by):
        return actions.take_counter_payment(
            charge.pk, method=method, receipt_number=receipt, expected_version=fresh(charge).version, by=by
        )


def waive(charge: Charge, by: Actor, line: WaiverLine = EXEMPT) -> int:
    with working_context(by):
        return instalments.waive_charge(charge.pk, line, by=by).owed_back_rial


def ask(charge: Charge, by: Actor, amount: int = AMOUNT, cause: RefundCause = RefundCause.WITHDRAWAL) -> Refund:
    with working_context(by):
        return refunds.ask_refund(charge.pk, cause=cause, amount_rial=amount, reason="خانواده انصراف داد.", by=by)


def give_back(refund: Refund, by: Actor, drawer_of: Actor, voucher: str = "V-1") -> Refund:
    with working_context(by):
        return refunds.pay_refund(
            refund.pk, method=RefundMethod.CASH, drawer_of=drawer_of.user_id, voucher=voucher, by=by
        )


def balances(charge: Charge, by: Actor) -> dict[str, int]:
    with working_context(by):
        check()
        return {code: amount for code, amount in selectors.balances_at(charge.scope_id).items() if amount}


# Parts


def test_parts_are_paid_one_by_one_and_told_at_first_and_last(
    cast: Cast, charge: Charge, heard: list[tuple[PaidCharge, Actor]]
) -> None:
    split(charge, cast["kamran"], 4_000_000, 3_000_000, 1_500_000)
    for number in range(3):
        assert pay(charge, cast["kamran"], str(number)).state == (ChargeState.PAID if number == 2 else ChargeState.OPEN)
        told = [(paid.is_first, paid.is_whole) for paid, _by in heard]
        assert told == [[(True, False)], [(True, False)], [(True, False), (False, True)]][number]
    assert balances(charge, cast["kamran"]) == {
        "counter-cash": AMOUNT, "fee:card_issue": -CARDS, "fee:municipal_levy": -LEVY
    }  # fmt: skip


def test_parts_that_do_not_sum_to_the_amount_are_refused(cast: Cast, charge: Charge) -> None:
    for amounts in ((AMOUNT,), (AMOUNT - 1, 2), (AMOUNT, 0)):
        with pytest.raises(NothingToSplit):
            split(charge, cast["kamran"], *amounts)


def test_database_refuses_parts_that_do_not_add_up(cast: Cast, acting: Acting, charge: Charge, raw: Any) -> None:
    with acting(cast["kamran"]):
        raw.execute("UPDATE payments_instalment SET state = 'cancelled' WHERE charge_id = %s", [charge.pk])
        with pytest.raises(IntegrityError, match="does not add up"), transaction.atomic():
            check()
        raw.execute("UPDATE payments_instalment SET state = 'open' WHERE charge_id = %s", [charge.pk])


def test_paid_parts_leave_the_hall_queue(cast: Cast, acting: Acting, charge: Charge) -> None:
    split(charge, cast["kamran"], 4_000_000, 4_500_000)
    pay(charge, cast["kamran"])
    with acting(cast["kamran"]):
        assert list(selectors.charges_waiting_at(charge.scope_id)) == []
        assert selectors.unpaid_subjects(KIND, [charge.subject_id]) == set()


def test_part_is_paid_at_any_cashier_of_the_office(cast: Cast, charge: Charge) -> None:
    other = staff("second-cashier", Role.CASHIER, cast.places["shahriar"])
    split(charge, cast["kamran"], 4_000_000, 4_500_000)
    pay(charge, cast["kamran"], "1")
    assert pay(charge, other, "2").state == ChargeState.PAID


def test_bill_is_read_with_its_parts_and_what_was_waived(
    cast: Cast, charge: Charge, django_assert_num_queries: Any
) -> None:
    split(charge, cast["kamran"], 4_000_000, 4_500_000)
    with working_context(cast["kamran"]):
        with django_assert_num_queries(1):
            bill = selectors.live_bill_of(KIND, charge.subject_id)
        assert bill == selectors.LiveBill(charge, selectors.live_parts_of(charge), [])
        assert [part.amount_rial for part in bill.parts] == [4_000_000, 4_500_000]
        assert selectors.live_bill_of(KIND, uuid4()) is None
    waive(charge, cast["shirin"])
    waive(charge, cast["shirin"], replace(EXEMPT, code="cards", kind="card_issue", amount_rial=CARDS))
    with working_context(cast["kamran"]):
        with django_assert_num_queries(1):
            bill = selectors.live_bill_of(KIND, charge.subject_id)
        assert bill is not None
        assert (bill.charge, bill.parts) == (charge, [])
        assert [one.amount_rial for one in bill.waived] == [LEVY, CARDS]


def test_plan_of_the_programme_splits(cast: Cast, charge: Charge) -> None:
    offer_plans(KIND, lambda _subject, amount: [PartPlan("two", "دو قسط", 2, 50, 30)] if amount > LEVY else [])
    with working_context(cast["kamran"]):
        instalments.split_by_plan(charge.pk, plan_code="two", expected_version=1, by=cast["kamran"])
        assert [part.amount_rial for part in selectors.live_parts_of(charge)] == [4_250_000, 4_250_000]
        with pytest.raises(DomainError):
            instalments.split_by_plan(charge.pk, plan_code="two", expected_version=2, by=cast["kamran"])
    offer_plans(KIND, lambda _subject, _amount: [])


def test_late_success_for_a_part_that_was_replaced_is_owed_back(cast: Cast, charge: Charge) -> None:
    whole = start_at_bank(charge, cast["kamran"])
    split(charge, cast["kamran"], 4_000_000, 4_500_000)
    actions.receive_callback("demo", answer_of_bank(whole))
    assert balances(charge, cast["kamran"])["overpaid"] == -AMOUNT
    assert balances(charge, cast["kamran"])["receivable"] == AMOUNT


@pytest.mark.django_db(transaction=True)
def test_concurrent_callbacks_of_two_parts_book_each_once(cast: Cast, charge: Charge) -> None:
    split(charge, cast["kamran"], 4_000_000, 4_500_000)
    first = start_at_bank(charge, cast["kamran"])
    answers = [answer_of_bank(first, callback_id=f"a-{number % 2}") for number in range(6)]
    answers += [answer_of_bank(first, callback_id="bad", has_succeeded=False)] * 2
    assert "succeeded" in in_threads(answers)
    second = start_at_bank(charge, cast["kamran"])
    in_threads([answer_of_bank(one, callback_id=f"{one.pk}-{n % 2}") for n in range(4) for one in (first, second)])
    with working_context(cast["kamran"]):
        assert JournalEntry.objects.filter(charge=charge, kind="payment").count() == 2
        assert not JournalEntry.objects.filter(kind="overpayment").exists()
        assert fresh(charge).state == ChargeState.PAID


def in_threads(answers: list[dict[str, str]]) -> set[str]:
    def receive(answer: dict[str, str]) -> str:
        try:
            return actions.receive_callback("demo", answer).state
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=4) as pool:
        return set(pool.map(receive, answers))


# Exemptions


def test_exemption_before_the_payment_is_a_line_and_an_account_of_its_own(cast: Cast, charge: Charge) -> None:
    assert waive(charge, cast["shirin"]) == 0
    assert pay(charge, cast["kamran"]).net_rial == CARDS
    assert balances(charge, cast["kamran"]) == {
        "counter-cash": CARDS, "fee:card_issue": -CARDS, "fee:municipal_levy": -LEVY, "waived:municipal_levy": LEVY
    }  # fmt: skip


def test_exemption_takes_the_last_parts_first(cast: Cast, acting: Acting, charge: Charge) -> None:
    split(charge, cast["kamran"], 4_000_000, 3_000_000, 1_500_000)
    pay(charge, cast["kamran"])
    waive(charge, cast["shirin"])
    with acting(cast["kamran"]):
        check()
        parts = selectors.live_parts_of(charge)
    assert [(part.amount_rial, part.state) for part in parts] == [(4_000_000, "paid"), (2_000_000, "open")]


def test_exemption_after_the_payment_is_owed_back(cast: Cast, charge: Charge) -> None:
    pay(charge, cast["kamran"])
    assert waive(charge, cast["shirin"]) == LEVY
    back = ask(charge, cast["kamran"], LEVY, RefundCause.EXEMPTION)
    give_back(back, cast["shirin"], cast["kamran"])
    assert balances(charge, cast["kamran"]) == {
        "counter-cash": CARDS, "fee:card_issue": -CARDS, "fee:municipal_levy": -LEVY, "waived:municipal_levy": LEVY
    }  # fmt: skip


def test_exemption_of_everything_pays_the_charge(
    cast: Cast, charge: Charge, heard: list[tuple[PaidCharge, Actor]]
) -> None:
    waive(charge, cast["shirin"])
    waive(charge, cast["shirin"], WaiverLine("cards", "card_issue", CARDS, "معاف", "Exempt", "نمونه", "Sample"))
    assert [(paid.is_first, paid.is_whole, paid.amount_rial) for paid, _by in heard] == [(True, True, 0)]
    assert "receivable" not in balances(charge, cast["shirin"])


def test_exemption_twice_or_beyond_its_fee_is_refused(cast: Cast, charge: Charge) -> None:
    with pytest.raises(NothingToWaive):
        waive(charge, cast["shirin"], WaiverLine("x", "municipal_levy", LEVY + 1, "", "", "", ""))
    half = WaiverLine("half", "municipal_levy", LEVY // 2, "", "", "", "")
    waive(charge, cast["shirin"], half)
    with pytest.raises(AlreadyWaived):
        waive(charge, cast["shirin"], half)
    with pytest.raises(PaymentNotAllowed):
        waive(charge, cast["bahram"])


# Refunds


def test_refund_is_asked_by_one_and_paid_by_another(cast: Cast, acting: Acting, charge: Charge) -> None:
    pay(charge, cast["kamran"])
    refund = ask(charge, cast["kamran"], 2_000_000)
    with pytest.raises(PaymentNotAllowed):
        give_back(refund, cast["kamran"], cast["kamran"])
    give_back(refund, cast["shirin"], cast["kamran"])
    assert balances(charge, cast["kamran"])["returned"] == 2_000_000
    assert balances(charge, cast["kamran"])["counter-cash"] == AMOUNT - 2_000_000
    with pytest.raises(RefundNotOpen):
        give_back(refund, cast["shirin"], cast["kamran"], "V-2")
    with acting(cast["kamran"]):
        assert selectors.takings_of(charge.scope_id, cast["kamran"].user_id, timezone.localdate()).cash_rial == (
            AMOUNT - 2_000_000
        )


def test_whoever_asked_never_pays(cast: Cast, acting: Acting, charge: Charge, raw: Any) -> None:
    pay(charge, cast["kamran"])
    own = ask(charge, cast["shirin"], 1_000_000)
    with pytest.raises(RefundByAnother):
        give_back(own, cast["shirin"], cast["kamran"])
    with acting(cast["shirin"]), pytest.raises(IntegrityError, match="asked_and_paid_by_two"), transaction.atomic():
        raw.execute(
            "UPDATE payments_refund SET state = 'paid', method = 'cash', reference = 'x', paid_at = now(), "
            "paid_by = asked_by WHERE id = %s",
            [own.pk],
        )


def test_more_than_was_taken_never_goes_back(cast: Cast, acting: Acting, charge: Charge) -> None:
    with pytest.raises(RefundTooLarge):
        ask(charge, cast["kamran"], 1)
    pay(charge, cast["kamran"])
    ask(charge, cast["kamran"], AMOUNT - 1)
    for amount, cause in ((2, RefundCause.MISTAKE), (0, RefundCause.MISTAKE), (1, RefundCause.OVERPAYMENT)):
        with pytest.raises(RefundTooLarge):
            ask(charge, cast["kamran"], amount, cause)
    beyond = Refund(scope_id=charge.scope_id, charge=charge, cause="mistake", reason="x", amount_rial=2)
    beyond.asked_at, beyond.asked_by = timezone.now(), uuid4()

    def write() -> None:
        beyond.save(force_insert=True)
        check()

    with acting(cast["kamran"]), pytest.raises(IntegrityError, match="more is given back"), transaction.atomic():
        write()


def test_refund_without_reason_is_refused(cast: Cast, acting: Acting, charge: Charge) -> None:
    pay(charge, cast["kamran"])
    with acting(cast["kamran"]), pytest.raises(RefundNeedsReason):
        refunds.ask_refund(charge.pk, cause=RefundCause.MISTAKE, amount_rial=1, reason=" ", by=cast["kamran"])


def test_declined_refund_frees_the_amount_and_keeps_the_reason(cast: Cast, acting: Acting, charge: Charge) -> None:
    pay(charge, cast["kamran"])
    refund = ask(charge, cast["kamran"])
    with acting(cast["shirin"]):
        refunds.decline_refund(refund.pk, reason="پرونده هنوز باز است.", by=cast["shirin"])
        declined = selectors.refund_by_id(refund.pk)
        assert (declined.state, declined.declined_reason) == (RefundState.DECLINED, "پرونده هنوز باز است.")
        assert selectors.refundable_on(charge) == AMOUNT


def test_cash_comes_from_a_drawer_that_holds_it(cast: Cast, charge: Charge) -> None:
    pay(charge, cast["kamran"], method=CounterMethod.TERMINAL)
    refund = ask(charge, cast["kamran"])
    with pytest.raises(DrawerTooEmpty):
        give_back(refund, cast["shirin"], cast["kamran"])


def test_what_went_back_is_not_owed_back_again(cast: Cast, charge: Charge) -> None:
    pay(charge, cast["kamran"])
    give_back(ask(charge, cast["kamran"]), cast["shirin"], cast["kamran"])
    waive(charge, cast["shirin"])
    assert balances(charge, cast["kamran"]) == {
        "fee:card_issue": -CARDS, "fee:municipal_levy": -LEVY, "waived:municipal_levy": LEVY, "returned": CARDS
    }  # fmt: skip


def test_a_cancelled_charge_owes_back_what_is_still_held(cast: Cast, charge: Charge) -> None:
    split(charge, cast["kamran"], 4_000_000, 4_500_000)
    pay(charge, cast["kamran"])
    give_back(ask(charge, cast["kamran"], 1_000_000, RefundCause.MISTAKE), cast["shirin"], cast["kamran"])
    with working_context(cast["kamran"]):
        actions.cancel_charge(charge.pk, expected_version=fresh(charge).version, by=cast["kamran"])
    assert balances(charge, cast["kamran"]) == {"counter-cash": 3_000_000, "overpaid": -3_000_000}


def test_voucher_serves_once(cast: Cast, charge: Charge) -> None:
    pay(charge, cast["kamran"])
    give_back(ask(charge, cast["kamran"], 1_000), cast["shirin"], cast["kamran"])
    with pytest.raises(ReceiptAlreadyUsed):
        give_back(ask(charge, cast["kamran"], 1_000), cast["shirin"], cast["kamran"])


def to_card(refund: Refund, by: Actor) -> Refund:
    with working_context(by):
        return refunds.pay_refund(refund.pk, method=RefundMethod.CARD, by=by)


def test_money_goes_back_to_the_card_that_paid(cast: Cast, charge: Charge) -> None:
    attempt = start_at_bank(charge, cast["kamran"])
    actions.receive_callback("demo", answer_of_bank(attempt))
    paid = to_card(ask(charge, cast["kamran"], 3_000_000), cast["shirin"])
    assert (paid.attempt_id, paid.reference[:6]) == (attempt.pk, "demo:R")
    assert balances(charge, cast["kamran"])["gateway:demo"] == AMOUNT - 3_000_000


def test_card_that_paid_less_gives_nothing_back(cast: Cast, charge: Charge) -> None:
    pay(charge, cast["kamran"])
    with pytest.raises(NoCardToRefund):
        to_card(ask(charge, cast["kamran"]), cast["shirin"])


def test_bank_that_fails_leaves_the_refund_asked_and_hears_the_same_key_again(
    cast: Cast, acting: Acting, charge: Charge, monkeypatch: pytest.MonkeyPatch
) -> None:
    actions.receive_callback("demo", answer_of_bank(start_at_bank(charge, cast["kamran"])))
    refund, heard, real = ask(charge, cast["kamran"]), [], DemoGateway.refund

    def once_down(self: DemoGateway, order: RefundOrder) -> str:
        heard.append(order)
        if len(heard) == 1:
            raise GatewayRefundFailed
        return real(self, order)

    monkeypatch.setattr(DemoGateway, "refund", once_down)
    with pytest.raises(GatewayRefundFailed):
        to_card(refund, cast["shirin"])
    assert balances(charge, cast["kamran"])["gateway:demo"] == AMOUNT
    to_card(refund, cast["shirin"])
    assert heard[0] == heard[1]


@pytest.mark.django_db(transaction=True)
def test_refund_paid_by_two_at_once_goes_out_once(cast: Cast, charge: Charge) -> None:
    actions.receive_callback("demo", answer_of_bank(start_at_bank(charge, cast["kamran"])))
    refund, second = ask(charge, cast["kamran"]), staff("second", Role.OFFICE_MANAGER, cast.places["shahriar"])

    def give(by: Actor) -> str:
        try:
            return to_card(refund, by).state
        except RefundNotOpen:
            return "too late"
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=4) as pool:
        ends = list(pool.map(give, [cast["shirin"], second] * 2))
    assert sorted(ends) == ["paid", "too late", "too late", "too late"]
    assert balances(charge, cast["kamran"]) == {
        "returned": AMOUNT, "fee:card_issue": -CARDS, "fee:municipal_levy": -LEVY
    }  # fmt: skip


def test_cancelled_amount_owes_back_the_parts_that_were_paid(cast: Cast, acting: Acting, charge: Charge) -> None:
    split(charge, cast["kamran"], 4_000_000, 4_500_000)
    pay(charge, cast["kamran"])
    with acting(cast["narges"]):
        actions.cancel_charge(charge.pk, expected_version=fresh(charge).version, by=cast["narges"])
    assert balances(charge, cast["kamran"]) == {"counter-cash": 4_000_000, "overpaid": -4_000_000}
    give_back(ask(charge, cast["kamran"], 4_000_000), cast["shirin"], cast["kamran"])
    assert balances(charge, cast["kamran"]) == {}


# The cashier's day


def count(by: Actor, cash: int, terminal: int = 0, *, expected: tuple[int, int], note: str = "") -> DayEnd:
    with working_context(by):
        return day_ends.count_day(
            counted_cash_rial=cash, counted_terminal_rial=terminal, expected=expected, note=note, by=by
        )


def test_counted_day_takes_no_more_at_the_counter(cast: Cast, charge: Charge) -> None:
    other, later = raise_at(cast["narges"]), raise_at(cast["narges"])
    pay(charge, cast["kamran"], "1")
    pay(other, cast["kamran"], "2", CounterMethod.TERMINAL)
    day = count(cast["kamran"], AMOUNT, AMOUNT, expected=(AMOUNT, AMOUNT))
    assert (day.cash_difference_rial, day.terminal_difference_rial) == (0, 0)
    with pytest.raises(DayAlreadyCounted):
        pay(later, cast["kamran"], "3")
    with pytest.raises(DayAlreadyCounted):
        count(cast["kamran"], AMOUNT, AMOUNT, expected=(AMOUNT, AMOUNT))
    actions.receive_callback("demo", answer_of_bank(start_at_bank(later, cast["kamran"])))


def test_count_that_differs_needs_a_note_and_fresh_sums(cast: Cast, charge: Charge) -> None:
    pay(charge, cast["kamran"])
    with pytest.raises(DifferenceNeedsNote):
        count(cast["kamran"], AMOUNT - 5, expected=(AMOUNT, 0))
    with pytest.raises(DayChanged):
        count(cast["kamran"], 5, expected=(5, 0))
    day = count(cast["kamran"], AMOUNT - 5, expected=(AMOUNT, 0), note="پنج ریال کم بود.")
    assert day.cash_difference_rial == -5


def test_a_forgotten_day_is_counted_before_the_next(
    cast: Cast, acting: Acting, charge: Charge, monkeypatch: pytest.MonkeyPatch
) -> None:
    kamran, now = cast["kamran"], timezone.now()
    pay(charge, kamran, "1")
    yesterday = timezone.localdate(now)
    monkeypatch.setattr(timezone, "now", lambda: now + timedelta(days=1))
    pay(raise_at(cast["narges"]), kamran, "2", CounterMethod.TERMINAL)
    with acting(cast["shirin"]):
        assert selectors.uncounted_days(charge.scope_id, timezone.localdate()) == [(kamran.user_id, yesterday)]
    with pytest.raises(DayChanged):
        count(kamran, 0, AMOUNT, expected=(0, AMOUNT))
    assert count(kamran, AMOUNT, expected=(AMOUNT, 0)).counted_on == yesterday
    assert count(kamran, 0, AMOUNT, expected=(0, AMOUNT)).counted_on == yesterday + timedelta(days=1)
    with acting(cast["shirin"]):
        assert selectors.uncounted_days(charge.scope_id, timezone.localdate() + timedelta(days=1)) == []


def test_day_is_confirmed_by_the_manager_alone(cast: Cast, acting: Acting, charge: Charge) -> None:
    pay(charge, cast["kamran"])
    day = count(cast["kamran"], AMOUNT, expected=(AMOUNT, 0))
    with acting(cast["kamran"]), pytest.raises(PaymentNotAllowed):
        day_ends.confirm_day(day.pk, by=cast["kamran"])
    with acting(cast["shirin"]):
        day_ends.confirm_day(day.pk, by=cast["shirin"])
        assert selectors.day_by_id(day.pk).confirmed_by == cast["shirin"].user_id


def test_whoever_counted_does_not_confirm(cast: Cast, acting: Acting, charge: Charge) -> None:
    pay(charge, cast["kamran"])
    day = count(cast["kamran"], AMOUNT, expected=(AMOUNT, 0))
    as_manager = replace(cast["kamran"], role="office_manager")
    with acting(as_manager), pytest.raises(DayByAnother):
        day_ends.confirm_day(day.pk, by=as_manager)


def test_database_keeps_a_counted_day_closed_and_by_the_books(
    cast: Cast, acting: Acting, charge: Charge, raw: Any
) -> None:
    with acting(cast["kamran"]), pytest.raises(IntegrityError, match="the books say another sum"), transaction.atomic():
        DayEnd.objects.create(
            scope_id=charge.scope_id, counted_on=timezone.localdate(), expected_cash_rial=5, counted_cash_rial=5,
            expected_terminal_rial=0, counted_terminal_rial=0, counted_at=timezone.now(),
            counted_by=cast["kamran"].user_id,
        )  # fmt: skip
    pay(charge, cast["kamran"])
    count(cast["kamran"], AMOUNT, expected=(AMOUNT, 0))
    late = start_at_bank(raise_at(cast["narges"]), cast["kamran"])
    with acting(cast["kamran"]):
        entry = JournalEntry.objects.get(charge=charge, kind="payment")
        entry.pk, entry.attempt = uuid4(), late
        with pytest.raises(IntegrityError, match="the day is counted"), transaction.atomic():
            entry.save(force_insert=True)


@pytest.mark.django_db(transaction=True)
def test_count_and_payment_at_once_leave_no_money_outside_the_count(cast: Cast, charge: Charge) -> None:
    pay(charge, cast["kamran"], "1")
    late = raise_at(cast["narges"])

    def do(what: str) -> str:
        try:
            if what == "count":
                count(cast["kamran"], AMOUNT, expected=(AMOUNT, 0))
            else:
                pay(late, cast["kamran"], "2")
        except (DayChanged, DayAlreadyCounted) as error:
            return error.code
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(max_workers=2) as pool:
        ends = set(pool.map(do, ["count", "pay"]))
    assert ends in ({"done", "day-changed"}, {"done", "day-already-counted"})


# Receipts


def test_each_print_is_numbered(cast: Cast, acting: Acting, charge: Charge) -> None:
    pay(charge, cast["kamran"])
    give_back(ask(charge, cast["kamran"], 1_000), cast["shirin"], cast["kamran"])
    with acting(cast["kamran"]):
        attempt = selectors.payments_of(charge)[0]
        assert [receipts.print_receipt(attempt.pk, by=cast["kamran"]).number for _ in range(3)] == [1, 2, 3]
    with acting(cast["shirin"]):
        assert receipts.print_refund_receipt(Refund.objects.get().pk, by=cast["shirin"]).number == 1
        with pytest.raises(PaymentNotAllowed):
            receipts.print_receipt(attempt.pk, by=cast["shirin"])


# All of it

steps = st.lists(
    st.tuples(
        st.sampled_from(
            ["start", "good", "bad", "counter", "split", "waive", "ask", "overpaid", "back", "decline", "cancel"]
        ),
        st.integers(0, 3),
    ),
    max_size=14,
)


@given(steps)
@profile(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20, deadline=None)
def test_any_sequence_keeps_the_books(cast: Cast, taken: list[tuple[str, int]]) -> None:
    charge = raise_at(cast["narges"])
    attempts: list[Any] = []
    for step, number in taken:
        with suppress(DomainError, IndexError):
            take_step(step, number, charge, attempts, cast)
        with working_context(cast["shirin"]):
            check()
            assert selectors.sum_of_all_postings() == 0
            assert selectors.balances_at(charge.scope_id).get("receivable", 0) >= 0
            assert selectors.refundable_on(charge) >= 0


def take_step(step: str, number: int, charge: Charge, attempts: list[Any], cast: Cast) -> None:
    cashier, manager = cast["kamran"], cast["shirin"]
    with working_context(manager):
        version, left, asked = fresh(charge).version, fresh(charge).open_rial, Refund.objects.filter(charge=charge)
        waiting = [refund for refund in asked if refund.state == RefundState.ASKED]
    steps: dict[str, Callable[[], object]] = {
        "start": lambda: attempts.append(start_at_bank(charge, cashier)),
        "good": lambda: actions.receive_callback("demo", answer_of_bank(attempts[number], callback_id=f"g{uuid4()}")),
        "bad": lambda: actions.receive_callback(
            "demo", answer_of_bank(attempts[number], callback_id=f"b{uuid4()}", has_succeeded=False)
        ),
        "counter": lambda: pay(charge, cashier, f"{uuid4()}"),
        "split": lambda: split(charge, manager, *[left // (number + 1)] * number, left - left // (number + 1) * number),
        "waive": lambda: waive(
            charge, manager, WaiverLine(f"w{number}", "card_issue", CARDS * number // 6, "", "", "", "")
        ),
        "ask": lambda: ask(charge, cashier, AMOUNT // (number + 1), RefundCause.MISTAKE),
        "overpaid": lambda: ask(charge, cashier, AMOUNT // (number + 1), RefundCause.OVERPAYMENT),
        "back": lambda: (
            give_back(waiting[0], manager, cashier, f"{uuid4()}") if number % 2 else to_card(waiting[0], manager)
        ),
        "decline": lambda: decline(waiting[0], manager),
        "cancel": lambda: cancel(charge, version, cashier),
    }
    steps[step]()


def decline(refund: Refund, by: Actor) -> None:
    with working_context(by):
        refunds.decline_refund(refund.pk, reason="نه", by=by)


def cancel(charge: Charge, version: int, by: Actor) -> None:
    with working_context(by):
        actions.cancel_charge(charge.pk, expected_version=version, by=by)
