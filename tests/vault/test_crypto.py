"""Sealing and blind indexes, against the standard library's own arithmetic where there is one."""

import hashlib
import hmac
import os
from pathlib import Path
from typing import Any

import pytest

from khedmat.vault.crypto import HEADER_BYTES, NONCE_BYTES, SealBroken, blind_index, open_sealed, seal
from khedmat.vault.keyring import (
    KEY_BYTES,
    KeyExposed,
    KeyMissing,
    data_keys,
    derived_key,
    ensure_keys,
    read_key,
    write_private,
)

AAD = b"registry_household.phone:1"


@pytest.fixture
def keys(tmp_path: Path, settings: Any) -> Path:
    folder = tmp_path / "keys"
    ensure_keys(folder)
    settings.KHEDMAT_KEYS_DIR = folder
    return folder


def _grown(keys: Path, tmp_path: Path, settings: Any, number: int) -> Path:
    """The same keys in a folder of another name, with one more data key: what the next start would read."""
    grown = tmp_path / f"keys-{number}"
    grown.mkdir(mode=0o700)
    for path in keys.iterdir():
        write_private(grown / path.name, path.read_bytes())
    write_private(grown / f"data-{number}", os.urandom(KEY_BYTES))
    settings.KHEDMAT_KEYS_DIR = grown
    return grown


@pytest.mark.parametrize("text", [b"", b"x", "خیابان آزمون".encode(), bytes(100_000)])
def test_seal_opens_again(keys: Path, text: bytes) -> None:
    assert open_sealed(seal(text, AAD), AAD) == text


def test_seal_never_repeats_a_nonce(keys: Path) -> None:
    nonces = {seal(b"same", AAD)[HEADER_BYTES : HEADER_BYTES + NONCE_BYTES] for _ in range(500)}
    assert len(nonces) == 500


def test_seal_shows_nothing_but_length(keys: Path) -> None:
    sealed = seal(b"09121234567", AAD)
    assert b"0912" not in sealed
    assert len(sealed) == HEADER_BYTES + NONCE_BYTES + 11 + 16


@pytest.mark.parametrize("other", [b"", AAD + b"0", AAD[:-1], b"registry_household.address:1"])
def test_seal_of_another_place_does_not_open(keys: Path, other: bytes) -> None:
    with pytest.raises(SealBroken):
        open_sealed(seal(b"text", AAD), other)


def test_any_changed_bit_breaks_the_seal(keys: Path) -> None:
    sealed = seal(b"text", AAD)
    for place in range(len(sealed) * 8):
        changed = bytearray(sealed)
        changed[place // 8] ^= 1 << place % 8
        with pytest.raises(SealBroken):
            open_sealed(bytes(changed), AAD)


def test_any_shortened_seal_is_broken(keys: Path) -> None:
    sealed = seal(b"text", AAD)
    for length in range(len(sealed)):
        with pytest.raises(SealBroken):
            open_sealed(sealed[:length], AAD)


def test_newest_key_seals_and_older_ones_open(keys: Path, tmp_path: Path, settings: Any) -> None:
    old = seal(b"old", AAD)
    _grown(keys, tmp_path, settings, 2)
    new = seal(b"new", AAD)
    assert (old[1], new[1]) == (1, 2)
    assert (open_sealed(old, AAD), open_sealed(new, AAD)) == (b"old", b"new")


def test_tenth_key_is_newer_than_the_ninth(keys: Path, tmp_path: Path, settings: Any) -> None:
    ninth = _grown(keys, tmp_path, settings, 9)
    assert seal(b"x", AAD)[1] == 9
    _grown(ninth, tmp_path, settings, 10)
    assert seal(b"x", AAD)[1] == 10


def test_seal_of_a_lost_key_does_not_open(keys: Path, tmp_path: Path, settings: Any) -> None:
    grown = _grown(keys, tmp_path, settings, 2)
    sealed = seal(b"x", AAD)
    settings.KHEDMAT_KEYS_DIR = keys
    assert 2 not in data_keys(keys)
    assert 2 in data_keys(grown)
    with pytest.raises(SealBroken):
        open_sealed(sealed, AAD)


def test_seal_of_other_keys_does_not_open(keys: Path, tmp_path: Path, settings: Any) -> None:
    sealed = seal(b"x", AAD)
    settings.KHEDMAT_KEYS_DIR = tmp_path / "others"
    ensure_keys(tmp_path / "others")
    with pytest.raises(SealBroken):
        open_sealed(sealed, AAD)


def _hkdf(key: bytes, info: bytes) -> bytes:
    """RFC 5869 with SHA-256, no salt, one block."""
    extracted = hmac.digest(bytes(32), key, "sha256")
    return hmac.digest(extracted, info + b"\x01", "sha256")


def test_blind_index_is_hmac_under_a_derived_key(keys: Path) -> None:
    key = _hkdf(read_key(keys, "blind"), b"blind:document")
    assert derived_key(keys, "blind:document") == key
    assert blind_index("document", "A18123456") == hmac.new(key, b"A18123456", hashlib.sha256).digest()


def test_blind_index_stays_the_same_over_new_data_keys(keys: Path, tmp_path: Path, settings: Any) -> None:
    before = blind_index("phone", "09121234567")
    _grown(keys, tmp_path, settings, 2)
    assert blind_index("phone", "09121234567") == before


def test_blind_index_differs_by_kind_value_and_key(keys: Path, tmp_path: Path, settings: Any) -> None:
    found = {blind_index("phone", "1"), blind_index("document", "1"), blind_index("phone", "2")}
    settings.KHEDMAT_KEYS_DIR = tmp_path / "others"
    ensure_keys(tmp_path / "others")
    assert len(found | {blind_index("phone", "1")}) == 4


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660, 0o601])
def test_exposed_key_is_refused(keys: Path, mode: int) -> None:
    (keys / "blind").chmod(mode)
    with pytest.raises(KeyExposed, match="chmod 600"):
        read_key(keys, "blind")


def test_exposed_data_key_seals_nothing(keys: Path) -> None:
    (keys / "data-1").chmod(0o644)
    with pytest.raises(KeyExposed):
        seal(b"x", AAD)


def test_missing_key_is_named(tmp_path: Path) -> None:
    with pytest.raises(KeyMissing, match="khedmat keys init"):
        data_keys(tmp_path)
    with pytest.raises(KeyMissing, match="blind"):
        read_key(tmp_path, "blind")


def test_keys_are_made_once_and_for_their_owner_alone(keys: Path) -> None:
    before = {path.name: path.read_bytes() for path in keys.iterdir()}
    ensure_keys(keys)
    assert {path.name: path.read_bytes() for path in keys.iterdir()} == before
    assert {path.stat().st_mode & 0o777 for path in keys.iterdir()} == {0o600}
    assert keys.stat().st_mode & 0o777 == 0o700
    assert len(before["data-1"]) == len(before["blind"]) == KEY_BYTES
