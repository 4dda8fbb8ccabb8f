"""Keeping the free days: the nation's by a round manager, a province's by its director general."""

from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from khedmat.accounts.enums import Permission
from khedmat.accounts.errors import RecordNotVisible
from khedmat.accounts.rules import require
from khedmat.audit.actions import record
from khedmat.common.actor import Actor
from khedmat.common.constraints import violated_constraint
from khedmat.offices.errors import HolidayKeptAlready
from khedmat.places.enums import HolidayCertainty
from khedmat.places.models import Holiday

_ONCE = "one_holiday_for_each_day"


@transaction.atomic
def add_holiday(on: date, *, title: str, source: str, certainty: HolidayCertainty, by: Actor) -> Holiday:
    """Keep a free day of the working place, with the announcement that says so. Errors: HolidayKeptAlready.

    Due dates that were given before stay as they are; those given from now on step over the day.
    """
    require(Permission.KEEP_CALENDAR, by=by)
    holiday = Holiday(
        scope_id=by.scope_id,
        on=on,
        title_fa=title,
        source_fa=source,
        certainty=certainty,
        recorded_by=by.user_id,
    )
    try:
        with transaction.atomic():
            holiday.save(force_insert=True)
    except IntegrityError as error:
        if violated_constraint(error) == _ONCE:
            raise HolidayKeptAlready from error
        raise
    details = {"on": on.isoformat(), "certainty": str(certainty)}
    record("holiday.added", by=by, subject="places.holiday", subject_id=holiday.pk, details=details)
    return holiday


@transaction.atomic
def withdraw_holiday(holiday_id: UUID, *, by: Actor) -> Holiday:
    """Let a day of the working place be a working day after all; again does nothing. Errors: RecordNotVisible."""
    require(Permission.KEEP_CALENDAR, by=by)
    own = Holiday.objects.select_for_update(of=("self",)).filter(pk=holiday_id, scope_id=by.scope_id)
    holiday = own.first()
    if holiday is None:
        raise RecordNotVisible
    if holiday.withdrawn_at is None:
        holiday.withdrawn_at, holiday.withdrawn_by = timezone.now(), by.user_id
        holiday.save(update_fields=["withdrawn_at", "withdrawn_by"])
        details = {"on": holiday.on.isoformat()}
        record("holiday.withdrawn", by=by, subject="places.holiday", subject_id=holiday.pk, details=details)
    return holiday
