"""How a round goes on: what was reached by office and day, against its capacity, and what is to be expected.

Everything is a count. What a reader sees is what the context shows: the round's manager all provinces, a director the
own one, an office's manager the own office. However many offices there are, the number of queries is the same.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import dropwhile
from typing import Final

from khedmat.casework.counts import reached_by_day
from khedmat.casework.enums import Reached
from khedmat.places.calendar import is_working_day
from khedmat.places.enums import ScopeKind
from khedmat.places.models import Scope
from khedmat.places.selectors import holidays_by_place, offices_within
from khedmat.rounds.enrolment import CASE_TYPE
from khedmat.rounds.errors import RoundNotFound
from khedmat.rounds.models import RoundVersion
from khedmat.rounds.rules import VersionSpec
from khedmat.rounds.rules.capacity import Move, OfficeLoad, propose_moves
from khedmat.rounds.rules.forecast import (
    LEADS,
    DayAhead,
    DayCount,
    DayForecast,
    Interval,
    OfficeForecast,
    Usual,
    forecast_office,
    round_end,
    together,
    usual_rates,
)
from khedmat.rounds.selectors import closing_of, content_of, published_versions_of
from khedmat.service.counts import Appointments, OfficeDay, Places, appointments_by_day, places_by_day

# So many working days are shown back and ahead; the proposal is for those ahead.
DAYS_BACK: Final = 12
DAYS_AHEAD: Final = 6
# Further back than this, nothing says anything about tomorrow.
DAYS_OF_HISTORY: Final = 60
NOTHING: Final = Appointments(0, 0, 0, (0,) * len(LEADS))


@dataclass(frozen=True, slots=True)
class OfficeLine:
    """One office: counts by step, what it has room for, what it may expect in the coming days and by the end."""

    office: Scope
    province: Scope
    reached: Mapping[str, int]
    today: Mapping[str, int]
    coming: tuple[DayForecast, ...]
    demand: Interval
    counter_days: int
    places: int
    rest: OfficeForecast


@dataclass(frozen=True, slots=True)
class DayLine:
    """One day of all shown offices: what was counted, or what is expected; and the places there are (0: not known)."""

    day: date
    reached: Mapping[str, int]
    expected: Interval | None
    places: int


@dataclass(frozen=True, slots=True)
class Cockpit:
    """A round as whoever runs it sees it."""

    version: RoundVersion
    today: date
    closed_on: date | None
    cohort_families: int | None
    cohort_members: int | None
    reached: Mapping[str, int]
    lines: tuple[OfficeLine, ...]
    days: tuple[DayLine, ...]
    end: Interval
    moves: tuple[Move, ...]


@dataclass
class _Counted:
    """All that was read, by office and day."""

    steps: dict[tuple[int, str], dict[date, int]] = field(default_factory=lambda: defaultdict(dict))
    places: Mapping[OfficeDay, Places] = field(default_factory=dict)
    appointments: Mapping[OfficeDay, Appointments] = field(default_factory=dict)
    free: Mapping[int, frozenset[date]] = field(default_factory=dict)


def cockpit_of(code: str, place: Scope, today: date) -> Cockpit:
    """The round at the offices of a place, on a day. Errors: RoundNotFound."""
    version = published_versions_of(code).first()
    if version is None:
        raise RoundNotFound
    closing = closing_of(version.round)
    closed_on = closing.on if closing else None
    content = _until(content_of(version), closed_on)
    within = offices_within(place)
    offices, provinces = [office for office, _province in within], {one.pk: province for one, province in within}
    windows = [(version.opens_on, version.closes_on), *((one.opens_on, one.closes_on) for one in content.windows)]
    first, last = min(opens_on for opens_on, _closes in windows), max(closes_on for _opens, closes_on in windows)
    counted = _read(code, first, last, today)
    past = {office.pk: _history(office, provinces[office.pk], content, counted, today) for office in offices}
    usual = _usual_by_province(offices, provinces, past)
    lines = tuple(
        _line(office, provinces[office.pk], content, counted, past[office.pk], usual[provinces[office.pk].pk], today)
        for office in offices
    )
    families, members = _cohort(content, place)
    reached = _sum(line.reached for line in lines)
    arrived, arrived_today = reached.get(Reached.ARRIVED, 0), sum(line.today[Reached.ARRIVED] for line in lines)
    # What is expected of today holds those who came today already.
    end = round_end([line.rest for line in lines], arrived - arrived_today, families).at_least(arrived)
    return Cockpit(
        version=version,
        today=today,
        closed_on=closed_on,
        cohort_families=families,
        cohort_members=members,
        reached=reached,
        lines=lines,
        days=_days(lines, counted, today),
        end=end,
        moves=tuple(propose_moves(_load(line, content) for line in lines)),
    )


def _until(content: VersionSpec, closed_on: date | None) -> VersionSpec:
    """The content with windows that end with the round: from its closing on nobody is expected any more."""
    if closed_on is None:
        return content
    last = closed_on - timedelta(days=1)
    windows = tuple(replace(one, closes_on=min(one.closes_on, last)) for one in content.windows)
    return replace(content, closes_on=min(content.closes_on, last), windows=windows)


def _read(code: str, first: date, last: date, today: date) -> _Counted:
    counted = _Counted(
        places=places_by_day(first, last),
        appointments=appointments_by_day(CASE_TYPE, first, last, leads=LEADS, today=today),
        free=holidays_by_place(),
    )
    for one in reached_by_day(code):
        counted.steps[one.scope_id, one.step][one.on] = one.amount
    return counted


def _cohort(content: VersionSpec, here: Scope) -> tuple[int | None, int | None]:
    """Families and members that the shown provinces expect; None within a province, which is not told by office."""
    if here.kind not in {ScopeKind.NATION, ScopeKind.PROVINCE}:
        return None, None
    shown = [one for one in content.cohort if here.kind == ScopeKind.NATION or one.province == here.code]
    if not shown:
        return None, None
    return sum(one.households for one in shown), sum(one.members for one in shown)


def working_days_of(office: Scope, first: date, last: date, free: Mapping[int, frozenset[date]]) -> list[date]:
    """The working days of an office, both ends included, by the free days of the places above it."""
    above = [int(part) for part in office.path.strip("/").split("/")]
    holidays = frozenset().union(*(free.get(one, frozenset()) for one in above))
    every = (first + timedelta(days=ahead) for ahead in range(max((last - first).days + 1, 0)))
    return [day for day in every if is_working_day(day, holidays)]


def _history(office: Scope, province: Scope, content: VersionSpec, counted: _Counted, today: date) -> list[DayCount]:
    """The office's working days before today, those on which nobody came too. Today is not over."""
    opens_on, closes_on = content.window_of(province.code)
    since = max(opens_on, today - timedelta(days=DAYS_OF_HISTORY * 2))
    days = working_days_of(office, since, min(closes_on, today - timedelta(days=1)), counted.free)
    arrived = counted.steps.get((office.pk, Reached.ARRIVED), {})
    counts = []
    for day in days[-DAYS_OF_HISTORY:]:
        taken = counted.appointments.get((office.pk, day), NOTHING)
        counts.append(DayCount(day, arrived.get(day, 0), taken.booked, taken.kept, taken.kept_by_lead))
    # An office that began later than the round has no empty days before it began.
    return list(dropwhile(lambda one: not (one.arrived or one.booked), counts))


