"""COSE_Sign1 with ES256, and nothing else of COSE (RFC 9052, 9053).

One shape only: tag 18, protected header exactly {1: -7, 4: kid}, empty unprotected header, payload inside,
signature of 64 bytes (r then s), deterministic encoding. What does not have that shape is refused before any
key is touched, so an attacker chooses neither the algorithm nor the key.
"""

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final, Self

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ec import (
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    EllipticCurvePublicNumbers,
)
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

SIGN1_TAG: Final = 18
HEADER_ALG: Final = 1
HEADER_CRIT: Final = 2
HEADER_KID: Final = 4
ALG_ES256: Final = -7
KID_BYTES: Final = 8
COORDINATE_BYTES: Final = 32
SIGNATURE_BYTES: Final = 2 * COORDINATE_BYTES
MAX_MESSAGE_BYTES: Final = 4096
SIGN1_PARTS: Final = 4

_ES256 = ec.ECDSA(hashes.SHA256())


class CoseError(Exception):
    """The bytes are no message of ours; the subclass says why. Never shown to a client as it is."""


class MessageTooLarge(CoseError):
    """More bytes than the reader allows."""


class MalformedMessage(CoseError):
    """Not one deterministic COSE_Sign1 with a payload and a signature of 64 bytes."""


class AlgorithmRefused(CoseError):
    """Another algorithm than ES256, none, or one named outside the protected header."""


class HeaderRefused(CoseError):
    """A header that is not known here, critical or not."""


class UnknownKey(CoseError):
    """The key id is not among the given keys."""


class SignatureRefused(CoseError):
    """The key is known and the signature is not its own."""


class KeyRefused(CoseError):
    """The key bytes are no P-256 key."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A P-256 private key with its key id."""

    private: EllipticCurvePrivateKey
    kid: bytes

    @classmethod
    def of(cls, private: EllipticCurvePrivateKey) -> Self:
        """Raise `KeyRefused` for a key on another curve."""
        if not isinstance(private.curve, ec.SECP256R1):
            raise KeyRefused("the key is not on P-256")
        return cls(private=private, kid=key_id(private.public_key()))

    @classmethod
    def generate(cls) -> Self:
        return cls.of(ec.generate_private_key(ec.SECP256R1()))

    @classmethod
    def from_pem(cls, pem: bytes) -> Self:
        """Load what `to_pem` wrote; raise `KeyRefused` for anything else."""
        try:
            private = serialization.load_pem_private_key(pem, password=None)
        except (ValueError, TypeError) as error:
            raise KeyRefused("these bytes are no private key in PEM") from error
        if not isinstance(private, EllipticCurvePrivateKey):
            raise KeyRefused("the key is not on P-256")
        return cls.of(private)

    def to_pem(self) -> bytes:
        """PKCS #8 in PEM, unencrypted: the caller seals it before it is stored."""
        return self.private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )

    @property
    def public(self) -> EllipticCurvePublicKey:
        return self.private.public_key()

    def __repr__(self) -> str:
        return f"SigningKey(kid={self.kid.hex()})"


def key_id(public: EllipticCurvePublicKey) -> bytes:
    """The first 8 bytes of SHA-256 over the SubjectPublicKeyInfo (DER)."""
    spki = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return sha256(spki).digest()[:KID_BYTES]


def public_to_pem(public: EllipticCurvePublicKey) -> bytes:
    return public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def public_from_pem(pem: bytes) -> EllipticCurvePublicKey:
    """Raise `KeyRefused` for anything but a P-256 public key in PEM."""
    try:
        public = serialization.load_pem_public_key(pem)
    except (ValueError, TypeError) as error:
        raise KeyRefused("these bytes are no public key in PEM") from error
    if not isinstance(public, EllipticCurvePublicKey) or not isinstance(public.curve, ec.SECP256R1):
        raise KeyRefused("the key is not on P-256")
    return public


def coordinates(public: EllipticCurvePublicKey) -> tuple[bytes, bytes]:
    """The point's x and y, 32 bytes each, big-endian."""
    numbers = public.public_numbers()
    return numbers.x.to_bytes(COORDINATE_BYTES, "big"), numbers.y.to_bytes(COORDINATE_BYTES, "big")


def public_from_coordinates(x: bytes, y: bytes) -> EllipticCurvePublicKey:
    """Raise `KeyRefused` when (x, y) is not a point of P-256."""
    if len(x) != COORDINATE_BYTES or len(y) != COORDINATE_BYTES:
        raise KeyRefused("a coordinate has 32 bytes")
    numbers = EllipticCurvePublicNumbers(int.from_bytes(x, "big"), int.from_bytes(y, "big"), ec.SECP256R1())
    try:
        return numbers.public_key()
    except ValueError as error:
        raise KeyRefused("the point is not on P-256") from error


