"""Every change of a case: opened, moved, its papers, portraits and decisions."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import cast
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from khedmat.accounts.enums import Role
from khedmat.accounts.errors import RecordNotVisible
from khedmat.audit.actions import Detail, record
from khedmat.audit.models import Entry
from khedmat.casework.clock import follow_members, resume_clock, start_clock
from khedmat.casework.enums import CaseStep, MemberStep, Outcome
from khedmat.casework.errors import (
    CaseChangedByAnother,
    CaseInAnothersHand,
    DirectorDecides,
    HouseholdHasCase,
    LaterChange,
    OwnCase,
    ReasonMissing,
    StepNotPossible,
)
from khedmat.casework.lifecycle import CASE_ENDS, MEMBER_ENDS, case_transition, member_transition
from khedmat.casework.listeners import tell_withdrawn
from khedmat.casework.milestones import reach_case_step, reach_member_step
from khedmat.casework.models import Case, CaseMember, Decision, PaperCheck
from khedmat.casework.officers import covered_by
from khedmat.casework.perms import can_decide, can_decide_member
from khedmat.common.actor import Actor
from khedmat.common.constraints import violated_constraint
from khedmat.files.models import StoredFile
from khedmat.places.models import Scope
from khedmat.places.selectors import province_of
from khedmat.registry.models import Household, Person

IN_THE_PROVINCE = frozenset({CaseStep.SUBMITTED, CaseStep.UNDER_REVIEW})
_CASE_ONCE = "one_case_for_each_household_and_round"
_STEP_OF_OUTCOME = {
    Outcome.APPROVE: MemberStep.APPROVED,
    Outcome.REFUSE: MemberStep.REFUSED,
    Outcome.RETURN: MemberStep.RETURNED,
}


def enter_case(case_id: UUID, *, by: Actor) -> Case:
    """Open a case's family to somebody whose work it is now. Errors: RecordNotVisible, SpentReadBudget."""
    open_family_of(case_id, by=by)
    return Case.objects.select_related("scope", "province", "household").get(pk=case_id)


def open_family_of(case_id: UUID, *, by: Actor) -> None:
    """As `enter_case`, where the case's row was read already. Errors: RecordNotVisible, SpentReadBudget."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT guard.open_case(%s)", [case_id])


@transaction.atomic
def open_case(
    household: Household,
    persons: Sequence[Person],
    *,
    case_type: str,
    series: str,
    series_version: int,
    number_prefix: str,
    by: Actor,
) -> Case:
    """Begin a household's request at the working place. Errors: HouseholdHasCase, RecordNotVisible."""
    place = Scope.objects.get(pk=by.scope_id)
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('casework_case_number_seq')")
        (serial,) = cursor.fetchone()
    case = Case(
        number=f"{number_prefix}-{place.code}-{serial:05d}",
        case_type=case_type,
        series=series,
        series_version=series_version,
        household=household,
        scope=place,
        province=cast(Scope, province_of(place)),
        member_count=len(persons),
        opened_by=by.user_id,
    )
    try:
        with transaction.atomic():
            case.save(force_insert=True)
    except IntegrityError as error:
        if violated_constraint(error) == _CASE_ONCE:
            raise HouseholdHasCase from error
        raise
    CaseMember.objects.bulk_create(
        [CaseMember(household_id=household.pk, case=case, person=person) for person in persons]
    )
    record_change("case.opened", case, by=by, details={"members": len(persons)})
    return case


def lock_case(case_id: UUID, version: int | None = None) -> Case:
    """The case, locked until the transaction ends. With `version`, the one that the reader saw.

    Errors: RecordNotVisible, CaseChangedByAnother (with who, what, when).
    """
    case = Case.objects.select_for_update(of=("self",)).select_related("scope", "province").filter(pk=case_id).first()
    if case is None:
        raise RecordNotVisible
    if version is not None and case.version != version:
        raise CaseChangedByAnother(_changes_after(case, version))
    return case


