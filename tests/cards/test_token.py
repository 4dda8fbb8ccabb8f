"""The card's token: what goes in comes out, and nothing else is taken."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import cwt
import pytest
from cwt import COSE, COSEKey
from hypothesis import given, settings
from hypothesis import strategies as st

from khedmat.cards.token import (
    MAX_TEXT_CHARS,
    CardClaims,
    TokenError,
    decode_card,
    encode_card,
    end_of_day,
    unwrap,
)
from khedmat.vault import cose
from tests.cards.make_vectors import CARD, SIGNER, as_text

KEYS = {SIGNER.kid: SIGNER.public}
BASE45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"

names = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cf", "Cs", "Zl", "Zp"]), max_size=50)
cards = st.builds(
    CardClaims,
    kind=st.from_regex(r"[a-z][a-z0-9_]{0,31}", fullmatch=True),
    number=st.from_regex(r"[A-Z0-9][A-Z0-9-]{0,31}", fullmatch=True),
    series=st.from_regex(r"[a-z0-9][a-z0-9-]{0,31}", fullmatch=True),
    name=names.filter(lambda name: name.strip() != ""),
    name_latin=names,
    valid_from=st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    valid_until=st.dates(date(2030, 1, 1), date(2040, 1, 1)),
    issued_at=st.integers(0, 2**53 - 1),
    status_index=st.integers(0, 2**19 - 1),
    portrait=st.none() | st.binary(min_size=1, max_size=700),
)


@given(cards)
@settings(max_examples=100, deadline=None)
def test_decode_gives_back_what_was_encoded(claims: CardClaims) -> None:
    assert decode_card(encode_card(claims, SIGNER), KEYS) == claims


def test_a_card_is_small_and_its_text_fits_the_short_qr_alphabet() -> None:
    text = encode_card(CARD, SIGNER)
    assert len(text) < 450
    assert set(text) <= set(BASE45)


def test_expiry_is_the_last_second_of_the_day_in_tehran() -> None:
    assert datetime.fromtimestamp(end_of_day(date(2027, 11, 21)), UTC) == datetime(2027, 11, 21, 20, 29, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "Amayesh"},
        {"number": "A18 1"},
        {"number": "A۱۸"},
        {"series": ""},
        {"name": ""},
        {"name": "گل" * 51},
        {"name": "گل\u202eآقا"},
        {"name": "\ud800"},
        {"name_latin": "Gul\n"},
        {"valid_from": date(2027, 11, 22)},
        {"issued_at": -1},
        {"issued_at": 2**53},
        {"status_index": 2**19},
        {"portrait": b""},
        {"portrait": bytes(701)},
    ],
)
def test_encode_refuses_claims_no_reader_takes(change: dict[str, Any]) -> None:
    with pytest.raises(TokenError):
        encode_card(replace(CARD, **change), SIGNER)


@pytest.mark.parametrize("text", ["", "KH1:", "kh1:00", "KH1:0", "KH1:é", "KH1:::W", "KH1:00\n", "HC1:00"])
def test_unwrap_refuses_other_text(text: str) -> None:
    with pytest.raises(TokenError):
        unwrap(text)


def test_unwrap_refuses_a_text_longer_than_any_card() -> None:
    assert len(unwrap("KH1:" + "0" * (MAX_TEXT_CHARS - 4))) == 4096
    with pytest.raises(TokenError, match="longer"):
        unwrap("KH1:" + "0" * (MAX_TEXT_CHARS - 3))


def test_cwt_reads_our_token() -> None:
    reader = COSEKey.from_pem(cose.public_to_pem(SIGNER.public), kid=SIGNER.kid)
    claims = cwt.decode(unwrap(encode_card(CARD, SIGNER)), reader)
    assert claims[1] == "khedmat"
    assert claims[4] == CARD.expires_at
    assert claims[-70004] == CARD.name
    assert claims[65535] == {"status_list": {"idx": CARD.status_index, "uri": "/verify/bundle"}}


def test_we_read_a_token_that_cwt_signed() -> None:
    payload = cose.verify(unwrap(encode_card(CARD, SIGNER)), KEYS)
    signer = COSEKey.from_pem(SIGNER.to_pem(), kid=SIGNER.kid)
    signed = COSE.new().encode(payload, signer, protected={"alg": "ES256", "kid": SIGNER.kid})
    assert decode_card(as_text(signed), KEYS) == CARD


def test_cwt_refuses_what_we_refuse() -> None:
    message = bytearray(unwrap(encode_card(CARD, SIGNER)))
    message[60] ^= 1
    reader = COSEKey.from_pem(cose.public_to_pem(SIGNER.public), kid=SIGNER.kid)
    with pytest.raises(cwt.VerifyError):
        COSE.new().decode(bytes(message), keys=[reader])
    with pytest.raises(cose.SignatureRefused):
        decode_card(as_text(bytes(message)), KEYS)


def mutate(message: bytes, rng: random.Random) -> bytes:
    """The message changed in one of the ways an attacker or a bad scan would change it."""
    at = rng.randrange(len(message))
    ways = (
        lambda: message[:at] + bytes([message[at] ^ 1 << rng.randrange(8)]) + message[at + 1 :],
        lambda: message[:at] + rng.randbytes(rng.randint(1, 8)) + message[at + 8 :],
        lambda: message[:at] + message[at + 1 :],
        lambda: message[:at] + rng.randbytes(1) + message[at:],
        lambda: message[:at],
        lambda: message + rng.randbytes(rng.randint(1, 4)),
        lambda: message[:-64] + rng.randbytes(64),
        lambda: message.replace(SIGNER.kid, rng.randbytes(8)),
        lambda: message.replace(b"\x01\x26", b"\x01" + bytes([rng.choice([0x05, 0x27, 0x38, 0x00, 0xF6])])),
        lambda: message.replace(b"2027-11-21", b"20%02d-11-21" % rng.randint(28, 99)),
    )
    return rng.choice(ways)()


def accepted_of(count: int, seed: int) -> list[str]:
    """Those of `count` changed tokens that a reader takes."""
    rng = random.Random(seed)
    text = encode_card(CARD, SIGNER)
    message = unwrap(text)
    accepted = []
    for number in range(count):
        if number % 4:
            changed = mutate(message, rng)
            spoilt = as_text(changed)
        else:
            at = rng.randrange(len(text))
            spoilt = text[:at] + rng.choice(BASE45) + text[at + 1 :]
        if spoilt == text:
            continue
        try:
            decode_card(spoilt, KEYS)
        except (TokenError, cose.CoseError):
            continue
        accepted.append(spoilt)
    return accepted


def test_of_10_000_changed_tokens_none_is_accepted() -> None:
    assert accepted_of(10_000, seed=2) == []


@pytest.mark.proof
def test_of_100_000_changed_tokens_none_is_accepted() -> None:
    assert accepted_of(100_000, seed=3) == []


def test_the_changed_tokens_would_be_accepted_without_the_signature(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shows that the test above can fail: with the check of the signature off, changed dates get through."""
    monkeypatch.setattr(cose, "encode_dss_signature", lambda _r, _s: b"")

    class Blind:
        def verify(self, *arguments: object) -> None:
            """Take any signature."""

    blind: Any = {SIGNER.kid: Blind()}
    message = bytearray(unwrap(encode_card(CARD, SIGNER)))
    message[-1] ^= 1
    assert decode_card(as_text(bytes(message)), blind) == CARD
