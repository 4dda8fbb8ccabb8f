"""A household's enrolment in a round, from the counter to the officer's decision.

The case engine keeps the steps, this module the round's sense of them: which papers, what it costs, what the
rules say. Every function is an action: one transaction, audited, errors as facts. Those of the counter ask for the
counter's permission themselves (PermissionMissing), whoever calls them.
"""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from khedmat.accounts.enums import Permission
from khedmat.accounts.rules import require
from khedmat.casework import actions as casework
from khedmat.casework.enums import CaseStep, MemberStep, Outcome
from khedmat.casework.errors import PapersMissing, PortraitsMissing, StepNotPossible
from khedmat.casework.listeners import tell_decided
from khedmat.casework.milestones import reach_case_step
from khedmat.casework.models import Case, CaseMember
from khedmat.changes.errors import NobodyLiving
from khedmat.common.actor import Actor
from khedmat.common.locks import Turn, share_turn
from khedmat.files.actions import store_paper, store_portrait
from khedmat.payments.actions import cancel_charge, lock_live_charge_of, raise_charge
from khedmat.payments.enums import ChargeState
from khedmat.payments.listeners import PaidCharge
from khedmat.payments.selectors import unpaid_subjects
from khedmat.places.models import Scope
from khedmat.places.selectors import province_of
from khedmat.registry.actions import note_household_read
from khedmat.registry.keeping import lock_households
from khedmat.registry.selectors import household_with_members
from khedmat.rounds.enrolment_view import enrolment_view
from khedmat.rounds.enums import OnUnmet, PaymentOrder
from khedmat.rounds.relief import apply_granted, content_of_case
from khedmat.rounds.rules import RuleOutcome
from khedmat.rounds.selectors import open_version_of
from khedmat.service.booking import release_appointment

CASE_TYPE = "enrolment"


@transaction.atomic
def start_enrolment(household_id: UUID, round_code: str, *, by: Actor, today: date | None = None) -> Case:
    """Take an open family, present at the counter, into a round: its case stands at 'arrived'.

    The dead are left out. Errors: RoundNotFound, RoundNotOpen, HouseholdHasCase, NobodyLiving, RecordNotVisible.
    """
    require(Permission.TAKE_APPLICATION, by=by)
    return casework.move_case(begin_enrolment(household_id, round_code, by=by, today=today), CaseStep.ARRIVED, by=by)


def begin_enrolment(household_id: UUID, round_code: str, *, by: Actor, today: date | None = None) -> Case:
    """An open family's case in a round, at its first step. For actions, which ask for the permission first."""
    province = province_of(Scope.objects.get(pk=by.scope_id))
    # Whoever closes the round waits for the case that begins, or it finds the round closed.
    share_turn(Turn.CLOSING_ROUND, round_code)
    version = open_version_of(
        round_code, today or timezone.localdate(), province_code=province.code if province else None
    )
    # Who belongs to the family must not change under the case that begins.
    lock_households([household_id])
    household = household_with_members(household_id)
    living = [person for person in household.members.all() if person.deceased_on is None]
    if not living:
        raise NobodyLiving
    return casework.open_case(
        household,
        living,
        case_type=CASE_TYPE,
        series=version.round.code,
        series_version=version.version,
        number_prefix=str(version.round.number),
        by=by,
    )


@transaction.atomic
def mark_papers(case_id: UUID, version: int, seen: Iterable[tuple[str, UUID | None]], *, by: Actor) -> Case:
    """Mark papers as seen; with the last required one the case moves on. Unknown papers are left out.

    Errors: CaseChangedByAnother, StepNotPossible (not at the counter any more).
    """
    require(Permission.TAKE_APPLICATION, by=by)
    case = casework.lock_case(case_id, version)
    _require_open(case)
    is_seen = {(paper.code, paper.member_id): paper.is_seen for paper in enrolment_view(case).papers}
    marked = [paper for paper in seen if paper in is_seen]
    casework.check_papers(case, marked, by=by)
    if case.step == CaseStep.ARRIVED and all(was_seen or paper in marked for paper, was_seen in is_seen.items()):
        casework.move_case(case, CaseStep.PAPERS_CHECKED, by=by)
        _go_on_when_photographed(case, by=by)
    return case


