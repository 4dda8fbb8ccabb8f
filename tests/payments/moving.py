"""Money that moved in every way at one office: for tests that need a row in each table."""

from datetime import timedelta
from itertools import count
from uuid import uuid4

from django.utils import timezone

from khedmat.accounts.enums import Role
from khedmat.casework.models import Case
from khedmat.common.actor import Actor
from khedmat.payments.actions import raise_charge, take_counter_payment
from khedmat.payments.day_ends import confirm_day, count_day
from khedmat.payments.enums import CounterMethod, RefundCause, RefundMethod
from khedmat.payments.instalments import split_charge, waive_charge
from khedmat.payments.models import Charge
from khedmat.payments.receipts import print_receipt, print_refund_receipt
from khedmat.payments.refunds import ask_refund, decline_refund, pay_refund
from khedmat.payments.rules import BillLine, PartDraft, WaiverLine
from khedmat.payments.selectors import payments_of, takings_of
from khedmat.places.models import Scope
from khedmat.rounds.enums import ReliefState
from khedmat.rounds.models import ReliefRequest
from khedmat.vault.context import working_context
from tests.factories import staff

LINE = BillLine("card", "fee", 1, 900_000, 900_000, "کارت", "Card", "نمونه", "demo")
LESS = WaiverLine("less", "fee", 500_000, "معاف", "Exempt", "نمونه", "demo")
REASON = "نمونهٔ آزمون."
_running = count(1)


def move_money(clerk: Actor, manager: Actor, place: Scope) -> None:
    """Parts, an exemption, refunds in each state, receipts, a confirmed and an unconfirmed day, at one office.

    The cashiers are two of their own: nobody else's day is closed.
    """
    for is_confirmed in (True, False):
        cashier = staff(f"cashier-of-moving-{next(_running)}", Role.CASHIER, place)
        _take_and_give_back(clerk, cashier, manager)
        with working_context(cashier):
            cash = takings_of(place.pk, cashier.user_id, timezone.localdate()).cash_rial
            day = count_day(
                counted_cash_rial=cash - 1, counted_terminal_rial=0, expected=(cash, 0), note=REASON, by=cashier
            )
        if is_confirmed:
            with working_context(manager):
                confirm_day(day.pk, by=manager)


def ask_and_decide(case: Case, clerk: Actor, manager: Actor) -> None:
    """Requests about the amount of a case whose round is none: one open, one granted. Needs the family open."""
    now = timezone.now()
    with working_context(clerk):
        for code in ("open", "granted"):
            request = ReliefRequest(
                household_id=case.household_id, case=case, kind="exemption", code=code, reason=REASON
            )
            request.asked_at, request.asked_by = now, clerk.user_id
            if code == "granted":
                request.state, request.decision_reason = ReliefState.GRANTED, REASON
                request.decided_at, request.decided_by = now, manager.user_id
            request.save(force_insert=True)


def _take_and_give_back(clerk: Actor, cashier: Actor, manager: Actor) -> None:
    with working_context(clerk):
        charge = raise_charge(
            subject_kind="proof.money",
            subject_id=uuid4(),
            subject_number=f"proof-{next(_running)}",
            lines=[LINE],
            tariff_reference="proof/1",
            by=clerk,
        )
    today = timezone.localdate()
    with working_context(cashier):
        parts = [PartDraft(600_000, today), PartDraft(300_000, today + timedelta(days=30))]
        split_charge(charge.pk, parts, expected_version=1, by=cashier)
        _pay(charge, cashier)
    with working_context(manager):
        waive_charge(charge.pk, LESS, by=manager)
    with working_context(cashier):
        print_receipt(payments_of(charge)[0].pk, by=cashier)
        asked = [
            ask_refund(charge.pk, cause=cause, amount_rial=1_000, reason=REASON, by=cashier)
            for cause in (RefundCause.EXEMPTION, RefundCause.MISTAKE, RefundCause.WITHDRAWAL)
        ]
    with working_context(manager):
        voucher = f"V-{next(_running)}"
        pay_refund(asked[0].pk, method=RefundMethod.CASH, drawer_of=cashier.user_id, voucher=voucher, by=manager)
        print_refund_receipt(asked[0].pk, by=manager)
        decline_refund(asked[1].pk, reason=REASON, by=manager)


def _pay(charge: Charge, cashier: Actor) -> None:
    take_counter_payment(
        charge.pk,
        method=CounterMethod.CASH,
        receipt_number=f"moving-{next(_running)}",
        expected_version=Charge.objects.get(pk=charge.pk).version,
        by=cashier,
    )
