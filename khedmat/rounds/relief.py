"""Exemptions and payment in parts: asked by the clerk with papers, decided by the office's manager.

A request blocks nothing. What is granted before the bill is raised stands in it from the start; what is granted
after the payment is given back. The family must be open to whoever acts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import get_language, gettext, override

from khedmat.accounts.enums import Permission
from khedmat.accounts.rules import require
from khedmat.audit.actions import Detail, record
from khedmat.casework import actions as casework
from khedmat.casework.errors import StepNotPossible
from khedmat.casework.models import Case, PaperCheck
from khedmat.common.actor import Actor
from khedmat.common.constraints import violated_constraint
from khedmat.common.text import localise_digits
from khedmat.files.actions import store_paper
from khedmat.payments.actions import lock_live_charge_of
from khedmat.payments.enums import RefundCause
from khedmat.payments.errors import AlreadyWaived, NothingToSplit, NothingToWaive
from khedmat.payments.instalments import is_unsplit, left_of_kind, parts_by, split_charge, waive_charge
from khedmat.payments.listeners import PartPlan
from khedmat.payments.models import Charge
from khedmat.payments.refunds import ask_refund
from khedmat.payments.rules import BillLine, WaiverLine
from khedmat.payments.selectors import owed_back_and_unasked
from khedmat.payments.titles import fee_title
from khedmat.rounds.enums import ReliefKind, ReliefState
from khedmat.rounds.errors import (
    ReliefAlreadyAsked,
    ReliefAlreadyDecided,
    ReliefByAnother,
    ReliefNeedsReason,
    ReliefNotAllowed,
    ReliefNotFound,
    ReliefNotOffered,
    ReliefPaperMissing,
)
from khedmat.rounds.known import version_with_content
from khedmat.rounds.models import ReliefRequest
from khedmat.rounds.rules import ExemptionSpec, InstalmentSpec, VersionSpec

_WHOLE = 100


@dataclass(frozen=True, slots=True)
class WaitingRelief:
    """A case with requests that wait for the manager: its number and how many, no name."""

    case_id: UUID
    number: str
    waiting: int


@transaction.atomic
def ask_relief(
    case_id: UUID, kind: ReliefKind, code: str, reason: str, papers: Mapping[str, bytes], *, by: Actor
) -> ReliefRequest:
    """Ask for an exemption, or for payment in parts. `papers`: pictures by the code of the exemption's papers.

    Errors: ReliefNotOffered, ReliefNeedsReason, ReliefPaperMissing, ReliefAlreadyAsked, FileRefused,
    StepNotPossible (the case is closed).
    """
    require(Permission.TAKE_APPLICATION, by=by)
    case = casework.lock_case(case_id)
    if case.closed_at is not None:
        raise StepNotPossible
    spec = offered(content_of_case(case), kind, code)
    if not reason.strip():
        raise ReliefNeedsReason
    if isinstance(spec, ExemptionSpec):
        _keep_papers(case, spec, papers, by=by)
    request = ReliefRequest(
        household_id=case.household_id,
        case=case,
        kind=ReliefKind(kind).value,
        code=code,
        reason=reason.strip(),
        asked_at=timezone.now(),
        asked_by=by.user_id,
    )
    try:
        with transaction.atomic():
            request.save(force_insert=True)
    except IntegrityError as error:
        if violated_constraint(error) == "one_relief_request_for_each_kind":
            raise ReliefAlreadyAsked from error
        raise
    _record("relief.asked", request, case, by=by)
    return request


@transaction.atomic
def grant_relief(request_id: UUID, reason: str, *, by: Actor) -> ReliefRequest:
    """Grant: the bill changes at once, or once it is raised. What was paid beyond is asked back for the family.

    Errors: ReliefNotFound, ReliefNotAllowed, ReliefByAnother, ReliefAlreadyDecided, ReliefNeedsReason.
    """
    charge, case, request = _decide(request_id, ReliefState.GRANTED, reason, by=by)
    _record("relief.granted", request, case, by=by)
    if charge is not None:
        _apply(request, case, charge, by=by)
    return request


@transaction.atomic
def decline_relief(request_id: UUID, reason: str, *, by: Actor) -> ReliefRequest:
    """Decline, with a reason that the family reads. Errors: as of `grant_relief`."""
    _charge, case, request = _decide(request_id, ReliefState.DECLINED, reason, by=by)
    _record("relief.declined", request, case, by=by)
    return request


def apply_granted(case: Case, charge: Charge, *, by: Actor) -> None:
    """Bring what was granted before into a bill that was just raised: exemptions first, then parts.

    What the case's version does not offer any more falls away.
    """
    content = content_of_case(case)
    for request in granted_to(case):
        if _spec_of(content, request.kind, request.code) is not None:
            _apply(request, case, lock_live_charge_of(case.case_type, case.pk) or charge, by=by)


def granted_to(case: Case) -> list[ReliefRequest]:
    """What was granted to a case, in the order in which it is brought into a bill."""
    return list(ReliefRequest.objects.filter(case=case, state=ReliefState.GRANTED).order_by("kind", "asked_at"))


def relieved_total(content: VersionSpec, lines: Sequence[BillLine], granted: Sequence[ReliefRequest]) -> int:
    """What is left of a bill by a version's exemptions, as `apply_granted` will bring them in."""
    left = {line.kind: 0 for line in lines}
    for line in lines:
        left[line.kind] += line.sum_rial
    billed = dict(left)
    codes = [one.code for one in granted if one.kind == ReliefKind.EXEMPTION]
    for spec in sorted((one for one in content.exemptions if one.code in codes), key=lambda one: codes.index(one.code)):
        kind = spec.tariff_kind
        left[kind] = left.get(kind, 0) - min(spec.reduction_of(billed.get(kind, 0)), left.get(kind, 0))
    return sum(left.values())


