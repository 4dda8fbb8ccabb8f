"""The cockpit in a real browser: pictures in every look, with something to expect and to propose."""

from datetime import time, timedelta
from random import Random
from uuid import UUID

import pytest
from django.utils import timezone
from playwright.sync_api import Page
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from khedmat.casework.enums import Reached
from khedmat.casework.milestones import reach
from khedmat.casework.models import Case
from khedmat.places.calendar import is_working_day
from khedmat.service.opening import open_days
from khedmat.service.rules import DayPlan
from khedmat.vault.context import working_context
from tests import line
from tests.cast import PASSWORD, Cast
from tests.pages.look import shoot
from tests.simulation.clock import simulated

pytestmark = [pytest.mark.browser]
SHARES = {Reached.BOOKED: 60, Reached.PHOTOGRAPHED: 96, Reached.PAID: 90, Reached.SUBMITTED: 88}


def some_weeks(cast: Cast) -> None:
    """Counts of three weeks at two offices, as their work would leave them; one has more places than it needs."""
    rng = Random(18)
    today = timezone.localdate()
    days = [day for day in (today - timedelta(days=back) for back in range(22, 0, -1)) if is_working_day(day)]
    for name, busy in (("narges", 9), ("omid", 3)):
        for day in days:
            with simulated(day), working_context(cast[name]):
                for _family in range(max(0, round(rng.gauss(busy, 2)))):
                    _way(cast, name, rng)
    for manager, counters in (("shirin", 1), ("reza", 4)):
        with working_context(cast[manager]):
            plan = DayPlan(opens=time(8), closes=time(11), minutes=30, counters=counters)
            open_days(today + timedelta(days=1), today + timedelta(days=12), plan, by=cast[manager])


def _way(cast: Cast, name: str, rng: Random) -> None:
    # Not saved: milestones have no key to a case.
    case = Case(pk=UUID(int=rng.getrandbits(128)), case_type="enrolment", series=line.ROUND)
    case.scope_id = cast[name].scope_id
    reach(case, Reached.ARRIVED)
    for step, share in SHARES.items():
        if rng.randint(1, 100) <= share:
            reach(case, step)
    if rng.random() < 0.6:
        for step in (Reached.DECIDED, Reached.PRINTED, Reached.HANDED_OVER)[: rng.randint(1, 3)]:
            reach(case, step, members=rng.randint(1, 5))


def test_cockpit_looks_right(cast: Cast, live_site: LiveServer, page: Page, settings: Settings) -> None:
    settings.KHEDMAT_REQUIRE_SECOND_FACTOR = False
    line.open_round(cast)
    some_weeks(cast)
    page.goto("/account/sign-in/")
    page.fill("input[name=login]", "director")
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda url: "sign-in" not in url)
    shoot(page, f"{live_site.url}/rounds/{line.ROUND}/cockpit/", "cockpit")
