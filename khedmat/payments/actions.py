"""Every change to money: one function each, in one transaction with its audit row."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from khedmat.accounts.enums import Purpose
from khedmat.audit.actions import record
from khedmat.common.actor import Actor
from khedmat.common.constraints import violated_constraint
from khedmat.payments import ledger, perms
from khedmat.payments.enums import AttemptState, ChargeState, CounterMethod, EntryKind, InstalmentState
from khedmat.payments.errors import (
    CallbackAmountWrong,
    CallbackContradicts,
    CallbackReferenceUnknown,
    ChargeAlreadyRaised,
    ChargeNotOpen,
    DayAlreadyCounted,
    ForeignReturnAddress,
    PaymentNotAllowed,
    ReceiptAlreadyUsed,
)
from khedmat.payments.gateways import GatewayVerdict, PaymentOrder, gateway_by_code, payload_hash
from khedmat.payments.models import Charge, GatewayCallback, Instalment, PaymentAttempt
from khedmat.payments.rules import (
    BillLine,
    CallbackEffect,
    CallbackMoney,
    PartDraft,
    counter_reference,
    effect_of_callback,
    postings_for_charge,
    postings_for_payment,
    receipt_number_of,
    total_of,
)
from khedmat.payments.selectors import day_is_counted, live_charge_of
from khedmat.payments.settling import (
    SUBJECT,
    add_parts,
    after_settling,
    drawer_of,
    give_up_attempts,
    locked_charge,
    open_parts,
    record_payment,
    require_open,
    settle,
    take_drawer,
    touch,
)
from khedmat.vault.context import working_context


@dataclass(frozen=True, slots=True)
class StartedPayment:
    """An attempt at a gateway, and the address to which the payer's browser goes."""

    attempt: PaymentAttempt
    redirect_url: str


@transaction.atomic
def raise_charge(
    *,
    subject_kind: str,
    subject_id: UUID,
    subject_number: str,
    lines: Sequence[BillLine],
    tariff_reference: str,
    by: Actor,
) -> Charge:
    """Set what is to be paid for a subject at the actor's place.

    A bill of zero is paid at once, and listeners are told. `ChargeAlreadyRaised` when the subject has a
    live charge; `BillNotConsistent` when the lines do not add up.
    """
    if not perms.can_raise_charge(by):
        raise PaymentNotAllowed
    charge = Charge(
        scope_id=by.scope_id, subject_kind=subject_kind, subject_id=subject_id, subject_number=subject_number
    )
    return _raised(charge, lines, tariff_reference, by=by)


@transaction.atomic
def set_charge_anew(
    charge_id: UUID, lines: Sequence[BillLine], tariff_reference: str, *, expected_version: int, by: Actor
) -> Charge:
    """Another amount in the place of one of which nothing is paid, at the same place; exemptions and parts fall away.

    Errors: PaymentNotAllowed, ChargeNotOpen (also once a part is paid), ChargeChanged, BillNotConsistent.
    """
    former = locked_charge(charge_id)
    if not perms.can_set_anew(by):
        raise PaymentNotAllowed
    require_open(former, expected_version)
    if former.settled_rial:
        raise ChargeNotOpen
    _cancel(former, by=by)
    charge = Charge(
        scope_id=former.scope_id,
        subject_kind=former.subject_kind,
        subject_id=former.subject_id,
        subject_number=former.subject_number,
    )
    return _raised(charge, lines, tariff_reference, by=by)


def _raised(charge: Charge, lines: Sequence[BillLine], tariff_reference: str, *, by: Actor) -> Charge:
    charge.amount_rial = total_of(lines)
    charge.bill = [line.as_json() for line in lines]
    charge.tariff_reference = tariff_reference
    charge.raised_at, charge.raised_by = timezone.now(), by.user_id
    try:
        with transaction.atomic():
            charge.save(force_insert=True)
    except IntegrityError as error:
        if violated_constraint(error) == "one_live_charge_for_each_subject":
            raise ChargeAlreadyRaised from error
        raise
    postings = postings_for_charge(lines)
    if postings:
        ledger.write_entry(charge, EntryKind.CHARGE_RAISED, postings, by=by)
        add_parts(charge, [PartDraft(charge.amount_rial, timezone.localdate())])
    record(
        "charge.raised",
        by=by,
        subject=SUBJECT,
        subject_id=charge.id,
        details={
            "amount_rial": charge.amount_rial,
            "for": charge.subject_kind,
            "for_id": str(charge.subject_id),
        },
    )
    if not postings:
        after_settling(charge, is_first=True, by=by)
    return charge


