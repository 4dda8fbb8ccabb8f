"""An office with days, counters and a subject to book: what the tests of this storey stand on."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from uuid import UUID, uuid4

from django.utils import timezone

from khedmat.common.actor import Actor
from khedmat.common.jalali import TEHRAN
from khedmat.service.booking import book
from khedmat.service.enums import Channel, CounterKind
from khedmat.service.hall import call_next, give_number
from khedmat.service.models import Counter, OpeningDay, Slot
from khedmat.service.opening import close_day, make_hall_link, open_counter, open_days
from khedmat.service.rules import DayPlan
from khedmat.service.selectors import today_in_tehran
from khedmat.service.subjects import Subject
from khedmat.vault.context import working_context

# A Sunday: 1 Azar 1405, and the morning before anybody comes.
DAY = date(2026, 11, 22)
MORNING = datetime(2026, 11, 22, 7, 0, tzinfo=TEHRAN)
PLAN = DayPlan(opens=time(8), closes=time(10), minutes=30, counters=2)


def at(hour: int, minute: int = 0, *, day: date = DAY) -> datetime:
    """A moment of a day in Tehran."""
    return datetime.combine(day, time(hour, minute), tzinfo=TEHRAN)


def a_subject(number: str = "18-042-00001") -> Subject:
    """Something to book that no programme knows of: the engine asks nobody."""
    return Subject("test-subject", UUID(int=uuid4().int), number)


def opened(
    manager: Actor, *, since: date = DAY, days: int = 1, plan: DayPlan = PLAN, now: datetime = MORNING
) -> list[OpeningDay]:
    """Working days from a day on, with their times."""
    with working_context(manager):
        return open_days(since, since + timedelta(days=days - 1), plan, by=manager, now=now)


def slots(manager: Actor) -> list[Slot]:
    """All times of the office, in order."""
    with working_context(manager):
        return list(Slot.objects.filter(scope_id=manager.scope_id).order_by("starts_at"))


def counters(manager: Actor) -> tuple[Counter, Counter, Counter]:
    """Two for applications, and the cashier's."""
    with working_context(manager):
        return (
            open_counter(1, CounterKind.CLERK, by=manager),
            open_counter(2, CounterKind.CLERK, by=manager),
            open_counter(3, CounterKind.CASHIER, by=manager),
        )


def day_at_work(manager: Actor, clerk: Actor, *subjects: Subject) -> list[str]:
    """An office in the middle of today: two days open, an appointment of each subject (or of one that is no case),
    numbers that wait and one that is called, and an address of the display. Answers the codes of the slips.
    """
    now = timezone.now()
    tomorrow = today_in_tehran(now) + timedelta(days=1)
    plan = replace(PLAN, quiet_from=time(9), quiet_until=time(10))
    with working_context(manager):
        open_days(tomorrow, tomorrow + timedelta(days=1), plan, note="یادداشت", with_free_days=True, by=manager)
        make_hall_link(by=manager)
    first, _second, cashier = counters(manager)
    assert cashier.kind == CounterKind.CASHIER
    with working_context(clerk):
        free = Slot.objects.filter(is_quiet=False)
        booked = [
            book(slot.pk, subject, channel=Channel.PHONE, by=clerk)
            for subject, slot in zip(subjects or (a_subject(),), free, strict=False)
        ]
        give_number(by=clerk)
        give_number(is_calm=True, by=clerk)
        give_number(counter_kind=CounterKind.CASHIER, by=clerk)
        call_next(first.pk, by=clerk)
    return [one.code for one in booked if one.code]


def day_given_up(manager: Actor, clerk: Actor, subject: Subject) -> None:
    """The last open day is closed; a subject's appointment on it stands on the list to call."""
    with working_context(manager):
        day = OpeningDay.objects.filter(scope_id=manager.scope_id).latest("open_on")
    with working_context(clerk):
        book(day.slots.filter(is_quiet=False)[0].pk, subject, channel=Channel.PHONE, by=clerk)
    with working_context(manager):
        close_day(day.pk, "تعطیل ناگهانی", day.version, is_moving=False, by=manager)
