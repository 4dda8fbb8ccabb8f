"""A whole round, simulated: the plan, the provinces' days, and what must hold throughout."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings

from khedmat.casework.counts import reached_by_day
from khedmat.common.actor import Actor
from khedmat.places.calendar import is_working_day
from khedmat.rounds.actions import (
    DATA,
    DEMO_ROUND,
    create_round_version,
    propose_version,
    publish_version,
    round_from_file,
)
from khedmat.rounds.cockpit import DAYS_AHEAD
from khedmat.vault.context import working_context
from tests.robustness.whole import half_done
from tests.rounds.counting import counted_by_office
from tests.simulation.clock import simulated
from tests.simulation.plan import LONGEST_AHEAD, OPENS_ON, Plan, plan_round, working_days
from tests.simulation.town import Province, build, owner
from tests.simulation.work import Arrival, ProvinceAtWork, Report, Wish

ROUND = "amayesh-18"
# After the last family came: those who are sent away for a paper come back, cards are printed and given.
MOST_DAYS_AFTER = 30
# Before so many working days there is little to foresee from.
FIRST_FORESEEN = 6

# Each of these answers no row.
NEVER = {
    "ledger out of balance": "SELECT sum(amount_rial) FROM payments_posting HAVING sum(amount_rial) <> 0",
    "place sold twice": "SELECT id FROM service_slot WHERE taken > capacity",
    # Whose time went by keeps the place: nobody could have it any more.
    "place taken that nobody has": "SELECT s.id, s.taken, count(b.id) FROM service_slot s LEFT JOIN service_booking b "
    "ON b.slot_id = s.id AND b.state IN ('booked', 'arrived', 'passed') GROUP BY s.id HAVING s.taken <> count(b.id)",
    "two appointments at once": "SELECT subject_id FROM service_booking WHERE state = 'booked' "
    "GROUP BY subject_kind, subject_id HAVING count(*) > 1",
    "appointment kept twice": "SELECT booking_id FROM service_ticket WHERE booking_id IS NOT NULL "
    "GROUP BY booking_id HAVING count(*) > 1",
    "number left out or given twice": "SELECT scope_id, issued_on FROM service_ticket GROUP BY scope_id, issued_on "
    "HAVING count(DISTINCT number) <> max(number) OR count(*) <> max(number)",
    "letters of a case that are not numbered one after the other": "SELECT subject_id FROM notices_letter "
    "GROUP BY subject_kind, subject_id HAVING max(serial) <> count(*)",
    "refused or returned member whom no letter tells": "SELECT d.id FROM casework_decision d "
    "WHERE d.outcome IN ('refuse', 'return') AND NOT EXISTS (SELECT 1 FROM notices_letter l "
    "WHERE l.subject_id = d.case_id AND l.kind = 'decision')",
    "answered appeal that no letter tells": "SELECT a.id FROM casework_appeal a WHERE a.state IN ('upheld', "
    "'dismissed') AND NOT EXISTS (SELECT 1 FROM notices_letter l WHERE l.subject_id = a.case_id AND l.kind = 'appeal')",
    "decided case whose clock stands": "SELECT id FROM casework_case WHERE decided_at IS NOT NULL "
    "AND stopped_at IS NOT NULL",
    "case far on whose family never arrived": "SELECT c.id FROM casework_case c "
    "WHERE c.step NOT IN ('pre_registered', 'booked', 'withdrawn') AND NOT EXISTS "
    "(SELECT 1 FROM casework_milestone m WHERE m.case_id = c.id AND m.step = 'arrived')",
}


@dataclass(frozen=True, slots=True)
class Size:
    """How large a simulated round is."""

    households: int
    provinces: int
    offices_each: int
    days: int
    counters: int
    seed: int = 1405

    def plan(self) -> Plan:
        """Who comes when."""
        offices = self.provinces * self.offices_each
        return plan_round(self.seed, households=self.households, offices=offices, days=self.days)


@dataclass
class Outcome:
    """What a simulated round came to."""

    households: int = 0
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0.0
    # By how many working days before: on so many office-days the truth came within the interval, of so many.
    judged: dict[int, tuple[int, int]] = field(default_factory=dict)

    @property
    def ms_each(self) -> float:
        """Milliseconds that a household took, all steps together."""
        return 1000 * self.seconds / max(self.households, 1)

    def covered(self, ahead: int) -> float:
        """The share of office-days on which the truth lay within the interval of so many working days before."""
        held, foreseen = self.judged[ahead]
        return held / max(foreseen, 1)

    def __str__(self) -> str:
        by_days = "; ".join(
            f"{ahead} days before: {held} of {foreseen} ({self.covered(ahead):.1%})"
            for ahead, (held, foreseen) in self.judged.items()
        )
        return (
            f"{self.households:,} households, {self.ms_each:.0f} ms each; the interval held on office-days: {by_days}"
        )


def prepare(size: Size) -> tuple[Actor, list[Province]]:
    """The provinces, and a round that is published by two and takes all of them from its first day to its last."""
    (manager, publisher), provinces = build(size.provinces, size.offices_each, size.counters)
    content = round_from_file(DATA / DEMO_ROUND)
    closes_on = OPENS_ON + timedelta(days=size.days - 1)
    version = replace(content.version, opens_on=OPENS_ON, closes_on=closes_on, windows=())
    version = replace(version, card_valid_from=OPENS_ON, card_valid_until=OPENS_ON + timedelta(days=364))
    with working_context(manager):
        proposed = propose_version(create_round_version(replace(content, version=version), by=manager).pk, by=manager)
    with working_context(publisher):
        publish_version(proposed.pk, by=publisher)
    return manager, provinces


def work_through(
    provinces: Sequence[Province], size: Size, *, after_day: Callable[[int, list[ProvinceAtWork]], None] | None = None
) -> list[ProvinceAtWork]:
    """All days of some provinces, one after the other on each day; `after_day` is called each evening."""
    plan = size.plan()
    at_work = [ProvinceAtWork(province, ROUND) for province in provinces]
    last = OPENS_ON + timedelta(days=size.days - 1)
    with simulated(OPENS_ON - timedelta(days=1)) as clock:
        for one in at_work:
            one.open_days(OPENS_ON, last, size.counters)
        for number, day in enumerate(_days(size.days)):
            if day > last and all(one.is_idle for one in at_work):
                break
            clock.begin(day)
            for one in at_work:
                arriving = list(_arriving(plan, one.province, day))
                one.work(number, day, list(_booking(plan, one.province, number, size.days)), arriving)
            if after_day is not None:
                after_day(number, at_work)
    return at_work


def judge(reports: Sequence[Report], size: Size, ahead: int) -> tuple[int, int]:
    """On how many office-days the cockpit's interval of so many working days before held the truth, of how many."""
    held = tried = 0
    for one in reports:
        for office in one.province.offices:
            for day in working_days(size.days)[FIRST_FORESEEN + ahead :]:
                came = one.tally.done[office.place.pk, "arrived", day]
                tried += 1
                held += one.foreseen[office.place.pk, day, ahead].holds(came)
    return held, tried


