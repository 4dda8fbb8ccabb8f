"""Charges, tries at paying them, and the double-entry ledger. Every row belongs to one place.

The tables hold no name and no document number: a charge copies the id of what it is for, without a key.
Entries, postings and call-backs are append-only.
"""

from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from khedmat.common.rows import RowClass
from khedmat.payments.enums import (
    AccountKind,
    AttemptState,
    ChargeState,
    EntryKind,
    InstalmentState,
    RefundCause,
    RefundMethod,
    RefundState,
)
from khedmat.payments.rules import receipt_in
from khedmat.payments.titles import account_title, method_title
from khedmat.places.models import Scope
from khedmat.vault.fields import SealedTextField


class LedgerAccount(models.Model):
    """An account of one place: what is owed, where money stands, which fee was earned."""

    row_class: ClassVar = RowClass.SCOPED

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    scope = models.ForeignKey(Scope, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=64)
    kind = models.CharField(max_length=12, choices=AccountKind.choices)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["scope", "code"], name="one_account_for_each_code"),
            models.UniqueConstraint(fields=["id", "scope"], name="account_with_its_place"),
            models.CheckConstraint(condition=Q(kind__in=AccountKind.values), name="known_kind_of_account"),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def title(self) -> str:
        """The account's name in the reader's language."""
        return account_title(self.code)


class Charge(models.Model):
    """What is owed for one subject (`subject_kind`, `subject_id`), with the bill that explains it.

    `waived_rial` fell away by exemptions while still owed, `settled_rial` is paid. `charge_adds_up` looks at commit.
    """

    row_class: ClassVar = RowClass.SCOPED

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    scope = models.ForeignKey(Scope, on_delete=models.PROTECT, related_name="+")
    subject_kind = models.CharField(max_length=40)
    subject_id = models.UUIDField()
    subject_number = models.CharField(max_length=40)
    amount_rial = models.BigIntegerField()
    waived_rial = models.BigIntegerField(default=0)
    settled_rial = models.BigIntegerField(default=0)
    bill = models.JSONField()
    tariff_reference = models.CharField(max_length=200)
    state = models.CharField(max_length=12, choices=ChargeState.choices, default=ChargeState.OPEN)
    version = models.PositiveIntegerField(default=1)
    raised_at = models.DateTimeField()
    raised_by = models.UUIDField()
    paid_at = models.DateTimeField(null=True)
    paid_by = models.UUIDField(null=True, help_text="Who took the money, or who started the payment at a gateway")
    cancelled_at = models.DateTimeField(null=True)
    cancelled_by = models.UUIDField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["subject_kind", "subject_id"],
                condition=Q(state__in=[ChargeState.OPEN, ChargeState.PAID]),
                name="one_live_charge_for_each_subject",
                violation_error_message=_("An amount is already set for this case. Pay or cancel that one."),
            ),
            models.UniqueConstraint(fields=["id", "scope"], name="charge_with_its_place"),
            models.CheckConstraint(condition=Q(amount_rial__gte=0), name="charge_is_not_negative"),
            models.CheckConstraint(
                condition=Q(waived_rial__gte=0, settled_rial__gte=0)
                & Q(amount_rial__gte=F("waived_rial") + F("settled_rial")),
                name="charge_is_not_paid_beyond",
            ),
            models.CheckConstraint(condition=Q(state__in=ChargeState.values), name="known_state_of_charge"),
            models.CheckConstraint(
                condition=Q(state=ChargeState.PAID, paid_at__isnull=False, paid_by__isnull=False)
                | (~Q(state=ChargeState.PAID) & Q(paid_at__isnull=True, paid_by__isnull=True)),
                name="charge_paid_at_and_by",
            ),
            models.CheckConstraint(
                condition=Q(state=ChargeState.CANCELLED, cancelled_at__isnull=False, cancelled_by__isnull=False)
                | (~Q(state=ChargeState.CANCELLED) & Q(cancelled_at__isnull=True, cancelled_by__isnull=True)),
                name="charge_cancelled_at_and_by",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["scope", "state", "raised_at"], name="payments_waiting")]

    def __str__(self) -> str:
        return self.subject_number

    @property
    def net_rial(self) -> int:
        """What is paid in all, after exemptions."""
        return self.amount_rial - self.waived_rial

    @property
    def open_rial(self) -> int:
        """What is still to be paid; nothing of a cancelled amount."""
        return 0 if self.state == ChargeState.CANCELLED else self.net_rial - self.settled_rial


