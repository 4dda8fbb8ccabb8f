"""Write tests/cards/vectors.json: one truth for the Python reference and the page's script.

`python -m tests.cards.make_vectors` writes the file once. ECDSA signatures are random: a new run gives other
bytes with the same meaning, so a file that stands is replaced only when told `--again`. What is expected is
stated here by hand, never taken from the code under test. The keys are for tests alone: anyone derives them.
"""

import json
import sys
import zlib
from base64 import b64encode
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import cbor2
from base45 import b45encode
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from khedmat.cards.token import CardClaims, encode_card, unwrap
from khedmat.cards.verify_bundle import FRESH_SECONDS, Extension, build_bundle
from khedmat.vault import cose

PATH = Path(__file__).with_name("vectors.json")
# 2026-11-22 12:00 in Tehran, the first day of the sample cards.
NOW = 1_795_336_200
DAY = 24 * 60 * 60
CARD = CardClaims(
    kind="amayesh_card",
    number="A18-0420-11839",
    series="amayesh-18",
    name="گل‌آقا نوری",
    name_latin="Gul Agha Noori",
    valid_from=date(2026, 11, 22),
    valid_until=date(2027, 11, 21),
    issued_at=NOW - 2 * DAY,
    status_index=1234,
)
REVOKED_INDEX, REPLACED_INDEX, RESERVED_INDEX, LAST_INDEX = 4001, 4002, 4003, 2**19 - 1
# The last seconds in Tehran of 2027-11-21, and of the extension to 2028-03-19.
PRINTED_END, EXTENDED_END = 1_826_828_999, 1_837_110_599
EXTENSION = Extension("amayesh-17", date(2028, 3, 19), "بخشنامهٔ نمونهٔ ۱۷", date(2027, 11, 1))
SHORTER = Extension("amayesh-17", date(2027, 12, 20), "بخشنامهٔ نمونهٔ ۱۶", date(2027, 10, 1))


def fixed_key(label: str) -> cose.SigningKey:
    """A key that is the same in every run."""
    secret = int.from_bytes(sha256(f"khedmat test key: {label}".encode()).digest(), "big")
    return cose.SigningKey.of(ec.derive_private_key(secret >> 1, ec.SECP256R1()))


ANCHOR = fixed_key("anchor")
SIGNER = fixed_key("card signer")
YOUNGER = fixed_key("younger card signer")
STRANGER = fixed_key("stranger")


@dataclass(frozen=True)
class Vector:
    """`now` in Unix seconds; `bundle` names a bundle or is None; `claims` are what may be shown."""

    name: str
    text: str
    outcome: str
    bundle: str | None = "fresh"
    now: int = NOW
    claims: CardClaims | None = None
    effective_until: str | None = None
    doubt: str | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "text": self.text,
            "bundle": self.bundle,
            "now": self.now,
            "expect": {
                "outcome": self.outcome,
                "doubt": self.doubt,
                "effective_until": self.effective_until,
                "claims": _claims_json(self.claims) if self.claims else None,
            },
        }


def _claims_json(claims: CardClaims) -> dict[str, Any]:
    return {
        "kind": claims.kind,
        "number": claims.number,
        "series": claims.series,
        "name": claims.name,
        "name_latin": claims.name_latin,
        "valid_from": claims.valid_from.isoformat(),
        "valid_until": claims.valid_until.isoformat(),
        "portrait": b64encode(claims.portrait).decode() if claims.portrait else None,
    }


def raw_map(claims: CardClaims = CARD) -> dict[Any, Any]:
    """The claims as a map that a test may spoil."""
    message = cose.load_deterministic(cose.verify(_unwrapped(claims), {SIGNER.kid: SIGNER.public}))
    assert isinstance(message, dict)
    return message


def _unwrapped(claims: CardClaims) -> bytes:
    return unwrap(encode_card(claims, SIGNER))


def as_text(message: bytes) -> str:
    return "KH1:" + str(b45encode(message), "ascii")