@transaction.atomic
def move_case(case: Case, target: CaseStep, *, by: Actor, details: Mapping[str, Detail] | None = None) -> Case:
    """Move a locked case along a declared transition. Errors: StepNotPossible."""
    transition = case_transition(case.step, target)
    if transition is None:
        raise StepNotPossible
    now = timezone.now()
    case.step, case.step_since_at = target, now
    case.closed_at, case.closed_by = (now, by.user_id) if target in CASE_ENDS else (None, None)
    touch(case, "step", "step_since_at", "closed_at", "closed_by")
    record_change(transition.act, case, by=by, details=details)
    reach_case_step(case, target)
    return case


@transaction.atomic
def withdraw_case(case_id: UUID, version: int, *, by: Actor) -> Case:
    """The client withdraws: at any time, in one step, without consequence.

    Needs the family open. What other storeys made for the members ends with it (casework.listeners).
    Errors as of `lock_case`, StepNotPossible.
    """
    case = lock_case(case_id, version)
    if case.step in CASE_ENDS:
        raise StepNotPossible
    members = list(CaseMember.objects.select_for_update(of=("self",)).filter(case=case))
    if len(members) != case.member_count:
        raise RecordNotVisible
    for member in members:
        if member.step not in MEMBER_ENDS:
            member.step = MemberStep.WITHDRAWN
            member.save(update_fields=["step"])
    if case.stopped_at is not None or case.ready_members or case.returned_members:
        resumed = resume_clock(case, by=by) if case.stopped_at is not None else ()
        touch(case, *_count_waiting(case, {}), *resumed)
    move_case(case, CaseStep.WITHDRAWN, by=by)
    tell_withdrawn(case, by=by)
    return case


@transaction.atomic
def check_papers(case: Case, codes: Iterable[tuple[str, UUID | None]], *, by: Actor) -> None:
    """Mark papers as seen: (document code, case member or None for the household's). Twice does no harm."""
    for code, member_id in codes:
        _paper, is_new = PaperCheck.objects.get_or_create(
            case=case,
            document_code=code,
            member_id=member_id,
            defaults={"household_id": case.household_id, "checked_by": by.user_id},
        )
        if is_new:
            record_change("paper.seen", case, by=by, details={"paper": code, "member": str(member_id or "")})
    touch(case)


@transaction.atomic
def attach_paper(case: Case, code: str, member_id: UUID | None, file: StoredFile, *, by: Actor) -> None:
    """Keep a picture of a paper with its mark; a newer picture takes the older one's place in the case."""
    PaperCheck.objects.update_or_create(
        case=case,
        document_code=code,
        member_id=member_id,
        defaults={"household_id": case.household_id, "checked_by": by.user_id, "file": file},
    )
    touch(case)
    record_change("paper.attached", case, by=by, details={"paper": code, "file": str(file.pk)})


@transaction.atomic
def attach_portrait(case: Case, member: CaseMember, file: StoredFile, *, by: Actor) -> None:
    """Give a member a portrait; a newer one takes the older one's place."""
    member.portrait = file
    member.save(update_fields=["portrait"])
    touch(case)
    record_change("portrait.attached", case, by=by, details={"member": str(member.pk), "file": str(file.pk)})


@transaction.atomic
def send_to_review(case: Case, needs_director: Mapping[UUID, bool], *, by: Actor) -> None:
    """Submit a paid case. `needs_director`: by case member, whether a rule asks for the director general."""
    for member in CaseMember.objects.select_for_update(of=("self",)).filter(case=case):
        if member.step == MemberStep.ENROLLED:
            member.needs_director = needs_director[member.pk]
            member.step = MemberStep.UNDER_REVIEW
            member.save(update_fields=["step", "needs_director"])
    case.is_for_director = any(needs_director.values())
    touch(case, "is_for_director", *start_clock(case))
    move_case(case, CaseStep.SUBMITTED, by=by)


