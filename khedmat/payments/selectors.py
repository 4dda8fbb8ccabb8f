"""Reads of charges and of the ledger, within what the working place may see."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    BigIntegerField,
    Count,
    Exists,
    F,
    FilteredRelation,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Coalesce, JSONObject, Replace, TruncDate
from django.utils import timezone

from khedmat.accounts.selectors import names_of
from khedmat.payments.enums import (
    AttemptState,
    ChargeState,
    CounterMethod,
    InstalmentState,
    RefundCause,
    RefundState,
)
from khedmat.payments.errors import ChargeNotFound, DayNotFound, RefundNotFound
from khedmat.payments.models import (
    Charge,
    DayEnd,
    Instalment,
    JournalEntry,
    LedgerAccount,
    PaymentAttempt,
    Posting,
    ReceiptPrint,
    Refund,
    Waiver,
)
from khedmat.payments.rules import OVERPAID, WaiverLine

_GOES_BACK = Q(state__in=[RefundState.ASKED, RefundState.PAID])


@dataclass(frozen=True, slots=True)
class Takings:
    """What went through one drawer in a day: rial in cash and at the terminal, and how often."""

    cash_rial: int
    terminal_rial: int
    count: int


@dataclass(frozen=True, slots=True)
class Drawer:
    """A cashier's drawer that is not counted yet today."""

    cashier_id: UUID
    name: str
    cash_rial: int


@dataclass(frozen=True, slots=True)
class LiveBill:
    """A charge that holds, its parts and what was waived of it."""

    charge: Charge
    parts: Sequence[Instalment]
    waived: Sequence[WaiverLine]


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


def live_bill_of(subject_kind: str, subject_id: UUID) -> LiveBill | None:
    """The open or paid charge of a subject with its parts that are paid or to be paid, as they are due, and with what
    was waived of it: one query.
    """
    waived = Waiver.objects.filter(charge=OuterRef("pk")).order_by("waived_at")
    as_object = JSONObject(**{one.name: one.name for one in fields(WaiverLine)})
    one_row_for_each_part: QuerySet[Any] = Charge.objects.filter(
        subject_kind=subject_kind, subject_id=subject_id, state__in=[ChargeState.OPEN, ChargeState.PAID]
    ).annotate(
        part=FilteredRelation("instalments", condition=~Q(instalments__state=InstalmentState.CANCELLED)),
        waived=ArraySubquery(waived.values(row=as_object)),
    )
    rows = list(one_row_for_each_part.select_related("part").order_by("part__due_on", "part__number"))
    if not rows:
        return None
    # Django leaves the attribute out where nothing is joined: a bill that was waived as a whole has no part.
    parts = [row.part for row in rows if hasattr(row, "part")]
    return LiveBill(rows[0], parts, [WaiverLine(**row) for row in rows[0].waived])


def charges_waiting_at(scope_id: int) -> QuerySet[Charge]:
    """Charges of one place of which nothing is paid yet, the oldest first: the cashier's queue.

    Later parts are not listed: nobody is chased for them. A family that comes to pay one is found by its number.
    """
    waiting = Charge.objects.filter(scope_id=scope_id, state=ChargeState.OPEN, settled_rial=0)
    return waiting.order_by("raised_at", "id")


def unpaid_subjects(subject_kind: str, subject_ids: Iterable[UUID]) -> set[UUID]:
    """Of some subjects, those with an amount of which nothing is paid yet."""
    unpaid = Charge.objects.filter(
        subject_kind=subject_kind, subject_id__in=list(subject_ids), state=ChargeState.OPEN, settled_rial=0
    )
    return set(unpaid.values_list("subject_id", flat=True))


def charge_with_number(scope_id: int, number: str) -> Charge | None:
    """The newest charge of one place for the subject with this number, which is written without hyphens here."""
    plain = Replace("subject_number", Value("-"), Value(""))
    found = Charge.objects.filter(scope_id=scope_id).annotate(plain_number=plain).filter(plain_number=number)
    return found.order_by("-raised_at", "-id").first()


def last_gateway_attempt_of(charge: Charge) -> PaymentAttempt | None:
    """The newest try at paying at a gateway, whatever came of it."""
    at_gateways = charge.attempts.exclude(method__in=CounterMethod.values).select_related("instalment")
    return at_gateways.order_by("-started_at", "-id").first()


def payments_of(charge: Charge) -> list[PaymentAttempt]:
    """The payments of a charge with their parts, the oldest first."""
    paid = charge.attempts.filter(state=AttemptState.SUCCEEDED).select_related("instalment")
    return list(paid.order_by("finished_at"))