@transaction.atomic
def add_paper(case_id: UUID, code: str, member_id: UUID | None, data: bytes, *, by: Actor) -> Case:
    """Keep a picture of a required paper, and mark it as seen. Errors: FileRefused, PapersMissing, …"""
    require(Permission.TAKE_APPLICATION, by=by)
    case = casework.lock_case(case_id)
    _require_open(case)
    if (code, member_id) not in {(paper.code, paper.member_id) for paper in enrolment_view(case).papers}:
        raise PapersMissing
    file = store_paper(data, case.household_id, by=by, case_id=case.pk)
    casework.attach_paper(case, code, member_id, file, by=by)
    return mark_papers(case.pk, case.version, [(code, member_id)], by=by)


@transaction.atomic
def add_portrait(case_id: UUID, member_id: UUID, data: bytes, *, by: Actor) -> Case:
    """Keep a member's portrait; with the last one the case moves on and the charge is raised.

    Takes no version: portraits of several members may arrive at once, and each stands alone.
    Errors: FileRefused, StepNotPossible, RecordNotVisible.
    """
    require(Permission.TAKE_APPLICATION, by=by)
    case = casework.lock_case(case_id)
    _require_open(case)
    member = CaseMember.objects.filter(case=case, pk=member_id).first()
    if member is None:
        raise PortraitsMissing
    _require_undecided(case, member)
    file = store_portrait(data, case.household_id, by=by, case_id=case.pk)
    casework.attach_portrait(case, member, file, by=by)
    _go_on_when_photographed(case, by=by)
    return case


@transaction.atomic
def submit_enrolment(case_id: UUID, version: int, *, by: Actor) -> Case:
    """Hand a case to the province, paid or, where its round says so, to be paid later.

    The rules are run; where one asks, the director general decides.

    Errors: CaseChangedByAnother, StepNotPossible.
    """
    require(Permission.TAKE_APPLICATION, by=by)
    case = casework.lock_case(case_id, version)
    if not may_submit(case):
        raise StepNotPossible
    view = enrolment_view(case)
    casework.send_to_review(
        case, {member.case_member.pk: asks_for_director(member.outcomes) for member in view.members}, by=by
    )
    return case


@transaction.atomic
def resubmit_member(case_id: UUID, version: int, member_id: UUID, *, by: Actor) -> Case:
    """Send a returned member back to the officer, once what was missing is there.

    Errors: CaseChangedByAnother, StepNotPossible: whoever was refused comes back by an appeal alone.
    """
    require(Permission.TAKE_APPLICATION, by=by)
    case = casework.lock_case(case_id, version)
    member = _member(case, member_id)
    if member.step != MemberStep.RETURNED:
        raise StepNotPossible
    casework.move_member(case, member, MemberStep.UNDER_REVIEW, by=by)
    return case


@transaction.atomic
def decide(case_id: UUID, version: int, member_id: UUID, outcome: Outcome, reason: str, *, by: Actor) -> Case:
    """Decide about one member, with a reason; what the rules said is kept with the decision.

    Errors: CaseChangedByAnother, OwnCase, DirectorDecides, ReasonMissing, StepNotPossible.
    """
    return decide_each(case_id, version, [(member_id, outcome, reason)], by=by)


@transaction.atomic
def decide_each(case_id: UUID, version: int, decisions: Iterable[tuple[UUID, Outcome, str]], *, by: Actor) -> Case:
    """Decide about several members at once, each with a reason of their own: all are kept, or none.

    Errors: as of `decide`.
    """
    case = casework.lock_case(case_id, version)
    outcomes = {one.case_member.pk: one.outcomes for one in enrolment_view(case).members}
    for member_id, outcome, reason in decisions:
        member = _member(case, member_id)
        states = {one.code: str(one.state) for one in outcomes[member.pk]}
        casework.decide_member(case, member, outcome, reason, states, by=by)
    tell_decided(case, by=by)
    return case


