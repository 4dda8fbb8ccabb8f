"""Money decided without a database: bills, balanced entries, and what a gateway's answer means.

All amounts are whole rial (int). In postings a debit is positive and a credit negative.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from enum import StrEnum

from khedmat.payments.enums import AccountKind, AttemptState, CounterMethod
from khedmat.payments.errors import BillNotConsistent, NothingToSplit, ReceiptNumberNeeded

RECEIVABLE = "receivable"
OVERPAID = "overpaid"
RETURNED = "returned"
FEE_PREFIX = "fee:"
WAIVED_PREFIX = "waived:"
GATEWAY_PREFIX = "gateway:"
MAX_BILL_LINES = 50
MAX_AMOUNT_RIAL = 10**13
FEWEST_PARTS, MAX_PARTS = 2, 24
_WHOLE = 100
# Parts are whole thousands of toman where the amount allows it: cash is counted more easily.
ROUND_RIAL = 10_000
_RECEIPT = re.compile(r"[0-9A-Za-z-]{1,40}")
_COUNTER_REFERENCE = "{method}:{scope_id}:{receipt}"


@dataclass(frozen=True, slots=True)
class BillLine:
    """One line as the payer reads it; holds no name and nothing else about a person."""

    code: str
    kind: str
    quantity: int
    unit_rial: int
    sum_rial: int
    explanation_fa: str
    explanation_en: str
    source_fa: str
    source_en: str

    def as_json(self) -> dict[str, str | int]:
        """The line as it is kept with the charge."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class PostingDraft:
    """A posting to be written: the account's code in the charge's place, and signed rial."""

    account: str
    amount_rial: int


@dataclass(frozen=True, slots=True)
class WaiverLine:
    """What an exemption takes off one kind of fee, as the payer reads it; names no person."""

    code: str
    kind: str
    amount_rial: int
    explanation_fa: str
    explanation_en: str
    source_fa: str
    source_en: str


@dataclass(frozen=True, slots=True)
class PartDraft:
    """A part to be paid: whole rial, and the day until which it may be paid."""

    amount_rial: int
    due_on: date


class CallbackMoney(StrEnum):
    """What a believed call-back moves in the ledger."""

    NOTHING = "nothing"
    SETTLES = "settles"
    OVERPAYS = "overpays"


@dataclass(frozen=True, slots=True)
class CallbackEffect:
    """What a believed call-back changes: the attempt's state after it, and the money it moves."""

    attempt_state: AttemptState
    money: CallbackMoney


def total_of(lines: Sequence[BillLine]) -> int:
    """The bill's sum in rial; `BillNotConsistent` when a line or the whole does not add up."""
    if not 1 <= len(lines) <= MAX_BILL_LINES:
        raise BillNotConsistent
    for line in lines:
        if min(line.quantity, line.unit_rial) < 0 or line.sum_rial != line.quantity * line.unit_rial:
            raise BillNotConsistent
    total = sum(line.sum_rial for line in lines)
    if total > MAX_AMOUNT_RIAL:
        raise BillNotConsistent
    return total


def postings_for_charge(lines: Sequence[BillLine]) -> tuple[PostingDraft, ...]:
    """The household owes the whole; each kind of fee is earned. Empty when nothing is to be paid."""
    total = total_of(lines)
    if total == 0:
        return ()
    by_kind: dict[str, int] = {}
    for line in lines:
        by_kind[line.kind] = by_kind.get(line.kind, 0) + line.sum_rial
    earned = (PostingDraft(FEE_PREFIX + kind, -amount) for kind, amount in sorted(by_kind.items()) if amount)
    return (PostingDraft(RECEIVABLE, total), *earned)


def postings_for_payment(amount_rial: int, *, method: str, overpaid: bool = False) -> tuple[PostingDraft, ...]:
    """Money comes in by `method`, and settles what is owed or stands as owed back to the payer."""
    against = OVERPAID if overpaid else RECEIVABLE
    return (PostingDraft(money_account(method), amount_rial), PostingDraft(against, -amount_rial))


def postings_for_waiver(
    kind: str, *, owed_rial: int, owed_back_rial: int, gone_rial: int = 0
) -> tuple[PostingDraft, ...]:
    """An exemption: less is earned; what was still owed falls away, what was paid already is owed back.

    `gone_rial` of it went back before, as a fee returned: that fee was none, and nothing more is owed.
    """
    against = (
        PostingDraft(RECEIVABLE, -owed_rial),
        PostingDraft(OVERPAID, gone_rial - owed_back_rial),
        PostingDraft(RETURNED, -gone_rial),
    )
    fallen = PostingDraft(WAIVED_PREFIX + kind, owed_rial + owed_back_rial)
    return (fallen, *(posting for posting in against if posting.amount_rial))