def live_payments_of(subject_kind: str, subject_id: UUID) -> QuerySet[PaymentAttempt]:
    """Payments of a subject's open or paid charge."""
    states = [ChargeState.OPEN, ChargeState.PAID]
    live = PaymentAttempt.objects.filter(charge__subject_kind=subject_kind, charge__subject_id=subject_id)
    return live.filter(charge__state__in=states, state=AttemptState.SUCCEEDED)


def live_parts_of(charge: Charge) -> list[Instalment]:
    """Parts that are paid or to be paid, in the order in which they are due."""
    return list(charge.instalments.exclude(state=InstalmentState.CANCELLED))


def refunds_of(charge: Charge) -> list[Refund]:
    """What was asked back of a charge, the oldest first."""
    return list(charge.refunds.all())


def refund_by_id(refund_id: UUID) -> Refund:
    """The refund with its charge and place; `RefundNotFound` when there is none here."""
    found = Refund.objects.select_related("charge", "scope", "attempt").filter(pk=refund_id).first()
    if found is None:
        raise RefundNotFound
    return found


def refunds_waiting_at(scope_id: int) -> QuerySet[Refund]:
    """Refunds of one place that wait for its manager, the oldest first."""
    waiting = Refund.objects.filter(scope_id=scope_id, state=RefundState.ASKED).select_related("charge")
    return waiting.order_by("asked_at", "id")


def payment_print(print_id: UUID) -> tuple[ReceiptPrint, PaymentAttempt]:
    """One numbered printing of a payment's receipt, and the payment; `ChargeNotFound` when there is none here."""
    found = ReceiptPrint.objects.filter(pk=print_id).select_related("attempt__charge__scope").first()
    if found is None or found.attempt is None:
        raise ChargeNotFound
    return found, found.attempt


def refund_print(print_id: UUID) -> tuple[ReceiptPrint, Refund]:
    """As of a payment, of a refund; `RefundNotFound` when there is none here."""
    found = ReceiptPrint.objects.filter(pk=print_id).select_related("refund__charge__scope").first()
    if found is None or found.refund is None:
        raise RefundNotFound
    return found, found.refund


def refundable_on(charge: Charge) -> int:
    """Rial that were taken for a charge and neither went back nor are asked back."""
    return sums_of(charge).refundable


@dataclass(frozen=True, slots=True)
class Sums:
    """Rial of a charge that can still be asked back, and those of them that the ledger owes back."""

    refundable: int
    owed_back: int


def sums_of(charge: Charge) -> Sums:
    """Both, in one query."""
    taken = PaymentAttempt.objects.filter(charge=OuterRef("pk"), state=AttemptState.SUCCEEDED)
    back = Refund.objects.filter(_GOES_BACK, charge=OuterRef("pk"))
    waiting = Refund.objects.filter(
        charge=OuterRef("pk"), state=RefundState.ASKED, cause__in=[RefundCause.EXEMPTION, RefundCause.OVERPAYMENT]
    )
    owed = Posting.objects.filter(entry__charge=OuterRef("pk"), account__code=OVERPAID)
    found = Charge.objects.filter(pk=charge.pk).values_list(
        _total(taken, "charge"), _total(back, "charge"), _total(waiting, "charge"), _total(owed, "entry__charge")
    )
    taken_rial, back_rial, waiting_rial, owed_rial = found.get()
    refundable = taken_rial - back_rial
    return Sums(refundable, min(-owed_rial - waiting_rial, refundable))


def _total(rows: QuerySet[Any], of: str) -> Coalesce:
    """The sum of rial over rows of one charge, as a subquery."""
    total = rows.order_by().values(of).annotate(total=Sum("amount_rial")).values("total")
    return Coalesce(Subquery(total, output_field=BigIntegerField()), Value(0))


def owed_back_and_unasked(charge: Charge) -> int:
    """Rial that the ledger owes back to the payer and for which no refund waits yet."""
    return sums_of(charge).owed_back


def card_payment_for(charge: Charge, amount_rial: int) -> PaymentAttempt | None:
    """A payment at a gateway of which so much did not go back yet."""
    at_gateways = charge.attempts.filter(state=AttemptState.SUCCEEDED).exclude(method__in=CounterMethod.values)
    gone = Coalesce(Sum("refunds__amount_rial", filter=Q(refunds__state=RefundState.PAID)), Value(0))
    free = at_gateways.annotate(gone=gone).filter(amount_rial__gte=F("gone") + amount_rial)
    return free.order_by("finished_at").first()


