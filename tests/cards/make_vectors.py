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


def bundles() -> dict[str, dict[str, Any]]:
    """Name → {data, opens}. One that does not open counts as none."""
    entries = [(REVOKED_INDEX, 1), (REPLACED_INDEX, 2), (LAST_INDEX, 1)]

    def made(issued_at: int, anchor: cose.SigningKey = ANCHOR, capacity: int = 2**19) -> bytes:
        return build_bundle(
            anchor=anchor,
            issued_at=issued_at,
            keys=[SIGNER.public],
            statuses=[entry for entry in entries if entry[0] < capacity],
            extensions=[SHORTER, EXTENSION, replace(SHORTER, until=date(2027, 12, 31))],
            capacity=capacity,
        )

    fresh = made(NOW - DAY)
    good = cose.load_deterministic(cose.verify(fresh, {ANCHOR.kid: ANCHOR.public}))

    def spoilt(**changes: Any) -> bytes:
        return cose.sign(cbor2.dumps({**good, **changes}, canonical=True), ANCHOR)

    def listed(packed: bytes) -> dict[str, Any]:
        return {"bits": 2, "lst": zlib.compress(packed, 9)}

    reserved = bytearray(4096)
    reserved[RESERVED_INDEX // 4] = 3 << (RESERVED_INDEX % 4 * 2)
    flipped = bytearray(fresh)
    flipped[len(flipped) // 2] ^= 1
    x, y = cose.coordinates(STRANGER.public)
    table = {
        "fresh": (fresh, True),
        "later": (made(PRINTED_END - DAY), True),
        "extension_ends": (made(EXTENDED_END - DAY), True),
        "short_list": (made(NOW - DAY, capacity=1024), True),
        "reserved_status": (spoilt(status=listed(bytes(reserved))), True),
        "wrong_anchor": (made(NOW - DAY, anchor=STRANGER), False),
        "flipped_bit": (bytes(flipped), False),
        "cut_off": (fresh[:-1], False),
        "trailing_byte": (fresh + b"\x00", False),
        "other_version": (spoilt(v=2), False),
        "version_true": (spoilt(v=True), False),
        "good_for_ever": (spoilt(stale_after=NOW + 400 * DAY), False),
        "unknown_field": (spoilt(more=1), False),
        "list_too_large": (spoilt(status=listed(bytes(2**17 + 1))), False),
        "list_bomb": (spoilt(status=listed(bytes(2**24))), False),
        "list_not_zlib": (spoilt(status={"bits": 2, "lst": b"no list"}), False),
        "one_bit": (spoilt(status={**good["status"], "bits": 1}), False),
        "key_id_of_another": (spoilt(keys=[{"kid": SIGNER.kid, "x": x, "y": y}]), False),
        "point_off_curve": (spoilt(keys=[{"kid": SIGNER.kid, "x": x, "y": x}]), False),
        "a_card": (_unwrapped(CARD), False),
        "empty": (b"", False),
    }
    return {name: {"data": b64encode(data).decode(), "opens": opens} for name, (data, opens) in table.items()}


def good_cards() -> list[Vector]:
    """Cards that are ours, at every point of their life."""
    text = encode_card(CARD, SIGNER)
    begins = NOW - 12 * 60 * 60
    printed: dict[str, Any] = {"claims": CARD, "effective_until": "2027-11-21"}
    extended_card = replace(CARD, number="A17-0001-00042", series="amayesh-17")
    extended_text = encode_card(extended_card, SIGNER)
    extended: dict[str, Any] = {"claims": extended_card, "effective_until": "2028-03-19"}
    portrait = replace(CARD, portrait=b"\x89portrait for the test" * 20)
    no_latin = replace(CARD, name_latin="")

    def carrying(claims: CardClaims, name: str, outcome: str, **more: Any) -> Vector:
        return Vector(name, encode_card(claims, SIGNER), outcome, claims=claims, effective_until="2027-11-21", **more)

    return [
        Vector("valid", text, "valid", **printed),
        Vector("valid in its first second", text, "valid", now=begins, **printed),
        Vector("one second too early", text, "not_yet", now=begins - 1, **printed),
        Vector("valid in its last second", text, "valid", bundle="later", now=PRINTED_END, **printed),
        Vector("expired one second later", text, "expired", bundle="later", now=PRINTED_END + 1, **printed),
        carrying(portrait, "valid with a portrait", "valid"),
        carrying(no_latin, "valid without a Latin name", "valid"),
        carrying(replace(CARD, status_index=REVOKED_INDEX), "revoked", "revoked"),
        carrying(replace(CARD, status_index=LAST_INDEX), "revoked, last of the list", "revoked"),
        carrying(replace(CARD, status_index=REPLACED_INDEX), "replaced", "replaced"),
        carrying(
            replace(CARD, status_index=REVOKED_INDEX),
            "revoked comes before expired",
            "revoked",
            bundle="later",
            now=PRINTED_END + 1,
        ),
        carrying(
            replace(CARD, status_index=RESERVED_INDEX),
            "the reserved status counts as revoked",
            "revoked",
            bundle="reserved_status",
        ),
        carrying(replace(CARD, status_index=REVOKED_INDEX - 1), "neighbour of a revoked card", "valid"),
        Vector("valid, and extended beyond the printed date", extended_text, "valid", **extended),
        Vector("extended", extended_text, "extended", bundle="later", now=PRINTED_END + 1, **extended),
        Vector(
            "extended, last second",
            extended_text,
            "extended",
            bundle="extension_ends",
            now=EXTENDED_END,
            **extended,
        ),
        Vector(
            "expired after the extension",
            extended_text,
            "expired",
            bundle="extension_ends",
            now=EXTENDED_END + 1,
            **extended,
        ),
    ]


def doubtful() -> list[Vector]:
    """Cards of which nothing sure can be said."""
    text = encode_card(CARD, SIGNER)
    younger = encode_card(CARD, YOUNGER)
    shown: dict[str, Any] = {"claims": CARD, "effective_until": "2027-11-21"}
    stale = NOW - DAY + FRESH_SECONDS
    revoked = replace(CARD, status_index=REVOKED_INDEX)
    outside = replace(CARD, status_index=1024)
    vectors = [
        Vector("no bundle", text, "cannot_tell", bundle=None, doubt="no_bundle"),
        Vector("no bundle, other key", younger, "cannot_tell", bundle=None, doubt="no_bundle"),
        Vector("bundle in its last fresh second", text, "valid", now=stale, **shown),
        Vector("stale bundle", text, "cannot_tell", now=stale + 1, doubt="stale", **shown),
        Vector("stale bundle, unknown key", younger, "cannot_tell", now=stale + 1, doubt="stale"),
        Vector(
            "stale bundle, revoked card",
            encode_card(revoked, SIGNER),
            "cannot_tell",
            now=stale + 1,
            doubt="stale",
            claims=revoked,
            effective_until="2027-11-21",
        ),
        Vector(
            "the phone's clock stands a day before the bundle",
            text,
            "cannot_tell",
            bundle="later",
            now=PRINTED_END - 2 * DAY - 1,
            doubt="clock",
            **shown,
        ),
        Vector(
            "the phone's clock is a day slow, which is forgiven",
            text,
            "valid",
            bundle="later",
            now=PRINTED_END - 2 * DAY,
            **shown,
        ),
        Vector(
            "index beyond the list",
            encode_card(outside, SIGNER),
            "cannot_tell",
            bundle="short_list",
            doubt="not_listed",
            claims=outside,
            effective_until="2027-11-21",
        ),
        Vector(
            "last index of a short list",
            encode_card(replace(CARD, status_index=1023), SIGNER),
            "valid",
            bundle="short_list",
            claims=replace(CARD, status_index=1023),
            effective_until="2027-11-21",
        ),
    ]
    for name, bundle in bundles().items():
        if not bundle["opens"]:
            vectors.append(Vector(f"bundle {name} does not open", text, "cannot_tell", bundle=name, doubt="no_bundle"))
    return vectors


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
    message = _unwrapped(CARD)
    payload = cbor2.dumps(raw_map(), canonical=True)
    protected = cbor2.dumps({1: -7, 4: SIGNER.kid}, canonical=True)
    signature = message[-64:]
    long_payload = cbor2.dumps({**raw_map(), -70008: bytes(4000)}, canonical=True)
    # The same map, its first label written in two bytes; the same message, its array of open length.
    stretched = payload[:1] + b"\x18\x01" + payload[2:]
    open_array = b"\xd2\x9f" + message[2:] + b"\xff"
    header = {1: -7, 4: SIGNER.kid}
    messages = {
        "key of a stranger": cose.sign(payload, STRANGER),
        "younger key, fresh bundle": cose.sign(payload, YOUNGER),
        "signed by the anchor": cose.sign(payload, ANCHOR),
        "stranger's signature under our key id": forge(signature=raw_signature(STRANGER, protected, payload)),
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
        "too large": cose.sign(long_payload, SIGNER),
        "nested deep": b"\xd2" + b"\x81" * 3000 + b"\x00",
        "payload not canonical": cose.sign(stretched, SIGNER),
        "payload with bytes behind": cose.sign(payload + b"\x00", SIGNER),
        "payload with a label twice": cose.sign(bytes([payload[0] + 1]) + payload[1:] + b"\x01\x67khedmat", SIGNER),
        "payload a list": cose.sign(cbor2.dumps([1, 2]), SIGNER),
        "payload no CBOR": cose.sign(b"\xff\xff", SIGNER),
        "a bundle": cose.sign(cbor2.dumps({"v": 1}, canonical=True), SIGNER),
    }
    return _not_ours({name: as_text(data) for name, data in messages.items()})


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
    entry = {"idx": 1234, "uri": "/verify/bundle"}
    texts = {
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
        "no status": with_claims(_65535=None),
        "status index as text": with_claims(_65535={"status_list": {**entry, "idx": "1234"}}),
        "status index true": with_claims(_65535={"status_list": {**entry, "idx": True}}),
        "status index negative": with_claims(_65535={"status_list": {**entry, "idx": -1}}),
        "status index 2^19": with_claims(_65535={"status_list": {**entry, "idx": 2**19}}),
        "status list elsewhere": with_claims(_65535={"status_list": {**entry, "uri": "https://example.org/"}}),
        "status with more": with_claims(_65535={"status_list": {**entry, "ttl": 1}}),
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
    return _not_ours(texts)


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
