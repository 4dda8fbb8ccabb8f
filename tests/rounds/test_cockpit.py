"""The cockpit shows what the tables hold, to each reader their own offices, in few queries."""

from datetime import time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from khedmat.casework.enums import Reached
from khedmat.casework.models import Case
from khedmat.places.models import Scope
from khedmat.rounds.booking import pre_register, subject_of
from khedmat.rounds.cockpit import Cockpit, cockpit_of
from khedmat.rounds.enrolment import withdraw_enrolment
from khedmat.service.booking import book
from khedmat.service.enums import Channel
from khedmat.service.models import Slot
from khedmat.service.opening import open_days
from khedmat.service.rules import DayPlan
from khedmat.vault.context import working_context
from tests import line
from tests.browsers import SignIn
from tests.cast import Cast

MOST_QUERIES = 15
ADDRESS = f"/rounds/{line.ROUND}/cockpit/"


@pytest.fixture
def at_work(cast: Cast) -> Cast:
    """Families at every step, in three offices of two provinces; Shahriar has opened days."""
    line.open_round(cast)
    shirin, narges = cast["shirin"], cast["narges"]
    today = timezone.localdate()
    with working_context(shirin):
        plan = DayPlan(opens=time(8), closes=time(12), minutes=60, counters=2)
        open_days(today + timedelta(days=1), today + timedelta(days=9), plan, by=shirin)
    booked = line.register(cast, cards_from=4_500_000, size=2)
    with working_context(narges):
        case = pre_register(booked.pk, line.ROUND, by=narges)
        slot = Slot.objects.order_by("starts_at")[0]
        book(slot.pk, subject_of(case), channel=Channel.PHONE, by=narges)
    through = line.take_application(cast, line.register(cast, cards_from=4_510_000, size=2))
    line.pay(cast, through)
    line.submit(cast, through.pk)
    line.decide_all(cast, through.pk)
    line.print_cards(cast)
    line.give_cards(cast, through.pk)
    waiting = line.take_application(cast, line.register(cast, cards_from=4_520_000, size=1))
    line.pay(cast, waiting, receipt="1002")
    gone = line.take_application(cast, line.register(cast, cards_from=4_530_000, size=1))
    with working_context(narges):
        withdraw_enrolment(gone.pk, Case.objects.get(pk=gone.pk).version, by=narges)
    line.take_application(cast, line.register(cast, "omid", cards_from=4_540_000, size=1), "omid")
    return cast


def shown_to(cast: Cast, name: str) -> Cockpit:
    with working_context(cast[name]):
        return cockpit_of(line.ROUND, Scope.objects.get(pk=cast[name].scope_id), timezone.localdate())


def test_counts_are_those_of_the_steps(at_work: Cast) -> None:
    shown = {step: amount for step, amount in shown_to(at_work, "manager").reached.items() if amount}
    assert shown == {
        Reached.BOOKED: 1,
        Reached.ARRIVED: 4,
        Reached.PHOTOGRAPHED: 4,
        Reached.PAID: 2,
        Reached.SUBMITTED: 1,
        Reached.DECIDED: 2,
        Reached.PRINTED: 2,
        Reached.HANDED_OVER: 2,
        Reached.WITHDRAWN: 1,
    }


def test_each_reader_sees_the_own_offices_and_their_places(at_work: Cast) -> None:
    seen = {name: shown_to(at_work, name) for name in ("manager", "director", "shirin", "reza")}
    assert {name: len(shown.lines) for name, shown in seen.items()} == {
        "manager": 3,
        "director": 2,
        "shirin": 1,
        "reza": 1,
    }
    arrived = {name: shown.reached.get(Reached.ARRIVED) for name, shown in seen.items()}
    assert arrived == {"manager": 4, "director": 4, "shirin": 3, "reza": 1}
    assert seen["shirin"].cohort_families is None
    assert (seen["director"].cohort_families or 0) < (seen["manager"].cohort_families or 0)
    (shahriar,) = seen["shirin"].lines
    assert (shahriar.counter_days, shahriar.places) in {(10, 40), (12, 48)}
    assert shahriar.coming
    assert all(day.served.high <= 8 for day in shahriar.coming[1:])


def test_page_needs_few_queries_and_tells_families_from_members(at_work: Cast, as_staff: SignIn) -> None:
    for name in ("manager", "director", "shirin"):
        client = as_staff(name)
        client.get(ADDRESS)
        with CaptureQueriesContext(connection) as queries:
            response = client.get(ADDRESS)
        assert response.status_code == 200
        assert len(queries) <= MOST_QUERIES, [query["sql"][:90] for query in queries]
        page = response.content.decode()
        assert "Families" in page
        assert "Members" in page
        assert "Rezai" not in page


def test_clerk_has_no_cockpit(at_work: Cast, as_staff: SignIn) -> None:
    assert as_staff("narges").get(ADDRESS).status_code == 403


def test_unknown_round_has_none(at_work: Cast, as_staff: SignIn) -> None:
    assert as_staff("manager").get("/rounds/amayesh-99/cockpit/").status_code == 404