@transaction.atomic
def start_payment(
    charge_id: UUID, *, gateway_code: str, return_url: str, expected_version: int, by: Actor
) -> StartedPayment:
    """Send the payer to a gateway for the part that is due next. Earlier attempts that still wait are given up.

    `return_url` is a path of this site (`ForeignReturnAddress` otherwise).
    """
    gateway = gateway_by_code(gateway_code)
    if not url_has_allowed_host_and_scheme(return_url, allowed_hosts=None):
        raise ForeignReturnAddress
    charge, part = _part_to_pay(charge_id, expected_version, by=by)
    give_up_attempts(charge)
    attempt = PaymentAttempt.objects.create(
        scope_id=charge.scope_id,
        charge=charge,
        instalment=part,
        method=gateway_code,
        reference=secrets.token_hex(16),
        amount_rial=part.amount_rial,
        started_at=timezone.now(),
        started_by=by.user_id,
        started_role=by.role,
    )
    record(
        "payment.started",
        by=by,
        subject=SUBJECT,
        subject_id=charge.id,
        details={"attempt": str(attempt.id), "method": gateway_code},
    )
    order = PaymentOrder(attempt.reference, attempt.amount_rial)
    return StartedPayment(attempt, gateway.start(order, return_url))


@transaction.atomic
def take_counter_payment(
    charge_id: UUID, *, method: CounterMethod, receipt_number: str, expected_version: int, by: Actor
) -> Charge:
    """Record that the part due next (the whole, where nothing is split) was taken in cash or at the card terminal.

    A receipt number serves once for each method and office (`ReceiptAlreadyUsed`). Whoever has counted the day
    takes no more on it (`DayAlreadyCounted`).
    """
    receipt = receipt_number_of(receipt_number)
    take_drawer(by.user_id)
    charge, part = _part_to_pay(charge_id, expected_version, by=by)
    if day_is_counted(by.scope_id, by.user_id, timezone.localdate()):
        raise DayAlreadyCounted
    give_up_attempts(charge)
    now = timezone.now()
    attempt = PaymentAttempt(
        scope_id=charge.scope_id,
        charge=charge,
        instalment=part,
        method=CounterMethod(method).value,
        reference=counter_reference(CounterMethod(method), charge.scope_id, receipt),
        amount_rial=part.amount_rial,
        state=AttemptState.SUCCEEDED,
        started_at=now,
        started_by=by.user_id,
        started_role=by.role,
        finished_at=now,
    )
    try:
        with transaction.atomic():
            attempt.save(force_insert=True)
    except IntegrityError as error:
        if violated_constraint(error) == "one_attempt_for_each_reference":
            raise ReceiptAlreadyUsed from error
        raise
    settle(charge, attempt, by=by)
    return charge


def receive_callback(gateway_code: str, data: Mapping[str, str]) -> PaymentAttempt:
    """Take a gateway's answer: repeated, reordered, doubled or concurrent ones book the money once.

    Opens its own working context, on behalf of who started the attempt; call it outside of any other.
    `CallbackRefused` (nothing written) for a bad signature, unknown reference or wrong amount.
    """
    verdict = gateway_by_code(gateway_code).verify(data)
    by = _who_started(verdict.reference)
    with working_context(by):
        return _apply_verdict(gateway_code, verdict, payload_hash(data), by=by)


@transaction.atomic
def cancel_charge(charge_id: UUID, *, expected_version: int, by: Actor) -> Charge:
    """Withdraw an amount that is not wholly paid: what it booked is booked back, and the parts that were paid
    are owed back to the payer (a refund is asked for). `ChargeNotOpen` once paid.
    """
    charge = locked_charge(charge_id)
    if not perms.can_cancel_charge(by, charge):
        raise PaymentNotAllowed
    require_open(charge, expected_version)
    return _cancel(charge, by=by)


def _cancel(charge: Charge, *, by: Actor) -> Charge:
    give_up_attempts(charge)
    ledger.reverse_charge(charge, by=by)
    charge.instalments.filter(state=InstalmentState.OPEN).update(state=InstalmentState.CANCELLED)
    charge.state = ChargeState.CANCELLED
    charge.cancelled_at = timezone.now()
    charge.cancelled_by = by.user_id
    touch(charge, "state", "cancelled_at", "cancelled_by")
    record("charge.cancelled", by=by, subject=SUBJECT, subject_id=charge.id)
    return charge


