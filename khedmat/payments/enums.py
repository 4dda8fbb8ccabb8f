"""States and kinds of the ledger and of payments; stored as text, checked by the database."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ChargeState(models.TextChoices):
    """What has become of an amount that a household owes for one subject."""

    OPEN = "open", _("To be paid")
    PAID = "paid", _("Paid")
    CANCELLED = "cancelled", _("Cancelled")


class AttemptState(models.TextChoices):
    """One try at paying a charge, at a gateway or at the counter."""

    STARTED = "started", _("Waiting for the bank")
    SUCCEEDED = "succeeded", _("Successful")
    FAILED = "failed", _("Not successful")
    EXPIRED = "expired", _("Given up")


class CounterMethod(models.TextChoices):
    """How money is taken at the office's counter."""

    CASH = "counter-cash", _("Cash at the counter")
    TERMINAL = "counter-terminal", _("Card terminal at the counter")


class AccountKind(models.TextChoices):
    """Side of the ledger on which an account stands: debits are positive, credits negative."""

    ASSET = "asset", _("Asset")
    LIABILITY = "liability", _("Liability")
    INCOME = "income", _("Income")


class EntryKind(models.TextChoices):
    """Why a journal entry was written."""

    CHARGE_RAISED = "charge-raised", _("Charge raised")
    CHARGE_CANCELLED = "charge-cancelled", _("Charge cancelled")
    PAYMENT = "payment", _("Payment")
    OVERPAYMENT = "overpayment", _("Payment to be returned")
    CHARGE_WAIVED = "charge-waived", _("Exemption")
    REFUND = "refund", _("Refund")


class InstalmentState(models.TextChoices):
    """Where one part of an amount stands. A part is never changed: another takes its place."""

    OPEN = "open", _("To be paid")
    PAID = "paid", _("Paid")
    CANCELLED = "cancelled", _("Cancelled")


class RefundCause(models.TextChoices):
    """Why money goes back to the payer."""

    WITHDRAWAL = "withdrawal", _("The family withdrew the request")
    EXEMPTION = "exemption", _("An exemption was granted after the payment")
    OVERPAYMENT = "overpayment", _("More was taken than was owed")
    MISTAKE = "mistake", _("Money was taken by mistake")


class RefundState(models.TextChoices):
    """One asks for a refund, another pays it out or declines it."""

    ASKED = "asked", _("Asked for")
    PAID = "paid", _("Given back")
    DECLINED = "declined", _("Not given back")


class RefundMethod(models.TextChoices):
    """How money goes back."""

    CASH = "cash", _("In cash, from a cashier's drawer")
    CARD = "card", _("To the card that paid, through the bank")
