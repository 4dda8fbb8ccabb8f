"""What every change of a charge shares: its lock, its parts, and what happens when one of them is paid.

Only the actions of this app call it, inside their transactions.
"""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Max
from django.utils import timezone

from khedmat.audit.actions import Detail, record
from khedmat.common.actor import Actor
from khedmat.common.locks import Turn, take_turn
from khedmat.payments import ledger
from khedmat.payments.enums import AttemptState, ChargeState, CounterMethod, EntryKind, InstalmentState
from khedmat.payments.errors import ChargeChanged, ChargeNotFound, ChargeNotOpen
from khedmat.payments.listeners import PaidCharge, tell_paid
from khedmat.payments.models import Charge, Instalment, PaymentAttempt
from khedmat.payments.rules import PartDraft, postings_for_payment

SUBJECT = "payments.charge"


def take_drawer(cashier_id: UUID) -> None:
    """One at a time at a cashier's drawer: money taken or given, and the count. Before any charge is locked."""
    take_turn(Turn.AT_A_DRAWER, str(cashier_id))


def locked_charge(charge_id: UUID) -> Charge:
    """The charge, locked until the transaction ends. Errors: ChargeNotFound."""
    charge = Charge.objects.select_for_update(of=("self",)).filter(pk=charge_id).first()
    if charge is None:
        raise ChargeNotFound
    return charge


def require_open(charge: Charge, expected_version: int) -> None:
    """Errors: ChargeNotOpen, ChargeChanged."""
    if charge.state != ChargeState.OPEN:
        raise ChargeNotOpen
    if charge.version != expected_version:
        raise ChargeChanged


def open_parts(charge: Charge) -> list[Instalment]:
    """Parts still to be paid, in the order in which they are due."""
    return list(charge.instalments.filter(state=InstalmentState.OPEN))


def add_parts(charge: Charge, drafts: Iterable[PartDraft]) -> None:
    """Write parts, numbered on from those that were ever there."""
    last = charge.instalments.aggregate(last=Max("number"))["last"] or 0
    Instalment.objects.bulk_create(
        Instalment(
            scope_id=charge.scope_id,
            charge=charge,
            number=number,
            amount_rial=draft.amount_rial,
            due_on=draft.due_on,
        )
        for number, draft in enumerate(drafts, start=last + 1)
    )


def replace_open_parts(charge: Charge, drafts: Iterable[PartDraft]) -> None:
    """Put other parts in the place of those still to be paid, and give up tries at paying those."""
    give_up_attempts(charge)
    charge.instalments.filter(state=InstalmentState.OPEN).update(state=InstalmentState.CANCELLED)
    add_parts(charge, drafts)


def give_up_attempts(charge: Charge) -> None:
    """Tries that still wait are given up. A late success is still believed: see `effect_of_callback`."""
    waiting = charge.attempts.filter(state=AttemptState.STARTED)
    waiting.update(state=AttemptState.EXPIRED, finished_at=timezone.now())


def touch(charge: Charge, *fields: str) -> None:
    """Save the named fields with the next version."""
    charge.version += 1
    charge.save(update_fields=["version", *fields])


def settle(charge: Charge, attempt: PaymentAttempt, *, by: Actor) -> None:
    """The attempt pays its open part; listeners are told of the first part and of the last."""
    postings = postings_for_payment(attempt.amount_rial, method=attempt.method)
    ledger.write_entry(charge, EntryKind.PAYMENT, postings, attempt=attempt, by=by, drawer_of=drawer_of(attempt, by=by))
    give_up_attempts(charge)
    part, now = attempt.instalment, timezone.now()
    part.state, part.paid_at, part.paid_by = InstalmentState.PAID, now, by.user_id
    part.save(update_fields=["state", "paid_at", "paid_by"])
    is_first = charge.settled_rial == 0
    charge.settled_rial += attempt.amount_rial
    record_payment("payment.taken", charge, attempt, by=by)
    after_settling(charge, is_first=is_first, by=by)


def after_settling(charge: Charge, *, is_first: bool, by: Actor) -> None:
    """Save what is settled; with nothing left the charge is paid."""
    is_whole = charge.open_rial == 0
    if is_whole:
        charge.state, charge.paid_at, charge.paid_by = ChargeState.PAID, timezone.now(), by.user_id
    touch(charge, "state", "paid_at", "paid_by", "settled_rial", "waived_rial")
    if is_first or is_whole:
        paid = PaidCharge(
            charge.id, charge.subject_kind, charge.subject_id, charge.net_rial, is_first=is_first, is_whole=is_whole
        )
        tell_paid(paid, by=by)


def drawer_of(attempt: PaymentAttempt, *, by: Actor) -> UUID | None:
    """Whose drawer or terminal the money went through; nobody's at a bank's page."""
    return by.user_id if attempt.method in CounterMethod.values else None


def record_payment(action: str, charge: Charge, attempt: PaymentAttempt, *, by: Actor) -> None:
    """The audit row of one try at paying."""
    details: dict[str, Detail] = {
        "attempt": str(attempt.id),
        "method": attempt.method,
        "amount_rial": attempt.amount_rial,
        "part": attempt.instalment.number,
    }
    record(action, by=by, subject=SUBJECT, subject_id=charge.id, details=details)