def lock_live_charge_of(subject_kind: str, subject_id: UUID) -> Charge | None:
    """The open or paid charge of a subject, if any, locked until the transaction ends.

    A payment locks its charge and then what is paid for: whoever needs both takes them in this order.
    """
    found = live_charge_of(subject_kind, subject_id)
    return None if found is None else locked_charge(found.pk)


def _part_to_pay(charge_id: UUID, expected_version: int, *, by: Actor) -> tuple[Charge, Instalment]:
    charge = locked_charge(charge_id)
    if not perms.can_take_payment(by, charge):
        raise PaymentNotAllowed
    require_open(charge, expected_version)
    return charge, open_parts(charge)[0]


def _who_started(reference: str) -> Actor:
    """On whose behalf the call-back works; the definer function knows it from the random reference alone."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT user_id, role, scope_id FROM guard.payment_started(%s)", [reference])
        row = cursor.fetchone()
    if row is None:
        raise CallbackReferenceUnknown
    return Actor(user_id=row[0], role=row[1], scope_id=row[2], purpose=Purpose.TAKE_PAYMENT.value)


def _apply_verdict(gateway_code: str, verdict: GatewayVerdict, digest: bytes, *, by: Actor) -> PaymentAttempt:
    # The charge is locked first, as everywhere: call-backs of one charge queue here.
    found = PaymentAttempt.objects.filter(reference=verdict.reference, method=gateway_code).first()
    if found is None:
        raise CallbackReferenceUnknown
    charge = locked_charge(found.charge_id)
    attempt = PaymentAttempt.objects.select_related("instalment").get(pk=found.pk)
    if verdict.amount_rial != attempt.amount_rial:
        raise CallbackAmountWrong
    if not _is_first_of_its_id(gateway_code, verdict, digest, attempt):
        return attempt
    effect = effect_of_callback(
        AttemptState(attempt.state),
        is_still_owed=attempt.instalment.state == InstalmentState.OPEN,
        has_succeeded=verdict.has_succeeded,
    )
    _apply_effect(effect, charge, attempt, by=by)
    return attempt


def _is_first_of_its_id(code: str, verdict: GatewayVerdict, digest: bytes, attempt: PaymentAttempt) -> bool:
    """Write the call-back down; false when the same one is there already."""
    known = GatewayCallback.objects.filter(gateway=code, callback_id=verdict.callback_id).first()
    if known is not None:
        if bytes(known.payload_hash) != digest:
            raise CallbackContradicts
        return False
    try:
        with transaction.atomic():
            GatewayCallback.objects.create(
                scope_id=attempt.scope_id,
                attempt=attempt,
                gateway=code,
                callback_id=verdict.callback_id,
                payload_hash=digest,
                has_succeeded=verdict.has_succeeded,
                received_at=timezone.now(),
            )
    except IntegrityError as error:
        # The id stands at another place, for another attempt: no honest gateway does that.
        if violated_constraint(error) == "one_row_for_each_callback":
            raise CallbackContradicts from error
        raise
    return True


def _apply_effect(effect: CallbackEffect, charge: Charge, attempt: PaymentAttempt, *, by: Actor) -> None:
    if attempt.state == effect.attempt_state:
        return
    attempt.state = effect.attempt_state
    attempt.finished_at = timezone.now()
    attempt.save(update_fields=["state", "finished_at"])
    if effect.money == CallbackMoney.SETTLES:
        settle(charge, attempt, by=by)
    elif effect.money == CallbackMoney.OVERPAYS:
        _book_overpayment(charge, attempt, by=by)
    else:
        record_payment("payment.failed", charge, attempt, by=by)


def _book_overpayment(charge: Charge, attempt: PaymentAttempt, *, by: Actor) -> None:
    postings = postings_for_payment(attempt.amount_rial, method=attempt.method, overpaid=True)
    ledger.write_entry(
        charge, EntryKind.OVERPAYMENT, postings, attempt=attempt, by=by, drawer_of=drawer_of(attempt, by=by)
    )
    record_payment("payment.overpaid", charge, attempt, by=by)
