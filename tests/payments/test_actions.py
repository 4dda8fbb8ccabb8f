"""Charges and counter payments on PostgreSQL."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from uuid import uuid4

import pytest

from khedmat.common.actor import Actor
from khedmat.payments import actions, selectors
from khedmat.payments.enums import AttemptState, ChargeState, CounterMethod, EntryKind
from khedmat.payments.errors import (
    BillNotConsistent,
    ChargeAlreadyRaised,
    ChargeChanged,
    ChargeNotFound,
    ChargeNotOpen,
    ForeignReturnAddress,
    PaymentNotAllowed,
    ReceiptAlreadyUsed,
    ReceiptNumberNeeded,
    UnknownGateway,
)
from khedmat.payments.listeners import PaidCharge
from khedmat.payments.models import Charge, JournalEntry, PaymentAttempt
from tests.cast import Cast
from tests.payments.conftest import AMOUNT, KIND, LINES, raise_at, start_at_bank
from tests.payments.test_rules import bill_line

Acting = Callable[[Actor], AbstractContextManager[None]]
pytestmark = pytest.mark.django_db


def pay_at_counter(charge: Charge, by: Actor, *, receipt: str = "R-1", version: int = 1) -> Charge:
    return actions.take_counter_payment(
        charge.pk, method=CounterMethod.CASH, receipt_number=receipt, expected_version=version, by=by
    )


def test_raise_charge_books_what_is_owed(cast: Cast, acting: Acting, charge: Charge) -> None:
    with acting(cast["kamran"]):
        found = selectors.charge_by_id(charge.pk)
        assert (found.amount_rial, found.state, found.raised_by) == (AMOUNT, "open", cast["narges"].user_id)
        assert [line["code"] for line in found.bill] == [line.code for line in LINES]
        assert selectors.balances_at(charge.scope_id) == {
            "fee:card_issue": -6_000_000,
            "fee:municipal_levy": -2_500_000,
            "receivable": AMOUNT,
        }


def test_raise_charge_twice_for_a_subject_is_refused(cast: Cast, acting: Acting, charge: Charge) -> None:
    with pytest.raises(ChargeAlreadyRaised):
        raise_at(cast["narges"], subject_id=charge.subject_id)
    with acting(cast["narges"]):
        assert JournalEntry.objects.count() == 1


def test_raise_charge_of_nothing_is_paid_at_once(
    cast: Cast, acting: Acting, heard: list[tuple[PaidCharge, Actor]]
) -> None:
    free = raise_at(cast["narges"], (bill_line("card_issue", 5, 0),))
    assert free.state == ChargeState.PAID
    assert [paid.amount_rial for paid, _by in heard] == [0]
    with acting(cast["narges"]):
        assert not JournalEntry.objects.exists()


def test_raise_charge_of_a_wrong_sum_writes_nothing(cast: Cast, acting: Acting) -> None:
    with pytest.raises(BillNotConsistent):
        raise_at(cast["narges"], (bill_line(quantity=-1),))
    with acting(cast["narges"]):
        assert not Charge.objects.exists()


def test_raise_charge_by_a_cashier_is_refused(cast: Cast) -> None:
    with pytest.raises(PaymentNotAllowed):
        raise_at(cast["kamran"])


def test_counter_payment_pays_and_tells(
    cast: Cast, acting: Acting, charge: Charge, heard: list[tuple[PaidCharge, Actor]]
) -> None:
    with acting(cast["kamran"]):
        paid = pay_at_counter(charge, cast["kamran"])
        balances = selectors.balances_at(charge.scope_id)
        (attempt,) = selectors.payments_of(paid)
    assert (paid.state, paid.version, paid.paid_by) == (ChargeState.PAID, 2, cast["kamran"].user_id)
    assert (balances["counter-cash"], balances["receivable"]) == (AMOUNT, 0)
    assert attempt.reference == f"counter-cash:{charge.scope_id}:R-1"
    assert heard == [(PaidCharge(charge.pk, KIND, charge.subject_id, AMOUNT), cast["kamran"])]


@pytest.mark.django_db(transaction=True)
def test_each_change_leaves_one_audit_row(cast: Cast, acting: Acting, charge: Charge, as_migrator: Any) -> None:
    with acting(cast["kamran"]):
        pay_at_counter(charge, cast["kamran"])
    as_migrator.execute("SELECT action, actor_id FROM audit_entry WHERE subject_id = %s ORDER BY id", [str(charge.pk)])
    assert as_migrator.fetchall() == [
        ("charge.raised", cast["narges"].user_id),
        ("payment.taken", cast["kamran"].user_id),
    ]


def test_counter_payment_with_a_used_receipt_is_refused(cast: Cast, acting: Acting, charge: Charge) -> None:
    other = raise_at(cast["narges"])
    with acting(cast["kamran"]):
        pay_at_counter(charge, cast["kamran"])
        with pytest.raises(ReceiptAlreadyUsed):
            pay_at_counter(other, cast["kamran"])
        assert selectors.charge_by_id(other.pk).state == ChargeState.OPEN


def test_counter_payment_without_receipt_is_refused(cast: Cast, acting: Acting, charge: Charge) -> None:
    with acting(cast["kamran"]), pytest.raises(ReceiptNumberNeeded):
        pay_at_counter(charge, cast["kamran"], receipt=" ")


def test_counter_payment_twice_is_refused(cast: Cast, acting: Acting, charge: Charge) -> None:
    with acting(cast["kamran"]):
        pay_at_counter(charge, cast["kamran"])
        with pytest.raises(ChargeNotOpen):
            pay_at_counter(charge, cast["kamran"], receipt="R-2", version=2)


def test_counter_payment_of_a_changed_charge_is_refused(cast: Cast, acting: Acting, charge: Charge) -> None:
    with acting(cast["kamran"]), pytest.raises(ChargeChanged):
        pay_at_counter(charge, cast["kamran"], version=7)


def test_counter_payment_by_a_clerk_is_refused(cast: Cast, acting: Acting, charge: Charge) -> None:
    with acting(cast["narges"]), pytest.raises(PaymentNotAllowed):
        pay_at_counter(charge, cast["narges"])


def test_charge_of_another_office_is_not_found(cast: Cast, acting: Acting, charge: Charge) -> None:
    stranger = Actor(uuid4(), "cashier", cast.places["rey"].pk, "take_payment")
    with acting(stranger):
        with pytest.raises(ChargeNotFound):
            pay_at_counter(charge, stranger)
        with pytest.raises(ChargeNotFound):
            selectors.charge_by_id(charge.pk)
        assert list(selectors.charges_waiting_at(charge.scope_id)) == []


def test_failing_listener_undoes_the_payment(
    cast: Cast, acting: Acting, charge: Charge, failing_listener: object
) -> None:
    with acting(cast["kamran"]):
        with pytest.raises(LookupError):
            pay_at_counter(charge, cast["kamran"])
        assert selectors.charge_by_id(charge.pk).state == ChargeState.OPEN
        assert not PaymentAttempt.objects.exists()
        assert JournalEntry.objects.count() == 1


def test_cancel_charge_books_back_and_frees_the_subject(cast: Cast, acting: Acting, charge: Charge) -> None:
    attempt = start_at_bank(charge, cast["kamran"])
    with acting(cast["narges"]):
        cancelled = actions.cancel_charge(charge.pk, expected_version=1, by=cast["narges"])
        assert cancelled.state == ChargeState.CANCELLED
        assert not any(selectors.balances_at(charge.scope_id).values())
        attempt.refresh_from_db()
        assert attempt.state == AttemptState.EXPIRED
        assert selectors.live_charge_of(KIND, charge.subject_id) is None
    again = raise_at(cast["narges"], subject_id=charge.subject_id)
    with acting(cast["narges"]):
        assert selectors.live_charge_of(KIND, charge.subject_id) == again


def test_cancel_of_a_paid_charge_is_refused(cast: Cast, acting: Acting, charge: Charge) -> None:
    with acting(cast["kamran"]):
        pay_at_counter(charge, cast["kamran"])
        with pytest.raises(ChargeNotOpen):
            actions.cancel_charge(charge.pk, expected_version=2, by=cast["kamran"])
        assert not JournalEntry.objects.filter(kind=EntryKind.CHARGE_CANCELLED).exists()


def test_cancel_by_an_officer_of_the_province_is_refused(cast: Cast, acting: Acting, charge: Charge) -> None:
    with acting(cast["bahram"]), pytest.raises(PaymentNotAllowed):
        actions.cancel_charge(charge.pk, expected_version=1, by=cast["bahram"])


@pytest.mark.parametrize("url", ["https://bank.example/", "//bank.example/", "javascript:alert(1)", ""])
def test_start_payment_returns_to_this_site_only(cast: Cast, acting: Acting, charge: Charge, url: str) -> None:
    with acting(cast["kamran"]), pytest.raises(ForeignReturnAddress):
        actions.start_payment(charge.pk, gateway_code="demo", return_url=url, expected_version=1, by=cast["kamran"])


def test_start_payment_at_an_unknown_gateway_is_refused(cast: Cast, acting: Acting, charge: Charge) -> None:
    with acting(cast["kamran"]), pytest.raises(UnknownGateway):
        actions.start_payment(charge.pk, gateway_code="x", return_url="/", expected_version=1, by=cast["kamran"])


def test_start_payment_again_gives_the_first_attempt_up(cast: Cast, acting: Acting, charge: Charge) -> None:
    first, second = start_at_bank(charge, cast["kamran"]), start_at_bank(charge, cast["kamran"])
    with acting(cast["kamran"]):
        states = dict(PaymentAttempt.objects.values_list("pk", "state"))
    assert states == {first.pk: AttemptState.EXPIRED, second.pk: AttemptState.STARTED}