def waiting_relief() -> list[WaitingRelief]:
    """Open cases of the manager's office with undecided requests, the longest waiting first. No names."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT case_id, number, waiting FROM guard.relief_waiting()")
        return [WaitingRelief(*row) for row in cursor.fetchall()]


def content_of_case(case: Case) -> VersionSpec:
    """What the case's own version of its round says."""
    return version_with_content(case.series, case.series_version)[1]


def offered(content: VersionSpec, kind: ReliefKind, code: str) -> ExemptionSpec | InstalmentSpec:
    """The exemption or plan with this code. Errors: ReliefNotOffered."""
    found = _spec_of(content, kind, code)
    if found is None:
        raise ReliefNotOffered
    return found


def _spec_of(content: VersionSpec, kind: str, code: str) -> ExemptionSpec | InstalmentSpec | None:
    listed: Sequence[ExemptionSpec | InstalmentSpec] = (
        content.exemptions if kind == ReliefKind.EXEMPTION else content.instalments
    )
    return next((one for one in listed if one.code == code), None)


def plans_of_enrolment(case_id: UUID, amount_rial: int) -> list[PartPlan]:
    """The plans that the round of a case offers for an amount; the payments engine asks."""
    case = Case.objects.filter(pk=case_id).first()
    if case is None:
        return []
    language = get_language() or "fa"
    return [
        PartPlan(
            code=plan.code,
            title=plan.title.in_language(language),
            count=plan.count,
            first_percent=plan.first_percent,
            interval_days=plan.interval_days,
            source=plan.source.in_language(language),
        )
        for plan in content_of_case(case).instalments
        # Of a few rial, no part would have one.
        if amount_rial >= max(plan.least_rial, plan.count)
    ]


def waiver_line(spec: ExemptionSpec, amount_rial: int) -> WaiverLine:
    """An exemption as the bill shows it, in both languages."""
    return WaiverLine(
        code=spec.code,
        kind=spec.tariff_kind,
        amount_rial=amount_rial,
        explanation_fa=_explained(spec, "fa"),
        explanation_en=_explained(spec, "en"),
        source_fa=spec.source.fa,
        source_en=spec.source.en,
    )


