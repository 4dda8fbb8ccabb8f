"""What the pages of money show, made ready: lines of a bill, its parts, its payments and refunds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from khedmat.accounts.selectors import names_of
from khedmat.common.text import localise_digits
from khedmat.payments.enums import InstalmentState, RefundState
from khedmat.payments.models import Charge, Instalment, PaymentAttempt, Refund
from khedmat.payments.selectors import live_parts_of, payments_of, refunds_of

REFUND_TONES = {RefundState.ASKED: "warn", RefundState.PAID: "ok", RefundState.DECLINED: "mute"}


@dataclass(frozen=True, slots=True)
class BillRow:
    """One line of the bill in the reader's language. `source` is empty where none is recorded."""

    explanation: str
    source: str
    sum_rial: int
    is_waiver: bool = False


@dataclass(frozen=True, slots=True)
class PartRow:
    """One part of an amount, as it is read: `place` counts from 1."""

    part: Instalment
    place: int
    of: int
    is_next: bool
    is_late: bool

    @property
    def is_paid(self) -> bool:
        """Whether it is paid."""
        return self.part.state == InstalmentState.PAID

    @property
    def tone(self) -> str:
        """A part whose day has passed is shown as any other that waits: nothing follows from it."""
        return "ok" if self.is_paid else "info" if self.is_next else "mute"


@dataclass(frozen=True, slots=True)
class PaymentRow:
    """One payment with who took it and for which part; `place` is 0 for a part that another took the place of."""

    attempt: PaymentAttempt
    taker: str
    place: int
    of: int

    @property
    def has_letters(self) -> bool:
        """Digits are the reader's own, but not amid Latin letters, as in a bank's reference."""
        return any(map(str.isalpha, self.attempt.receipt_number))


@dataclass(frozen=True, slots=True)
class RefundRow:
    """One refund, its tone, and who asked for it and settled it."""

    refund: Refund
    tone: str
    asker: str
    settler: str


@dataclass(frozen=True)
class Money:
    """A charge with all that its pages show of it."""

    charge: Charge
    rows: Sequence[BillRow]
    parts: Sequence[PartRow]
    payments: Sequence[PaymentRow]
    refunds: Sequence[RefundRow]

    @property
    def is_split(self) -> bool:
        """Whether there is more than one part."""
        return len(self.parts) > 1

    @property
    def total_rial(self) -> int:
        """The bill's sum after exemptions."""
        return sum(row.sum_rial for row in self.rows)

    @property
    def next_part(self) -> PartRow | None:
        """The part that is due next."""
        return next((row for row in self.parts if row.is_next), None)

    @property
    def open_parts(self) -> list[PartRow]:
        """Parts still to be paid."""
        return [row for row in self.parts if not row.is_paid]


def money_of(charge: Charge) -> Money:
    """Everything about a charge, in five queries."""
    parts = part_rows(live_parts_of(charge), timezone.localdate())
    attempts, refunds = payments_of(charge), refunds_of(charge)
    who = names_of(
        [
            *(one.started_by for one in attempts),
            *(one.asked_by for one in refunds),
            *(one.paid_by or one.declined_by for one in refunds),
        ]
    )
    return Money(
        charge=charge,
        rows=bill_rows(charge),
        parts=parts,
        payments=[_payment_row(one, parts, who.get(one.started_by, "")) for one in attempts],
        refunds=[
            RefundRow(
                one,
                REFUND_TONES[RefundState(one.state)],
                who.get(one.asked_by, ""),
                _name(who, one.paid_by or one.declined_by),
            )
            for one in refunds
        ],
    )


def bill_rows(charge: Charge) -> list[BillRow]:
    """The lines as the payer reads them, exemptions last and negative; a source is parted from its explanation."""
    language = "en" if get_language() == "en" else "fa"
    rows = []
    for line in charge.bill:
        source = str(line[f"source_{language}"])
        explanation = str(line[f"explanation_{language}"]).strip().removesuffix(source).strip()
        rows.append(BillRow(explanation, source, int(line["sum_rial"])))
    for waiver in charge.waivers.all():
        words = waiver.explanation_en if language == "en" else waiver.explanation_fa
        source = waiver.source_en if language == "en" else waiver.source_fa
        rows.append(BillRow(words, source, -waiver.amount_rial, is_waiver=True))
    return rows


def part_rows(parts: Sequence[Instalment], today: date) -> list[PartRow]:
    """The live parts in their order, and which of them is due next."""
    following = next((part for part in parts if part.state == InstalmentState.OPEN), None)
    return [
        PartRow(
            part,
            place,
            len(parts),
            is_next=part is following,
            is_late=part.state == InstalmentState.OPEN and part.due_on < today,
        )
        for place, part in enumerate(parts, start=1)
    ]


def payment_row(attempt: PaymentAttempt, parts: Sequence[PartRow]) -> PaymentRow:
    """One payment alone, for its receipt."""
    return _payment_row(attempt, parts, names_of([attempt.started_by]).get(attempt.started_by, ""))


def _payment_row(attempt: PaymentAttempt, parts: Sequence[PartRow], taker: str) -> PaymentRow:
    place = next((row.place for row in parts if row.part.pk == attempt.instalment_id and row.is_paid), 0)
    return PaymentRow(attempt, taker, place, len(parts))


def _name(who: dict[UUID, str], user_id: UUID | None) -> str:
    return who.get(user_id, "") if user_id else ""


def copy_words(number: int) -> str:
    """What a printed receipt says of itself: nothing on the first, the copy's number on each later one."""
    if number == 1:
        return ""
    return _("Copy %(number)s") % {"number": localise_digits(str(number), get_language() or "fa")}
