"""The role's day on its desk: the hall, and what waits, counted as the pages behind the lines count it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override

from khedmat.desk.waiting import lines_for
from khedmat.rounds.enrolment import CASE_TYPE
from khedmat.rounds.web.queueing import Filters, Queue
from khedmat.service.enums import CounterKind
from khedmat.service.hall import call_next, give_number
from khedmat.service.opening import open_counter
from khedmat.vault.context import working_context
from tests.cast import Cast
from tests.desk.pages import busy, client_of, get

pytestmark = [pytest.mark.django_db]

MOST_QUERIES = 15


def lines(cast: Cast, name: str) -> dict[str, int | None]:
    with working_context(cast[name]), override("en"):
        return {line.label: line.count for line in lines_for(cast[name], Queue(cast[name], CASE_TYPE, Filters()))}


def test_clerk_sees_the_number_at_the_counter_and_who_waits_in_the_fair_order(cast: Cast) -> None:
    with working_context(cast["shirin"]):
        counter = open_counter(2, CounterKind.CLERK, by=cast["shirin"])
    with working_context(cast["narges"]):
        numbers = [give_number(by=cast["narges"]).number for _ in range(3)]
        call_next(counter.pk, by=cast["narges"])
    client = client_of(cast, "narges")
    hall = get(client, "desk:home").context["hall"]
    assert (hall.counter, hall.ticket, hall.waiting) == (None, None, 2)
    client.post(reverse("service:choose-counter", args=[counter.pk]), secure=True)
    answer = get(client, "desk:home")
    hall = answer.context["hall"]
    assert (hall.counter.number, hall.ticket.number) == (2, numbers[0])
    assert [one.ticket.number for one in hall.queue] == numbers[1:]
    assert f"Call number {numbers[1]}" in answer.content.decode()
    # Another office's hall is not theirs.
    assert get(client_of(cast, "omid"), "desk:home").context["hall"].waiting == 0


def test_each_role_is_told_what_waits_for_it(cast: Cast) -> None:
    busy(cast)
    assert lines(cast, "kamran")["Charges that wait"] == 1
    assert lines(cast, "bahram") == {
        "Overdue": 0,
        "Due today": 0,
        "In your hand": 1,
        "In nobody's hand": 1,
        "Appeals that you can decide": 0,
        "Referrals that wait for your answer": 0,
    }
    assert lines(cast, "director")["In nobody's hand"] == 1
    assert lines(cast, "shirin")["Working days of the next two weeks that are not opened"] in range(8, 14)
    assert "Drafts" in lines(cast, "manager")
    assert lines(cast, "printer") == {}


def test_desk_asks_little_of_the_database(cast: Cast) -> None:
    busy(cast)
    frame = ("SAVEPOINT", "RELEASE", "SELECT set_config")
    for name in ("narges", "kamran", "bahram", "director", "shirin", "manager"):
        client = client_of(cast, name)
        with CaptureQueriesContext(connection) as asked:
            get(client, "desk:home")
        own = [one["sql"] for one in asked if not one["sql"].startswith(frame)]
        assert len(own) <= MOST_QUERIES, name
