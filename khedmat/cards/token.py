"""The token in a card's QR: a CWT (RFC 8392) in a COSE_Sign1, written in base45 behind 'KH1:'.

It says what the printed card says and nothing more: name, kind, number, round and validity. Address, phone,
nationality and birth are not in it and cannot be: an unknown claim is refused by every reader.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from typing import Any, Final

import cbor2
from base45 import b45decode, b45encode
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

from khedmat.cards.status_list import CAPACITY
from khedmat.vault import cose

PREFIX: Final = "KH1:"
ISSUER: Final = "khedmat"
STATUS_URI: Final = "/verify/bundle"
MAX_PORTRAIT_BYTES: Final = 700
MAX_NAME_BYTES: Final = 200
# 4096 bytes of COSE, three characters for two bytes.
MAX_TEXT_CHARS: Final = len(PREFIX) + cose.MAX_MESSAGE_BYTES // 2 * 3
# Iran has kept +03:30 all year since 1401 (2022). A fixed offset reads the same on every phone, whatever the
# age of its time zone tables.
TEHRAN: Final = timezone(timedelta(hours=3, minutes=30))

CLAIM_ISS: Final = 1
CLAIM_EXP: Final = 4
CLAIM_IAT: Final = 6
CLAIM_STATUS: Final = 65535
CLAIM_KIND: Final = -70001
CLAIM_NUMBER: Final = -70002
CLAIM_SERIES: Final = -70003
CLAIM_NAME: Final = -70004
CLAIM_NAME_LATIN: Final = -70005
CLAIM_VALID_FROM: Final = -70006
CLAIM_VALID_UNTIL: Final = -70007
CLAIM_PORTRAIT: Final = -70008
_REQUIRED: Final = frozenset(
    {
        CLAIM_ISS,
        CLAIM_EXP,
        CLAIM_IAT,
        CLAIM_STATUS,
        CLAIM_KIND,
        CLAIM_NUMBER,
        CLAIM_SERIES,
        CLAIM_NAME,
        CLAIM_NAME_LATIN,
        CLAIM_VALID_FROM,
        CLAIM_VALID_UNTIL,
    }
)
_ALLOWED: Final = _REQUIRED | {CLAIM_PORTRAIT}

_KIND: Final = re.compile(r"[a-z][a-z0-9_]{0,31}")
_NUMBER: Final = re.compile(r"[A-Z0-9](?:[A-Z0-9-]{0,31})")
_SERIES: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,31})")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_BASE45: Final = re.compile(r"[0-9A-Z $%*+\-./:]+")
# Controls, direction and other format marks, lone surrogates, line ends. ZWNJ and ZWJ are part of names.
_REFUSED_IN_TEXT: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_ALLOWED_IN_TEXT: Final = frozenset("\u200c\u200d")


class TokenError(Exception):
    """The text is no card of ours, or these claims make none; the message says why."""


@dataclass(frozen=True, slots=True)
class CardClaims:
    """What a card's token says.

    `portrait` is a picture of at most 700 bytes. Readers take it; cards are issued without one, because a QR
    that holds it is not read well enough from a printed card (ADR 3).
    """

    kind: str
    number: str
    series: str
    name: str
    name_latin: str
    valid_from: date
    valid_until: date
    issued_at: int
    status_index: int
    portrait: bytes | None = None

    @property
    def expires_at(self) -> int:
        """The last second of the printed day in Tehran, as a Unix time."""
        return end_of_day(self.valid_until)


def end_of_day(day: date) -> int:
    """The last second of `day` in Tehran, as a Unix time."""
    midnight = datetime.combine(day, time.min, TEHRAN)
    return int(midnight.timestamp()) + 24 * 60 * 60 - 1


def encode_card(claims: CardClaims, key: cose.SigningKey) -> str:
    """Sign `claims` and write them as the QR's text; raise `TokenError` for claims no reader would take."""
    values = _to_map(claims)
    if _from_map(values) != claims:
        raise TokenError("the claims do not survive the way into the token and back")
    payload = cbor2.dumps(values, canonical=True)
    return PREFIX + _base45(cose.sign(payload, key))


def decode_card(text: str, keys: Mapping[bytes, EllipticCurvePublicKey]) -> CardClaims:
    """Read a card's token. Raise `TokenError` for a wrong shape, a `cose.CoseError` for a wrong signature.

    Says nothing about time or revocation: that is `khedmat.cards.verify_bundle.check`.
    """
    payload = cose.verify(unwrap(text), keys)
    return _from_map(cose.load_deterministic(payload))


def unwrap(text: str) -> bytes:
    """The signed bytes inside the text; raise `TokenError` when it is not 'KH1:' and canonical base45."""
    if len(text) > MAX_TEXT_CHARS:
        raise TokenError("the text is longer than any card's")
    body = text.removeprefix(PREFIX)
    if body == text or not _BASE45.fullmatch(body):
        raise TokenError("the text is not a card's")
    try:
        message = bytes(b45decode(body))
    except ValueError as error:
        raise TokenError("the text is not base45") from error
    if _base45(message) != body:
        raise TokenError("the text is not canonical base45")
    return message


