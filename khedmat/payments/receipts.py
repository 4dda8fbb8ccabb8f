"""Printing receipts: each printing is numbered and kept, so that a copy says that it is one."""

from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from khedmat.accounts.enums import Permission
from khedmat.accounts.rules import role_may
from khedmat.audit.actions import record
from khedmat.common.actor import Actor
from khedmat.payments import perms
from khedmat.payments.enums import AttemptState, RefundState
from khedmat.payments.errors import ChargeNotFound, PaymentNotAllowed, RefundNotFound
from khedmat.payments.models import PaymentAttempt, ReceiptPrint, Refund
from khedmat.payments.settling import locked_charge


@transaction.atomic
def print_receipt(attempt_id: UUID, *, by: Actor) -> ReceiptPrint:
    """Number one more printing of the receipt of a payment. Errors: ChargeNotFound, PaymentNotAllowed."""
    attempt = PaymentAttempt.objects.filter(pk=attempt_id, state=AttemptState.SUCCEEDED).first()
    if attempt is None:
        raise ChargeNotFound
    charge = locked_charge(attempt.charge_id)
    if not role_may(by.role, Permission.TAKE_PAYMENT) or charge.scope_id != by.scope_id:
        raise PaymentNotAllowed
    return _print(attempt.scope_id, by=by, attempt=attempt)


@transaction.atomic
def print_refund_receipt(refund_id: UUID, *, by: Actor) -> ReceiptPrint:
    """As of a payment, of a refund that was paid. Errors: RefundNotFound, PaymentNotAllowed."""
    refund = Refund.objects.filter(pk=refund_id, state=RefundState.PAID).first()
    if refund is None:
        raise RefundNotFound
    locked_charge(refund.charge_id)
    if not perms.can_settle_refund(by, refund):
        raise PaymentNotAllowed
    return _print(refund.scope_id, by=by, refund=refund)


def _print(
    scope_id: int, *, by: Actor, attempt: PaymentAttempt | None = None, refund: Refund | None = None
) -> ReceiptPrint:
    last = ReceiptPrint.objects.filter(attempt=attempt, refund=refund).aggregate(last=Max("number"))["last"] or 0
    printed = ReceiptPrint.objects.create(
        scope_id=scope_id,
        attempt=attempt,
        refund=refund,
        number=last + 1,
        printed_at=timezone.now(),
        printed_by=by.user_id,
    )
    of = attempt or refund
    record(
        "receipt.printed",
        by=by,
        subject="payments.receiptprint",
        subject_id=printed.pk,
        details={"of": str(of and of.pk), "number": printed.number},
    )
    return printed
