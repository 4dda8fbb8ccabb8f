"""Many at once for few places: exactly as many as there are places, and the others are offered the next times."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from uuid import UUID

import pytest
from django.db import connection

from khedmat.common.actor import Actor
from khedmat.service.booking import book, make_code
from khedmat.service.enums import Channel
from khedmat.service.errors import AlreadyBooked, SlotFull
from khedmat.service.models import Booking, ClientCode, Slot
from khedmat.service.subjects import Subject
from khedmat.vault.context import working_context
from tests.cast import make_cast
from tests.changes.test_races import at_once
from tests.service.opened import MORNING, PLAN, a_subject, opened, slots

AT_ONCE = 20


class Crowd:
    """Who books at the same time: `AT_ONCE` connections that begin together, each taking the next in line."""

    def __init__(self, clerk: Actor, slot: UUID, after: UUID) -> None:
        self.clerk, self.slot, self.after = clerk, slot, after
        self.start = Barrier(AT_ONCE)

    def come(self, subjects: list[Subject]) -> Counter[str]:
        """What became of each of them."""
        shares = [subjects[one::AT_ONCE] for one in range(AT_ONCE)]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return Counter(answer for answers in pool.map(self._book_each, shares) for answer in answers)

    def _book_each(self, subjects: list[Subject]) -> list[str]:
        try:
            self.start.wait(timeout=60)
            return [self._book(subject) for subject in subjects]
        finally:
            connection.close()

    def _book(self, subject: Subject) -> str:
        try:
            with working_context(self.clerk):
                book(self.slot, subject, channel=Channel.CLIENT, by=self.clerk, now=MORNING)
        except SlotFull as full:
            return "offered the next" if full.offered and full.offered[0].pk == self.after else "offered nothing"
        except AlreadyBooked:
            return "booked already"
        return "booked"


def crowd_for(places: int) -> Crowd:
    cast = make_cast()
    opened(cast["shirin"], plan=replace(PLAN, counters=places))
    first, second, *_rest = slots(cast["shirin"])
    return Crowd(cast["narges"], first.pk, second.pk)


def assert_none_oversold(crowd: Crowd, came: int, places: int) -> None:
    answers = crowd.come([a_subject(f"18-042-{one:05d}") for one in range(came)])
    assert answers == {"booked": places, "offered the next": came - places}
    with working_context(crowd.clerk):
        slot = Slot.objects.get(pk=crowd.slot)
        assert (slot.taken, Booking.objects.filter(slot=slot).count()) == (places, places)


@pytest.mark.django_db(transaction=True)
def test_a_hundred_for_twenty_places(transactional_db: None) -> None:
    assert_none_oversold(crowd_for(20), 100, 20)


@pytest.mark.proof
@pytest.mark.django_db(transaction=True)
def test_a_thousand_for_two_hundred_places(transactional_db: None) -> None:
    assert_none_oversold(crowd_for(200), 1_000, 200)


@pytest.mark.django_db(transaction=True)
def test_one_family_books_once_however_often_it_asks(transactional_db: None) -> None:
    crowd = crowd_for(AT_ONCE)
    answers = crowd.come([a_subject()] * AT_ONCE)
    assert answers == {"booked": 1, "booked already": AT_ONCE - 1}
    with working_context(crowd.clerk):
        assert Slot.objects.get(pk=crowd.slot).taken == 1


@pytest.mark.django_db(transaction=True)
def test_two_slips_at_once_leave_one_code_that_holds(transactional_db: None) -> None:
    cast, subject = make_cast(), a_subject()

    def make() -> None:
        with working_context(cast["narges"]):
            make_code(subject, by=cast["narges"])

    assert at_once(*[make] * 4) == ["done"] * 4
    with working_context(cast["narges"]):
        assert ClientCode.objects.filter(ended_at__isnull=True).count() == 1


@pytest.mark.django_db(transaction=True)
def test_days_opened_twice_at_once_are_open_once(transactional_db: None) -> None:
    cast = make_cast()
    answers = at_once(*[lambda: opened(cast["shirin"], days=5)] * 3)
    assert sorted(answers) == ["NoWorkingDay", "NoWorkingDay", "done"]
