"""COSE_Sign1: one shape goes through, everything else is refused by name."""

import cbor2
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cwt import COSE, COSEKey
from hypothesis import given, settings
from hypothesis import strategies as st

from khedmat.vault import cose
from tests.cards.make_vectors import SIGNER, forge, raw_signature

KEY = cose.SigningKey.generate()
KEYS = {KEY.kid: KEY.public}
PAYLOAD = b"a payload"
HEADER = {1: -7, 4: KEY.kid}


def message(
    protected: object = HEADER,
    unprotected: dict[object, object] | None = None,
    *,
    payload: object = PAYLOAD,
    signature: bytes | None = None,
    tag: int = 18,
) -> bytes:
    encoded = cbor2.dumps(protected, canonical=True)
    signed = raw_signature(KEY, encoded, PAYLOAD) if signature is None else signature
    return cbor2.dumps(cbor2.CBORTag(tag, [encoded, unprotected or {}, payload, signed]), canonical=True)


@given(st.binary(max_size=3900))
@settings(max_examples=50, deadline=None)
def test_verify_returns_what_was_signed(payload: bytes) -> None:
    assert cose.verify(cose.sign(payload, KEY), KEYS) == payload


def test_sign_writes_exactly_the_agreed_header() -> None:
    parts = cbor2.loads(cose.sign(PAYLOAD, KEY)).value
    assert cbor2.loads(parts[0]) == {1: -7, 4: KEY.kid}
    assert parts[1] == {}
    assert len(parts[3]) == 64


@pytest.mark.parametrize(
    ("spoilt", "error"),
    [
        (message({4: KEY.kid}), cose.AlgorithmRefused),
        (message({1: -35, 4: KEY.kid}), cose.AlgorithmRefused),
        (message({1: -8, 4: KEY.kid}), cose.AlgorithmRefused),
        (message({1: -7.0, 4: KEY.kid}), cose.AlgorithmRefused),
        (message({4: KEY.kid}, {1: -7}), cose.AlgorithmRefused),
        (message(unprotected={1: -7}), cose.AlgorithmRefused),
        (message(unprotected={4: KEY.kid}), cose.HeaderRefused),
        (message({**HEADER, 2: [99], 99: 1}), cose.HeaderRefused),
        (message({**HEADER, 3: 0}), cose.HeaderRefused),
        (message({1: -7}), cose.HeaderRefused),
        (message({1: -7, 4: KEY.kid[:7]}), cose.HeaderRefused),
        (message({1: -7, 4: KEY.kid.hex()}), cose.HeaderRefused),
        (message({True: -7, 4: KEY.kid}), cose.HeaderRefused),
        (message([1, 2]), cose.MalformedMessage),
        (message(tag=17), cose.MalformedMessage),
        (message(payload=None), cose.MalformedMessage),
        (message(payload="a payload"), cose.MalformedMessage),
        (message(signature=bytes(63)), cose.MalformedMessage),
        (message(signature=bytes(65)), cose.MalformedMessage),
        (message(signature=bytes(64)), cose.SignatureRefused),
        (message() + b"\x00", cose.MalformedMessage),
        (message()[:-1], cose.MalformedMessage),
        (message()[1:], cose.MalformedMessage),
        (b"", cose.MalformedMessage),
        (b"\xd2" + b"\x81" * 3000, cose.MalformedMessage),
        (b"\xd8\x23\x61(", cose.MalformedMessage),
        (cose.sign(bytes(4096), KEY), cose.MessageTooLarge),
    ],
    # Signatures differ with each run, and the workers of a test run must agree on the names.
    ids=lambda value: value.__name__ if isinstance(value, type) else "message",
)
def test_verify_refuses_by_name(spoilt: bytes, error: type[cose.CoseError]) -> None:
    with pytest.raises(error):
        cose.verify(spoilt, KEYS)


def test_verify_accepts_the_untouched_twin_of_the_spoilt_ones() -> None:
    assert cose.verify(message(), KEYS) == PAYLOAD


def test_verify_refuses_another_key() -> None:
    with pytest.raises(cose.UnknownKey):
        cose.verify(cose.sign(PAYLOAD, cose.SigningKey.generate()), KEYS)


def test_verify_refuses_another_key_under_our_id() -> None:
    impostor = cose.SigningKey(private=cose.SigningKey.generate().private, kid=KEY.kid)
    with pytest.raises(cose.SignatureRefused):
        cose.verify(cose.sign(PAYLOAD, impostor), KEYS)


def test_verify_refuses_an_open_length() -> None:
    good = message()
    with pytest.raises(cose.MalformedMessage):
        cose.verify(b"\xd2\x9f" + good[2:] + b"\xff", KEYS)


def test_verify_takes_more_bytes_when_told() -> None:
    payload = bytes(100_000)
    assert cose.verify(cose.sign(payload, KEY), KEYS, max_bytes=200_000) == payload


def test_cwt_reads_what_we_sign() -> None:
    reader = COSEKey.from_pem(cose.public_to_pem(KEY.public), kid=KEY.kid)
    assert COSE.new().decode(cose.sign(PAYLOAD, KEY), keys=[reader]) == PAYLOAD


def test_we_read_what_cwt_signs() -> None:
    signer = COSEKey.from_pem(KEY.to_pem(), kid=KEY.kid)
    signed = COSE.new().encode(PAYLOAD, signer, protected={"alg": "ES256", "kid": KEY.kid})
    assert cose.verify(signed, KEYS) == PAYLOAD


def test_pem_brings_back_the_same_key() -> None:
    again = cose.SigningKey.from_pem(KEY.to_pem())
    assert again.kid == KEY.kid
    assert cose.verify(cose.sign(PAYLOAD, again), KEYS) == PAYLOAD
    assert cose.key_id(cose.public_from_pem(cose.public_to_pem(KEY.public))) == KEY.kid


def test_coordinates_bring_back_the_same_key() -> None:
    assert cose.key_id(cose.public_from_coordinates(*cose.coordinates(KEY.public))) == KEY.kid


def other_curve() -> bytes:
    return ec.generate_private_key(ec.SECP384R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def other_kind() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


@pytest.mark.parametrize(
    "pem", [b"", b"no key", other_curve(), other_kind(), cose.public_to_pem(KEY.public)], ids=range(5)
)
def test_from_pem_refuses_other_keys(pem: bytes) -> None:
    with pytest.raises(cose.KeyRefused):
        cose.SigningKey.from_pem(pem)


@pytest.mark.parametrize("pem", [b"", b"no key", KEY.to_pem()], ids=range(3))
def test_public_from_pem_refuses_other_bytes(pem: bytes) -> None:
    with pytest.raises(cose.KeyRefused):
        cose.public_from_pem(pem)


@pytest.mark.parametrize(("x", "y"), [(bytes(32), bytes(32)), (bytes(31), bytes(32)), (b"\xff" * 32,) * 2])
def test_coordinates_off_the_curve_are_refused(x: bytes, y: bytes) -> None:
    with pytest.raises(cose.KeyRefused):
        cose.public_from_coordinates(x, y)


def test_a_key_never_shows_its_secret() -> None:
    secret = KEY.private.private_numbers().private_value
    assert KEY.kid.hex() in repr(KEY)
    assert str(secret) not in repr(KEY)


def test_forged_cards_differ_from_the_good_one_in_one_thing() -> None:
    """The helper behind the vectors signs rightly: with nothing out of shape its message is taken."""
    assert cose.verify(forge(), {SIGNER.kid: SIGNER.public})