def _base45(data: bytes) -> str:
    return str(b45encode(data), "ascii")


def _to_map(claims: CardClaims) -> dict[int, Any]:
    values: dict[int, Any] = {
        CLAIM_ISS: ISSUER,
        CLAIM_EXP: claims.expires_at,
        CLAIM_IAT: claims.issued_at,
        CLAIM_STATUS: {"status_list": {"idx": claims.status_index, "uri": STATUS_URI}},
        CLAIM_KIND: claims.kind,
        CLAIM_NUMBER: claims.number,
        CLAIM_SERIES: claims.series,
        CLAIM_NAME: claims.name,
        CLAIM_NAME_LATIN: claims.name_latin,
        CLAIM_VALID_FROM: claims.valid_from.isoformat(),
        CLAIM_VALID_UNTIL: claims.valid_until.isoformat(),
    }
    if claims.portrait is not None:
        values[CLAIM_PORTRAIT] = claims.portrait
    return values


def _from_map(values: Any) -> CardClaims:
    if not isinstance(values, dict) or not all(type(key) is int for key in values):
        raise TokenError("the claims are not a map of numbered claims")
    if not set(values) >= _REQUIRED or not set(values) <= _ALLOWED:
        raise TokenError("a claim is missing or not known")
    if values[CLAIM_ISS] != ISSUER:
        raise TokenError("another issuer")
    claims = CardClaims(
        kind=code(values[CLAIM_KIND], _KIND),
        number=code(values[CLAIM_NUMBER], _NUMBER),
        series=series_code(values[CLAIM_SERIES]),
        name=_name(values[CLAIM_NAME]),
        name_latin=_name(values[CLAIM_NAME_LATIN], may_be_empty=True),
        valid_from=parse_date(values[CLAIM_VALID_FROM]),
        valid_until=parse_date(values[CLAIM_VALID_UNTIL]),
        issued_at=unix_time(values[CLAIM_IAT]),
        status_index=_status_index(values[CLAIM_STATUS]),
        portrait=_portrait(values[CLAIM_PORTRAIT]) if CLAIM_PORTRAIT in values else None,
    )
    if claims.valid_from > claims.valid_until:
        raise TokenError("the card ends before it begins")
    if unix_time(values[CLAIM_EXP]) != claims.expires_at:
        raise TokenError("the expiry is not the last second of the printed day")
    return claims


def code(value: Any, pattern: re.Pattern[str]) -> str:
    """`value` as a code that `pattern` matches whole; raise `TokenError` otherwise."""
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise TokenError("a code is not of its form")
    return value


def series_code(value: Any) -> str:
    """`value` as a round's code, such as 'amayesh-18'; raise `TokenError` otherwise."""
    return code(value, _SERIES)


def parse_date(value: Any) -> date:
    """`value` as a day written YYYY-MM-DD in ASCII digits; raise `TokenError` otherwise."""
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise TokenError("a date is not YYYY-MM-DD")
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise TokenError("there is no such day") from error


def unix_time(value: Any) -> int:
    """`value` as seconds since 1970 that a browser holds exactly; raise `TokenError` otherwise."""
    if type(value) is not int or not 0 <= value < 2**53:
        raise TokenError("a time is not whole seconds since 1970")
    return value


def plain_text(value: Any, max_bytes: int) -> str:
    """`value` as text without control or direction characters; raise `TokenError` otherwise."""
    if not isinstance(value, str) or len(value.encode("utf-8", "surrogatepass")) > max_bytes:
        raise TokenError("a text is too long or no text")
    if not all(plain_character(character) for character in value):
        raise TokenError("a text holds a control or direction character")
    return value


def plain_character(character: str) -> bool:
    """Whether it is neither a control, a line end nor a format mark; ZWNJ and ZWJ are plain."""
    return character in _ALLOWED_IN_TEXT or unicodedata.category(character) not in _REFUSED_IN_TEXT


def _name(value: Any, *, may_be_empty: bool = False) -> str:
    name = plain_text(value, MAX_NAME_BYTES)
    if not may_be_empty and not name.strip():
        raise TokenError("the name is empty")
    return name


def _status_index(value: Any) -> int:
    entry = value.get("status_list") if isinstance(value, dict) and len(value) == 1 else None
    if not isinstance(entry, dict) or set(entry) != {"idx", "uri"} or entry["uri"] != STATUS_URI:
        raise TokenError("the status is not an index into our list")
    index = entry["idx"]
    if type(index) is not int or not 0 <= index < CAPACITY:
        raise TokenError("the index is outside the list")
    return index


def _portrait(value: Any) -> bytes:
    if type(value) is not bytes or not 0 < len(value) <= MAX_PORTRAIT_BYTES:
        raise TokenError("a portrait has 1 to 700 bytes")
    return value