def look(cursor: psycopg.Cursor[Any], files: Path) -> list[str]:
    """Everything that does not hold, told from all rows."""
    return [*half_done(cursor, files), *look_quickly(cursor)]


def look_quickly(cursor: psycopg.Cursor[Any]) -> list[str]:
    """Money, places and numbers: what can be told at any moment of the round."""
    found = []
    for words, statement in NEVER.items():
        cursor.execute(statement.encode())
        found += [f"{words}: {row}" for row in cursor.fetchall()]
    return found


def compare_counts(cursor: psycopg.Cursor[Any], manager: Actor, reports: Sequence[Report]) -> list[str]:
    """The cockpit's counts against those of the tables, and by day against what people did."""
    with working_context(manager):
        shown = {(one.scope_id, one.step, one.on): one.amount for one in reached_by_day(ROUND)}
    of_tables = counted_by_office(cursor, ROUND)
    by_office: dict[tuple[int, str], int] = {}
    for (scope_id, step, _day), amount in shown.items():
        by_office[scope_id, step] = by_office.get((scope_id, step), 0) + amount
    wrong = [
        f"cockpit counts {by_office.get(key, 0)} of {key}, the tables {of_tables[key]}"
        for key in {*by_office, *of_tables}
        if by_office.get(key, 0) != of_tables[key]
    ]
    done = {key: amount for one in reports for key, amount in one.tally.done.items() if amount}
    wrong += [
        f"cockpit counts {shown.get(key, 0)} of {key}, people did {done.get(key, 0)}"
        for key in {*shown, *done}
        if shown.get(key, 0) != done.get(key, 0)
    ]
    return wrong