def _usual_by_province(
    offices: Sequence[Scope], provinces: Mapping[int, Scope], past: Mapping[int, Sequence[DayCount]]
) -> dict[int, Usual | None]:
    """What a young office leans on: its province's offices, else those of all that are shown."""
    by_province: dict[int, list[Sequence[DayCount]]] = defaultdict(list)
    for office in offices:
        by_province[provinces[office.pk].pk].append(past[office.pk])
    everywhere = usual_rates(list(past.values()))
    return {
        province: own if (own := usual_rates(histories)) is not None else everywhere
        for province, histories in by_province.items()
    }


def _line(
    office: Scope,
    province: Scope,
    content: VersionSpec,
    counted: _Counted,
    past: Sequence[DayCount],
    usual: Usual | None,
    today: date,
) -> OfficeLine:
    opens_on, closes_on = content.window_of(province.code)
    days = working_days_of(office, max(today, opens_on), closes_on, counted.free)
    ahead = [_ahead(office, day, counted) for day in days]
    rest = forecast_office(past, ahead, today=today, usual=usual)
    coming = rest.days[:DAYS_AHEAD]
    unlimited = [replace(one, capacity=None) for one in ahead[:DAYS_AHEAD]]
    offered = [counted.places.get((office.pk, one.day), Places(0, 0)) for one in coming]
    own = {step: counted.steps.get((office.pk, step), {}) for step in Reached.values}
    return OfficeLine(
        office=office,
        province=province,
        reached={step: sum(by_day.values()) for step, by_day in own.items()},
        today={step: by_day.get(today, 0) for step, by_day in own.items()},
        coming=coming,
        demand=forecast_office(past, unlimited, today=today, usual=usual).total,
        counter_days=sum(one.counters for one in offered),
        places=sum(one.places for one in offered),
        rest=rest,
    )


def _ahead(office: Scope, day: date, counted: _Counted) -> DayAhead:
    """Places bind where a day is opened; a day that is not opened yet may still be."""
    taken = counted.appointments.get((office.pk, day), NOTHING)
    offered = counted.places.get((office.pk, day))
    limit = None if offered is None else max(offered.places, taken.booked)
    return DayAhead(day, taken.booked, taken.booked_today, limit)


def _load(line: OfficeLine, content: VersionSpec) -> OfficeLoad:
    rate = line.places / line.counter_days if line.counter_days else content.places_of(line.office.code)
    return OfficeLoad(line.office.pk, line.province.pk, line.counter_days, rate, line.demand)


def _days(lines: Sequence[OfficeLine], counted: _Counted, today: date) -> tuple[DayLine, ...]:
    """The last days as they were counted, the coming ones as they are expected; the earliest first."""
    back: dict[date, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for (_office, step), by_day in counted.steps.items():
        for day, amount in by_day.items():
            back[day][step] += amount
    ahead: dict[date, list[Interval]] = defaultdict(list)
    for line in lines:
        for one in line.coming:
            ahead[one.day].append(one.served)
    # Today is no day that is expected where it is a free one, or the round is closed: what was done is shown still.
    shown = sorted(day for day in back if day <= today and day not in ahead)[-DAYS_BACK:]
    places: dict[date, int] = defaultdict(int)
    for (_office, day), offered in counted.places.items():
        places[day] += offered.places
    past = [DayLine(day, dict(back[day]), None, places[day]) for day in shown]
    coming = [
        DayLine(day, dict(back.get(day, {})), together(ahead[day]), places[day]) for day in sorted(ahead)[:DAYS_AHEAD]
    ]
    return (*past, *coming)


def _sum(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: dict[str, int] = defaultdict(int)
    for one in counts:
        for step, amount in one.items():
            total[step] += amount
    return dict(total)
