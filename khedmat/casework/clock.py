"""The time of service of one case: begun, stopped and gone on with, always in working days.

These write on a case that the caller has locked, and answer with the names of the case's fields that they set;
the caller saves them with its own change. Nothing need run for a case to become overdue: a queue compares dates.
"""

from collections.abc import Collection, Iterable
from datetime import date

from django.utils import timezone

from khedmat.casework.enums import MemberStep, StopReason
from khedmat.casework.models import Case, ClockStop
from khedmat.casework.standards import standard_of
from khedmat.common.actor import Actor
from khedmat.common.jalali import tehran_date
from khedmat.places.calendar import add_working_days, working_days_between
from khedmat.places.selectors import holidays_for

CLOCK_FIELDS = ("clock_from", "standard_days", "due_on", "max_on")
STOP_FIELDS = ("stopped_at", "stop_reason", "due_on")
WAITING = frozenset({MemberStep.ENROLLED, MemberStep.UNDER_REVIEW, MemberStep.RETURNED})


def start_clock(case: Case) -> tuple[str, ...]:
    """Let the standard count from today on: the case was sent, or waits anew after all were decided."""
    standard, today = standard_of(case), timezone.localdate()
    holidays = holidays_for(case.scope_id)
    case.clock_from, case.standard_days = today, standard.standard_days
    case.due_on = add_working_days(today, standard.standard_days, holidays)
    case.max_on = add_working_days(today, standard.max_days, holidays)
    return CLOCK_FIELDS


def stop_clock(case: Case, reason: StopReason, note: str, *, by: Actor) -> tuple[str, ...]:
    """Let the time stand still from now on. The caller knows that it runs."""
    now = timezone.now()
    stop = ClockStop(
        household_id=case.household_id,
        case=case,
        reason=reason,
        note=note,
        stopped_at=now,
        stopped_by=by.user_id,
    )
    stop.save(force_insert=True)
    case.stopped_at, case.stop_reason = now, reason
    return STOP_FIELDS


def resume_clock(case: Case, *, by: Actor) -> tuple[str, ...]:
    """Let the time go on; the due date moves by the working days for which it stood."""
    now = timezone.now()
    stops = list(ClockStop.objects.filter(case=case))
    for stop in stops:
        if stop.resumed_at is None:
            stop.resumed_at, stop.resumed_by = now, by.user_id
            stop.save(update_fields=["resumed_at", "resumed_by"])
    case.stopped_at, case.stop_reason = None, ""
    if case.clock_from is not None and case.standard_days is not None:
        holidays = holidays_for(case.scope_id)
        stood = days_stood(stops, case.clock_from, holidays)
        case.due_on = add_working_days(case.clock_from, case.standard_days + stood, holidays)
    return STOP_FIELDS


def days_stood(stops: Iterable[ClockStop], clock_from: date, holidays: frozenset[date]) -> int:
    """Working days of all ended stops since the clock began. Stops of a case follow each other and never overlap."""
    return sum(
        working_days_between(max(tehran_date(stop.stopped_at), clock_from), tehran_date(stop.resumed_at), holidays)
        for stop in stops
        if stop.resumed_at is not None
    )


def follow_members(case: Case, steps: Collection[str], *, by: Actor) -> tuple[str, ...]:
    """After a member moved (`steps`: where the members stand now): who is returned stops the clock, who is sent again
    lets it go on; the last one decided ends the wait, and one who must be decided anew begins it again.
    """
    fields: tuple[str, ...] = ()
    is_returned = MemberStep.RETURNED in steps
    if is_returned and case.stopped_at is None:
        fields += stop_clock(case, StopReason.RETURNED, "", by=by)
    elif not is_returned and case.stop_reason == StopReason.RETURNED:
        fields += resume_clock(case, by=by)
    if not WAITING.isdisjoint(steps):
        if case.decided_at is not None:
            case.decided_at = None
            fields += ("decided_at", *start_clock(case))
    elif case.decided_at is None:
        case.decided_at = timezone.now()
        fields += ("decided_at",)
        if case.stopped_at is not None:
            fields += resume_clock(case, by=by)
    return fields
