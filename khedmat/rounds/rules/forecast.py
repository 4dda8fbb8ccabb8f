"""How many families an office may expect: by working day, and up to a round's end. Pure; counts only.

The page says it in one sentence: those with an appointment come as often as such clients came so far, others come as
on the same weekday in the last weeks; the interval is what the days so far differed from that, and it holds nine days
of ten. Clients without an appointment are counts that vary more than chance alone (negative binomial); an office with
few days leans on its province; days further off are less certain.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from statistics import NormalDist
from typing import Final

LEVEL: Final = 0.9
# So many days of experience does the province's (or nobody's) rate stand for in an office that is new.
DAYS_OF_PRIOR: Final = 3.0
# A weekday differs from the others only as far as its own days show it: so many of them are held against that.
DAYS_OF_WEEKDAY: Final = 4.0
# A day counts half after so many working days: people hear, weather turns, offices learn.
HALF_LIFE: Final = 12.0
# How much the rate itself wanders, for each working day ahead, as a share of it.
DRIFT: Final = 0.03
# Until an office's own days say otherwise: of 20 with an appointment 17 come; counts spread by a quarter beyond chance.
CAME_OF_BOOKED: Final = (17.0, 20.0)
SPREAD: Final = 0.06
DAYS_OF_SPREAD: Final = 6.0
UNKNOWN_RATE: Final = 1.0
# How unsure the rate of an office is of which nothing at all is known, as a share of it.
UNSURE_AT_FIRST: Final = 0.8
MOST: Final = 10_000_000
# Sums of so many are as good as normal.
MANY: Final = 2_000


@dataclass(frozen=True, slots=True)
class DayCount:
    """What a past working day brought: families arrived; of them `kept` of the `booked` appointments of that day."""

    day: date
    arrived: int
    booked: int = 0
    kept: int = 0

    @property
    def walk_ins(self) -> int:
        """Families that came without an appointment."""
        return max(self.arrived - self.kept, 0)


@dataclass(frozen=True, slots=True)
class DayAhead:
    """A coming working day: appointments taken so far, and how many families can be served (None: not known)."""

    day: date
    booked: int = 0
    capacity: int | None = None


@dataclass(frozen=True, slots=True)
class Interval:
    """An expectation with the bounds that hold nine times of ten: `low <= expected <= high`."""

    low: int
    expected: int
    high: int

    def holds(self, truth: int) -> bool:
        """Whether what came lies within."""
        return self.low <= truth <= self.high

    def plus(self, counted: int) -> "Interval":
        """The same, on top of what was counted already."""
        return Interval(self.low + counted, self.expected + counted, self.high + counted)

    def at_most(self, limit: int | None) -> "Interval":
        """The same where more than `limit` is not possible."""
        if limit is None:
            return self
        return Interval(min(self.low, limit), min(self.expected, limit), min(self.high, limit))

    def at_least(self, limit: int) -> "Interval":
        """The same where fewer than `limit` is not possible: so many were counted already."""
        return Interval(max(self.low, limit), max(self.expected, limit), max(self.high, limit))


@dataclass(frozen=True, slots=True)
class DayForecast:
    """A coming day, what wants to come (`demand`), and what can be served of it."""

    day: date
    demand: Interval
    served: Interval


@dataclass(frozen=True, slots=True)
class OfficeForecast:
    """All coming days of an office, and their sum."""

    days: tuple[DayForecast, ...]
    total: Interval


@dataclass(frozen=True, slots=True)
class _Rates:
    """What the past says: share of the booked that come, walk-ins by weekday, and how far days differ from it."""

    came: float
    came_variance: float
    walk_ins: float
    by_weekday: Mapping[int, float]
    spread: float
    unsure: float

    def on(self, day: date) -> float:
        return self.walk_ins * self.by_weekday.get(day.weekday(), 1.0)


def usual_rate(histories: Iterable[Sequence[DayCount]]) -> float | None:
    """Walk-ins of a day in offices like this one: what a young office leans on. None: nothing is known."""
    counts = [day.walk_ins for history in histories for day in history]
    return sum(counts) / len(counts) if counts else None


def forecast_office(
    history: Sequence[DayCount], ahead: Sequence[DayAhead], *, usual: float | None = None, level: float = LEVEL
) -> OfficeForecast:
    """What the coming working days bring to one office. `history`: its working days so far, empty ones too, by date."""
    rates = _rates(history, usual)
    days = []
    mean = chance = common = 0.0
    for steps, one in enumerate(ahead, start=1):
        expected, own, shared = _moments(one, steps, rates)
        demand = _interval(expected, own + shared**2, level)
        days.append(DayForecast(one.day, demand, demand.at_most(one.capacity)))
        # What the capacity cuts off comes later or not at all: the sum is of what can be served.
        share = 1.0 if one.capacity is None or not expected else min(1.0, one.capacity / expected)
        mean, chance, common = mean + expected * share, chance + own * share, common + shared * share
    limits = [one.capacity for one in ahead]
    limit = None if any(one is None for one in limits) else sum(one for one in limits if one is not None)
    return OfficeForecast(tuple(days), _interval(mean, chance + common**2, level).at_most(limit))


def together(parts: Iterable[Interval]) -> Interval:
    """The sum of parts that err independently of one another: it is surer than each of them."""
    mean, below, above = 0, 0, 0
    for one in parts:
        mean += one.expected
        below += (one.expected - one.low) ** 2
        above += (one.high - one.expected) ** 2
    return Interval(max(0, mean - math.ceil(math.sqrt(below))), mean, mean + math.ceil(math.sqrt(above)))


def round_end(forecasts: Iterable[OfficeForecast], counted: int, cohort: int | None) -> Interval:
    """Families arrived by the round's end: those counted, and those of all offices' coming days; at most the cohort."""
    coming = together(one.total for one in forecasts)
    # A cohort that more have come of than were reckoned with is the reckoning's error: nobody is counted away.
    return coming.plus(counted).at_most(None if cohort is None else max(cohort, counted))


def _rates(history: Sequence[DayCount], usual: float | None) -> _Rates:
    weights = [0.5 ** (age / HALF_LIFE) for age in range(len(history) - 1, -1, -1)]
    known = sum(weights)
    prior = UNKNOWN_RATE if usual is None else max(usual, 0.05)
    counted = sum(weight * day.walk_ins for weight, day in zip(weights, history, strict=True))
    rate = (counted + DAYS_OF_PRIOR * prior) / (known + DAYS_OF_PRIOR)
    by_weekday = _weekdays(history, weights, rate)
    kept, booked = sum(day.kept for day in history), sum(day.booked for day in history)
    came = (kept + CAME_OF_BOOKED[0]) / (booked + CAME_OF_BOOKED[1])
    spread = _spread(history, rate, by_weekday)
    # The rate is as unsure as a mean of so many days is; of a weekday there are fewer.
    days = max((known + DAYS_OF_PRIOR) / (1 + len(by_weekday) / 2), 1.0)
    unsure = math.sqrt((1 / rate + spread) / days)
    if not history:
        unsure = UNSURE_AT_FIRST
    return _Rates(
        came=min(came, 1.0),
        came_variance=came * (1 - min(came, 1.0)) / (booked + CAME_OF_BOOKED[1] + 1),
        walk_ins=rate,
        by_weekday=by_weekday,
        spread=spread,
        unsure=unsure,
    )


def _weekdays(history: Sequence[DayCount], weights: Sequence[float], rate: float) -> dict[int, float]:
    """How a weekday stands to the mean: 1.0 as others."""
    counted: dict[int, float] = defaultdict(float)
    known: dict[int, float] = defaultdict(float)
    for weight, day in zip(weights, history, strict=True):
        counted[day.day.weekday()] += weight * day.walk_ins
        known[day.day.weekday()] += weight
    return {
        weekday: (counted[weekday] + DAYS_OF_WEEKDAY * rate) / ((known[weekday] + DAYS_OF_WEEKDAY) * rate)
        for weekday in known
    }


def _spread(history: Sequence[DayCount], rate: float, by_weekday: Mapping[int, float]) -> float:
    """By how much counts vary beyond chance (variance = mean + spread × mean²); with few days, as is usual."""
    expected = [rate * by_weekday.get(day.day.weekday(), 1.0) for day in history]
    squares = sum((day.walk_ins - mean) ** 2 for day, mean in zip(history, expected, strict=True))
    # The mean and the weekdays were fitted to the same days, which therefore lie nearer to them than new ones will.
    fitted = 1 + len(by_weekday) / 2
    excess = squares * len(history) / max(len(history) - fitted, 2.0) - sum(expected)
    scale = sum(mean**2 for mean in expected) + DAYS_OF_SPREAD * rate**2
    return max((max(excess, 0.0) + DAYS_OF_SPREAD * rate**2 * SPREAD) / scale, 0.0)


def _moments(day: DayAhead, steps: int, rates: _Rates) -> tuple[float, float, float]:
    """Mean; variance of the day's own chance; and the deviation that all days share, as the rates may be wrong."""
    walk_ins = rates.on(day.day)
    mean = day.booked * rates.came + walk_ins
    own = day.booked * rates.came * (1 - rates.came) + walk_ins + rates.spread * walk_ins**2
    wandering = DRIFT**2 * steps
    shared = math.sqrt(day.booked**2 * rates.came_variance + walk_ins**2 * (rates.unsure**2 + wandering))
    return mean, own, shared


