"""Writing balanced entries. Only the actions of this app call it, inside their transactions."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Sum
from django.utils import timezone

from khedmat.common.actor import Actor
from khedmat.payments.enums import AccountKind, EntryKind
from khedmat.payments.errors import BillNotConsistent
from khedmat.payments.models import Charge, JournalEntry, LedgerAccount, PaymentAttempt, Posting, Refund
from khedmat.payments.rules import (
    OVERPAID,
    RECEIVABLE,
    PostingDraft,
    account_kind,
    is_balanced,
    postings_for_cancelling,
)


def write_entry(
    charge: Charge,
    kind: EntryKind,
    postings: Sequence[PostingDraft],
    *,
    by: Actor,
    attempt: PaymentAttempt | None = None,
    refund: Refund | None = None,
    drawer_of: UUID | None = None,
) -> JournalEntry:
    """Append one entry with its postings in the charge's place; accounts are opened when first used.

    `drawer_of`: the cashier whose drawer or terminal the money went through.
    """
    if not is_balanced(postings):
        raise BillNotConsistent
    entry = JournalEntry.objects.create(
        scope_id=charge.scope_id,
        kind=kind,
        charge=charge,
        attempt=attempt,
        refund=refund,
        drawer_of=drawer_of,
        posted_at=timezone.now(),
        posted_by=by.user_id,
    )
    Posting.objects.bulk_create(
        Posting(
            scope_id=charge.scope_id,
            entry=entry,
            account=_account(charge.scope_id, posting.account),
            amount_rial=posting.amount_rial,
        )
        for posting in postings
    )
    return entry


def reverse_charge(charge: Charge, *, by: Actor) -> None:
    """Book back what raising the charge and its exemptions booked; what was paid is owed back to the payer."""
    kinds = [EntryKind.CHARGE_RAISED, EntryKind.CHARGE_WAIVED]
    booked = Posting.objects.filter(entry__charge=charge, entry__kind__in=kinds)
    drafts = [PostingDraft(*row) for row in booked.values_list("account__code", "amount_rial")]
    settled = charge.settled_rial
    postings = postings_for_cancelling(drafts, settled_rial=settled, gone_rial=gone_back_of(charge, settled))
    write_entry(charge, EntryKind.CHARGE_CANCELLED, postings, by=by)


def owed_back_on(charge: Charge) -> int:
    """Rial of this charge that stand as owed back to the payer."""
    postings = Posting.objects.filter(entry__charge=charge, account__code=OVERPAID)
    balance: int = postings.aggregate(total=Sum("amount_rial", default=0))["total"]
    return -balance


def gone_back_of(charge: Charge, more_rial: int) -> int:
    """Of rial that become owed back, those that the payer has already: no more is owed back than is held."""
    held: int = (
        Posting.objects.filter(entry__charge=charge, account__kind=AccountKind.ASSET)
        .exclude(account__code=RECEIVABLE)
        .aggregate(total=Sum("amount_rial", default=0))["total"]
    )
    return max(owed_back_on(charge) + more_rial - held, 0)


def _account(scope_id: int, code: str) -> LedgerAccount:
    found = LedgerAccount.objects.filter(scope_id=scope_id, code=code).first()
    if found is not None:
        return found
    # Two people may open the same account at once: the second insert is dropped, and the row read again.
    account = LedgerAccount(scope_id=scope_id, code=code, kind=account_kind(code))
    LedgerAccount.objects.bulk_create([account], ignore_conflicts=True)
    return LedgerAccount.objects.get(scope_id=scope_id, code=code)