class Waiver(models.Model):
    """What an exemption takes off one kind of fee. `owed_back_rial` of it was paid already, and goes back."""

    row_class: ClassVar = RowClass.SCOPED

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    scope = models.ForeignKey(Scope, on_delete=models.PROTECT, related_name="+")
    charge = models.ForeignKey(Charge, on_delete=models.PROTECT, related_name="waivers")
    code = models.CharField(max_length=60)
    kind = models.CharField(max_length=40)
    amount_rial = models.BigIntegerField()
    owed_back_rial = models.BigIntegerField(default=0)
    explanation_fa = models.TextField()
    explanation_en = models.TextField()
    source_fa = models.TextField()
    source_en = models.TextField()
    waived_at = models.DateTimeField()
    waived_by = models.UUIDField()

    class Meta:
        ordering: ClassVar = ["waived_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["charge", "code"], name="one_waiver_for_each_exemption"),
            models.UniqueConstraint(fields=["id", "scope"], name="waiver_with_its_place"),
            models.CheckConstraint(
                condition=Q(amount_rial__gt=0, owed_back_rial__gte=0, owed_back_rial__lte=F("amount_rial")),
                name="waiver_is_for_some_money",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Instalment(models.Model):
    """One part of a charge, the whole of it where nothing is split. Never changed: another takes its place."""

    row_class: ClassVar = RowClass.SCOPED

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    scope = models.ForeignKey(Scope, on_delete=models.PROTECT, related_name="+")
    charge = models.ForeignKey(Charge, on_delete=models.PROTECT, related_name="instalments")
    number = models.PositiveSmallIntegerField()
    amount_rial = models.BigIntegerField()
    due_on = models.DateField()
    state = models.CharField(max_length=12, choices=InstalmentState.choices, default=InstalmentState.OPEN)
    paid_at = models.DateTimeField(null=True)
    paid_by = models.UUIDField(null=True)

    class Meta:
        ordering: ClassVar = ["due_on", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["charge", "number"], name="one_part_for_each_number"),
            models.UniqueConstraint(fields=["id", "scope"], name="instalment_with_its_place"),
            models.UniqueConstraint(fields=["id", "charge"], name="instalment_with_its_charge"),
            models.CheckConstraint(condition=Q(amount_rial__gt=0), name="instalment_is_for_some_money"),
            models.CheckConstraint(condition=Q(state__in=InstalmentState.values), name="known_state_of_instalment"),
            models.CheckConstraint(
                condition=Q(state=InstalmentState.PAID, paid_at__isnull=False, paid_by__isnull=False)
                | (~Q(state=InstalmentState.PAID) & Q(paid_at__isnull=True, paid_by__isnull=True)),
                name="instalment_paid_at_and_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.charge_id} {self.number}"


class PaymentAttempt(models.Model):
    """One try at paying a part of a charge. `method` is a gateway's code or a CounterMethod.

    `started_role` is kept so that a call-back can finish the work on behalf of who started it.
    """

    row_class: ClassVar = RowClass.SCOPED

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    scope = models.ForeignKey(Scope, on_delete=models.PROTECT, related_name="+")
    charge = models.ForeignKey(Charge, on_delete=models.PROTECT, related_name="attempts")
    instalment = models.ForeignKey(Instalment, on_delete=models.PROTECT, related_name="attempts")
    method = models.CharField(max_length=40)
    reference = models.CharField(max_length=64)
    amount_rial = models.BigIntegerField()
    state = models.CharField(max_length=12, choices=AttemptState.choices, default=AttemptState.STARTED)
    started_at = models.DateTimeField()
    started_by = models.UUIDField()
    started_role = models.CharField(max_length=32)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["reference"], name="one_attempt_for_each_reference"),
            models.UniqueConstraint(fields=["id", "scope"], name="attempt_with_its_place"),
            models.CheckConstraint(condition=Q(amount_rial__gt=0), name="attempt_is_for_some_money"),
            models.CheckConstraint(condition=Q(state__in=AttemptState.values), name="known_state_of_attempt"),
            models.CheckConstraint(
                condition=Q(state=AttemptState.STARTED, finished_at__isnull=True)
                | (~Q(state=AttemptState.STARTED) & Q(finished_at__isnull=False)),
                name="attempt_finished_when_not_waiting",
            ),
            models.CheckConstraint(
                condition=Q(finished_at__isnull=True) | Q(finished_at__gte=F("started_at")),
                name="attempt_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def receipt_number(self) -> str:
        """The counter's receipt number, or the gateway's reference."""
        return receipt_in(self.reference, method=self.method)

    @property
    def method_title(self) -> str:
        """How it was paid, in the reader's language."""
        return method_title(self.method)


class GatewayCallback(models.Model):
    """A gateway's answer that was believed, once for each of the gateway's ids."""

    row_class: ClassVar = RowClass.SCOPED

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    scope = models.ForeignKey(Scope, on_delete=models.PROTECT, related_name="+")
    attempt = models.ForeignKey(PaymentAttempt, on_delete=models.PROTECT, related_name="callbacks")
    gateway = models.CharField(max_length=40)
    callback_id = models.CharField(max_length=64)
    payload_hash = models.BinaryField(max_length=32)
    has_succeeded = models.BooleanField()
    received_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["gateway", "callback_id"], name="one_row_for_each_callback"),
        ]

    def __str__(self) -> str:
        return self.callback_id


class Refund(models.Model):
    """Money that goes back, by two people. The id is the gateway's key; `reference` the voucher's or the bank's own."""

    row_class: ClassVar = RowClass.SCOPED

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    scope = models.ForeignKey(Scope, on_delete=models.PROTECT, related_name="+")
    charge = models.ForeignKey(Charge, on_delete=models.PROTECT, related_name="refunds")
    cause = models.CharField(max_length=12, choices=RefundCause.choices)
    reason = SealedTextField(max_length=500)
    amount_rial = models.BigIntegerField()
    state = models.CharField(max_length=12, choices=RefundState.choices, default=RefundState.ASKED)
    asked_at = models.DateTimeField()
    asked_by = models.UUIDField()
    method = models.CharField(max_length=8, choices=RefundMethod.choices, blank=True)
    attempt = models.ForeignKey(PaymentAttempt, on_delete=models.PROTECT, null=True, related_name="refunds")
    reference = models.CharField(max_length=80, blank=True)
    paid_at = models.DateTimeField(null=True)
    paid_by = models.UUIDField(null=True)
    declined_at = models.DateTimeField(null=True)
    declined_by = models.UUIDField(null=True)
    declined_reason = SealedTextField(max_length=500)

    class Meta:
        ordering: ClassVar = ["asked_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["id", "scope"], name="refund_with_its_place"),
            models.UniqueConstraint(
                fields=["reference"], condition=~Q(reference=""), name="one_refund_for_each_reference"
            ),
            models.CheckConstraint(condition=Q(amount_rial__gt=0), name="refund_is_for_some_money"),
            models.CheckConstraint(condition=Q(state__in=RefundState.values), name="known_state_of_refund"),
            models.CheckConstraint(condition=Q(cause__in=RefundCause.values), name="known_cause_of_refund"),
            models.CheckConstraint(condition=Q(reason__isnull=False), name="refund_has_a_reason"),
            models.CheckConstraint(
                condition=Q(paid_by__isnull=True) | ~Q(paid_by=F("asked_by")), name="refund_asked_and_paid_by_two"
            ),
            models.CheckConstraint(
                condition=Q(state=RefundState.PAID, paid_at__isnull=False, paid_by__isnull=False)
                & ~Q(method="")
                & ~Q(reference="")
                | (~Q(state=RefundState.PAID) & Q(paid_at__isnull=True, paid_by__isnull=True)),
                name="refund_paid_at_and_by",
            ),
            models.CheckConstraint(
                condition=Q(
                    state=RefundState.DECLINED,
                    declined_at__isnull=False,
                    declined_by__isnull=False,
                    declined_reason__isnull=False,
                )
                | (~Q(state=RefundState.DECLINED) & Q(declined_at__isnull=True, declined_by__isnull=True)),
                name="refund_declined_at_and_by",
            ),
            models.CheckConstraint(
                condition=Q(method=RefundMethod.CARD, attempt__isnull=False)
                | (~Q(method=RefundMethod.CARD) & Q(attempt__isnull=True)),
                name="refund_to_a_card_names_its_payment",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def voucher_number(self) -> str:
        """The voucher of cash, or the bank's reference; empty until it is paid."""
        return self.reference.rpartition(":")[2]


class JournalEntry(models.Model):
    """One balanced change of the ledger; PostgreSQL checks at commit that its postings sum to zero.

    `drawer_of` is the cashier whose drawer or card terminal the money went through; none at a gateway.
    """

    row_class: ClassVar = RowClass.SCOPED

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    scope = models.ForeignKey(Scope, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=EntryKind.choices)
    charge = models.ForeignKey(Charge, on_delete=models.PROTECT, related_name="entries")
    attempt = models.ForeignKey(PaymentAttempt, on_delete=models.PROTECT, null=True, related_name="entries")
    refund = models.ForeignKey(Refund, on_delete=models.PROTECT, null=True, related_name="entries")
    drawer_of = models.UUIDField(null=True)
    posted_at = models.DateTimeField()
    posted_by = models.UUIDField()

    class Meta:
        verbose_name_plural = "journal entries"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["id", "scope"], name="entry_with_its_place"),
            models.UniqueConstraint(fields=["attempt"], name="one_entry_for_each_attempt"),
            models.UniqueConstraint(fields=["refund"], name="one_entry_for_each_refund"),
            models.UniqueConstraint(
                fields=["charge", "kind"],
                condition=Q(kind__in=[EntryKind.CHARGE_RAISED, EntryKind.CHARGE_CANCELLED]),
                name="charge_raised_and_cancelled_once",
            ),
            models.CheckConstraint(condition=Q(kind__in=EntryKind.values), name="known_kind_of_entry"),
            models.CheckConstraint(
                condition=Q(
                    kind__in=[EntryKind.PAYMENT, EntryKind.OVERPAYMENT], attempt__isnull=False, refund__isnull=True
                )
                | Q(kind=EntryKind.REFUND, attempt__isnull=True, refund__isnull=False)
                | Q(
                    kind__in=[EntryKind.CHARGE_RAISED, EntryKind.CHARGE_CANCELLED, EntryKind.CHARGE_WAIVED],
                    attempt__isnull=True,
                    refund__isnull=True,
                    drawer_of__isnull=True,
                ),
                name="entry_names_what_moved_the_money",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["drawer_of", "posted_at"], condition=Q(drawer_of__isnull=False), name="payments_drawer"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.charge_id}"


class Posting(models.Model):
    """Signed rial on one account: debit positive, credit negative, never zero."""

    row_class: ClassVar = RowClass.SCOPED

    id = models.BigAutoField(primary_key=True)
    scope = models.ForeignKey(Scope, on_delete=models.PROTECT, related_name="+")
    entry = models.ForeignKey(JournalEntry, on_delete=models.PROTECT, related_name="postings")
    account = models.ForeignKey(LedgerAccount, on_delete=models.PROTECT, related_name="postings")
    amount_rial = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(amount_rial=0), name="posting_is_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.amount_rial}"


class DayEnd(models.Model):
    """A cashier's count of a day in Tehran against the ledger; a manager confirms it."""

    row_class: ClassVar = RowClass.SCOPED

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    scope = models.ForeignKey(Scope, on_delete=models.PROTECT, related_name="+")
    counted_on = models.DateField()
    expected_cash_rial = models.BigIntegerField()
    counted_cash_rial = models.BigIntegerField()
    expected_terminal_rial = models.BigIntegerField()
    counted_terminal_rial = models.BigIntegerField()
    note = SealedTextField(max_length=500)
    counted_at = models.DateTimeField()
    counted_by = models.UUIDField()
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.UUIDField(null=True)

    class Meta:
        ordering: ClassVar = ["-counted_on", "counted_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["scope", "counted_by", "counted_on"], name="one_count_for_each_cashier_and_day"
            ),
            models.UniqueConstraint(fields=["id", "scope"], name="day_end_with_its_place"),
            models.CheckConstraint(
                condition=Q(counted_cash_rial__gte=0, counted_terminal_rial__gte=0), name="count_is_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(
                    counted_cash_rial=F("expected_cash_rial"), counted_terminal_rial=F("expected_terminal_rial")
                )
                | Q(note__isnull=False),
                name="difference_has_a_note",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("counted_by")),
                name="day_counted_and_confirmed_by_two",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True, confirmed_by__isnull=True)
                | Q(confirmed_at__isnull=False, confirmed_by__isnull=False),
                name="day_confirmed_at_and_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.counted_by} {self.counted_on}"

    @property
    def cash_difference_rial(self) -> int:
        """What was counted beyond the books; negative where less was there."""
        return self.counted_cash_rial - self.expected_cash_rial

    @property
    def terminal_difference_rial(self) -> int:
        """As of cash."""
        return self.counted_terminal_rial - self.expected_terminal_rial


class ReceiptPrint(models.Model):
    """One printing of a receipt, of a payment or of a refund: the first is number 1, each copy the next."""

    row_class: ClassVar = RowClass.SCOPED

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    scope = models.ForeignKey(Scope, on_delete=models.PROTECT, related_name="+")
    attempt = models.ForeignKey(PaymentAttempt, on_delete=models.PROTECT, null=True, related_name="prints")
    refund = models.ForeignKey(Refund, on_delete=models.PROTECT, null=True, related_name="prints")
    number = models.PositiveSmallIntegerField()
    printed_at = models.DateTimeField()
    printed_by = models.UUIDField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["attempt", "number"], name="one_print_for_each_number"),
            models.UniqueConstraint(fields=["refund", "number"], name="one_refund_print_for_each_number"),
            models.CheckConstraint(
                condition=Q(attempt__isnull=False, refund__isnull=True) | Q(attempt__isnull=True, refund__isnull=False),
                name="print_of_a_payment_or_a_refund",
            ),
        ]

    def __str__(self) -> str:
        return str(self.number)
