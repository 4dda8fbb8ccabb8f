"""Charges, tries at paying them, and the double-entry ledger. Every row belongs to one place.

The tables hold no name and no document number: a charge copies the id of what it is for, without a key.
Entries, postings and call-backs are append-only (the app may SELECT and INSERT).
"""

from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from khedmat.common.rows import RowClass
from khedmat.payments.enums import AccountKind, AttemptState, ChargeState, EntryKind
from khedmat.payments.rules import receipt_in
from khedmat.payments.titles import account_title, method_title
from khedmat.places.models import Scope


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
    """What is owed for one subject (`subject_kind`, `subject_id`), with the bill that explains it."""

    row_class: ClassVar = RowClass.SCOPED

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    scope = models.ForeignKey(Scope, on_delete=models.PROTECT, related_name="+")
    subject_kind = models.CharField(max_length=40)
    subject_id = models.UUIDField()
    subject_number = models.CharField(max_length=40)
    amount_rial = models.BigIntegerField()
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


class PaymentAttempt(models.Model):
    """One try at paying a charge. `method` is a gateway's code or a CounterMethod.

    `started_role` is kept so that a call-back can finish the work on behalf of who started it.
    """

    row_class: ClassVar = RowClass.SCOPED

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    scope = models.ForeignKey(Scope, on_delete=models.PROTECT, related_name="+")
    charge = models.ForeignKey(Charge, on_delete=models.PROTECT, related_name="attempts")
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


class JournalEntry(models.Model):
    """One balanced change of the ledger; PostgreSQL checks at commit that its postings sum to zero."""

    row_class: ClassVar = RowClass.SCOPED

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    scope = models.ForeignKey(Scope, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=EntryKind.choices)
    charge = models.ForeignKey(Charge, on_delete=models.PROTECT, related_name="entries")
    attempt = models.ForeignKey(PaymentAttempt, on_delete=models.PROTECT, null=True, related_name="entries")
    posted_at = models.DateTimeField()
    posted_by = models.UUIDField()

    class Meta:
        verbose_name_plural = "journal entries"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["id", "scope"], name="entry_with_its_place"),
            models.UniqueConstraint(fields=["attempt"], name="one_entry_for_each_attempt"),
            models.UniqueConstraint(
                fields=["charge", "kind"],
                condition=~Q(kind=EntryKind.OVERPAYMENT),
                name="one_entry_of_each_kind_for_a_charge",
            ),
            models.CheckConstraint(condition=Q(kind__in=EntryKind.values), name="known_kind_of_entry"),
            models.CheckConstraint(
                condition=Q(kind__in=[EntryKind.PAYMENT, EntryKind.OVERPAYMENT], attempt__isnull=False)
                | Q(kind__in=[EntryKind.CHARGE_RAISED, EntryKind.CHARGE_CANCELLED], attempt__isnull=True),
                name="entry_of_money_has_its_attempt",
            ),
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
