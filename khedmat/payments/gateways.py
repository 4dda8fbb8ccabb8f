"""Payment gateways: what one must be able to do, the register of them, and one for demonstrations.

`settings.PAYMENT_GATEWAYS` maps a code to a dotted class name; a production site names no demo gateway.
"""

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from khedmat.payments.errors import CallbackMalformed, CallbackSignatureInvalid, UnknownGateway
from khedmat.payments.rules import MAX_AMOUNT_RIAL

_REFERENCE = re.compile(r"[0-9a-f]{32}")
_CALLBACK_ID = re.compile(r"[0-9A-Za-z-]{1,64}")
_AMOUNT = re.compile(r"[1-9][0-9]{0,13}")


@dataclass(frozen=True, slots=True)
class PaymentOrder:
    """What a gateway is asked to collect: nothing about who pays, or for what."""

    reference: str
    amount_rial: int


@dataclass(frozen=True, slots=True)
class RefundOrder:
    """What a gateway is asked to give back of a payment. `key` is one refund's own: told twice, it is paid once."""

    key: str
    reference: str
    amount_rial: int


@dataclass(frozen=True, slots=True)
class GatewayVerdict:
    """A gateway's answer after its signature held."""

    callback_id: str
    reference: str
    amount_rial: int
    has_succeeded: bool


class Gateway(Protocol):
    """One way of paying by card at a bank's page."""

    code: str
    title: str | Promise

    def start(self, order: PaymentOrder, return_url: str) -> str:
        """Address to which the payer's browser is sent."""

    def verify(self, data: Mapping[str, str]) -> GatewayVerdict:
        """The answer in a call-back; `CallbackRefused` for one that is not the gateway's own."""

    def refund(self, order: RefundOrder) -> str:
        """Give money back to the card of a payment; answers the bank's reference, the same for the same key.

        `GatewayRefundFailed` when the bank did not.
        """


def gateway_by_code(code: str) -> Gateway:
    """The gateway that this site offers under `code`; `UnknownGateway` otherwise."""
    path = gateway_paths().get(code)
    if path is None:
        raise UnknownGateway
    gateway: Gateway = import_string(path)()
    return gateway


def gateway_paths() -> Mapping[str, str]:
    """Code and dotted class name of every gateway that this site offers."""
    offered: Mapping[str, str] = getattr(settings, "PAYMENT_GATEWAYS", {})
    return offered


def payload_hash(data: Mapping[str, str]) -> bytes:
    """SHA-256 over a call-back's fields, whatever their order (32 bytes)."""
    return sha256(urlencode(sorted(data.items()), errors="replace").encode()).digest()


class DemoGateway:
    """A bank for demonstrations: moves no money, signs its answers like a real one.

    Its page reads the order with `open_order` and answers with `answer`.
    """

    code = "demo"
    title = _("Demonstration bank")
    _order_fields = ("reference", "amount", "return_url")
    _answer_fields = ("callback_id", "reference", "amount", "result")

    def start(self, order: PaymentOrder, return_url: str) -> str:
        fields = {"reference": order.reference, "amount": str(order.amount_rial), "return_url": return_url}
        return f"{reverse('payments:demo-gateway')}?{urlencode(self._signed('order', fields))}"

    def open_order(self, data: Mapping[str, str]) -> tuple[PaymentOrder, str]:
        """The order and the return address in the demo bank's page address; refused when not ours."""
        fields = self._checked("order", self._order_fields, data)
        return PaymentOrder(fields["reference"], int(fields["amount"])), fields["return_url"]

    def answer(self, order: PaymentOrder, *, callback_id: str, has_succeeded: bool) -> dict[str, str]:
        """The signed fields that the demo bank sends back."""
        result = "paid" if has_succeeded else "failed"
        fields = {"callback_id": callback_id, "reference": order.reference, "amount": str(order.amount_rial)}
        return self._signed("answer", {**fields, "result": result})

    def verify(self, data: Mapping[str, str]) -> GatewayVerdict:
        fields = self._checked("answer", self._answer_fields, data)
        if not _CALLBACK_ID.fullmatch(fields["callback_id"]) or fields["result"] not in {"paid", "failed"}:
            raise CallbackMalformed
        return GatewayVerdict(
            callback_id=fields["callback_id"],
            reference=fields["reference"],
            amount_rial=int(fields["amount"]),
            has_succeeded=fields["result"] == "paid",
        )

    def refund(self, order: RefundOrder) -> str:
        """No money moves; the reference follows from the key, so that the same key is the same refund."""
        fields = {"key": order.key, "reference": order.reference, "amount": str(order.amount_rial)}
        return f"R{self._signature('refund', fields)[:24].upper()}"

    def _signed(self, purpose: str, fields: dict[str, str]) -> dict[str, str]:
        return {**fields, "signature": self._signature(purpose, fields)}

    def _signature(self, purpose: str, fields: Mapping[str, str]) -> str:
        text = urlencode(sorted(fields.items()), errors="replace")
        return salted_hmac(f"khedmat.payments.demo.{purpose}", text, algorithm="sha256").hexdigest()

    def _checked(self, purpose: str, names: tuple[str, ...], data: Mapping[str, str]) -> dict[str, str]:
        if set(data) != {*names, "signature"}:
            raise CallbackMalformed
        fields = {name: data[name] for name in names}
        expected = self._signature(purpose, fields).encode()
        if not hmac.compare_digest(expected, data["signature"].encode("utf-8", "surrogatepass")):
            raise CallbackSignatureInvalid
        if not _REFERENCE.fullmatch(fields["reference"]) or not _AMOUNT.fullmatch(fields["amount"]):
            raise CallbackMalformed
        if int(fields["amount"]) > MAX_AMOUNT_RIAL:
            raise CallbackMalformed
        return fields
