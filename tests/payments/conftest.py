"""A charge of the Shahriar office, its clerk and cashier, and the demo gateway."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from pytest_django.fixtures import Settings

from khedmat.common.actor import Actor
from khedmat.payments import actions
from khedmat.payments.gateways import DemoGateway, PaymentOrder
from khedmat.payments.listeners import PaidCharge, forget, on_paid
from khedmat.payments.models import Charge, PaymentAttempt
from khedmat.payments.rules import BillLine
from khedmat.vault.context import working_context
from tests.cast import Cast
from tests.payments.test_rules import bill_line

KIND = "test-case"
LINES = (bill_line("municipal_levy", 1, 2_500_000), bill_line("card_issue", 5, 1_200_000))
AMOUNT = 8_500_000


def raise_at(by: Actor, lines: tuple[BillLine, ...] = LINES, subject_id: UUID | None = None) -> Charge:
    """A charge raised by a clerk in their own working context."""
    with working_context(by):
        return actions.raise_charge(
            subject_kind=KIND,
            subject_id=subject_id or uuid4(),
            subject_number="18-042-00815",
            lines=lines,
            tariff_reference="amayesh-18 v1",
            by=by,
        )


def start_at_bank(charge: Charge, by: Actor) -> PaymentAttempt:
    """An attempt at the demo gateway."""
    with working_context(by):
        version = Charge.objects.get(pk=charge.pk).version
        started = actions.start_payment(
            charge.pk, gateway_code="demo", return_url="/back/", expected_version=version, by=by
        )
    return started.attempt


def answer_of_bank(
    attempt: PaymentAttempt,
    *,
    has_succeeded: bool = True,
    callback_id: str = "cb-1",
    amount: int | None = None,
) -> dict[str, str]:
    """The demo bank's signed answer."""
    order = PaymentOrder(attempt.reference, attempt.amount_rial if amount is None else amount)
    return DemoGateway().answer(order, callback_id=callback_id, has_succeeded=has_succeeded)


@pytest.fixture(autouse=True)
def _demo_gateway(settings: Settings) -> None:
    settings.PAYMENT_GATEWAYS = {"demo": "khedmat.payments.gateways.DemoGateway"}


@pytest.fixture
def charge(cast: Cast) -> Charge:
    return raise_at(cast["narges"])


@pytest.fixture
def heard() -> Iterator[list[tuple[PaidCharge, Actor]]]:
    """What a listener of the charge's kind is told."""
    told: list[tuple[PaidCharge, Actor]] = []

    def listener(paid: PaidCharge, by: Actor) -> None:
        told.append((paid, by))

    on_paid(KIND, listener)
    yield told
    forget(KIND, listener)


@pytest.fixture
def failing_listener() -> Iterator[Callable[[PaidCharge, Actor], Any]]:
    """A listener that cannot do its part."""

    def listener(paid: PaidCharge, by: Actor) -> None:
        raise LookupError("the case is gone")

    on_paid(KIND, listener)
    yield listener
    forget(KIND, listener)
