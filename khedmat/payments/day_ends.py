"""The end of a cashier's day: the count against the books, and the manager's word on it."""

from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from khedmat.accounts.enums import Permission
from khedmat.accounts.rules import role_may
from khedmat.audit.actions import record
from khedmat.common.actor import Actor
from khedmat.payments import perms
from khedmat.payments.errors import (
    DayAlreadyConfirmed,
    DayAlreadyCounted,
    DayByAnother,
    DayChanged,
    DayNotFound,
    DifferenceNeedsNote,
    NothingToCount,
    PaymentNotAllowed,
)
from khedmat.payments.models import DayEnd
from khedmat.payments.selectors import day_is_counted, day_to_count, takings_of
from khedmat.payments.settling import take_drawer

SUBJECT = "payments.dayend"


@transaction.atomic
def count_day(
    *,
    counted_cash_rial: int,
    counted_terminal_rial: int,
    expected: tuple[int, int],
    note: str,
    by: Actor,
    on: date | None = None,
) -> DayEnd:
    """Close the actor's own day with what was counted: cash in the drawer, slips of the card terminal.

    `expected` is (cash, terminal) and `on` the day as the page showed them: a day that was forgotten comes first.
    After this the actor takes no more at the counter on that day.
    Errors: DayAlreadyCounted, DayChanged, NothingToCount, DifferenceNeedsNote, PaymentNotAllowed.
    """
    if not role_may(by.role, Permission.COUNT_CASH):
        raise PaymentNotAllowed
    take_drawer(by.user_id)
    day_on = _day_to_count(on, by=by)
    takings = takings_of(by.scope_id, by.user_id, day_on)
    if not takings.count:
        raise NothingToCount
    if (takings.cash_rial, takings.terminal_rial) != expected:
        raise DayChanged
    if (counted_cash_rial, counted_terminal_rial) != expected and not note.strip():
        raise DifferenceNeedsNote
    day = DayEnd(
        scope_id=by.scope_id,
        counted_on=day_on,
        expected_cash_rial=takings.cash_rial,
        counted_cash_rial=counted_cash_rial,
        expected_terminal_rial=takings.terminal_rial,
        counted_terminal_rial=counted_terminal_rial,
        note=note.strip(),
        counted_at=timezone.now(),
        counted_by=by.user_id,
    )
    day.save(force_insert=True)
    record(
        "day.counted",
        by=by,
        subject=SUBJECT,
        subject_id=day.pk,
        details={
            "on": day_on.isoformat(),
            "cash_difference_rial": day.cash_difference_rial,
            "terminal_difference_rial": day.terminal_difference_rial,
        },
    )
    return day


def _day_to_count(shown: date | None, *, by: Actor) -> date:
    """The day that is counted next, if it is the one that the page showed. Errors: DayAlreadyCounted, DayChanged."""
    due = day_to_count(by.scope_id, by.user_id, timezone.localdate())
    if day_is_counted(by.scope_id, by.user_id, shown or due):
        raise DayAlreadyCounted
    if shown not in {None, due}:
        raise DayChanged
    return due


@transaction.atomic
def confirm_day(day_id: UUID, *, by: Actor) -> DayEnd:
    """The manager has seen the money and the note. Errors: DayNotFound, DayByAnother, DayAlreadyConfirmed."""
    day = DayEnd.objects.select_for_update(of=("self",)).filter(pk=day_id).first()
    if day is None:
        raise DayNotFound
    if not perms.can_confirm_day(by, day):
        raise PaymentNotAllowed
    if day.confirmed_at is not None:
        raise DayAlreadyConfirmed
    if day.counted_by == by.user_id:
        raise DayByAnother
    day.confirmed_at, day.confirmed_by = timezone.now(), by.user_id
    day.save(update_fields=["confirmed_at", "confirmed_by"])
    record("day.confirmed", by=by, subject=SUBJECT, subject_id=day.pk)
    return day