@transaction.atomic
def withdraw_enrolment(case_id: UUID, version: int, *, by: Actor) -> Case:
    """The client withdraws: an open charge is cancelled with the case, and its paid parts are owed back.

    What was paid whole stays on record: the cashier asks for its refund. Errors: as of `withdraw_case`.
    """
    require(Permission.TAKE_APPLICATION, by=by)
    # The appointment and the charge before their case, as a payment locks them: each would wait for the other.
    release_appointment(CASE_TYPE, case_id, by=by)
    charge = lock_live_charge_of(CASE_TYPE, case_id)
    case = casework.withdraw_case(case_id, version, by=by)
    if charge is not None and charge.state == ChargeState.OPEN:
        cancel_charge(charge.pk, expected_version=charge.version, by=by)
    return case


def may_submit(case: Case) -> bool:
    """Whether the case may go to the province now: paid, or photographed where the round takes the money later."""
    if case.step != CaseStep.PHOTOGRAPHED:
        return case.step == CaseStep.PAID
    return content_of_case(case).payment_order == PaymentOrder.AFTER_SUBMISSION


def case_is_paid(paid: PaidCharge, by: Actor) -> None:
    """Listener of the payments engine: the first part moves the case on, in the transaction of the payment.

    A case that was sent before it was paid stays where it stands: its cards are printed from then on.
    """
    if not paid.is_first:
        return
    case = casework.lock_case(paid.subject_id)
    if case.step == CaseStep.PHOTOGRAPHED:
        casework.move_case(case, CaseStep.PAID, by=by, details={"amount_rial": paid.amount_rial})
    else:
        # No step of the case, but counted like any other payment.
        reach_case_step(case, CaseStep.PAID)


def unpaid_cases(case_ids: Iterable[UUID]) -> set[UUID]:
    """Cases of which nothing is paid yet: their cards are not printed."""
    return unpaid_subjects(CASE_TYPE, case_ids)


def note_case_read(case: Case, *, by: Actor) -> None:
    """One row for each read of a case's page."""
    note_household_read(case.household_id, by=by, case_id=case.pk)


def asks_for_director(outcomes: Iterable[RuleOutcome]) -> bool:
    """Whether an unmet rule sends the member to the director general."""
    return any(not one.is_met and one.on_unmet == OnUnmet.DIRECTOR_GENERAL for one in outcomes)


def _go_on_when_photographed(case: Case, *, by: Actor) -> None:
    without_portrait = CaseMember.objects.filter(case=case, portrait__isnull=True)
    if case.step != CaseStep.PAPERS_CHECKED or without_portrait.exists():
        return
    casework.move_case(case, CaseStep.PHOTOGRAPHED, by=by)
    view = enrolment_view(case)
    charge = raise_charge(
        subject_kind=CASE_TYPE,
        subject_id=case.pk,
        subject_number=case.number,
        lines=view.bill.lines,
        tariff_reference=view.tariff_reference,
        by=by,
    )
    apply_granted(case, charge, by=by)
    # A bill of zero is paid at once, by the listener, on the row that is locked here.
    case.refresh_from_db()


def _require_open(case: Case) -> None:
    counter = {CaseStep.ARRIVED, CaseStep.PAPERS_CHECKED, CaseStep.PHOTOGRAPHED, CaseStep.PAID}
    is_returned = (
        case.step == CaseStep.UNDER_REVIEW and CaseMember.objects.filter(case=case, step=MemberStep.RETURNED).exists()
    )
    if case.step not in counter and not is_returned:
        raise StepNotPossible


def _require_undecided(case: Case, member: CaseMember) -> None:
    """While one member is with the office, the others' cards show the faces that the officer saw."""
    if case.step == CaseStep.UNDER_REVIEW and member.step != MemberStep.RETURNED:
        raise StepNotPossible


def _member(case: Case, member_id: UUID) -> CaseMember:
    member = CaseMember.objects.select_for_update(of=("self",)).filter(case=case, pk=member_id).first()
    if member is None:
        raise StepNotPossible
    return member