def raw_signature(key: cose.SigningKey, protected: bytes, payload: bytes) -> bytes:
    structure = cbor2.dumps(["Signature1", protected, b"", payload], canonical=True)
    r, s = decode_dss_signature(key.private.sign(structure, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def forge(
    payload: bytes | None = None,
    *,
    protected: dict[Any, Any] | bytes | None = None,
    unprotected: dict[Any, Any] | None = None,
    tag: int | None = 18,
    signature: bytes | None = None,
    parts_behind: tuple[Any, ...] = (),
) -> bytes:
    """A message signed by the right key over exactly what it says, with one thing out of shape."""
    payload = cbor2.dumps(raw_map(), canonical=True) if payload is None else payload
    header = {1: -7, 4: SIGNER.kid} if protected is None else protected
    encoded = header if isinstance(header, bytes) else cbor2.dumps(header, canonical=True)
    signature = raw_signature(SIGNER, encoded, payload) if signature is None else signature
    parts = [encoded, unprotected or {}, payload, signature, *parts_behind]
    return cbor2.dumps(parts if tag is None else cbor2.CBORTag(tag, parts), canonical=True)


def with_claims(**changes: Any) -> str:
    """A rightly signed token whose claims are changed; keys are claim numbers behind an underscore."""
    values = raw_map()
    for name, value in changes.items():
        number = int(name.removeprefix("_").replace("n", "-"))
        if value is None:
            del values[number]
        else:
            values[number] = value
    return as_text(cose.sign(cbor2.dumps(values, canonical=True), SIGNER))


def made_bundle(issued_at: int, anchor: cose.SigningKey = ANCHOR, capacity: int = 2**19) -> bytes:
    """A bundle of the right shape, with three ended cards and the extensions."""
    ended = [(REVOKED_INDEX, 1), (REPLACED_INDEX, 2), (LAST_INDEX, 1)]
    return build_bundle(
        anchor=anchor,
        issued_at=issued_at,
        keys=[SIGNER.public],
        statuses=[entry for entry in ended if entry[0] < capacity],
        extensions=[SHORTER, EXTENSION, replace(SHORTER, until=date(2027, 12, 31))],
        capacity=capacity,
    )


def spoilt_bundle(good: bytes, **changes: Any) -> bytes:
    """`good` with fields changed, rightly signed again."""
    fields = cose.load_deterministic(cose.verify(good, {ANCHOR.kid: ANCHOR.public}))
    return cose.sign(cbor2.dumps({**fields, **changes}, canonical=True), ANCHOR)


def packed_list(packed: bytes) -> dict[str, Any]:
    """The bundle's field `status` for these unpacked bytes."""
    return {"bits": 2, "lst": zlib.compress(packed, 9)}


def bundles_that_open(fresh: bytes) -> dict[str, bytes]:
    """Bundles of ours, made at several times, and one whose list has the status that is never written."""
    reserved = bytearray(4096)
    reserved[RESERVED_INDEX // 4] = 3 << (RESERVED_INDEX % 4 * 2)
    return {
        "fresh": fresh,
        "later": made_bundle(PRINTED_END - DAY),
        "extension_ends": made_bundle(EXTENDED_END - DAY),
        "short_list": made_bundle(NOW - DAY, capacity=1024),
        "reserved_status": spoilt_bundle(fresh, status=packed_list(bytes(reserved))),
    }


def bundles_that_do_not_open(fresh: bytes) -> dict[str, bytes]:
    """Each with one thing wrong: the signature, the shape, the list or the keys."""
    flipped = bytearray(fresh)
    flipped[len(flipped) // 2] ^= 1
    x, y = cose.coordinates(STRANGER.public)
    return {
        "wrong_anchor": made_bundle(NOW - DAY, anchor=STRANGER),
        "flipped_bit": bytes(flipped),
        "cut_off": fresh[:-1],
        "trailing_byte": fresh + b"\x00",
        "other_version": spoilt_bundle(fresh, v=2),
        "version_true": spoilt_bundle(fresh, v=True),
        "good_for_ever": spoilt_bundle(fresh, stale_after=NOW + 400 * DAY),
        "unknown_field": spoilt_bundle(fresh, more=1),
        "list_too_large": spoilt_bundle(fresh, status=packed_list(bytes(2**17 + 1))),
        "list_bomb": spoilt_bundle(fresh, status=packed_list(bytes(2**24))),
        "list_not_zlib": spoilt_bundle(fresh, status={"bits": 2, "lst": b"no list"}),
        "one_bit": spoilt_bundle(fresh, status=_one_bit_list(fresh)),
        "key_id_of_another": spoilt_bundle(fresh, keys=[{"kid": SIGNER.kid, "x": x, "y": y}]),
        "point_off_curve": spoilt_bundle(fresh, keys=[{"kid": SIGNER.kid, "x": x, "y": x}]),
        "a_card": _unwrapped(CARD),
        "empty": b"",
    }


def _one_bit_list(fresh: bytes) -> dict[str, Any]:
    fields = cose.load_deterministic(cose.verify(fresh, {ANCHOR.kid: ANCHOR.public}))
    return {**fields["status"], "bits": 1}


def bundles() -> dict[str, dict[str, Any]]:
    """Name → {data, opens}. One that does not open counts as none."""
    fresh = made_bundle(NOW - DAY)
    groups = [(bundles_that_open(fresh), True), (bundles_that_do_not_open(fresh), False)]
    return {
        name: {"data": b64encode(data).decode(), "opens": opens}
        for group, opens in groups
        for name, data in group.items()
    }


def good_cards() -> list[Vector]:
    """Cards that are ours, at every point of their life."""
    return [*cards_by_date(), *cards_by_status(), *extended_cards()]


def carrying(claims: CardClaims, name: str, outcome: str, **more: Any) -> Vector:
    """A card with other claims than `CARD`, valid until the printed date."""
    return Vector(name, encode_card(claims, SIGNER), outcome, claims=claims, effective_until="2027-11-21", **more)


def cards_by_date() -> list[Vector]:
    """One card, from the second before its first day to the second after its last."""
    text = encode_card(CARD, SIGNER)
    begins = NOW - 12 * 60 * 60
    printed: dict[str, Any] = {"claims": CARD, "effective_until": "2027-11-21"}
    return [
        Vector("valid", text, "valid", **printed),
        Vector("valid in its first second", text, "valid", now=begins, **printed),
        Vector("one second too early", text, "not_yet", now=begins - 1, **printed),
        Vector("valid in its last second", text, "valid", bundle="later", now=PRINTED_END, **printed),
        Vector("expired one second later", text, "expired", bundle="later", now=PRINTED_END + 1, **printed),
    ]


def cards_by_status() -> list[Vector]:
    """Cards with more or fewer claims, and each status that the bundle's list can give."""
    revoked = replace(CARD, status_index=REVOKED_INDEX)
    return [
        carrying(replace(CARD, portrait=b"\x89portrait for the test" * 20), "valid with a portrait", "valid"),
        carrying(replace(CARD, name_latin=""), "valid without a Latin name", "valid"),
        carrying(revoked, "revoked", "revoked"),
        carrying(replace(CARD, status_index=LAST_INDEX), "revoked, last of the list", "revoked"),
        carrying(replace(CARD, status_index=REPLACED_INDEX), "replaced", "replaced"),
        carrying(revoked, "revoked comes before expired", "revoked", bundle="later", now=PRINTED_END + 1),
        carrying(
            replace(CARD, status_index=RESERVED_INDEX),
            "the reserved status counts as revoked",
            "revoked",
            bundle="reserved_status",
        ),
        carrying(replace(CARD, status_index=REVOKED_INDEX - 1), "neighbour of a revoked card", "valid"),
    ]


def extended_cards() -> list[Vector]:
    """A card of a round that a notice extended, before and after its printed date and the extension's end."""
    card = replace(CARD, number="A17-0001-00042", series="amayesh-17")
    text = encode_card(card, SIGNER)
    shown: dict[str, Any] = {"claims": card, "effective_until": "2028-03-19"}
    return [
        Vector("valid, and extended beyond the printed date", text, "valid", **shown),
        Vector("extended", text, "extended", bundle="later", now=PRINTED_END + 1, **shown),
        Vector("extended, last second", text, "extended", bundle="extension_ends", now=EXTENDED_END, **shown),
        Vector("expired after the extension", text, "expired", bundle="extension_ends", now=EXTENDED_END + 1, **shown),
    ]


def doubtful() -> list[Vector]:
    """Cards of which nothing sure can be said."""
    return [*doubts_of_age(), *doubts_of_the_clock(), *doubts_of_the_list(), *doubts_of_the_bundle()]


def doubts_of_age() -> list[Vector]:
    """No bundle, and one that is too old."""
    text = encode_card(CARD, SIGNER)
    younger = encode_card(CARD, YOUNGER)
    shown: dict[str, Any] = {"claims": CARD, "effective_until": "2027-11-21"}
    stale = NOW - DAY + FRESH_SECONDS
    revoked = replace(CARD, status_index=REVOKED_INDEX)
    return [
        Vector("no bundle", text, "cannot_tell", bundle=None, doubt="no_bundle"),
        Vector("no bundle, other key", younger, "cannot_tell", bundle=None, doubt="no_bundle"),
        Vector("bundle in its last fresh second", text, "valid", now=stale, **shown),
        Vector("stale bundle", text, "cannot_tell", now=stale + 1, doubt="stale", **shown),
        Vector("stale bundle, unknown key", younger, "cannot_tell", now=stale + 1, doubt="stale"),
        carrying(revoked, "stale bundle, revoked card", "cannot_tell", now=stale + 1, doubt="stale"),
    ]


def doubts_of_the_clock() -> list[Vector]:
    """The phone's clock stands before the bundle was made."""
    slow: dict[str, Any] = {"bundle": "later", "claims": CARD, "effective_until": "2027-11-21"}
    text = encode_card(CARD, SIGNER)
    day_slow = PRINTED_END - 2 * DAY
    return [
        Vector(
            "the phone's clock stands a day before the bundle",
            text,
            "cannot_tell",
            now=day_slow - 1,
            doubt="clock",
            **slow,
        ),
        Vector("the phone's clock is a day slow, which is forgiven", text, "valid", now=day_slow, **slow),
    ]


def doubts_of_the_list() -> list[Vector]:
    """A list that does not reach as far as the card's index."""
    outside, inside = replace(CARD, status_index=1024), replace(CARD, status_index=1023)
    return [
        carrying(outside, "index beyond the list", "cannot_tell", bundle="short_list", doubt="not_listed"),
        carrying(inside, "last index of a short list", "valid", bundle="short_list"),
    ]


def doubts_of_the_bundle() -> list[Vector]:
    """A good card beside each bundle that does not open."""
    text = encode_card(CARD, SIGNER)
    return [
        Vector(f"bundle {name} does not open", text, "cannot_tell", bundle=name, doubt="no_bundle")
        for name, bundle in bundles().items()
        if not bundle["opens"]
    ]


def _not_ours(texts: dict[str, str]) -> list[Vector]:
    return [Vector(name, text, "not_ours") for name, text in texts.items()]


def foreign_text() -> list[Vector]:
    """Texts that are not even a token of ours; these are refused without a bundle, too."""
    text = encode_card(CARD, SIGNER)
    body = text.removeprefix("KH1:")
    texts = {
        "empty text": "",
        "prefix alone": "KH1:",
        "a web address": "https://example.org/card/A18-0420-11839",
        "no prefix": body,
        "other version": "KH2:" + body,
        "small letters": text.lower(),
        "prefix twice": "KH1:" + text,
        "line end behind": text + "\n",
        "space before": " " + text,
        "Persian digit inside": text[:40] + "۵" + text[41:],
        "sign outside base45": text[:40] + "_" + text[41:],
        "base45 group too large": text[:4] + "::W" + text[7:],
        "base45 with one sign left": "KH1:" + body[: len(body) // 3 * 3 - 2],
        "huge": "KH1:" + "0" * 9_000,
    }
    alone = Vector("a web address without a bundle", texts["a web address"], "not_ours", bundle=None)
    return [*_not_ours(texts), alone]


def foreign_messages() -> list[Vector]:
    """Tokens that no reader takes: wrong signature, algorithm, header or encoding."""
    groups = [
        messages_of_other_keys(),
        messages_with_other_headers(),
        messages_of_other_shape(),
        messages_with_other_payloads(),
    ]
    return _not_ours({name: as_text(data) for group in groups for name, data in group.items()})


def messages_of_other_keys() -> dict[str, bytes]:
    """Rightly shaped, signed by somebody else."""
    payload = cbor2.dumps(raw_map(), canonical=True)
    protected = cbor2.dumps({1: -7, 4: SIGNER.kid}, canonical=True)
    return {
        "key of a stranger": cose.sign(payload, STRANGER),
        "younger key, fresh bundle": cose.sign(payload, YOUNGER),
        "signed by the anchor": cose.sign(payload, ANCHOR),
        "stranger's signature under our key id": forge(signature=raw_signature(STRANGER, protected, payload)),
    }


def messages_with_other_headers() -> dict[str, bytes]:
    """Another algorithm, key id or header than ours, inside or outside of the protected header."""
    header = {1: -7, 4: SIGNER.kid}
    return {
        "algorithm none": forge(protected={4: SIGNER.kid}),
        "algorithm ES384": forge(protected={**header, 1: -35}),
        "algorithm EdDSA": forge(protected={**header, 1: -8}),
        "algorithm HS256": forge(protected={**header, 1: 5}),
        "algorithm as text": forge(protected={**header, 1: "ES256"}),
        "algorithm as a float": forge(protected={**header, 1: -7.0}),
        "algorithm outside": forge(protected={4: SIGNER.kid}, unprotected={1: -7}),
        "algorithm inside and outside": forge(unprotected={1: -7}),
        "key id outside": forge(protected={1: -7}, unprotected={4: SIGNER.kid}),
        "unknown header outside": forge(unprotected={99: 1}),
        "critical unknown header": forge(protected={**header, 2: [99], 99: 1}),
        "critical empty": forge(protected={**header, 2: []}),
        "content type header": forge(protected={**header, 3: 0}),
        "key id of seven bytes": forge(protected={1: -7, 4: SIGNER.kid[:7]}),
        "key id as text": forge(protected={1: -7, 4: "12345678"}),
        "label true for 1": forge(protected={True: -7, 4: SIGNER.kid}),
        "empty protected header": forge(protected=b""),
        "header order turned": forge(protected=b"\xa2\x04\x48" + SIGNER.kid + b"\x01\x26"),
    }


def messages_of_other_shape() -> dict[str, bytes]:
    """No COSE_Sign1 of four parts with a signature of 64 bytes, or not in its one encoding."""
    message = _unwrapped(CARD)
    signature = message[-64:]
    # The same message, its array of open length.
    open_array = b"\xd2\x9f" + message[2:] + b"\xff"
    return {
        "no tag": forge(tag=None),
        "tag of COSE_Mac0": forge(tag=17),
        "tag of CWT around": b"\xd8\x3d" + message,
        "five parts": forge(parts_behind=(b"",)),
        "three parts": b"\xd2\x83" + message[2:-66],
        "signature of 63 bytes": forge(signature=signature[:63]),
        "signature of 65 bytes": forge(signature=signature + b"\x00"),
        "signature of zeros": forge(signature=bytes(64)),
        "empty signature": forge(signature=b""),
        "detached payload": forge(b""),
        "trailing byte": message + b"\x00",
        "trailing message": message + message,
        "cut off": message[:-1],
        "open array": open_array,
    }


def messages_with_other_payloads() -> dict[str, bytes]:
    """Rightly signed over what is no map of claims in its one encoding."""
    payload = cbor2.dumps(raw_map(), canonical=True)
    long_payload = cbor2.dumps({**raw_map(), -70008: bytes(4000)}, canonical=True)
    # The same map, its first label written in two bytes.
    stretched = payload[:1] + b"\x18\x01" + payload[2:]
    return {
        "too large": cose.sign(long_payload, SIGNER),
        "nested deep": b"\xd2" + b"\x81" * 3000 + b"\x00",
        "payload not canonical": cose.sign(stretched, SIGNER),
        "payload with bytes behind": cose.sign(payload + b"\x00", SIGNER),
        "payload with a label twice": cose.sign(bytes([payload[0] + 1]) + payload[1:] + b"\x01\x67khedmat", SIGNER),
        "payload a list": cose.sign(cbor2.dumps([1, 2]), SIGNER),
        "payload no CBOR": cose.sign(b"\xff\xff", SIGNER),
        "a bundle": cose.sign(cbor2.dumps({"v": 1}, canonical=True), SIGNER),
    }


def bit_flips() -> list[Vector]:
    """One bit changed in every 16th byte of the message."""
    message = _unwrapped(CARD)
    texts = {}
    for position in range(0, len(message), 16):
        changed = bytearray(message)
        changed[position] ^= 1 << position // 16 % 8
        texts[f"bit flipped in byte {position}"] = as_text(bytes(changed))
    return _not_ours(texts)


def foreign_claims() -> list[Vector]:
    """Rightly signed, and yet no card: our readers take one shape only."""
    return _not_ours({**spoilt_issue(), **spoilt_status(), **spoilt_card()})


def spoilt_issue() -> dict[str, str]:
    """Issuer and times that are not ours, and claims that no card has."""
    return {
        "no issuer": with_claims(_1=None),
        "other issuer": with_claims(_1="khedmat2"),
        "issuer in bytes": with_claims(_1=b"khedmat"),
        "no expiry": with_claims(_4=None),
        "expiry a second later": with_claims(_4=CARD.expires_at + 1),
        "expiry a float": with_claims(_4=CARD.expires_at + 0.5),
        "expiry as text": with_claims(_4=str(CARD.expires_at)),
        "issued negative": with_claims(_6=-1),
        "issued beyond 2^53": with_claims(_6=2**53),
        "issued true": with_claims(_6=True),
        "a birth date": with_claims(_n70009="1368-01-01"),
        "an address under a text label": as_text(
            cose.sign(cbor2.dumps({**raw_map(), "address": "Shahriar"}, canonical=True), SIGNER)
        ),
    }


def spoilt_status() -> dict[str, str]:
    """A reference to the status list that is missing, misshapen or leads elsewhere."""
    entry = {"idx": 1234, "uri": "/verify/bundle"}
    return {
        "no status": with_claims(_65535=None),
        "status index as text": with_claims(_65535={"status_list": {**entry, "idx": "1234"}}),
        "status index true": with_claims(_65535={"status_list": {**entry, "idx": True}}),
        "status index negative": with_claims(_65535={"status_list": {**entry, "idx": -1}}),
        "status index 2^19": with_claims(_65535={"status_list": {**entry, "idx": 2**19}}),
        "status list elsewhere": with_claims(_65535={"status_list": {**entry, "uri": "https://example.org/"}}),
        "status with more": with_claims(_65535={"status_list": {**entry, "ttl": 1}}),
    }


def spoilt_card() -> dict[str, str]:
    """What is printed on the card, out of shape."""
    return {
        "kind a number": with_claims(_n70001=18),
        "kind in capitals": with_claims(_n70001="AMAYESH"),
        "kind too long": with_claims(_n70001="a" * 33),
        "number with a space": with_claims(_n70002="A18 0420"),
        "number in Persian digits": with_claims(_n70002="A۱۸-۰۴۲۰"),
        "number with a line end": with_claims(_n70002="A18-0420\n"),
        "series in capitals": with_claims(_n70003="Amayesh-18"),
        "name empty": with_claims(_n70004=""),
        "name of spaces": with_claims(_n70004="  "),
        "name of 201 bytes": with_claims(_n70004="a" * 201),
        "name in bytes": with_claims(_n70004="گل‌آقا".encode()),
        "name with a direction mark": with_claims(_n70004="گل\u202eآقا"),
        "name with a line end": with_claims(_n70004="گل\nآقا"),
        "Latin name missing": with_claims(_n70005=None),
        "Latin name with a control": with_claims(_n70005="Gul\u0000"),
        "day in Persian digits": with_claims(_n70006="۲۰۲۶-11-22"),
        "day without a year": with_claims(_n70006="26-11-22"),
        "no such day": with_claims(_n70006="2026-02-30"),
        "day with a time": with_claims(_n70006="2026-11-22T00:00"),
        "day as a tagged date": with_claims(_n70006=cbor2.CBORTag(1004, "2026-11-22")),
        "begins after it ends": with_claims(_n70006="2027-11-22"),
        "portrait empty": with_claims(_n70008=b""),
        "portrait of 701 bytes": with_claims(_n70008=bytes(701)),
        "portrait as text": with_claims(_n70008="portrait"),
    }


def build() -> dict[str, Any]:
    """The whole file."""
    groups = [
        good_cards(),
        doubtful(),
        foreign_text(),
        foreign_messages(),
        bit_flips(),
        foreign_claims(),
    ]
    return {
        "about": "Written by `python -m tests.cards.make_vectors`; test keys only. See that module.",
        "anchor": cose.public_jwk(ANCHOR.public),
        "bundles": bundles(),
        "vectors": [vector.as_json() for group in groups for vector in group],
    }


def main(arguments: list[str]) -> int:
    if PATH.exists() and arguments != ["--again"]:
        sys.stderr.write(f"{PATH.name} stands already; say --again to replace it\n")
        return 1
    PATH.write_text(json.dumps(build(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