def public_jwk(public: EllipticCurvePublicKey) -> dict[str, str]:
    """The public key as a JSON Web Key (RFC 7517) that WebCrypto imports; `kid` in base64url."""
    x, y = coordinates(public)
    return {
        "kty": "EC",
        "crv": "P-256",
        "alg": "ES256",
        "use": "sig",
        "x": _base64url(x),
        "y": _base64url(y),
        "kid": _base64url(key_id(public)),
    }


def sign(payload: bytes, key: SigningKey) -> bytes:
    """Wrap `payload` into a signed message."""
    protected = _protected(key.kid)
    r, s = decode_dss_signature(key.private.sign(_to_be_signed(protected, payload), _ES256))
    signature = r.to_bytes(COORDINATE_BYTES, "big") + s.to_bytes(COORDINATE_BYTES, "big")
    return _encode(cbor2.CBORTag(SIGN1_TAG, [protected, {}, payload, signature]))


def verify(
    message: bytes,
    keys: Mapping[bytes, EllipticCurvePublicKey],
    *,
    max_bytes: int = MAX_MESSAGE_BYTES,
) -> bytes:
    """Return the payload of a message signed by one of `keys` (key id → key); raise a `CoseError` otherwise.

    >>> key = SigningKey.generate()
    >>> verify(sign(b"hello", key), {key.kid: key.public})
    b'hello'
    """
    if len(message) > max_bytes:
        raise MessageTooLarge(f"{len(message)} bytes, at most {max_bytes}")
    protected, payload, signature = _parts(message)
    kid = _kid_of(protected)
    public = keys.get(kid)
    if public is None:
        raise UnknownKey(kid.hex())
    der = encode_dss_signature(
        int.from_bytes(signature[:COORDINATE_BYTES], "big"),
        int.from_bytes(signature[COORDINATE_BYTES:], "big"),
    )
    try:
        public.verify(der, _to_be_signed(protected, payload), _ES256)
    except InvalidSignature as error:
        raise SignatureRefused(kid.hex()) from error
    return payload


def load_deterministic(data: bytes) -> Any:
    """Decode one CBOR item that has the one deterministic encoding and nothing behind it.

    For the shapes used here (small maps with keys of one type) the orders of RFC 7049 and RFC 8949 agree.
    Raise `MalformedMessage` for everything else, duplicate keys and deep nesting included.
    """
    try:
        value = cbor2.loads(data)
        again = _encode(value)
    # cbor2 hands through what a tag's own parser raises (dates, patterns): any failure is a refusal.
    except Exception as error:
        raise MalformedMessage("not CBOR") from error
    if again != data:
        raise MalformedMessage("not in deterministic encoding, or bytes behind the end")
    return value


def _encode(value: Any) -> bytes:
    return cbor2.dumps(value, canonical=True)


def _protected(kid: bytes) -> bytes:
    return _encode({HEADER_ALG: ALG_ES256, HEADER_KID: kid})


def _to_be_signed(protected: bytes, payload: bytes) -> bytes:
    return _encode(["Signature1", protected, b"", payload])


def _parts(message: bytes) -> tuple[bytes, bytes, bytes]:
    """Protected header (encoded), payload and signature of a message of the one shape."""
    outer = load_deterministic(message)
    if not isinstance(outer, cbor2.CBORTag) or outer.tag != SIGN1_TAG:
        raise MalformedMessage("not a COSE_Sign1")
    parts = outer.value
    if not isinstance(parts, list) or len(parts) != SIGN1_PARTS:
        raise MalformedMessage("a COSE_Sign1 has four parts")
    protected, unprotected, payload, signature = parts
    if not isinstance(unprotected, dict):
        raise MalformedMessage("the unprotected header is not a map")
    if HEADER_ALG in unprotected:
        raise AlgorithmRefused("an algorithm outside the protected header")
    if unprotected:
        raise HeaderRefused("the unprotected header is not empty")
    if not (type(protected) is bytes and type(payload) is bytes and type(signature) is bytes):
        raise MalformedMessage("a part is not a byte string")
    if len(signature) != SIGNATURE_BYTES:
        raise MalformedMessage("an ES256 signature has 64 bytes")
    return protected, payload, signature


def _kid_of(protected: bytes) -> bytes:
    header = load_deterministic(protected)
    if not isinstance(header, dict):
        raise MalformedMessage("the protected header is not a map")
    algorithm = header.get(HEADER_ALG)
    if type(algorithm) is not int or algorithm != ALG_ES256:
        raise AlgorithmRefused(repr(algorithm)[:40])
    if set(header) != {HEADER_ALG, HEADER_KID}:
        raise HeaderRefused("crit" if HEADER_CRIT in header else "a header that is not known here")
    kid = header[HEADER_KID]
    if type(kid) is not bytes or len(kid) != KID_BYTES:
        raise HeaderRefused("a key id has 8 bytes")
    # In Python True == 1 == 1.0: only the bytes show that the labels are the integers 1 and 4.
    if protected != _protected(kid):
        raise HeaderRefused("a header that is not known here")
    return kid


def _base64url(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
