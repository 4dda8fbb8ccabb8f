"""Counts of an office's days: places, counters and appointments, for those who run a round. Numbers alone."""

from collections.abc import Sequence
from datetime import date
from operator import add
from typing import NamedTuple

from django.db.models import Count, Q, Sum
from django.db.models.functions import TruncDate

from khedmat.service.enums import BookingState, DayState
from khedmat.service.models import Booking, OpeningDay

OfficeDay = tuple[int, date]


class Places(NamedTuple):
    """What an office offers on a day: counters that are open, and families that can have an appointment."""

    counters: int
    places: int


class Appointments(NamedTuple):
    """Appointments of a day, and how many of them were kept; of those, how many were taken so many days before.

    `booked_today` were taken on the day of looking.
    """

    booked: int
    booked_today: int
    kept: int
    kept_by_lead: tuple[int, ...]


def places_by_day(since: date, until: date) -> dict[OfficeDay, Places]:
    """By office and day, both ends included, at the offices that the context shows; a closed day offers nothing."""
    days = OpeningDay.objects.filter(open_on__gte=since, open_on__lte=until)
    offered = Sum("slots__capacity", filter=Q(slots__is_closed=False), default=0)
    found = {}
    for scope_id, day, state, counters, places in days.values_list(
        "scope_id", "open_on", "state", "counters_open"
    ).annotate(places=offered):
        is_open = state == DayState.OPEN
        found[scope_id, day] = Places(counters, places) if is_open else Places(0, 0)
    return found


def appointments_by_day(
    subject_kind: str, since: date, until: date, *, leads: Sequence[int], today: date
) -> dict[OfficeDay, Appointments]:
    """Appointments of one kind of subject by office and day, moved and cancelled ones left out.

    `leads`: days before the appointment; by each of them, how many of the kept were taken then or earlier.
    """
    days = Booking.objects.filter(
        subject_kind=subject_kind,
        state__in=[BookingState.BOOKED, BookingState.ARRIVED, BookingState.PASSED],
        slot__opening_day__open_on__gte=since,
        slot__opening_day__open_on__lte=until,
    )
    by_day_taken = days.annotate(taken_on=TruncDate("booked_at")).values_list(
        "scope_id", "slot__opening_day__open_on", "taken_on"
    )
    counted = by_day_taken.annotate(booked=Count("id"), kept=Count("id", filter=Q(state=BookingState.ARRIVED)))
    found: dict[OfficeDay, Appointments] = {}
    for scope_id, on, taken_on, booked, kept in counted.order_by():
        sofar = found.get((scope_id, on), Appointments(0, 0, 0, (0,) * len(leads)))
        known = [kept if (on - taken_on).days >= lead else 0 for lead in leads]
        found[scope_id, on] = Appointments(
            sofar.booked + booked,
            sofar.booked_today + (booked if taken_on == today else 0),
            sofar.kept + kept,
            tuple(map(add, sofar.kept_by_lead, known)),
        )
    return found