def takings_of(scope_id: int, cashier_id: UUID, on: date) -> Takings:
    """What went through one cashier's drawer and terminal on a day in Tehran, refunds taken off."""
    entries = _entries_on(scope_id, on).filter(drawer_of=cashier_id)
    sums = entries.aggregate(
        cash=_on_account(CounterMethod.CASH),
        terminal=_on_account(CounterMethod.TERMINAL),
        times=Count("id", distinct=True),
    )
    return Takings(sums["cash"], sums["terminal"], sums["times"])


def taken_by(scope_id: int, cashier_id: UUID, on: date) -> list[JournalEntry]:
    """The entries of one drawer on a day, the newest first, with charge, payment and refund."""
    entries = _entries_on(scope_id, on).filter(drawer_of=cashier_id)
    return list(entries.select_related("charge", "attempt", "refund").order_by("-posted_at"))


def day_is_counted(scope_id: int, cashier_id: UUID, on: date) -> bool:
    """Whether a cashier has closed a day."""
    return DayEnd.objects.filter(scope_id=scope_id, counted_by=cashier_id, counted_on=on).exists()


def uncounted_days(scope_id: int, today: date, cashier_id: UUID | None = None) -> list[tuple[UUID, date]]:
    """Cashier and day of each past day on which money went through a drawer that was not counted, the oldest first."""
    begin = timezone.make_aware(datetime.combine(today, time()))
    counted = DayEnd.objects.filter(
        scope_id=OuterRef("scope_id"), counted_by=OuterRef("drawer_of"), counted_on=OuterRef("day")
    )
    entries = JournalEntry.objects.filter(scope_id=scope_id, posted_at__lt=begin)
    own = Q(drawer_of__isnull=False) if cashier_id is None else Q(drawer_of=cashier_id)
    days = entries.filter(own).annotate(day=TruncDate("posted_at")).exclude(Exists(counted))
    rows = days.values_list("drawer_of", "day").distinct().order_by("day", "drawer_of")
    return [(drawer_of, day) for drawer_of, day in rows if drawer_of is not None]


def day_to_count(scope_id: int, cashier_id: UUID, today: date) -> date:
    """The day that a cashier counts next: the oldest one that was forgotten, else today."""
    forgotten = uncounted_days(scope_id, today, cashier_id)
    return forgotten[0][1] if forgotten else today


def day_of(scope_id: int, cashier_id: UUID, on: date) -> DayEnd | None:
    """A cashier's count of a day."""
    return DayEnd.objects.filter(scope_id=scope_id, counted_by=cashier_id, counted_on=on).first()


def day_by_id(day_id: UUID) -> DayEnd:
    """One count; `DayNotFound` when there is none here."""
    found = DayEnd.objects.select_related("scope").filter(pk=day_id).first()
    if found is None:
        raise DayNotFound
    return found


def days_at(scope_id: int) -> QuerySet[DayEnd]:
    """Counts of one place: those that wait for the manager first, then the newest."""
    return DayEnd.objects.filter(scope_id=scope_id).order_by(
        F("confirmed_at").asc(nulls_first=True), "-counted_on", "counted_at"
    )


def drawers_at(scope_id: int, on: date) -> list[Drawer]:
    """Drawers of one place that hold cash on a day and are not counted, the fullest first."""
    counted = DayEnd.objects.filter(scope_id=scope_id, counted_on=on).values("counted_by")
    rows = (
        _entries_on(scope_id, on)
        .filter(drawer_of__isnull=False)
        .exclude(drawer_of__in=counted)
        .values_list("drawer_of")
        .annotate(cash=_on_account(CounterMethod.CASH))
        .filter(cash__gt=0)
        .order_by("-cash")
    )
    held = dict(rows)
    names = names_of(held)
    return [Drawer(one, names.get(one, ""), cash) for one, cash in held.items()]


def _entries_on(scope_id: int, on: date) -> QuerySet[JournalEntry]:
    begin = timezone.make_aware(datetime.combine(on, time()))
    end = timezone.make_aware(datetime.combine(on + timedelta(days=1), time()))
    return JournalEntry.objects.filter(scope_id=scope_id, posted_at__gte=begin, posted_at__lt=end)


def _on_account(method: CounterMethod) -> Sum:
    return Sum("postings__amount_rial", filter=Q(postings__account__code=method.value), default=0)


def balances_at(scope_id: int) -> dict[str, int]:
    """Signed rial on each account of one place, by the account's code."""
    accounts = LedgerAccount.objects.filter(scope_id=scope_id)
    rows = accounts.values_list("code").annotate(balance=Sum("postings__amount_rial", default=0))
    return dict(rows.order_by("code"))


def sum_of_all_postings() -> int:
    """Zero, always, of what the working place may see. `khedmat doctor` asks `guard.books()` about all."""
    total: int = Posting.objects.aggregate(total=Sum("amount_rial", default=0))["total"]
    return total
