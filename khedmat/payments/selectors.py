"""Reads of charges and of the ledger, within what the working place may see."""

from uuid import UUID

from django.db.models import QuerySet, Sum, Value
from django.db.models.functions import Replace

from khedmat.accounts.models import User
from khedmat.payments.enums import AttemptState, ChargeState, CounterMethod, EntryKind
from khedmat.payments.errors import ChargeNotFound
from khedmat.payments.models import Charge, LedgerAccount, PaymentAttempt, Posting


def charge_by_id(charge_id: UUID) -> Charge:
    """The charge; `ChargeNotFound` when there is none here."""
    charge = Charge.objects.filter(pk=charge_id).first()
    if charge is None:
        raise ChargeNotFound
    return charge


def live_charge_of(subject_kind: str, subject_id: UUID) -> Charge | None:
    """The open or paid charge of a subject, if any."""
    states = [ChargeState.OPEN, ChargeState.PAID]
    return Charge.objects.filter(subject_kind=subject_kind, subject_id=subject_id, state__in=states).first()


def charges_waiting_at(scope_id: int) -> QuerySet[Charge]:
    """Open charges of one place, the oldest first: the cashier's queue."""
    return Charge.objects.filter(scope_id=scope_id, state=ChargeState.OPEN).order_by("raised_at", "id")


def charge_with_number(scope_id: int, number: str) -> Charge | None:
    """The newest charge of one place for the subject with this number, which is written without hyphens here."""
    plain = Replace("subject_number", Value("-"), Value(""))
    found = Charge.objects.filter(scope_id=scope_id).annotate(plain_number=plain).filter(plain_number=number)
    return found.order_by("-raised_at", "-id").first()


def successful_attempt_of(charge: Charge) -> PaymentAttempt | None:
    """The attempt that paid the charge (the first one, should the payer have paid twice)."""
    return charge.attempts.filter(state=AttemptState.SUCCEEDED).order_by("finished_at").first()


def last_gateway_attempt_of(charge: Charge) -> PaymentAttempt | None:
    """The newest try at paying at a gateway, whatever came of it."""
    at_gateways = charge.attempts.exclude(method__in=CounterMethod.values)
    return at_gateways.order_by("-started_at", "-id").first()


def owed_back_on(charge: Charge) -> int:
    """Rial that gateways took beyond what was owed on this charge."""
    overpaid = charge.entries.filter(kind=EntryKind.OVERPAYMENT)
    total: int = overpaid.aggregate(total=Sum("attempt__amount_rial", default=0))["total"]
    return total


def who_took(charge: Charge) -> User | None:
    """The member of staff who took the money, or who sent the payer to the gateway."""
    return None if charge.paid_by is None else User.objects.filter(pk=charge.paid_by).first()


def balances_at(scope_id: int) -> dict[str, int]:
    """Signed rial on each account of one place, by the account's code."""
    accounts = LedgerAccount.objects.filter(scope_id=scope_id)
    rows = accounts.values_list("code").annotate(balance=Sum("postings__amount_rial", default=0))
    return dict(rows.order_by("code"))


def sum_of_all_postings() -> int:
    """Zero, always: asked by `khedmat doctor` and by tests."""
    total: int = Posting.objects.aggregate(total=Sum("amount_rial", default=0))["total"]
    return total
