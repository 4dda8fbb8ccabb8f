"""Where counters could be lent within a province: a proposal in numbers, which a person accepts or not. Pure."""

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from khedmat.rounds.rules.forecast import Interval


@dataclass(frozen=True, slots=True)
class OfficeLoad:
    """An office over the coming days: counter-days it has, families one serves in a day, families that want to come."""

    office_id: int
    province_id: int
    counter_days: int
    families_a_counter_day: float
    demand: Interval


@dataclass(frozen=True, slots=True)
class Move:
    """So many counter-days from one office to another of its province."""

    from_office_id: int
    to_office_id: int
    counter_days: int


def spare_of(load: OfficeLoad) -> int:
    """Counter-days that are not needed even if as many come as the interval's upper bound says."""
    return max(0, load.counter_days - _needed(load, load.demand.high))


def short_of(load: OfficeLoad) -> int:
    """Counter-days that are missing for what is expected."""
    return max(0, _needed(load, load.demand.expected) - load.counter_days)


def propose_moves(loads: Iterable[OfficeLoad]) -> list[Move]:
    """From who has most to spare to who is shortest, within each province; nobody is left short by it."""
    by_province: dict[int, list[OfficeLoad]] = defaultdict(list)
    for load in loads:
        by_province[load.province_id].append(load)
    return [move for province in sorted(by_province) for move in _within(by_province[province])]


def _within(loads: list[OfficeLoad]) -> list[Move]:
    spare = {load.office_id: spare_of(load) for load in loads if spare_of(load)}
    short = {load.office_id: short_of(load) for load in loads if short_of(load)}
    moves = []
    while spare and short:
        giver = max(spare, key=lambda office: (spare[office], -office))
        taker = max(short, key=lambda office: (short[office], -office))
        lent = min(spare[giver], short[taker])
        moves.append(Move(giver, taker, lent))
        for left, office in ((spare, giver), (short, taker)):
            left[office] -= lent
            if not left[office]:
                del left[office]
    return moves


def _needed(load: OfficeLoad, families: int) -> int:
    if load.families_a_counter_day <= 0:
        return 0
    return math.ceil(families / load.families_a_counter_day)
