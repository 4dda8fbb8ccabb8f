"""Changes of a bill that stands: it is split into parts, or an exemption takes something off it."""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from khedmat.audit.actions import record
from khedmat.common.actor import Actor
from khedmat.common.constraints import violated_constraint
from khedmat.payments import ledger, perms
from khedmat.payments.enums import ChargeState, EntryKind
from khedmat.payments.errors import (
    AlreadyWaived,
    ChargeNotOpen,
    NothingToSplit,
    NothingToWaive,
    PaymentNotAllowed,
    PlanNotOffered,
)
from khedmat.payments.listeners import PartPlan, plans_for
from khedmat.payments.models import Charge, Waiver
from khedmat.payments.rules import FEWEST_PARTS, PartDraft, WaiverLine, parts_of, postings_for_waiver, reduce_parts
from khedmat.payments.settling import (
    SUBJECT,
    after_settling,
    locked_charge,
    open_parts,
    replace_open_parts,
    require_open,
    touch,
)


class InParts(Protocol):
    """How many parts, what share the first one is, and how far they are apart."""

    @property
    def count(self) -> int: ...
    @property
    def first_percent(self) -> int: ...
    @property
    def interval_days(self) -> int: ...


def is_unsplit(charge: Charge) -> bool:
    """Whether nothing of the amount is paid or split yet."""
    return charge.state == ChargeState.OPEN and not charge.settled_rial and len(open_parts(charge)) == 1


def plans_of(charge: Charge) -> Sequence[PartPlan]:
    """The plans that the programme offers for an amount of which nothing is paid or split yet."""
    return plans_for(charge.subject_kind, charge.subject_id, charge.open_rial) if is_unsplit(charge) else ()


@transaction.atomic
def split_by_plan(charge_id: UUID, *, plan_code: str, expected_version: int, by: Actor) -> Charge:
    """Split an amount as the programme's plan says, the first part due today. Errors: PlanNotOffered, as split."""
    charge = locked_charge(charge_id)
    require_open(charge, expected_version)
    plan = next((one for one in plans_of(charge) if one.code == plan_code), None)
    if plan is None:
        raise PlanNotOffered
    return split_charge(charge_id, parts_by(plan, charge), expected_version=expected_version, by=by)


def parts_by(plan: InParts, charge: Charge) -> tuple[PartDraft, ...]:
    """The parts of what is still to be paid, by a plan, from today on. Errors: NothingToSplit."""
    return parts_of(
        charge.open_rial,
        count=plan.count,
        first_percent=plan.first_percent,
        interval_days=plan.interval_days,
        first_on=timezone.localdate(),
    )


@transaction.atomic
def split_charge(charge_id: UUID, parts: Sequence[PartDraft], *, expected_version: int, by: Actor) -> Charge:
    """Put parts in the place of what is still to be paid; they sum to it.

    Errors: NothingToSplit (they do not), ChargeNotOpen, ChargeChanged, PaymentNotAllowed.
    """
    charge = locked_charge(charge_id)
    if not perms.can_change_bill(by, charge):
        raise PaymentNotAllowed
    require_open(charge, expected_version)
    amounts = [part.amount_rial for part in parts]
    if len(parts) < FEWEST_PARTS or min(amounts) <= 0 or sum(amounts) != charge.open_rial:
        raise NothingToSplit
    replace_open_parts(charge, parts)
    touch(charge)
    record(
        "charge.split",
        by=by,
        subject=SUBJECT,
        subject_id=charge.id,
        details={"parts": amounts, "due": [part.due_on.isoformat() for part in parts]},
    )
    return charge


@transaction.atomic
def waive_charge(charge_id: UUID, line: WaiverLine, *, by: Actor) -> Waiver:
    """Take an exemption off a bill: first off what is still to be paid, the last parts first.

    What was paid already stands as owed back (`owed_back_rial` of the answer), as far as it did not go back before: a
    refund is asked for. With nothing left to pay the charge is paid, and listeners are told.
    Errors: AlreadyWaived, NothingToWaive (more than is left of the kind), ChargeNotOpen (cancelled).
    """
    charge = locked_charge(charge_id)
    if not perms.can_change_bill(by, charge):
        raise PaymentNotAllowed
    if charge.state == ChargeState.CANCELLED:
        raise ChargeNotOpen
    if not 0 < line.amount_rial <= left_of_kind(charge, line.kind):
        raise NothingToWaive
    owed = min(line.amount_rial, charge.open_rial)
    waiver = _write_waiver(charge, line, owed_back_rial=line.amount_rial - owed, by=by)
    back = waiver.owed_back_rial
    gone = ledger.gone_back_of(charge, back) if back else 0
    postings = postings_for_waiver(line.kind, owed_rial=owed, owed_back_rial=back, gone_rial=gone)
    ledger.write_entry(charge, EntryKind.CHARGE_WAIVED, postings, by=by)
    record(
        "charge.waived",
        by=by,
        subject=SUBJECT,
        subject_id=charge.id,
        details={"exemption": line.code, "amount_rial": line.amount_rial, "owed_back_rial": back},
    )
    if owed:
        drafts = [PartDraft(part.amount_rial, part.due_on) for part in open_parts(charge)]
        replace_open_parts(charge, reduce_parts(drafts, owed))
        charge.waived_rial += owed
        if charge.open_rial:
            touch(charge, "waived_rial")
        else:
            after_settling(charge, is_first=charge.settled_rial == 0, by=by)
    return waiver


def left_of_kind(charge: Charge, kind: str) -> int:
    """Rial of one kind of fee on the bill that no exemption has taken off yet."""
    billed = sum(int(line["sum_rial"]) for line in charge.bill if line["kind"] == kind)
    return billed - sum(charge.waivers.filter(kind=kind).values_list("amount_rial", flat=True))


def _write_waiver(charge: Charge, line: WaiverLine, *, owed_back_rial: int, by: Actor) -> Waiver:
    waiver = Waiver(
        scope_id=charge.scope_id,
        charge=charge,
        code=line.code,
        kind=line.kind,
        amount_rial=line.amount_rial,
        owed_back_rial=owed_back_rial,
        explanation_fa=line.explanation_fa,
        explanation_en=line.explanation_en,
        source_fa=line.source_fa,
        source_en=line.source_en,
        waived_at=timezone.now(),
        waived_by=by.user_id,
    )
    try:
        with transaction.atomic():
            waiver.save(force_insert=True)
    except IntegrityError as error:
        if violated_constraint(error) == "one_waiver_for_each_exemption":
            raise AlreadyWaived from error
        raise
    return waiver
