"""Appeals against a refusal: lodged at the counter, decided by another officer than the one who refused.

In time or late, an appeal is always taken in; a late one goes to the director general. Upheld, the member comes back
under review (a closed case is opened again for it) and is approved in the same action, by the appeal's decider, with
the same reason. Dismissed, the refusal stands with its reason. The family may withdraw an appeal in one step.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from khedmat.accounts.enums import Permission, Role
from khedmat.accounts.errors import RecordNotVisible
from khedmat.accounts.rules import require, role_may
from khedmat.accounts.selectors import live_holdings
from khedmat.audit.actions import Detail, record
from khedmat.casework.actions import decide_member, lock_case, move_case, move_member
from khedmat.casework.appeal_terms import appeal_due_on, last_day_to_appeal
from khedmat.casework.enums import AppealState, CaseStep, MemberStep, Outcome
from khedmat.casework.errors import (
    AnotherOfficerDecides,
    AppealAlreadyOpen,
    AppealEnded,
    AppealNotPossible,
    DirectorDecidesAppeal,
    OwnCase,
    ReasonMissing,
)
from khedmat.casework.models import Appeal, Case, CaseMember, Decision
from khedmat.casework.perms import is_own_case
from khedmat.casework.recourse_listeners import tell_appeal_decided
from khedmat.common.actor import Actor
from khedmat.common.constraints import violated_constraint
from khedmat.common.errors import DomainError
from khedmat.files.models import StoredFile

SUBJECT = "casework.appeal"


@dataclass(frozen=True, slots=True)
class QueuedAppeal:
    """An appeal that waits, by its case's number."""

    appeal_id: UUID
    case_id: UUID
    number: str
    scope_id: int
    lodged_on: date
    due_on: date
    officer_id: UUID | None
    is_late: bool
    is_for_director: bool
    is_against_me: bool


def appeals_in_reach() -> list[QueuedAppeal]:
    """Appeals that wait in the province, the first due first. No names; empty for who decides none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM guard.appeals_in_reach()")
        return [QueuedAppeal(*row) for row in cursor.fetchall()]


def open_appeal(appeal_id: UUID, *, by: Actor) -> Appeal:
    """Open an appeal's family to somebody whose work it is. Errors: RecordNotVisible, SpentReadBudget."""
    _open_family(appeal_id, is_taken=True)
    return _with_its_case(appeal_id)


def open_appeal_in_hand(appeal_id: UUID, *, by: Actor) -> Appeal | None:
    """As `open_appeal`; None, and nothing opened, while nobody has taken it who may. Errors: as of `open_appeal`."""
    return _with_its_case(appeal_id) if _open_family(appeal_id, is_taken=False) else None


def _open_family(appeal_id: UUID, *, is_taken: bool) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT guard.open_appeal(%s, %s) IS NOT NULL", [appeal_id, is_taken])
        (is_open,) = cursor.fetchone()
    return bool(is_open)


def _with_its_case(appeal_id: UUID) -> Appeal:
    whole = Appeal.objects.select_related("case__scope", "case__province", "member__person", "decision", "paper")
    return whole.get(pk=appeal_id)


def refusal_of(member: CaseMember) -> Decision | None:
    """The refusal that stands about a member; None where none does. Needs the family open."""
    if member.step != MemberStep.REFUSED:
        return None
    return Decision.objects.filter(member=member, outcome=Outcome.REFUSE).order_by("-decided_at").first()


def why_may_not_decide(appeal: Appeal, *, by: Actor) -> type[DomainError] | None:
    """What keeps somebody who decides appeals from deciding this one; None where nothing does."""
    if appeal.appealed_officer_id == by.user_id:
        return AnotherOfficerDecides
    if is_own_case(appeal.case, by=by) or appeal.lodged_by == by.user_id:
        return OwnCase
    if appeal.is_for_director and by.role != Role.DIRECTOR_GENERAL:
        return DirectorDecidesAppeal
    return None


@transaction.atomic
def lodge_appeal(
    case_id: UUID,
    member_id: UUID,
    grounds: str,
    *,
    paper: StoredFile | None = None,
    by: Actor,
    today: date | None = None,
) -> Appeal:
    """Take an appeal in: the client stands at the counter with the decision. Needs the family open.

    Late or not, it is taken in; one after its last day goes to the director general, unless the decision was a
    director general's: then another officer decides it.
    Errors: PermissionMissing, RecordNotVisible, ReasonMissing, AppealNotPossible, AppealAlreadyOpen.
    """
    require(Permission.LODGE_APPEAL, by=by)
    if not grounds.strip():
        raise ReasonMissing(field="grounds")
    case = lock_case(case_id)
    if case.scope_id != by.scope_id:
        raise RecordNotVisible
    member = CaseMember.objects.select_for_update(of=("self",)).filter(case=case, pk=member_id).first()
    decision = refusal_of(member) if member is not None else None
    if member is None or decision is None or case.step not in {CaseStep.UNDER_REVIEW, CaseStep.CLOSED}:
        raise AppealNotPossible(field="member")
    day = today or timezone.localdate()
    is_late = day > last_day_to_appeal(case, decision)
    appeal = Appeal(
        household_id=case.household_id,
        case=case,
        member=member,
        decision=decision,
        appealed_officer_id=decision.decided_by,
        grounds=grounds.strip(),
        paper=paper,
        is_late=is_late,
        is_for_director=is_late and not _is_director(decision.decided_by),
        lodged_on=day,
        due_on=appeal_due_on(case, day),
        lodged_by=by.user_id,
    )
    try:
        with transaction.atomic():
            appeal.save(force_insert=True)
    except IntegrityError as error:
        if violated_constraint(error) == "one_open_appeal_for_each_member":
            raise AppealAlreadyOpen from error
        raise
    _record("appeal.lodged", appeal, by=by, details={"is_late": is_late})
    return appeal


