"""In whose hand a case is: assigned, given back, covered; and the officer's own stops of its clock."""

from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from khedmat.accounts.enums import Permission
from khedmat.accounts.errors import RecordNotVisible
from khedmat.accounts.rules import require, role_may
from khedmat.audit.actions import record
from khedmat.casework.actions import IN_THE_PROVINCE, lock_case, record_change, touch
from khedmat.casework.clock import resume_clock, stop_clock
from khedmat.casework.enums import CaseStep, MemberStep, StopReason
from khedmat.casework.errors import (
    ClockRuns,
    ClockStopped,
    CoverNotAllowed,
    CoverOverlaps,
    CoversAnother,
    NotYoursToGiveBack,
    OfficerNotOfProvince,
    OwnCase,
    StepNotPossible,
    SubstituteAway,
)
from khedmat.casework.models import Case, CaseMember, Cover
from khedmat.casework.officers import is_officer_of
from khedmat.casework.perms import is_own_case
from khedmat.common.actor import Actor
from khedmat.common.constraints import violated_constraint
from khedmat.common.locks import Turn, take_turn

_ONE_COVER = "one_cover_for_each_day"


@transaction.atomic
def assign_case(case_id: UUID, officer_id: UUID, *, by: Actor) -> Case:
    """Give a case that waits for a decision to an officer of its province; by the director general.

    Assigning it to who has it already does nothing. Errors: PermissionMissing, OfficerNotOfProvince, OwnCase,
    StepNotPossible, RecordNotVisible.
    """
    require(Permission.ASSIGN_CASE, by=by)
    case = lock_case(case_id)
    if case.step not in IN_THE_PROVINCE or case.decided_at is not None:
        raise StepNotPossible
    if not is_officer_of(officer_id, case.province_id):
        raise OfficerNotOfProvince
    if case.opened_by == officer_id:
        raise OwnCase
    if case.officer_id != officer_id:
        case.officer_id = officer_id
        touch(case, "officer_id")
        record_change("case.assigned", case, by=by, details={"officer": str(officer_id)})
    return case


@transaction.atomic
def give_back(case_id: UUID, *, by: Actor) -> Case:
    """Let a case go from a hand: by who has it, or by the director general. It waits on for whoever takes it.

    Errors: NotYoursToGiveBack, StepNotPossible, RecordNotVisible.
    """
    case = lock_case(case_id)
    if case.officer_id is None or case.step not in IN_THE_PROVINCE:
        raise StepNotPossible
    if case.officer_id != by.user_id and not role_may(by.role, Permission.ASSIGN_CASE):
        raise NotYoursToGiveBack
    officer_id, case.officer_id = case.officer_id, None
    touch(case, "officer_id")
    record_change("case.given-back", case, by=by, details={"officer": str(officer_id)})
    return case


@transaction.atomic
def stop_case_clock(case_id: UUID, version: int, reason: StopReason, note: str, *, by: Actor) -> Case:
    """Let a case's time stand still, for something that is not in the officer's hand. Needs the family open.

    Errors: CaseChangedByAnother, OwnCase, ClockStopped, StepNotPossible.
    """
    require(Permission.DECIDE_MEMBER, by=by)
    case = lock_case(case_id, version)
    if is_own_case(case, by=by):
        raise OwnCase
    if case.step != CaseStep.UNDER_REVIEW or case.decided_at is not None or reason == StopReason.RETURNED:
        raise StepNotPossible
    if case.stopped_at is not None:
        raise ClockStopped
    touch(case, *stop_clock(case, reason, note.strip(), by=by))
    record_change("clock.stopped", case, by=by, details={"reason": str(reason)})
    return case


@transaction.atomic
def resume_case_clock(case_id: UUID, version: int, *, by: Actor) -> Case:
    """Let a case's time go on. Where a member is with the office, it stands on for that reason instead.

    Errors: CaseChangedByAnother, OwnCase, ClockRuns.
    """
    require(Permission.DECIDE_MEMBER, by=by)
    case = lock_case(case_id, version)
    if is_own_case(case, by=by):
        raise OwnCase
    if case.stopped_at is None or case.stop_reason == StopReason.RETURNED:
        raise ClockRuns
    fields = resume_clock(case, by=by)
    if CaseMember.objects.filter(case=case, step=MemberStep.RETURNED).exists():
        fields += stop_clock(case, StopReason.RETURNED, "", by=by)
    touch(case, *fields)
    record_change("clock.resumed", case, by=by)
    return case


@transaction.atomic
def set_cover(officer_id: UUID, substitute_id: UUID, away_from: date, away_until: date, *, by: Actor) -> Cover:
    """Have an officer of the director general's own province covered by another, both days included.

    Errors: PermissionMissing, OfficerNotOfProvince, CoverNotAllowed, CoverOverlaps, SubstituteAway, CoversAnother.
    """
    require(Permission.ASSIGN_CASE, by=by)
    if not (is_officer_of(officer_id, by.scope_id) and is_officer_of(substitute_id, by.scope_id)):
        raise OfficerNotOfProvince
    if officer_id == substitute_id or not timezone.localdate() <= away_until or away_until < away_from:
        raise CoverNotAllowed
    # Two covers that are set at once would not see each other.
    take_turn(Turn.SETTING_COVER, by.scope_id)
    at_the_time = Cover.objects.filter(ended_at__isnull=True, away_from__lte=away_until, away_until__gte=away_from)
    if at_the_time.filter(officer_id=substitute_id).exists():
        raise SubstituteAway
    if at_the_time.filter(substitute_id=officer_id).exists():
        raise CoversAnother
    cover = Cover(
        scope_id=by.scope_id,
        officer_id=officer_id,
        substitute_id=substitute_id,
        away_from=away_from,
        away_until=away_until,
        made_by=by.user_id,
    )
    try:
        with transaction.atomic():
            cover.save(force_insert=True)
    except IntegrityError as error:
        if violated_constraint(error) == _ONE_COVER:
            raise CoverOverlaps from error
        raise
    details = {"officer": str(officer_id), "substitute": str(substitute_id)}
    record("cover.set", by=by, subject="casework.cover", subject_id=cover.pk, details=details)
    return cover


@transaction.atomic
def end_cover(cover_id: UUID, *, by: Actor) -> Cover:
    """End a cover now; ending it again does nothing. Errors: PermissionMissing, RecordNotVisible."""
    require(Permission.ASSIGN_CASE, by=by)
    cover = Cover.objects.select_for_update(of=("self",)).filter(pk=cover_id).first()
    if cover is None:
        raise RecordNotVisible
    if cover.ended_at is None:
        now: datetime = timezone.now()
        cover.ended_at, cover.ended_by = now, by.user_id
        cover.save(update_fields=["ended_at", "ended_by"])
        record("cover.ended", by=by, subject="casework.cover", subject_id=cover.pk)
    return cover
