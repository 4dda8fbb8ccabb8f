"""The one signed, dated file a checker needs offline, and what a checker says with it.

The file carries the public keys of the cards, the status list and the announced extensions of rounds; the
anchor key, which the checking page knows from its own code, signs it. `check` is the reference: the page's
script gives the same answers, and tests/cards/vectors.json holds both to it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

import cbor2
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

from khedmat.cards import status_list
from khedmat.cards.status_list import BITS, CAPACITY, CardStatus
from khedmat.cards.token import (
    CardClaims,
    TokenError,
    decode_card,
    end_of_day,
    parse_date,
    plain_text,
    series_code,
    unix_time,
    unwrap,
)
from khedmat.vault import cose

VERSION: Final = 1
FRESH_SECONDS: Final = 7 * 24 * 60 * 60
# A phone whose clock stands before the file's date can tell neither expiry nor staleness. A day is forgiven.
CLOCK_SLACK_SECONDS: Final = 24 * 60 * 60
MAX_BUNDLE_BYTES: Final = 512 * 1024
MAX_KEYS: Final = 64
MAX_EXTENSIONS: Final = 500
MAX_NOTICE_BYTES: Final = 1000
_DAY_SECONDS: Final = 24 * 60 * 60
_FIELDS: Final = {"v", "issued_at", "stale_after", "keys", "status", "extensions"}


class BundleError(Exception):
    """The file is no bundle of ours; whoever meets this has no bundle."""


class Outcome(StrEnum):
    """What a checker says of a card."""

    VALID = "valid"
    EXTENDED = "extended"
    EXPIRED = "expired"
    NOT_YET = "not_yet"
    REVOKED = "revoked"
    REPLACED = "replaced"
    NOT_OURS = "not_ours"
    CANNOT_TELL = "cannot_tell"


class Doubt(StrEnum):
    """Why a checker cannot tell."""

    NO_BUNDLE = "no_bundle"
    STALE = "stale"
    CLOCK = "clock"
    NOT_LISTED = "not_listed"


@dataclass(frozen=True, slots=True)
class Extension:
    """A notice that all cards of a round stay valid until the end of a later day (Tehran)."""

    series: str
    until: date
    notice: str
    noticed_on: date


@dataclass(frozen=True, slots=True)
class Bundle:
    """An opened bundle. `statuses` is the unpacked list; `keys` maps key ids to keys."""

    issued_at: int
    stale_after: int
    keys: Mapping[bytes, EllipticCurvePublicKey]
    statuses: bytes
    extensions: tuple[Extension, ...]

    def extension_of(self, series: str) -> Extension | None:
        """The extension of the round that reaches furthest."""
        matching = [extension for extension in self.extensions if extension.series == series]
        return max(matching, key=lambda extension: extension.until, default=None)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer. `claims` and `effective_until` are known whenever the signature is good."""

    outcome: Outcome
    claims: CardClaims | None = None
    effective_until: date | None = None
    extension: Extension | None = None
    doubt: Doubt | None = None


def build_bundle(
    *,
    anchor: cose.SigningKey,
    issued_at: int,
    keys: Sequence[EllipticCurvePublicKey],
    statuses: Iterable[tuple[int, int]],
    extensions: Sequence[Extension],
    capacity: int = CAPACITY,
) -> bytes:
    """Sign the bundle of `issued_at` (Unix time), good for seven days.

    `statuses` are (index, status) of all cards that are not simply valid. Raise `BundleError` for what no
    reader would open: too many keys, a key twice, a notice too long.
    """
    payload = {
        "v": VERSION,
        "issued_at": issued_at,
        "stale_after": issued_at + FRESH_SECONDS,
        "keys": [_key_entry(public) for public in keys],
        "status": {"bits": BITS, "lst": status_list.build(statuses, capacity)},
        "extensions": [
            {
                "series": extension.series,
                "until": extension.until.isoformat(),
                "notice": extension.notice,
                "noticed_on": extension.noticed_on.isoformat(),
            }
            for extension in extensions
        ],
    }
    message = cose.sign(cbor2.dumps(payload, canonical=True), anchor)
    open_bundle(message, {anchor.kid: anchor.public})
    return message


def open_bundle(message: bytes, anchors: Mapping[bytes, EllipticCurvePublicKey]) -> Bundle:
    """Read a bundle signed by one of `anchors`; raise `BundleError` otherwise. Age is `check`'s matter."""
    try:
        payload = cose.verify(message, anchors, max_bytes=MAX_BUNDLE_BYTES)
        return _bundle_of(cose.load_deterministic(payload))
    except (cose.CoseError, TokenError, status_list.StatusListError) as error:
        raise BundleError(str(error)) from error


