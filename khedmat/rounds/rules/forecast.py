"""How many families an office may expect: by working day, and up to a round's end. Pure; counts only.

The page says it in one sentence: those with an appointment come as often as such clients came so far, others come as
on the same weekday in the last weeks; the interval is what the days so far differed from that, and it holds nine days
of ten. Others are those without an appointment and those who take theirs later: a day is compared with past days as
these were known so long before (pickup, as hotels reckon it). They are counts that vary more than chance alone
(negative binomial); an office with few days leans on its province; days further off are less certain.
"""

import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import accumulate
from statistics import NormalDist
from typing import Final

LEVEL: Final = 0.9
# So many days before theirs are appointments counted as taken; earlier than the last of them, none is reckoned with.
LEADS: Final = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 17, 21, 28, 42, 60)
# So many days of experience does the province's (or nobody's) rate stand for in an office that is new.
DAYS_OF_PRIOR: Final = 3.0
# A weekday differs from the others only as far as its own days show it: so many of them are held against that.
DAYS_OF_WEEKDAY: Final = 4.0
# A day counts half after so many working days: people hear, weather turns, offices learn.
HALF_LIFE: Final = 12.0
# How much the rate itself wanders, for each working day ahead, as a share of it.
DRIFT: Final = 0.03
# How much all offices together come to differ from their past, likewise: a round rises, fades and has its last rush.
TREND: Final = 0.05
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
    """What a past working day brought: families arrived; of them `kept` of the `booked` appointments of that day.

    `kept_by_lead`: how many of the kept had been taken so many days before or earlier, by `LEADS`.
    """

    day: date
    arrived: int
    booked: int = 0
    kept: int = 0
    kept_by_lead: tuple[int, ...] = (0,) * len(LEADS)

    def others(self, lead: int) -> int:
        """Families that came without an appointment taken at least so long before; `lead` is a place in `LEADS`."""
        kept = self.kept_by_lead[lead] if lead < len(LEADS) else 0
        return max(self.arrived - kept, 0)


@dataclass(frozen=True, slots=True)
class DayAhead:
    """A coming working day: appointments taken so far, and how many families can be served (None: not known).

    `booked_today`: how many of those were taken on the day of looking, when they were still to be expected.
    """

    day: date
    booked: int = 0
    booked_today: int = 0
    capacity: int | None = None


# By place in `LEADS`, and one more for days that lie further off.
Usual = Sequence[float]
# A day, and the others who came on it.
_Day = tuple[date, int]


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
    """All coming days of an office, and their sum. `trend`: how far the sum errs where the whole round turns."""

    days: tuple[DayForecast, ...]
    total: Interval
    trend: float = 0.0


@dataclass(frozen=True, slots=True)
class _Rates:
    """What past days say, as they were known some days before: others by weekday, and how far days differ from it."""

    others: float
    by_weekday: Mapping[int, float]
    spread: float
    unsure: float

    def on(self, day: date) -> float:
        return self.others * self.by_weekday.get(day.weekday(), 1.0)


@dataclass(frozen=True, slots=True)
class _Kept:
    """Share of the booked that come, and the variance of not knowing it."""

    share: float
    variance: float


def usual_rates(histories: Sequence[Sequence[DayCount]]) -> Usual | None:
    """Others of a day in offices like this one, by lead: what a young office leans on. None: nothing is known."""
    days = [day for history in histories for day in history]
    if not days:
        return None
    return tuple(sum(day.others(lead) for day in days) / len(days) for lead in range(len(LEADS) + 1))


def forecast_office(
    history: Sequence[DayCount],
    ahead: Sequence[DayAhead],
    *,
    today: date,
    usual: Usual | None = None,
    level: float = LEVEL,
) -> OfficeForecast:
    """What the working days from today on bring to one office, by date.

    `history`: its working days before today, empty ones too.
    """

    @cache
    def rates_at(lead: int) -> _Rates:
        return _rates([(day.day, day.others(lead)) for day in history], None if usual is None else usual[lead])

    def rates_known(days_before: int) -> _Rates:
        return rates_at(bisect_left(LEADS, days_before))

    kept = _kept(history)
    days = []
    mean = chance = common = trend = 0.0
    for steps, one in enumerate(ahead, start=1):
        away = (one.day - today).days
        # As known this morning, less those who took an appointment since; but never fewer than come after tonight.
        others = rates_known(away + 1).on(one.day)
        if one.booked_today:
            others = max(others - kept.share * one.booked_today, rates_known(away).on(one.day) if away else 0.0)
        expected, own, shared = _moments(one.booked, others, steps, kept, rates_known(away + 1))
        demand = _interval(expected, own + shared**2, level)
        days.append(DayForecast(one.day, demand, demand.at_most(one.capacity)))
        # What the capacity cuts off comes later or not at all: the sum is of what can be served.
        share = 1.0 if one.capacity is None or not expected else min(1.0, one.capacity / expected)
        mean, chance, common = mean + expected * share, chance + own * share, common + shared * share
        trend += share * others * TREND * math.sqrt(steps)
    limits = [one.capacity for one in ahead]
    limit = None if any(one is None for one in limits) else sum(one for one in limits if one is not None)
    total = _interval(mean, chance + common**2, level).at_most(limit)
    return OfficeForecast(tuple(days), total, NormalDist().inv_cdf((1 + level) / 2) * trend)


