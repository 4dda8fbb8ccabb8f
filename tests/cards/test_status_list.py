"""The list of revoked cards."""

import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from khedmat.cards import status_list
from khedmat.cards.status_list import CAPACITY, CardStatus, StatusListError


def test_build_packs_lowest_bits_first() -> None:
    """The draft's own order: index 0 in the lowest two bits of the first byte."""
    packed = status_list.unpack(status_list.build([(0, 1), (1, 2), (3, 1), (7, 2)], 8))
    assert packed == bytes([0b01_00_10_01, 0b10_00_00_00])


@given(st.dictionaries(st.integers(0, 1023), st.sampled_from(CardStatus)))
@settings(deadline=None)
def test_status_at_gives_back_every_entry(entries: dict[int, CardStatus]) -> None:
    compressed = status_list.build(entries.items(), 1024)
    read = {index: status_list.status_at(compressed, index) for index in range(1024)}
    assert read == {index: entries.get(index, CardStatus.VALID) for index in range(1024)}


def test_a_full_list_with_one_in_a_hundred_revoked_stays_small() -> None:
    compressed = status_list.build([(index, 1) for index in range(0, CAPACITY, 100)])
    assert len(compressed) < 20_000
    assert status_list.status_at(compressed, 100) is CardStatus.REVOKED
    assert status_list.status_at(compressed, CAPACITY - 1) is CardStatus.VALID


@pytest.mark.parametrize("index", [-1, 8, CAPACITY])
def test_status_beyond_the_list_is_unknown(index: int) -> None:
    assert status_list.status_at(status_list.build([], 8), index) is None


def test_the_reserved_status_reads_as_revoked() -> None:
    assert status_list.read(b"\xff", 2) is CardStatus.REVOKED


@pytest.mark.parametrize(
    ("entries", "size"),
    [([(8, 1)], 8), ([(-1, 1)], 8), ([(1, 1), (1, 2)], 8), ([], 0), ([], 7), ([], CAPACITY + 4)],
)
def test_build_refuses_a_wrong_list(entries: list[tuple[int, int]], size: int) -> None:
    with pytest.raises(StatusListError):
        status_list.build(entries, size)


def test_build_refuses_a_status_that_does_not_exist() -> None:
    with pytest.raises(ValueError, match="3"):
        status_list.build([(1, 3)], 8)


@pytest.mark.parametrize(
    "compressed",
    [
        b"",
        b"no zlib",
        zlib.compress(b""),
        zlib.compress(bytes(2**17 + 1)),
        zlib.compress(bytes(2**26)),
        zlib.compress(b"\x01" * 64)[:-1],
        zlib.compress(b"\x01") + b"\x00",
    ],
)
def test_unpack_refuses_what_is_no_list(compressed: bytes) -> None:
    with pytest.raises(StatusListError):
        status_list.unpack(compressed)


def test_unpack_takes_a_list_at_the_capacity() -> None:
    assert len(status_list.unpack(status_list.build([]))) == 2**17
