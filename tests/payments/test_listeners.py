"""The engine tells programmes that a charge is paid, and what fees are called."""

from uuid import uuid4

import pytest
from django.utils.translation import override

from khedmat.common.actor import Actor
from khedmat.payments.enums import CounterMethod
from khedmat.payments.listeners import PaidCharge, forget, on_paid, tell_paid
from khedmat.payments.rules import OVERPAID, RECEIVABLE
from khedmat.payments.titles import account_title, name_fee

CASHIER = Actor(user_id=uuid4(), role="cashier", scope_id=1, purpose="take_payment")


def test_listener_hears_its_own_kind_once() -> None:
    heard: list[tuple[PaidCharge, Actor]] = []

    def listener(paid: PaidCharge, by: Actor) -> None:
        heard.append((paid, by))

    paid = PaidCharge(uuid4(), "test-kind", uuid4(), 5)
    on_paid("test-kind", listener)
    on_paid("test-kind", listener)
    try:
        tell_paid(paid, by=CASHIER)
        tell_paid(PaidCharge(uuid4(), "another-kind", uuid4(), 5), by=CASHIER)
    finally:
        forget("test-kind", listener)
    assert heard == [(paid, CASHIER)]


@pytest.mark.parametrize(
    ("code", "title"),
    [
        ("fee:unnamed", "Fees: unnamed"),
        ("fee:named", "Fees: a name"),
        ("gateway:demo", "Gateway: demo"),
        (CounterMethod.CASH.value, "Cash at the counter"),
        (OVERPAID, "To be returned to payers"),
        (RECEIVABLE, "Owed by households"),
    ],
)
def test_account_title_is_readable(code: str, title: str) -> None:
    name_fee("named", "a name")
    with override("en"):
        assert account_title(code) == title