def _interval(mean: float, variance: float, level: float) -> Interval:
    tail = (1 - level) / 2
    point = round(mean)
    low, high = _quantile(mean, variance, tail), _quantile(mean, variance, 1 - tail)
    return Interval(min(low, point), point, min(max(high, point), MOST))


def _quantile(mean: float, variance: float, share: float) -> int:
    """The smallest count that at most a `share` of days stays below. Negative binomial of this mean and variance."""
    # Kept appointments vary less than chance alone: so much of the mean is as good as certain.
    certain = max(0, int(mean - variance))
    mean -= certain
    if mean <= 0:
        return certain
    deviation = math.sqrt(variance)
    if mean > MANY:
        return max(0, certain + round(mean + deviation * NormalDist().inv_cdf(share)))
    top = int(mean + 12 * deviation + 30)
    chances = accumulate(math.exp(one) for one in _log_chances(mean, variance, top))
    return certain + next((count for count, reached in enumerate(chances) if reached >= share), top)


def _log_chances(mean: float, variance: float, top: int) -> list[float]:
    if variance <= mean * 1.000_001:  # no more than chance: Poisson
        return [count * math.log(mean) - mean - math.lgamma(count + 1) for count in range(top + 1)]
    size = mean**2 / (variance - mean)
    few, many = size * math.log(size / (size + mean)), math.log(mean / (size + mean))
    start = math.lgamma(size)
    return [math.lgamma(count + size) - math.lgamma(count + 1) - start + few + count * many for count in range(top + 1)]