def check(text: str, bundle: Bundle | None, now: int) -> Verdict:
    """Say what the card in `text` is worth at `now` (Unix time) by what `bundle` knows.

    A text that is no card, or whose signature is wrong, is `not_ours`, bundle or not. Without a fresh bundle
    nothing else is said: `cannot_tell`. Revoked and replaced come before the dates.
    """
    try:
        unwrap(text)
    except TokenError:
        return Verdict(Outcome.NOT_OURS)
    if bundle is None:
        return Verdict(Outcome.CANNOT_TELL, doubt=Doubt.NO_BUNDLE)
    doubt = _doubt_of(bundle, now)
    try:
        claims = decode_card(text, bundle.keys)
    except (cose.CoseError, TokenError) as error:
        # A key younger than a stale bundle may be ours.
        if doubt is not None and isinstance(error, cose.UnknownKey):
            return Verdict(Outcome.CANNOT_TELL, doubt=doubt)
        return Verdict(Outcome.NOT_OURS)
    return _judge(claims, bundle, now, doubt)


_STATUS_OUTCOME: Final = MappingProxyType({CardStatus.REVOKED: Outcome.REVOKED, CardStatus.REPLACED: Outcome.REPLACED})


def _doubt_of(bundle: Bundle, now: int) -> Doubt | None:
    if now > bundle.stale_after:
        return Doubt.STALE
    if now < bundle.issued_at - CLOCK_SLACK_SECONDS:
        return Doubt.CLOCK
    return None


def _judge(claims: CardClaims, bundle: Bundle, now: int, doubt: Doubt | None) -> Verdict:
    """The answer for a card whose signature is good."""
    status = status_list.read(bundle.statuses, claims.status_index)
    if doubt is None and status is None:
        doubt = Doubt.NOT_LISTED
    if doubt is not None or status is None:
        return _verdict(Outcome.CANNOT_TELL, claims, bundle, doubt)
    if status is not CardStatus.VALID:
        return _verdict(_STATUS_OUTCOME[status], claims, bundle)
    return _verdict(_dated_outcome(claims, bundle, now), claims, bundle)


def _dated_outcome(claims: CardClaims, bundle: Bundle, now: int) -> Outcome:
    if now <= end_of_day(claims.valid_from) - _DAY_SECONDS:
        return Outcome.NOT_YET
    if now <= claims.expires_at:
        return Outcome.VALID
    extension = bundle.extension_of(claims.series)
    if extension is not None and now <= end_of_day(extension.until):
        return Outcome.EXTENDED
    return Outcome.EXPIRED


def _verdict(outcome: Outcome, claims: CardClaims, bundle: Bundle, doubt: Doubt | None = None) -> Verdict:
    """With the date that counts: the extension's, where it reaches further than the printed one."""
    extension = bundle.extension_of(claims.series)
    if extension is not None and extension.until > claims.valid_until:
        return Verdict(outcome, claims, extension.until, extension, doubt)
    return Verdict(outcome, claims, claims.valid_until, None, doubt)


def _key_entry(public: EllipticCurvePublicKey) -> dict[str, bytes]:
    x, y = cose.coordinates(public)
    return {"kid": cose.key_id(public), "x": x, "y": y}


def _bundle_of(payload: Any) -> Bundle:
    fields = _fields(payload, _FIELDS)
    if type(fields["v"]) is not int or fields["v"] != VERSION:
        raise BundleError("another version")
    issued_at, stale_after = unix_time(fields["issued_at"]), unix_time(fields["stale_after"])
    if not issued_at < stale_after <= issued_at + FRESH_SECONDS:
        raise BundleError("a bundle is good for at most seven days")
    status = _fields(fields["status"], {"bits", "lst"})
    if type(status["bits"]) is not int or status["bits"] != BITS or type(status["lst"]) is not bytes:
        raise BundleError("the status list is not of two bits a card")
    return Bundle(
        issued_at=issued_at,
        stale_after=stale_after,
        keys=_keys_of(_items(fields["keys"], MAX_KEYS)),
        statuses=status_list.unpack(status["lst"]),
        extensions=tuple(_extension_of(item) for item in _items(fields["extensions"], MAX_EXTENSIONS)),
    )


def _keys_of(items: list[Any]) -> Mapping[bytes, EllipticCurvePublicKey]:
    keys: dict[bytes, EllipticCurvePublicKey] = {}
    for item in items:
        entry = _fields(item, {"kid", "x", "y"})
        if not all(type(value) is bytes for value in entry.values()):
            raise BundleError("a key is not written in bytes")
        public = cose.public_from_coordinates(entry["x"], entry["y"])
        if entry["kid"] != cose.key_id(public) or entry["kid"] in keys:
            raise BundleError("a key id is not its key's own, or stands twice")
        keys[entry["kid"]] = public
    return MappingProxyType(keys)


def _extension_of(item: Any) -> Extension:
    entry = _fields(item, {"series", "until", "notice", "noticed_on"})
    return Extension(
        series=series_code(entry["series"]),
        until=parse_date(entry["until"]),
        notice=plain_text(entry["notice"], MAX_NOTICE_BYTES),
        noticed_on=parse_date(entry["noticed_on"]),
    )


def _fields(value: Any, names: set[str]) -> dict[str, Any]:
    if not isinstance(value, dict) or set(value) != names:
        raise BundleError("a field is missing or not known")
    return value


def _items(value: Any, most: int) -> list[Any]:
    if not isinstance(value, list) or len(value) > most:
        raise BundleError("not a list, or too long a one")
    return value
