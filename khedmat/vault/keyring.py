"""Keys live in files outside the database, mode 0600, one folder (KHEDMAT_KEYS_DIR).

`django-secret`, `data-1` (… the highest number seals, all open), `blind`, `context.json`,
`card-signing.pem`, `anchor.pem`. Losing `data-*` loses every sealed column and file for ever.
"""

import os
import secrets
import stat
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

KEY_BYTES = 32


class KeyMissing(Exception):
    """A key file is absent or unreadable; `khedmat doctor` tells which and what to do."""


class KeyExposed(Exception):
    """A key file can be read by others than its owner."""


def ensure_keys(folder: Path) -> None:
    """Make what is missing, keep what is there. Never overwrites a key."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _write_once(folder / "django-secret", secrets.token_urlsafe(48).encode())
    _write_once(folder / "data-1", secrets.token_bytes(KEY_BYTES))
    _write_once(folder / "blind", secrets.token_bytes(KEY_BYTES))
    for name in ("card-signing.pem", "anchor.pem"):
        _write_once(folder / name, _new_signing_pem())


def read_key(folder: Path, name: str) -> bytes:
    """Bytes of one key file. Errors: KeyMissing, KeyExposed."""
    path = folder / name
    try:
        mode = path.stat().st_mode
        data = path.read_bytes()
    except OSError as error:
        raise KeyMissing(f"{name}: run `khedmat keys init`") from error
    if stat.S_IMODE(mode) & 0o077:
        raise KeyExposed(f"{name}: run `chmod 600` on it, then change the key")
    return data


def read_secret(folder: Path, name: str) -> str:
    """Text of one key file; empty when absent, so that `khedmat doctor` can start and say so."""
    try:
        return read_key(folder, name).decode()
    except KeyMissing:
        return ""


def data_keys(folder: Path) -> dict[int, bytes]:
    """Every data key by number. Errors: KeyMissing when there is none."""
    return dict(_data_keys(folder))


@lru_cache(maxsize=4)
def _data_keys(folder: Path) -> tuple[tuple[int, bytes], ...]:
    numbers = sorted(int(path.name[5:]) for path in folder.glob("data-*") if path.name[5:].isdecimal())
    if not numbers:
        raise KeyMissing("data-1: run `khedmat keys init`")
    return tuple((number, read_key(folder, f"data-{number}")) for number in numbers)


@lru_cache(maxsize=32)
def derived_key(folder: Path, purpose: str) -> bytes:
    """32 bytes for one named purpose, from the blind key (HKDF-SHA256)."""
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose.encode()).derive(
        read_key(folder, "blind")
    )


def write_private(path: Path, data: bytes) -> None:
    """Replace a private file whole: readers see the old or the new, never half."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as handle:
        handle.write(data)
        handle.flush()
        os.fsync(handle.fileno())
    temporary.replace(path)


def _write_once(path: Path, data: bytes) -> None:
    if not path.exists():
        write_private(path, data)


def _new_signing_pem() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
