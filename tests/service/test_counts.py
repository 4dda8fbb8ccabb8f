"""Appointments are counted by day, and by how long before they were taken."""

from datetime import timedelta

from khedmat.service.booking import book
from khedmat.service.counts import Appointments, appointments_by_day
from khedmat.service.enums import Channel
from khedmat.service.hall import give_number
from khedmat.vault.context import working_context
from tests.cast import Cast
from tests.service.opened import DAY, MORNING, a_subject, at, opened, slots


def test_kept_appointments_are_counted_by_when_they_were_taken(cast: Cast) -> None:
    opened(cast["shirin"])
    clerk, slot = cast["narges"], slots(cast["shirin"])
    early, late, today = a_subject(), a_subject(), a_subject()
    with working_context(clerk):
        for place, (subject, days) in enumerate(((early, 5), (late, 1), (today, 0))):
            book(slot[place].pk, subject, channel=Channel.PHONE, by=clerk, now=MORNING - timedelta(days=days))
        for subject in (early, late):
            give_number(subject, by=clerk, now=at(8))
        counted = appointments_by_day(early.kind, DAY, DAY, leads=(1, 3, 7), today=DAY)
    assert counted == {
        (clerk.scope_id, DAY): Appointments(booked=3, booked_today=1, kept=2, kept_by_lead=(2, 1, 0)),
    }
