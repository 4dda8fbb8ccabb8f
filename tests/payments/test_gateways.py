"""The demo gateway signs like a bank, and believes only its own answers."""

from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from khedmat.payments.checks import no_demo_gateway
from khedmat.payments.errors import (
    CallbackMalformed,
    CallbackRefused,
    CallbackSignatureInvalid,
    UnknownGateway,
)
from khedmat.payments.gateways import (
    DemoGateway,
    GatewayVerdict,
    PaymentOrder,
    gateway_by_code,
    payload_hash,
)

ORDER = PaymentOrder(reference="0123456789abcdef" * 2, amount_rial=8_500_000)


def answer(*, has_succeeded: bool = True) -> dict[str, str]:
    return DemoGateway().answer(ORDER, callback_id="cb-1", has_succeeded=has_succeeded)


@pytest.mark.parametrize("has_succeeded", [True, False])
def test_answer_is_verified(has_succeeded: bool) -> None:
    verdict = DemoGateway().verify(answer(has_succeeded=has_succeeded))
    assert verdict == GatewayVerdict("cb-1", ORDER.reference, ORDER.amount_rial, has_succeeded)


def test_order_survives_the_way_to_the_bank() -> None:
    url = DemoGateway().start(ORDER, "/payments/back/")
    opened = DemoGateway().open_order(dict(parse_qsl(urlsplit(url).query)))
    assert opened == (ORDER, "/payments/back/")


@pytest.mark.parametrize("field", ["callback_id", "reference", "amount", "result", "signature"])
def test_changed_field_is_refused(field: str) -> None:
    data = answer()
    data[field] = data[field][:-1] + ("0" if data[field][-1] != "0" else "1")
    with pytest.raises(CallbackSignatureInvalid):
        DemoGateway().verify(data)


def test_signature_of_an_order_does_not_sign_an_answer() -> None:
    order = dict(parse_qsl(urlsplit(DemoGateway().start(ORDER, "/x/")).query))
    with pytest.raises(CallbackSignatureInvalid):
        DemoGateway().verify({**answer(), "signature": order["signature"]})


@pytest.mark.parametrize("amount", [0, -1, 10**14])
def test_signed_amount_out_of_range_is_refused(amount: int) -> None:
    data = DemoGateway().answer(PaymentOrder(ORDER.reference, amount), callback_id="cb", has_succeeded=True)
    with pytest.raises(CallbackMalformed):
        DemoGateway().verify(data)


@pytest.mark.parametrize("callback_id", ["", "a b", "x" * 65])
def test_signed_wrong_callback_id_is_refused(callback_id: str) -> None:
    data = DemoGateway().answer(ORDER, callback_id=callback_id, has_succeeded=True)
    with pytest.raises(CallbackMalformed):
        DemoGateway().verify(data)


def test_missing_or_added_field_is_refused() -> None:
    data = answer()
    with pytest.raises(CallbackMalformed):
        DemoGateway().verify({**data, "extra": "1"})
    del data["result"]
    with pytest.raises(CallbackMalformed):
        DemoGateway().verify(data)


names = st.sampled_from(["callback_id", "reference", "amount", "result", "signature"])


@given(st.dictionaries(names, st.text(), min_size=5))
def test_any_foreign_text_is_refused_without_another_error(data: dict[str, str]) -> None:
    with pytest.raises(CallbackRefused):
        DemoGateway().verify(data)


def test_lone_surrogates_are_refused_without_another_error() -> None:
    with pytest.raises(CallbackSignatureInvalid):
        DemoGateway().verify({**answer(), "reference": "\ud800", "signature": "\udfff"})


def test_payload_hash_ignores_order_and_sees_content() -> None:
    data = answer()
    assert payload_hash(data) == payload_hash(dict(reversed(data.items())))
    assert payload_hash(data) != payload_hash({**data, "result": "failed"})


def test_gateway_by_code_offers_only_what_settings_name(settings: Settings) -> None:
    settings.PAYMENT_GATEWAYS = {"demo": "khedmat.payments.gateways.DemoGateway"}
    assert gateway_by_code("demo").code == "demo"
    settings.PAYMENT_GATEWAYS = {}
    with pytest.raises(UnknownGateway):
        gateway_by_code("demo")


@pytest.mark.parametrize(("is_demo", "found"), [(True, []), (False, ["khedmat.E010"])])
def test_demo_gateway_outside_of_a_demonstration_is_found(settings: Settings, is_demo: bool, found: list[str]) -> None:
    settings.KHEDMAT_DEMO = is_demo
    assert [message.id for message in no_demo_gateway(None)] == found


def test_site_without_demo_gateway_passes(settings: Settings) -> None:
    settings.KHEDMAT_DEMO, settings.PAYMENT_GATEWAYS = False, {}
    assert no_demo_gateway(None) == []
