"""A case goes to another office of its province, or to another province: asked, accepted, returned, taken back.

Only with the family's knowledge, and only by its own place; the other place answers. Until it accepts, it reads the
case's number and size and no name. Accepting moves the case to an office there (guard.accept_referral): the old
office's queue shows it no more, and whoever had the family open there opens it anew, if they may.

Money stays where it was raised: charges, payments and the ledger belong to the old office, which also pays a refund.
So a case goes only before its amount is set or once it is paid, or the payment would move a case that its cashier
sees no more; later parts of an amount are paid where it was set. A family that has not come yet cancels its
appointment and books another one instead. To another province a case goes only before the province
has it in hand: nobody there has decided yet and no card is in print. The household then follows into that province
(`registry.keeping.move_to_province`), so that the register and the case say the same place.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from khedmat.accounts.enums import Permission
from khedmat.accounts.errors import RecordNotVisible
from khedmat.accounts.rules import require, role_may
from khedmat.audit.actions import Detail, record
from khedmat.casework.actions import lock_case
from khedmat.casework.enums import CaseStep, ReferralKind, ReferralReason, ReferralState
from khedmat.casework.errors import (
    AlreadyReferred,
    CannotBeReferred,
    NotAPlaceToReferTo,
    ReasonMissing,
    ReferralEnded,
)
from khedmat.casework.models import Case, Referral
from khedmat.casework.recourse_listeners import tell_referral_answered
from khedmat.common.actor import Actor
from khedmat.common.constraints import violated_constraint
from khedmat.places.enums import ScopeKind
from khedmat.places.models import Scope
from khedmat.places.selectors import province_of
from khedmat.registry.enums import Way
from khedmat.registry.history import because
from khedmat.registry.keeping import move_to_province
from khedmat.registry.models import Household

SUBJECT = "casework.referral"
# As guard.accept_referral has it.
TO_PROVINCE_FROM = frozenset(
    {
        CaseStep.ARRIVED,
        CaseStep.PAPERS_CHECKED,
        CaseStep.PAID,
        CaseStep.SUBMITTED,
    }
)
TO_OFFICE_FROM = TO_PROVINCE_FROM | {CaseStep.UNDER_REVIEW}


@dataclass(frozen=True, slots=True)
class Referred:
    """What a working place has to do with referrals: to answer, asked by it, answered lately. Numbers alone."""

    to_answer: list[Referral]
    asked: list[Referral]
    answered: list[Referral]


def may_refer(case: Case, *, by: Actor) -> bool:
    """Whether the case stands where it can go elsewhere, and is of the actor's place."""
    is_theirs = by.scope_id in {case.scope_id, case.province_id}
    return is_theirs and case.step in TO_OFFICE_FROM and role_may(by.role, Permission.REFER_CASE)


def may_answer(referral: Referral, *, by: Actor) -> bool:
    """The place itself answers: the office's clerk or manager, or an officer of the province."""
    is_open = referral.state == ReferralState.OPEN
    return is_open and referral.to_scope_id == by.scope_id and role_may(by.role, Permission.REFER_CASE)


def may_revoke(referral: Referral, *, by: Actor) -> bool:
    """The case's office takes it back, or its province."""
    is_theirs = by.scope_id == referral.from_scope_id or f"/{by.scope_id}/" in referral.from_scope.path
    return referral.state == ReferralState.OPEN and is_theirs and role_may(by.role, Permission.REFER_CASE)


def offices_of(province_id: int) -> QuerySet[Scope]:
    """Offices of a province, by name."""
    return Scope.objects.filter(kind=ScopeKind.OFFICE, path__contains=f"/{province_id}/").order_by("sort_key", "code")


def referral_by_id(referral_id: UUID) -> Referral:
    """A referral from or to the working place. Errors: RecordNotVisible."""
    found = Referral.objects.select_related("from_scope", "to_scope").filter(pk=referral_id).first()
    if found is None:
        raise RecordNotVisible
    return found


