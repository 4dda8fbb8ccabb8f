"""A whole round, simulated: the plan, the provinces' days, and what must hold throughout."""

import time
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from django.conf import settings

from khedmat.places.calendar import is_working_day
from khedmat.rounds.actions import demo_round
from khedmat.vault.context import working_context
from tests.robustness.whole import half_done
from tests.simulation.clock import simulated
from tests.simulation.plan import OPENS_ON, Plan, plan_round
from tests.simulation.town import Province, build, owner
from tests.simulation.work import ProvinceAtWork

ROUND = "amayesh-18"
# After the last family came: those who are sent away for a paper come back, cards are printed and given.
MOST_DAYS_AFTER = 30


@dataclass
class Outcome:
    """What a simulated round came to."""

    households: int = 0
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def ms_each(self) -> float:
        """Milliseconds that a household took, all steps together."""
        return 1000 * self.seconds / max(self.households, 1)


def simulate(*, seed: int, households: int, provinces: int, offices_each: int, days: int) -> Outcome:
    """In this process, one province after the other on each day."""
    plan = plan_round(seed, households=households, offices=provinces * offices_each, days=days)
    outcome = Outcome()
    with simulated(OPENS_ON) as clock:
        manager, built = build(provinces, offices_each)
        with working_context(manager):
            demo_round(by=manager, today=OPENS_ON)
        at_work = [ProvinceAtWork(province, ROUND) for province in built]
        began = time.monotonic()
        for number, day in enumerate(_days(days)):
            clock.begin(day)
            arriving = [(one, _arriving(plan, one.province, day)) for one in at_work]
            if day > OPENS_ON + timedelta(days=days) and all(one.is_idle for one in at_work):
                break
            for one, families in arriving:
                one.work(number, day, families)
                outcome.households += len(families)
        outcome.seconds = time.monotonic() - began
    outcome.wrong += look(at_work)
    return outcome


def look(at_work: list[ProvinceAtWork]) -> list[str]:
    """Everything that does not hold."""
    with owner() as connected, connected.cursor() as cursor:
        wrong = half_done(cursor, Path(settings.KHEDMAT_FILES_DIR))
        cursor.execute("SELECT step, count(*) FROM casework_case GROUP BY step")
        print(cursor.fetchall())
    return [*wrong, *(f"{one.province.place} still waits" for one in at_work if not one.is_idle)]


def _days(days: int) -> list[date]:
    every = (OPENS_ON + timedelta(days=ahead) for ahead in range(days + MOST_DAYS_AFTER))
    return [day for day in every if is_working_day(day)]


def _arriving(plan: Plan, province: Province, day: date):
    return [(office, family) for office in province.offices for family in plan.get((office.number, day), [])]