def together(parts: Iterable[Interval], *, all_err: float = 0.0) -> Interval:
    """The sum of parts that err independently of one another, and by so much all together: surer than each of them."""
    mean, below, above = 0, all_err**2, all_err**2
    for one in parts:
        mean += one.expected
        below += (one.expected - one.low) ** 2
        above += (one.high - one.expected) ** 2
    return Interval(max(0, mean - math.ceil(math.sqrt(below))), mean, mean + math.ceil(math.sqrt(above)))


def round_end(forecasts: Sequence[OfficeForecast], counted: int, cohort: int | None) -> Interval:
    """Families arrived by the round's end: those counted, and those of all offices' coming days; at most the cohort."""
    coming = together([one.total for one in forecasts], all_err=sum(one.trend for one in forecasts))
    # A cohort that more have come of than were reckoned with is the reckoning's error: nobody is counted away.
    return coming.plus(counted).at_most(None if cohort is None else max(cohort, counted))


def _kept(history: Sequence[DayCount]) -> _Kept:
    kept, booked = sum(day.kept for day in history), sum(day.booked for day in history)
    share = min((kept + CAME_OF_BOOKED[0]) / (booked + CAME_OF_BOOKED[1]), 1.0)
    return _Kept(share, share * (1 - share) / (booked + CAME_OF_BOOKED[1] + 1))


def _rates(history: Sequence[_Day], usual: float | None) -> _Rates:
    weights = [0.5 ** (age / HALF_LIFE) for age in range(len(history) - 1, -1, -1)]
    known = sum(weights)
    prior = UNKNOWN_RATE if usual is None else max(usual, 0.05)
    counted = sum(weight * others for weight, (_day, others) in zip(weights, history, strict=True))
    rate = (counted + DAYS_OF_PRIOR * prior) / (known + DAYS_OF_PRIOR)
    by_weekday = _weekdays(history, weights, rate)
    spread = _spread(history, rate, by_weekday)
    # The rate is as unsure as a mean of so many days is; of a weekday there are fewer.
    days = max((known + DAYS_OF_PRIOR) / (1 + len(by_weekday) / 2), 1.0)
    unsure = math.sqrt((1 / rate + spread) / days) if history else UNSURE_AT_FIRST
    return _Rates(rate, by_weekday, spread, unsure)


def _weekdays(history: Sequence[_Day], weights: Sequence[float], rate: float) -> dict[int, float]:
    """How a weekday stands to the mean: 1.0 as others."""
    counted: dict[int, float] = defaultdict(float)
    known: dict[int, float] = defaultdict(float)
    for weight, (day, others) in zip(weights, history, strict=True):
        counted[day.weekday()] += weight * others
        known[day.weekday()] += weight
    return {
        weekday: (counted[weekday] + DAYS_OF_WEEKDAY * rate) / ((known[weekday] + DAYS_OF_WEEKDAY) * rate)
        for weekday in known
    }


def _spread(history: Sequence[_Day], rate: float, by_weekday: Mapping[int, float]) -> float:
    """By how much counts vary beyond chance (variance = mean + spread × mean²); with few days, as is usual."""
    expected = [rate * by_weekday.get(day.weekday(), 1.0) for day, _others in history]
    squares = sum((others - mean) ** 2 for (_day, others), mean in zip(history, expected, strict=True))
    # The mean and the weekdays were fitted to the same days, which therefore lie nearer to them than new ones will.
    fitted = 1 + len(by_weekday) / 2
    excess = squares * len(history) / max(len(history) - fitted, 2.0) - sum(expected)
    scale = sum(mean**2 for mean in expected) + DAYS_OF_SPREAD * rate**2
    return max((max(excess, 0.0) + DAYS_OF_SPREAD * rate**2 * SPREAD) / scale, 0.0)


def _moments(booked: int, others: float, steps: int, kept: _Kept, rates: _Rates) -> tuple[float, float, float]:
    """Mean; variance of the day's own chance; and the deviation that all days share, as the rates may be wrong."""
    mean = booked * kept.share + others
    own = booked * kept.share * (1 - kept.share) + others + rates.spread * others**2
    wandering = DRIFT**2 * steps
    shared = math.sqrt(booked**2 * kept.variance + others**2 * (rates.unsure**2 + wandering))
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