def open_referral_of(case: Case) -> Referral | None:
    """The referral of a case that waits for an answer."""
    waiting = Referral.objects.select_related("from_scope", "to_scope")
    return waiting.filter(case_id=case.pk, state=ReferralState.OPEN).first()


def last_referral_of(case: Case) -> Referral | None:
    """The case's newest referral, however it ended: a returned one says why."""
    return Referral.objects.select_related("from_scope", "to_scope").filter(case_id=case.pk).last()


def referred(*, by: Actor, since_days: int = 30) -> Referred:
    """Referrals of the working place. One query."""
    since = timezone.now() - timedelta(days=since_days)
    shown = list(
        Referral.objects.select_related("from_scope", "to_scope")
        .filter(Q(state=ReferralState.OPEN) | Q(answered_at__gte=since))
        .order_by("asked_at")
    )
    waiting = [one for one in shown if one.state == ReferralState.OPEN]
    return Referred(
        [one for one in waiting if one.to_scope_id == by.scope_id],
        [one for one in waiting if one.to_scope_id != by.scope_id],
        [one for one in shown if one.state != ReferralState.OPEN][::-1],
    )


@transaction.atomic
def ask_referral(
    case_id: UUID, version: int | None, place: Scope, reason: ReferralReason, note: str = "", *, by: Actor
) -> Referral:
    """Ask another office or province to take a case over. The family knows of it.

    Errors: as of `lock_case`, PermissionMissing, RecordNotVisible, CannotBeReferred, NotAPlaceToReferTo,
    AlreadyReferred.
    """
    require(Permission.REFER_CASE, by=by)
    case = lock_case(case_id, version)
    if by.scope_id not in {case.scope_id, case.province_id}:
        raise RecordNotVisible
    kind = _kind_of(case, place)
    if case.step not in (TO_OFFICE_FROM if kind == ReferralKind.TO_OFFICE else TO_PROVINCE_FROM):
        raise CannotBeReferred
    referral = Referral(
        case=case,
        case_number=case.number,
        member_count=case.member_count,
        from_scope=case.scope,
        to_scope=place,
        kind=kind,
        reason=reason,
        note=note.strip(),
        asked_by=by.user_id,
    )
    try:
        with transaction.atomic():
            referral.save(force_insert=True)
    except IntegrityError as error:
        if violated_constraint(error) == "one_open_referral_for_each_case":
            raise AlreadyReferred from error
        raise
    _record("case.referred", referral, case, by=by, details={"to": place.pk})
    return referral


@transaction.atomic
def accept_referral(referral_id: UUID, office: Scope | None = None, *, by: Actor) -> Referral:
    """Take the case over; `office`: which office of one's province gets it, where the province was asked.

    A family from another province is opened to the actor, counted and recorded, and follows into this one.
    Errors: PermissionMissing, RecordNotVisible, ReferralEnded, CannotBeReferred, NotAPlaceToReferTo, SpentReadBudget.
    """
    require(Permission.REFER_CASE, by=by)
    referral = referral_by_id(referral_id)
    place = referral.to_scope if referral.kind == ReferralKind.TO_OFFICE else office
    if place is None:
        raise NotAPlaceToReferTo(field="office")
    with connection.cursor() as cursor:
        cursor.execute("SELECT guard.accept_referral(%s, %s)", [referral.pk, place.pk])
        (answer,) = cursor.fetchone()
    if answer != "accepted":
        raise {"ended": ReferralEnded, "step": CannotBeReferred}.get(answer, NotAPlaceToReferTo)
    case = Case.objects.get(pk=referral.case_id)
    _record("case.referral-accepted", referral, case, by=by, details={"office": place.pk, "version": case.version})
    if referral.kind == ReferralKind.TO_PROVINCE:
        with because(Way.CHANGE, referral.pk):
            household = Household.objects.get(pk=case.household_id)
            move_to_province(household, referral.to_scope, reference=referral.pk, by=by)
    referral = referral_by_id(referral_id)
    tell_referral_answered(referral, by=by)
    return referral


