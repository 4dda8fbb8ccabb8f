"""Gateways' answers: repeated, reordered, doubled, concurrent or forged, the money is booked once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, suppress
from itertools import permutations
from uuid import uuid4

import pytest
from django.db import connection
from hypothesis import HealthCheck, given
from hypothesis import settings as profile
from hypothesis import strategies as st

from khedmat.common.actor import Actor
from khedmat.common.errors import DomainError
from khedmat.payments import actions, selectors
from khedmat.payments.enums import AttemptState, ChargeState, CounterMethod, EntryKind
from khedmat.payments.errors import (
    CallbackAmountWrong,
    CallbackContradicts,
    CallbackReferenceUnknown,
    CallbackSignatureInvalid,
)
from khedmat.payments.gateways import DemoGateway, PaymentOrder
from khedmat.payments.listeners import PaidCharge
from khedmat.payments.models import Charge, GatewayCallback, JournalEntry, PaymentAttempt
from khedmat.vault.context import working_context
from tests.cast import Cast
from tests.payments.conftest import AMOUNT, answer_of_bank, raise_at, start_at_bank

Acting = Callable[[Actor], AbstractContextManager[None]]
pytestmark = pytest.mark.django_db


@pytest.fixture
def attempt(cast: Cast, charge: Charge) -> PaymentAttempt:
    return start_at_bank(charge, cast["kamran"])


def money_entries(charge: Charge) -> list[str]:
    kinds = [EntryKind.PAYMENT, EntryKind.OVERPAYMENT]
    entries = JournalEntry.objects.filter(charge_id=charge.pk, kind__in=kinds)
    return list(entries.order_by("posted_at").values_list("kind", flat=True))


def test_success_pays_on_behalf_of_who_started(
    cast: Cast, acting: Acting, charge: Charge, attempt: PaymentAttempt, heard: list[tuple[PaidCharge, Actor]]
) -> None:
    finished = actions.receive_callback("demo", answer_of_bank(attempt))
    assert finished.state == AttemptState.SUCCEEDED
    with acting(cast["kamran"]):
        assert selectors.charge_by_id(charge.pk).state == ChargeState.PAID
        assert selectors.balances_at(charge.scope_id)["gateway:demo"] == AMOUNT
    assert [(paid.charge_id, by.user_id) for paid, by in heard] == [(charge.pk, cast["kamran"].user_id)]


def test_failure_leaves_the_charge_open(
    cast: Cast, acting: Acting, charge: Charge, attempt: PaymentAttempt, heard: list[tuple[PaidCharge, Actor]]
) -> None:
    finished = actions.receive_callback("demo", answer_of_bank(attempt, has_succeeded=False))
    assert finished.state == AttemptState.FAILED
    with acting(cast["kamran"]):
        assert selectors.charge_by_id(charge.pk).state == ChargeState.OPEN
        assert money_entries(charge) == []
    assert heard == []


@pytest.mark.parametrize("order", sorted(set(permutations(["good-1", "good-2", "bad-1", "good-1"]))))
def test_any_order_of_answers_books_once(
    cast: Cast,
    charge: Charge,
    attempt: PaymentAttempt,
    heard: list[tuple[PaidCharge, Actor]],
    order: tuple[str, ...],
) -> None:
    for name in order:
        answer = answer_of_bank(attempt, callback_id=name, has_succeeded=name.startswith("good"))
        actions.receive_callback("demo", answer)
    with working_context(cast["kamran"]):
        assert money_entries(charge) == [EntryKind.PAYMENT]
        assert GatewayCallback.objects.count() == 3
        assert selectors.charge_by_id(charge.pk).state == ChargeState.PAID
    assert len(heard) == 1


def assert_nothing_written(charge: Charge) -> None:
    assert money_entries(charge) == []
    assert not GatewayCallback.objects.exists()
    assert PaymentAttempt.objects.get().state == AttemptState.STARTED


def test_wrong_amount_is_refused(cast: Cast, acting: Acting, charge: Charge, attempt: PaymentAttempt) -> None:
    with pytest.raises(CallbackAmountWrong):
        actions.receive_callback("demo", answer_of_bank(attempt, amount=AMOUNT - 1))
    with acting(cast["kamran"]):
        assert_nothing_written(charge)


def test_bad_signature_is_refused(cast: Cast, acting: Acting, charge: Charge, attempt: PaymentAttempt) -> None:
    with pytest.raises(CallbackSignatureInvalid):
        actions.receive_callback("demo", {**answer_of_bank(attempt), "amount": "1"})
    with acting(cast["kamran"]):
        assert_nothing_written(charge)


def test_unknown_reference_is_refused(cast: Cast, acting: Acting, charge: Charge, attempt: PaymentAttempt) -> None:
    order = PaymentOrder("f" * 32, AMOUNT)
    with pytest.raises(CallbackReferenceUnknown):
        actions.receive_callback("demo", DemoGateway().answer(order, callback_id="c", has_succeeded=True))
    with acting(cast["kamran"]):
        assert_nothing_written(charge)


def test_known_id_with_other_content_is_refused(
    cast: Cast, acting: Acting, charge: Charge, attempt: PaymentAttempt
) -> None:
    actions.receive_callback("demo", answer_of_bank(attempt, has_succeeded=False))
    with pytest.raises(CallbackContradicts):
        actions.receive_callback("demo", answer_of_bank(attempt))
    with acting(cast["kamran"]):
        assert money_entries(charge) == []


def test_id_used_at_another_office_is_refused(cast: Cast, attempt: PaymentAttempt) -> None:
    cashier = Actor(uuid4(), "cashier", cast.places["rey"].pk, "take_payment")
    other = start_at_bank(raise_at(cast["omid"]), cashier)
    actions.receive_callback("demo", answer_of_bank(attempt))
    with pytest.raises(CallbackContradicts):
        actions.receive_callback("demo", answer_of_bank(other))


def test_late_success_after_the_counter_is_owed_back(
    cast: Cast, acting: Acting, charge: Charge, attempt: PaymentAttempt, heard: list[tuple[PaidCharge, Actor]]
) -> None:
    with acting(cast["kamran"]):
        actions.take_counter_payment(
            charge.pk,
            method=CounterMethod.TERMINAL,
            receipt_number="1",
            expected_version=1,
            by=cast["kamran"],
        )
    actions.receive_callback("demo", answer_of_bank(attempt))
    with acting(cast["kamran"]):
        balances = selectors.balances_at(charge.scope_id)
        assert money_entries(charge) == [EntryKind.PAYMENT, EntryKind.OVERPAYMENT]
    assert (balances["receivable"], balances["overpaid"]) == (0, -AMOUNT)
    assert len(heard) == 1


def test_late_success_after_cancelling_is_owed_back(
    cast: Cast, acting: Acting, charge: Charge, attempt: PaymentAttempt
) -> None:
    with acting(cast["kamran"]):
        actions.cancel_charge(charge.pk, expected_version=1, by=cast["kamran"])
    actions.receive_callback("demo", answer_of_bank(attempt))
    with acting(cast["kamran"]):
        assert selectors.charge_by_id(charge.pk).state == ChargeState.CANCELLED
        assert selectors.balances_at(charge.scope_id)["overpaid"] == -AMOUNT


def test_failing_listener_undoes_the_callback(
    cast: Cast, acting: Acting, charge: Charge, attempt: PaymentAttempt, failing_listener: object
) -> None:
    with pytest.raises(LookupError):
        actions.receive_callback("demo", answer_of_bank(attempt))
    with acting(cast["kamran"]):
        assert_nothing_written(charge)


@pytest.mark.django_db(transaction=True)
def test_concurrent_callbacks_book_once(cast: Cast, acting: Acting, charge: Charge, attempt: PaymentAttempt) -> None:
    answers = [answer_of_bank(attempt, callback_id=f"cb-{number % 3}") for number in range(12)]

    def receive(answer: dict[str, str]) -> str:
        try:
            return actions.receive_callback("demo", answer).state
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=6) as pool:
        states = set(pool.map(receive, answers))
    assert states == {AttemptState.SUCCEEDED}
    with acting(cast["kamran"]):
        assert money_entries(charge) == [EntryKind.PAYMENT]
        assert GatewayCallback.objects.count() == 3


steps = st.lists(
    st.tuples(st.sampled_from(["start", "good", "bad", "counter", "cancel"]), st.integers(0, 3)), max_size=10
)


@given(steps)
@profile(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None)
def test_any_sequence_keeps_the_ledger_at_zero(cast: Cast, taken: list[tuple[str, int]]) -> None:
    charge, cashier = raise_at(cast["narges"]), cast["kamran"]
    attempts: list[PaymentAttempt] = []
    for step, number in taken:
        with suppress(DomainError):
            take_step(step, number, charge, attempts, cashier)
    with working_context(cashier), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        assert selectors.sum_of_all_postings() == 0
        check_books_of(Charge.objects.get(pk=charge.pk))


def take_step(step: str, number: int, charge: Charge, attempts: list[PaymentAttempt], by: Actor) -> None:
    if step == "start":
        attempts.append(start_at_bank(charge, by))
    elif step in {"good", "bad"} and attempts:
        attempt = attempts[number % len(attempts)]
        name = f"{step}-{number}-{attempt.reference}"[:64]
        actions.receive_callback("demo", answer_of_bank(attempt, callback_id=name, has_succeeded=step == "good"))
    elif step in {"counter", "cancel"}:
        with working_context(by):
            version = Charge.objects.get(pk=charge.pk).version
            if step == "cancel":
                actions.cancel_charge(charge.pk, expected_version=version, by=by)
            else:
                receipt = f"{charge.pk}-{number}"
                actions.take_counter_payment(
                    charge.pk,
                    method=CounterMethod.CASH,
                    receipt_number=receipt,
                    expected_version=version,
                    by=by,
                )


def check_books_of(charge: Charge) -> None:
    """What is owed, and what came in, as the states say."""
    of_charge: dict[str, int] = {}
    for entry in charge.entries.all():
        for code, amount in entry.postings.values_list("account__code", "amount_rial"):
            of_charge[code] = of_charge.get(code, 0) + amount
    successes = charge.attempts.filter(state=AttemptState.SUCCEEDED).count()
    settled = 1 if charge.state == ChargeState.PAID else 0
    assert of_charge["receivable"] == (AMOUNT if charge.state == ChargeState.OPEN else 0)
    assert of_charge.get("gateway:demo", 0) + of_charge.get("counter-cash", 0) == AMOUNT * successes
    assert of_charge.get("overpaid", 0) == -AMOUNT * (successes - settled)
