"""Money that goes back to a payer: asked for with a reason, paid out or declined by another person."""

from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from khedmat.audit.actions import Detail, record
from khedmat.common.actor import Actor
from khedmat.common.constraints import violated_constraint
from khedmat.payments import ledger, perms
from khedmat.payments.enums import CounterMethod, EntryKind, RefundCause, RefundMethod, RefundState
from khedmat.payments.errors import (
    DrawerTooEmpty,
    NoCardToRefund,
    PaymentNotAllowed,
    ReceiptAlreadyUsed,
    RefundByAnother,
    RefundNeedsReason,
    RefundNotFound,
    RefundNotOpen,
    RefundTooLarge,
)
from khedmat.payments.gateways import RefundOrder, gateway_by_code
from khedmat.payments.models import Charge, PaymentAttempt, Refund
from khedmat.payments.rules import postings_for_refund, receipt_number_of, voucher_reference
from khedmat.payments.selectors import card_payment_for, drawers_at, owed_back_and_unasked, refundable_on
from khedmat.payments.settling import locked_charge, take_drawer

SUBJECT = "payments.refund"
# These give back only what the ledger says is owed back; the others may give back a fee that was earned.
_OWED_BACK = frozenset({RefundCause.EXEMPTION, RefundCause.OVERPAYMENT})


@transaction.atomic
def ask_refund(
    charge_id: UUID, *, cause: RefundCause, amount_rial: int, reason: str, by: Actor, asked_by: UUID | None = None
) -> Refund:
    """Ask that money goes back. Never more than was taken less what went or is asked back already.

    `asked_by` names who asked where the request follows another act (the clerk of an exemption that a manager
    grants), so that the manager may still pay it out. Errors: RefundTooLarge, RefundNeedsReason, PaymentNotAllowed.
    """
    charge = locked_charge(charge_id)
    if not perms.can_ask_refund(by, charge):
        raise PaymentNotAllowed
    if not reason.strip():
        raise RefundNeedsReason
    most = owed_back_and_unasked(charge) if cause in _OWED_BACK else refundable_on(charge)
    if not 0 < amount_rial <= most:
        raise RefundTooLarge
    refund = Refund(
        scope_id=charge.scope_id,
        charge=charge,
        cause=RefundCause(cause).value,
        reason=reason.strip(),
        amount_rial=amount_rial,
        asked_at=timezone.now(),
        asked_by=asked_by or by.user_id,
    )
    refund.save(force_insert=True)
    _record("refund.asked", refund, by=by, cause=refund.cause)
    return refund


@transaction.atomic
def pay_refund(
    refund_id: UUID,
    *,
    method: RefundMethod,
    by: Actor,
    drawer_of: UUID | None = None,
    voucher: str = "",
) -> Refund:
    """Give the money back: cash from a cashier's drawer against a voucher, or to the card through its bank.

    The bank is told the refund's id as its key: told twice, it pays once. Errors: RefundByAnother, RefundNotOpen,
    DrawerTooEmpty, ReceiptNumberNeeded, ReceiptAlreadyUsed, NoCardToRefund, GatewayRefundFailed.
    """
    is_cash = method == RefundMethod.CASH
    number = receipt_number_of(voucher) if is_cash else ""
    if is_cash and drawer_of is not None:
        take_drawer(drawer_of)
    charge, refund = _locked_refund(refund_id)
    _require_settling(refund, by=by)
    if refund.asked_by == by.user_id:
        raise RefundByAnother
    owed_back = ledger.owed_back_on(charge)
    if is_cash:
        _require_cash(refund, drawer_of)
        money, refund.reference = CounterMethod.CASH.value, voucher_reference(refund.scope_id, number)
    else:
        refund.attempt = _card_payment(charge, refund)
        money, refund.reference = refund.attempt.method, _tell_bank(refund, refund.attempt)
    refund.method, refund.state = RefundMethod(method).value, RefundState.PAID
    refund.paid_at, refund.paid_by = timezone.now(), by.user_id
    _save_once(refund)
    postings = postings_for_refund(refund.amount_rial, owed_back_rial=owed_back, method=money)
    ledger.write_entry(
        charge, EntryKind.REFUND, postings, refund=refund, by=by, drawer_of=drawer_of if is_cash else None
    )
    _record("refund.paid", refund, by=by, method=refund.method)
    return refund


@transaction.atomic
def decline_refund(refund_id: UUID, *, reason: str, by: Actor) -> Refund:
    """Decline, with a reason that the family is told. Errors: RefundNeedsReason, RefundNotOpen, PaymentNotAllowed."""
    _charge, refund = _locked_refund(refund_id)
    _require_settling(refund, by=by)
    if not reason.strip():
        raise RefundNeedsReason
    refund.state, refund.declined_reason = RefundState.DECLINED, reason.strip()
    refund.declined_at, refund.declined_by = timezone.now(), by.user_id
    refund.save(update_fields=["state", "declined_at", "declined_by", "declined_reason"])
    _record("refund.declined", refund, by=by)
    return refund


def _locked_refund(refund_id: UUID) -> tuple[Charge, Refund]:
    # The charge first, as everywhere: refunds of one charge queue on it.
    found = Refund.objects.filter(pk=refund_id).values_list("charge_id", flat=True).first()
    if found is None:
        raise RefundNotFound
    return locked_charge(found), Refund.objects.get(pk=refund_id)


def _require_settling(refund: Refund, *, by: Actor) -> None:
    if not perms.can_settle_refund(by, refund):
        raise PaymentNotAllowed
    if refund.state != RefundState.ASKED:
        raise RefundNotOpen


def _require_cash(refund: Refund, drawer_of: UUID | None) -> None:
    drawers = drawers_at(refund.scope_id, timezone.localdate())
    held = next((one.cash_rial for one in drawers if one.cashier_id == drawer_of), 0)
    if held < refund.amount_rial:
        raise DrawerTooEmpty


def _card_payment(charge: Charge, refund: Refund) -> PaymentAttempt:
    attempt = card_payment_for(charge, refund.amount_rial)
    if attempt is None:
        raise NoCardToRefund
    return attempt


def _tell_bank(refund: Refund, attempt: PaymentAttempt) -> str:
    order = RefundOrder(key=refund.id.hex, reference=attempt.reference, amount_rial=refund.amount_rial)
    return f"{attempt.method}:{gateway_by_code(attempt.method).refund(order)}"


def _save_once(refund: Refund) -> None:
    try:
        with transaction.atomic():
            refund.save(update_fields=["state", "method", "attempt", "reference", "paid_at", "paid_by"])
    except IntegrityError as error:
        if violated_constraint(error) == "one_refund_for_each_reference":
            raise ReceiptAlreadyUsed from error
        raise


def _record(action: str, refund: Refund, *, by: Actor, **more: Detail) -> None:
    details: dict[str, Detail] = {"charge": str(refund.charge_id), "amount_rial": refund.amount_rial, **more}
    record(action, by=by, subject=SUBJECT, subject_id=refund.pk, details=details)