def postings_for_cancelling(
    booked: Iterable[PostingDraft], *, settled_rial: int, gone_rial: int = 0
) -> tuple[PostingDraft, ...]:
    """Book back what raising and exemptions booked; what was paid meanwhile is owed back to the payer.

    `gone_rial` of that went back before, as fees returned: as of an exemption.
    """
    balances: dict[str, int] = {}
    for posting in booked:
        balances[posting.account] = balances.get(posting.account, 0) - posting.amount_rial
    balances[RECEIVABLE] = balances.get(RECEIVABLE, 0) + settled_rial
    balances[OVERPAID] = balances.get(OVERPAID, 0) - settled_rial + gone_rial
    balances[RETURNED] = balances.get(RETURNED, 0) - gone_rial
    return tuple(PostingDraft(code, amount) for code, amount in balances.items() if amount)


def postings_for_refund(amount_rial: int, *, owed_back_rial: int, method: str) -> tuple[PostingDraft, ...]:
    """Money goes out: first what stood as owed back, the rest as fees returned."""
    owed = min(amount_rial, owed_back_rial)
    against = (PostingDraft(OVERPAID, owed), PostingDraft(RETURNED, amount_rial - owed))
    out = PostingDraft(money_account(method), -amount_rial)
    return (*(posting for posting in against if posting.amount_rial), out)


def parts_of(
    amount_rial: int, *, count: int, first_percent: int, interval_days: int, first_on: date
) -> tuple[PartDraft, ...]:
    """Split an amount into `count` parts that sum to it, the first due on `first_on`. Errors: NothingToSplit."""
    if not FEWEST_PARTS <= count <= MAX_PARTS or not 0 < first_percent < _WHOLE or interval_days < 1:
        raise NothingToSplit
    if amount_rial < count:
        raise NothingToSplit
    unit = ROUND_RIAL if amount_rial >= count * count * ROUND_RIAL else 1
    first = max(amount_rial * first_percent // _WHOLE // unit * unit, unit)
    first = min(first, amount_rial - (count - 1) * unit)
    each = (amount_rial - first) // (count - 1) // unit * unit
    amounts = [first, *[each] * (count - 2)]
    amounts.append(amount_rial - sum(amounts))
    days = (first_on + timedelta(days=interval_days * index) for index in range(count))
    return tuple(PartDraft(amount, day) for amount, day in zip(amounts, days, strict=True))


def reduce_parts(parts: Sequence[PartDraft], amount_rial: int) -> tuple[PartDraft, ...]:
    """What stays of parts when an amount falls away: the last ones go first, so that the family pays sooner done."""
    kept, left = list(parts), amount_rial
    while kept and left >= kept[-1].amount_rial:
        left -= kept.pop().amount_rial
    if kept and left:
        kept[-1] = PartDraft(kept[-1].amount_rial - left, kept[-1].due_on)
    return tuple(kept)


def is_balanced(postings: Sequence[PostingDraft]) -> bool:
    """Whether the postings may stand as one entry: two or more, none empty, sum zero."""
    return (
        len(postings) > 1
        and all(posting.amount_rial for posting in postings)
        and sum(posting.amount_rial for posting in postings) == 0
    )


def money_account(method: str) -> str:
    """The account on which money taken by a counter method or a gateway stands."""
    return method if method in CounterMethod.values else GATEWAY_PREFIX + method


def account_kind(code: str) -> AccountKind:
    """The side of the ledger on which an account with this code stands."""
    # Exemptions and returned fees lessen what was earned: they stand on the same side.
    if code.startswith((FEE_PREFIX, WAIVED_PREFIX)) or code == RETURNED:
        return AccountKind.INCOME
    if code == OVERPAID:
        return AccountKind.LIABILITY
    return AccountKind.ASSET


def effect_of_callback(attempt: AttemptState, *, is_still_owed: bool, has_succeeded: bool) -> CallbackEffect:
    """What a believed answer means, in whatever order answers arrive.

    Money that a bank says it took is always booked, once: against the part that it was for while that is
    open, else as owed back to the payer. A success is never undone by a late failure.
    """
    if attempt == AttemptState.SUCCEEDED:
        return CallbackEffect(AttemptState.SUCCEEDED, CallbackMoney.NOTHING)
    if not has_succeeded:
        return CallbackEffect(AttemptState.FAILED, CallbackMoney.NOTHING)
    money = CallbackMoney.SETTLES if is_still_owed else CallbackMoney.OVERPAYS
    return CallbackEffect(AttemptState.SUCCEEDED, money)


def receipt_number_of(text: str) -> str:
    """The receipt number as it is stored; digits are expected as 0-9, spaces around are dropped."""
    number = text.strip()
    if not _RECEIPT.fullmatch(number):
        raise ReceiptNumberNeeded
    return number


def counter_reference(method: CounterMethod, scope_id: int, receipt: str) -> str:
    """The reference of money taken at a counter: its receipt serves once for each method and office."""
    return _COUNTER_REFERENCE.format(method=method.value, scope_id=scope_id, receipt=receipt)


def receipt_in(reference: str, *, method: str) -> str:
    """What a receipt shows for an attempt: the counter's receipt number, or the gateway's whole reference."""
    return reference.split(":", 2)[2] if method in CounterMethod.values else reference


def voucher_reference(scope_id: int, voucher: str) -> str:
    """The reference of cash given back: its voucher serves once in an office."""
    return f"refund-cash:{scope_id}:{voucher}"
