"""Sealing (AES-256-GCM) and blind indexes (HMAC-SHA256).

A sealed value is `version(1) | key number(1) | nonce(12) | ciphertext and tag`; the associated data
names table, column and record, so that a value moved to another row no longer opens.
"""

import hmac
import os
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from khedmat.vault.keyring import data_keys, derived_key

VERSION = 1
NONCE_BYTES = 12
HEADER_BYTES = 2


class SealBroken(Exception):
    """The value was changed, moved to another record, or sealed with a key that is not here."""


def seal(data: bytes, aad: bytes) -> bytes:
    """Encrypt with the newest data key, bound to `aad`."""
    header, cipher = _newest(settings.KHEDMAT_KEYS_DIR)
    nonce = os.urandom(NONCE_BYTES)
    return header + nonce + cipher.encrypt(nonce, data, aad)


def open_sealed(sealed: bytes, aad: bytes) -> bytes:
    """Decrypt what `seal` made with the same `aad`. Errors: SealBroken."""
    if len(sealed) < HEADER_BYTES + NONCE_BYTES + 16 or sealed[0] != VERSION:
        raise SealBroken("not a sealed value")
    nonce, body = sealed[HEADER_BYTES : HEADER_BYTES + NONCE_BYTES], sealed[HEADER_BYTES + NONCE_BYTES :]
    try:
        return _cipher(settings.KHEDMAT_KEYS_DIR, sealed[1]).decrypt(nonce, body, aad)
    except (InvalidTag, KeyError) as error:
        raise SealBroken("the seal does not open") from error


def blind_index(kind: str, value: str) -> bytes:
    """32 bytes that allow an exact look-up of `value` and nothing else.

    Only for values of high variety (document and phone numbers): equal values give equal indexes.
    """
    key = derived_key(settings.KHEDMAT_KEYS_DIR, f"blind:{kind}")
    return hmac.digest(key, value.encode(), "sha256")


@lru_cache(maxsize=4)
def _newest(folder: Path) -> tuple[bytes, AESGCM]:
    number = max(data_keys(folder))
    return bytes((VERSION, number)), _cipher(folder, number)


@lru_cache(maxsize=8)
def _cipher(folder: Path, number: int) -> AESGCM:
    return AESGCM(data_keys(folder)[number])