def simulate(size: Size, *, look_every: int) -> Outcome:
    """In this process: money, places and counts are looked at every so many working days, everything at the end."""
    with simulated(OPENS_ON - timedelta(days=1)):
        manager, provinces = prepare(size)
    wrong: list[str] = []

    def after_day(number: int, at_work: list[ProvinceAtWork]) -> None:
        if number % look_every == look_every - 1:
            with owner() as connected, connected.cursor() as cursor:
                wrong.extend(look_quickly(cursor))
                wrong.extend(compare_counts(cursor, manager, [one.report() for one in at_work]))

    began = time.monotonic()
    at_work = work_through(provinces, size, after_day=after_day)
    seconds = time.monotonic() - began
    outcome = conclude(size, manager, [one.report() for one in at_work])
    outcome.wrong[:0] = wrong
    outcome.seconds = seconds
    return outcome


def conclude(size: Size, manager: Actor, reports: Sequence[Report]) -> Outcome:
    """Everything is looked at when all is over."""
    outcome = Outcome(households=size.households)
    with owner() as connected, connected.cursor() as cursor:
        outcome.wrong += [*look(cursor, Path(settings.KHEDMAT_FILES_DIR)), *compare_counts(cursor, manager, reports)]
        cursor.execute(b"SELECT number, step FROM casework_case WHERE step NOT IN ('closed', 'withdrawn')")
        outcome.wrong += [f"case {number} ends at {step}" for number, step in cursor.fetchall()]
    outcome.wrong += [f"{one.province.place} still waits" for one in reports if not one.is_idle]
    outcome.wrong += [words for one in reports for words in one.wrong]
    arrived = sum(amount for one in reports for (_o, step, _d), amount in one.tally.done.items() if step == "arrived")
    if arrived != size.households:
        outcome.wrong.append(f"{arrived} families came of {size.households}")
    outcome.judged = {ahead: judge(reports, size, ahead) for ahead in range(DAYS_AHEAD)}
    return outcome


def _days(days: int) -> list[date]:
    every = (OPENS_ON + timedelta(days=ahead) for ahead in range(days + MOST_DAYS_AFTER))
    return [day for day in every if is_working_day(day)]


def _arriving(plan: Plan, province: Province, day: date) -> Iterator[Arrival]:
    for office in province.offices:
        for family in plan.get((office.number, day), []):
            yield office, family


def _booking(plan: Plan, province: Province, number: int, days: int) -> Iterator[Wish]:
    """Who telephones on this day, and for which day."""
    dates = working_days(days)
    for office in province.offices:
        for place in range(number + 1, min(number + LONGEST_AHEAD + 3, len(dates))):
            for family in plan.get((office.number, dates[place]), []):
                appointment = place - family.appointment_before
                if family.books_before and place - family.books_before == number and appointment > number:
                    yield office, family, dates[appointment]