@transaction.atomic
def take_appeal(appeal_id: UUID, *, by: Actor) -> Appeal:
    """An officer takes an appeal in hand that nobody has; taking it again does nothing. Opens the family.

    Errors: PermissionMissing, RecordNotVisible, AnotherOfficerDecides, OwnCase, DirectorDecidesAppeal, AppealEnded.
    """
    require(Permission.DECIDE_APPEAL, by=by)
    _case, appeal = _locked(appeal_id, by=by)
    if (why := why_may_not_decide(appeal, by=by)) is not None:
        raise why
    if appeal.officer_id is None:
        appeal.officer_id = by.user_id
        appeal.save(update_fields=["officer_id"])
        _record("appeal.taken", appeal, by=by)
    return appeal


@transaction.atomic
def decide_appeal(
    appeal_id: UUID, *, is_upheld: bool, reason: str, rule_outcomes: Mapping[str, str], by: Actor
) -> Appeal:
    """Decide an opened appeal, with a reason that the family reads. Upheld, the member is approved by it.

    The director general's own look, where a rule asked for it, was had with the decision that is appealed: the
    decider of the appeal stands in for it.
    Errors: PermissionMissing, RecordNotVisible, AnotherOfficerDecides, OwnCase, DirectorDecidesAppeal, ReasonMissing,
    AppealEnded, AppealNotPossible (the member is refused no more).
    """
    require(Permission.DECIDE_APPEAL, by=by)
    case, appeal = _locked(appeal_id, by=by)
    if (why := why_may_not_decide(appeal, by=by)) is not None:
        raise why
    if not reason.strip():
        raise ReasonMissing
    if is_upheld:
        _end(appeal, AppealState.UPHELD, reason, by=by)
        _approve(case, appeal, rule_outcomes, by=by)
    else:
        _end(appeal, AppealState.DISMISSED, reason, by=by)
    tell_appeal_decided(appeal, by=by)
    return appeal


@transaction.atomic
def withdraw_appeal(appeal_id: UUID, *, by: Actor) -> Appeal:
    """The family withdraws its appeal, in one step; the refusal stands. Errors: RecordNotVisible, AppealEnded."""
    require(Permission.LODGE_APPEAL, by=by)
    _case, appeal = _locked(appeal_id, by=by)
    _end(appeal, AppealState.WITHDRAWN, "", by=by)
    tell_appeal_decided(appeal, by=by)
    return appeal


def withdraw_appeals_of(case: Case, by: Actor) -> None:
    """Listener: a family that withdraws its case withdraws its appeals with it."""
    for appeal in Appeal.objects.select_for_update(of=("self",)).filter(case=case, state=AppealState.OPEN):
        _end(appeal, AppealState.WITHDRAWN, "", by=by)
        tell_appeal_decided(appeal, by=by)


def may_lodge(case: Case, *, by: Actor) -> bool:
    """Whether the actor takes appeals of this case in, where a member was refused."""
    is_decided = case.step in {CaseStep.UNDER_REVIEW, CaseStep.CLOSED}
    return is_decided and case.scope_id == by.scope_id and role_may(by.role, Permission.LODGE_APPEAL)


def _approve(case: Case, appeal: Appeal, rule_outcomes: Mapping[str, str], *, by: Actor) -> None:
    member = CaseMember.objects.select_for_update(of=("self",)).get(pk=appeal.member_id)
    if member.step != MemberStep.REFUSED:
        raise AppealNotPossible
    if case.step == CaseStep.CLOSED:
        move_case(case, CaseStep.UNDER_REVIEW, by=by)
    if member.needs_director:
        member.needs_director = False
        member.save(update_fields=["needs_director"])
    move_member(case, member, MemberStep.UNDER_REVIEW, by=by)
    decide_member(case, member, Outcome.APPROVE, appeal.reason or "", rule_outcomes, by=by)


def _locked(appeal_id: UUID, *, by: Actor) -> tuple[Case, Appeal]:
    """The family opened, then its case and the appeal locked, in that order."""
    seen = open_appeal(appeal_id, by=by)
    if seen.state != AppealState.OPEN:
        raise AppealEnded
    case = lock_case(seen.case_id)
    # One that has ended meanwhile cannot be locked any more (the policy for writing).
    appeal = Appeal.objects.select_for_update(of=("self",)).filter(pk=appeal_id, state=AppealState.OPEN).first()
    if appeal is None:
        raise AppealEnded
    appeal.case = case
    return case, appeal


def _end(appeal: Appeal, state: AppealState, reason: str, *, by: Actor) -> None:
    appeal.state, appeal.reason = state, reason.strip()
    appeal.ended_at, appeal.ended_by = timezone.now(), by.user_id
    appeal.save(update_fields=["state", "reason", "ended_at", "ended_by"])
    _record(f"appeal.{state}", appeal, by=by)


def _is_director(user_id: UUID) -> bool:
    return any(holding.role == Role.DIRECTOR_GENERAL for holding in live_holdings(user_id))


def _record(action: str, appeal: Appeal, *, by: Actor, details: Mapping[str, Detail] | None = None) -> None:
    record(
        action,
        by=by,
        subject=SUBJECT,
        subject_id=appeal.pk,
        household_id=appeal.household_id,
        case_id=appeal.case_id,
        details={"member": str(appeal.member_id), **(details or {})},
    )
