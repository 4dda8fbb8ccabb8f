"""What a search answers with; apart from the search itself, so that nothing heavy is imported for it."""

from typing import NamedTuple


class Pair(NamedTuple):
    """Two people who are likely one, ids in order. `weight` in bits; `likenesses` each trait's level: `given:same`."""

    person_a: str
    person_b: str
    weight: float
    strength: str
    likenesses: tuple[str, ...]
    compared: str