@transaction.atomic
def return_referral(referral_id: UUID, answer: str, *, by: Actor) -> Referral:
    """Send it back with a reason; the case stays where it is.

    Errors: PermissionMissing, RecordNotVisible, ReferralEnded, ReasonMissing.
    """
    require(Permission.REFER_CASE, by=by)
    if not answer.strip():
        raise ReasonMissing(field="answer")
    referral = _locked(referral_id)
    if not may_answer(referral, by=by):
        raise RecordNotVisible
    with connection.cursor() as cursor:
        cursor.execute("SELECT guard.note_referral_returned(%s)", [referral.pk])
    referral.answer = answer.strip()
    _end(referral, ReferralState.RETURNED, by=by)
    return referral


@transaction.atomic
def revoke_referral(referral_id: UUID, *, by: Actor) -> Referral:
    """The place that asked takes it back before it is answered.

    Errors: PermissionMissing, RecordNotVisible, ReferralEnded.
    """
    require(Permission.REFER_CASE, by=by)
    seen = referral_by_id(referral_id)
    if seen.state != ReferralState.OPEN:
        raise ReferralEnded
    if not may_revoke(seen, by=by):
        raise RecordNotVisible
    case = Case.objects.select_for_update().filter(pk=seen.case_id).first()
    # Out of sight by now: it was accepted while this waited.
    if case is None:
        raise ReferralEnded
    _revoke(_locked(referral_id), case, by=by)
    return referral_by_id(referral_id)


def revoke_referral_of(case: Case, by: Actor) -> None:
    """Listener: with a withdrawn case, what was asked for it is taken back."""
    for referral in Referral.objects.select_for_update().filter(case=case, state=ReferralState.OPEN):
        _revoke(referral, case, by=by)


def _kind_of(case: Case, place: Scope) -> ReferralKind:
    if place.kind == ScopeKind.PROVINCE and place.pk != case.province_id:
        return ReferralKind.TO_PROVINCE
    if place.kind == ScopeKind.OFFICE and place.pk != case.scope_id and province_of(place) == case.province:
        return ReferralKind.TO_OFFICE
    raise NotAPlaceToReferTo


def _revoke(referral: Referral, case: Case, *, by: Actor) -> None:
    _end(referral, ReferralState.REVOKED, by=by, told_of=case)


def _end(referral: Referral, state: ReferralState, *, by: Actor, told_of: Case | None = None) -> None:
    referral.state, referral.answered_at, referral.answered_by = state, timezone.now(), by.user_id
    referral.save(update_fields=["state", "answer", "answered_at", "answered_by"])
    if told_of is not None:
        _record("case.referral-revoked", referral, told_of, by=by)
    tell_referral_answered(referral, by=by)


def _locked(referral_id: UUID) -> Referral:
    referral_by_id(referral_id)
    # One that has ended cannot be locked any more (the policy for writing).
    locked = Referral.objects.select_for_update(of=("self",)).select_related("from_scope", "to_scope")
    found = locked.filter(pk=referral_id, state=ReferralState.OPEN).first()
    if found is None:
        raise ReferralEnded
    return found


def _record(
    action: str, referral: Referral, case: Case, *, by: Actor, details: dict[str, Detail] | None = None
) -> None:
    record(
        action,
        by=by,
        subject=SUBJECT,
        subject_id=referral.pk,
        household_id=case.household_id,
        case_id=case.pk,
        details=details,
    )


def places_to_refer_to(case: Case) -> Iterable[Scope]:
    """Other offices of the case's province, then the other provinces."""
    offices = list(offices_of(case.province_id).exclude(pk=case.scope_id))
    if case.step not in TO_PROVINCE_FROM:
        return offices
    return [*offices, *Scope.objects.filter(kind=ScopeKind.PROVINCE).exclude(pk=case.province_id).order_by("sort_key")]