@transaction.atomic
def take_for_review(case_id: UUID, *, by: Actor) -> Case:
    """An officer takes a case in hand that nobody has, or that is theirs by assignment; again does nothing.

    A substitute takes a covered officer's case and leaves it in that officer's name; the director general may look
    into every case. Errors: CaseInAnothersHand (with who and since when), RecordNotVisible.
    """
    case = lock_case(case_id)
    if case.step not in IN_THE_PROVINCE:
        return case
    holder = case.officer_id
    if holder not in {None, by.user_id}:
        if by.role != Role.DIRECTOR_GENERAL and holder not in covered_by(by.user_id, timezone.localdate()):
            raise CaseInAnothersHand(holder, case.step_since_at)
    elif holder is None:
        case.officer_id = by.user_id
        touch(case, "officer_id")
        if case.step == CaseStep.UNDER_REVIEW:
            record_change("case.taken-again", case, by=by)
    if case.step == CaseStep.SUBMITTED:
        move_case(case, CaseStep.UNDER_REVIEW, by=by)
    return case


@transaction.atomic
def decide_member(
    case: Case,
    member: CaseMember,
    outcome: Outcome,
    reason: str,
    rule_outcomes: Mapping[str, str],
    *,
    by: Actor,
) -> Decision:
    """Decide about one member of a locked case, with a reason. A machine never calls this.

    Errors: OwnCase, DirectorDecides, ReasonMissing; StepNotPossible where the case is in nobody's hand, or the
    member waits for no decision.
    """
    if not can_decide(case, by=by):
        raise OwnCase
    if not can_decide_member(case, member, outcome, by=by):
        raise DirectorDecides
    if not reason.strip():
        raise ReasonMissing
    if (case.step, member.step) != (CaseStep.UNDER_REVIEW, MemberStep.UNDER_REVIEW):
        raise StepNotPossible
    decision = Decision(
        household_id=case.household_id,
        case=case,
        member=member,
        outcome=outcome,
        reason=reason.strip(),
        rule_outcomes=dict(rule_outcomes),
        decided_by=by.user_id,
    )
    decision.save(force_insert=True)
    if outcome == Outcome.REFER:
        member.needs_director, case.is_for_director = True, True
        member.save(update_fields=["needs_director"])
        touch(case, "is_for_director")
        record_change("member.referred", case, by=by, details={"member": str(member.pk)})
    else:
        move_member(case, member, _STEP_OF_OUTCOME[outcome], by=by)
    return decision


@transaction.atomic
def move_member(case: Case, member: CaseMember, target: MemberStep, *, by: Actor) -> None:
    """Move a member along a declared transition; the case closes with its last member. Errors: StepNotPossible."""
    transition = member_transition(member.step, target)
    if transition is None:
        raise StepNotPossible
    member.step = target
    reach_member_step(case, member, target)
    member.save(update_fields=["step", "reached"])
    is_in_review = case.step == CaseStep.UNDER_REVIEW
    steps = Counter(CaseMember.objects.filter(case=case).values_list("step", flat=True))
    touch(case, *_count_waiting(case, steps), *(follow_members(case, steps, by=by) if is_in_review else ()))
    record_change(transition.act, case, by=by, details={"member": str(member.pk)})
    if is_in_review and steps.keys() <= MEMBER_ENDS:
        move_case(case, CaseStep.CLOSED, by=by)


def _count_waiting(case: Case, steps: Mapping[str, int]) -> tuple[str, ...]:
    """Keep with the case how many members wait for the counter; answers with the fields that it sets."""
    case.ready_members, case.returned_members = steps.get(MemberStep.READY, 0), steps.get(MemberStep.RETURNED, 0)
    return "ready_members", "returned_members"


def touch(case: Case, *fields: str) -> None:
    """Save a locked case's changed fields with its next version."""
    case.version += 1
    case.save(update_fields=["version", *fields])


def record_change(action: str, case: Case, *, by: Actor, details: Mapping[str, Detail] | None = None) -> None:
    """The one audit row of a change of a case, with the version that it made."""
    record(
        action,
        by=by,
        subject="casework.case",
        subject_id=case.pk,
        household_id=case.household_id,
        case_id=case.pk,
        details={**(details or {}), "version": case.version},
    )


def _changes_after(case: Case, version: int) -> list[LaterChange]:
    entries = Entry.objects.filter(case_id=case.pk, details__version__gt=version).order_by("id")
    return [LaterChange(entry.actor_id, entry.action, entry.at) for entry in entries if entry.actor_id]