def _explained(spec: ExemptionSpec, language: str) -> str:
    with override(language):
        values = {
            "fee": fee_title(spec.tariff_kind),
            "exemption": spec.title.in_language(language),
            "percent": localise_digits(str(spec.percent), language),
        }
        if spec.percent == _WHOLE:
            return gettext("Exempt from the %(fee)s: %(exemption)s") % values
        return gettext("Exempt from %(percent)s percent of the %(fee)s: %(exemption)s") % values


def _keep_papers(case: Case, spec: ExemptionSpec, papers: Mapping[str, bytes], *, by: Actor) -> None:
    kept = set(
        PaperCheck.objects.filter(
            case=case, document_code__in=spec.papers, member__isnull=True, file__isnull=False
        ).values_list("document_code", flat=True)
    )
    if set(spec.papers) - kept - set(papers):
        raise ReliefPaperMissing
    for code in spec.papers:
        if code in papers:
            file = store_paper(papers[code], case.household_id, by=by, case_id=case.pk)
            casework.attach_paper(case, code, None, file, by=by)


def _decide(
    request_id: UUID, state: ReliefState, reason: str, *, by: Actor
) -> tuple[Charge | None, Case, ReliefRequest]:
    found = ReliefRequest.objects.filter(pk=request_id).select_related("case").first()
    if found is None:
        raise ReliefNotFound
    # The charge before its case, as a payment locks them.
    charge = lock_live_charge_of(found.case.case_type, found.case_id)
    case = casework.lock_case(found.case_id)
    request = ReliefRequest.objects.select_for_update(of=("self",)).get(pk=request_id)
    require(Permission.DECIDE_EXEMPTION, by=by)
    if case.scope_id != by.scope_id:
        raise ReliefNotAllowed
    if request.state != ReliefState.OPEN or case.closed_at is not None:
        raise ReliefAlreadyDecided
    if request.asked_by == by.user_id:
        raise ReliefByAnother
    if not reason.strip():
        raise ReliefNeedsReason
    request.state, request.decision_reason = state, reason.strip()
    request.decided_at, request.decided_by = timezone.now(), by.user_id
    request.save(update_fields=["state", "decision_reason", "decided_at", "decided_by"])
    # The bill may have been raised while the case's lock was awaited.
    return charge or lock_live_charge_of(case.case_type, case.pk), case, request


def _apply(request: ReliefRequest, case: Case, charge: Charge, *, by: Actor) -> None:
    spec = offered(content_of_case(case), ReliefKind(request.kind), request.code)
    if isinstance(spec, ExemptionSpec):
        _exempt(request, spec, charge, by=by)
    elif is_unsplit(charge):
        _split(charge, spec, by=by)


def _exempt(request: ReliefRequest, spec: ExemptionSpec, charge: Charge, *, by: Actor) -> None:
    billed = sum(int(line["sum_rial"]) for line in charge.bill if line["kind"] == spec.tariff_kind)
    amount = min(spec.reduction_of(billed), left_of_kind(charge, spec.tariff_kind))
    if not amount:
        return
    try:
        waiver = waive_charge(charge.pk, waiver_line(spec, amount), by=by)
    except (AlreadyWaived, NothingToWaive):
        return
    # Less where some of it went back already, or is asked back for another cause.
    back = min(waiver.owed_back_rial, owed_back_and_unasked(charge))
    if back > 0:
        ask_refund(
            charge.pk,
            cause=RefundCause.EXEMPTION,
            amount_rial=back,
            reason=waiver.explanation_fa,
            asked_by=request.asked_by,
            by=by,
        )


def _split(charge: Charge, plan: InstalmentSpec, *, by: Actor) -> None:
    try:
        split_charge(charge.pk, parts_by(plan, charge), expected_version=charge.version, by=by)
    except NothingToSplit:
        return


def _record(action: str, request: ReliefRequest, case: Case, *, by: Actor) -> None:
    details: dict[str, Detail] = {"request": str(request.pk), "kind": request.kind, "code": request.code}
    record(
        action,
        by=by,
        subject="rounds.reliefrequest",
        subject_id=request.pk,
        household_id=case.household_id,
        case_id=case.pk,
        details=details,
    )
