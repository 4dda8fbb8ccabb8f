"""Which cards are revoked, told without telling whose.

A Token Status List (IETF draft-ietf-oauth-status-list): two bits a card, four cards a byte, the lowest bits
first; the bytes compressed with zlib. A card's index is random, so neither its place nor its neighbours say
anything about the person or the day of issue.
"""

import zlib
from collections.abc import Iterable
from enum import IntEnum
from typing import Final

BITS: Final = 2
CAPACITY: Final = 2**19
MAX_BYTES: Final = CAPACITY * BITS // 8
_PER_BYTE: Final = 8 // BITS
_MASK: Final = 2**BITS - 1


class CardStatus(IntEnum):
    """The two bits of a card. 3 is never written; a reader takes it for revoked, the safer of two errors."""

    VALID = 0
    REVOKED = 1
    REPLACED = 2


class StatusListError(Exception):
    """The list cannot be built or read; the message says why."""


class StatusListFull(StatusListError):
    """No free index may be drawn any more: a second list is due."""


def build(entries: Iterable[tuple[int, int]], size: int = CAPACITY) -> bytes:
    """Compress the list of `size` cards; `entries` are (index, status), all others are valid.

    Raise `StatusListError` for an index outside the list, a status over 2 or an index given twice.
    """
    if not 0 < size <= CAPACITY or size % _PER_BYTE:
        raise StatusListError(f"a list has a multiple of {_PER_BYTE} cards, at most {CAPACITY}")
    packed = bytearray(size // _PER_BYTE)
    seen: set[int] = set()
    for index, status in entries:
        if not 0 <= index < size or index in seen:
            raise StatusListError(f"index {index} is outside the list or given twice")
        seen.add(index)
        packed[index // _PER_BYTE] |= CardStatus(status) << (index % _PER_BYTE * BITS)
    return zlib.compress(bytes(packed), level=9)


def unpack(compressed: bytes) -> bytes:
    """Decompress a list, never beyond the capacity; raise `StatusListError` for all but one whole list."""
    inflater = zlib.decompressobj()
    try:
        packed = inflater.decompress(compressed, MAX_BYTES + 1)
    except zlib.error as error:
        raise StatusListError("the list is not zlib") from error
    if not packed or len(packed) > MAX_BYTES:
        raise StatusListError(f"a list has 1 to {MAX_BYTES} bytes")
    if not inflater.eof or inflater.unused_data:
        raise StatusListError("the list is cut off, or has bytes behind its end")
    return packed


def read(packed: bytes, index: int) -> CardStatus | None:
    """The status at `index` of an unpacked list; None when the list does not reach that far."""
    if not 0 <= index < len(packed) * _PER_BYTE:
        return None
    value = packed[index // _PER_BYTE] >> (index % _PER_BYTE * BITS) & _MASK
    return CardStatus(value) if value <= CardStatus.REPLACED else CardStatus.REVOKED


def status_at(compressed: bytes, idx: int) -> CardStatus | None:
    """`read` on a compressed list."""
    return read(unpack(compressed), idx)
