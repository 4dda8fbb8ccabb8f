"""What PostgreSQL itself refuses, whatever the code does."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.utils import timezone

from khedmat.common.actor import Actor
from khedmat.payments import actions
from khedmat.payments.enums import CounterMethod, EntryKind
from khedmat.payments.models import Charge, JournalEntry, LedgerAccount, Posting
from tests.cast import Cast
from tests.payments.conftest import AMOUNT, answer_of_bank, raise_at, start_at_bank

Acting = Callable[[Actor], AbstractContextManager[None]]
pytestmark = pytest.mark.django_db
TABLES = ["charge", "paymentattempt", "gatewaycallback", "ledgeraccount", "journalentry", "posting"]


def check_deferred_constraints() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


def save_and_check(posting: Posting) -> None:
    posting.save()
    check_deferred_constraints()


def write_entry(charge: Charge, amounts: list[int], *, scope_id: int | None = None) -> None:
    """An entry as a fault in the code would write it; what the fixture wrote is looked at before."""
    check_deferred_constraints()
    scope_id = scope_id or charge.scope_id
    entry = JournalEntry.objects.create(
        scope_id=scope_id,
        kind=EntryKind.CHARGE_CANCELLED,
        charge_id=charge.pk,
        posted_at=timezone.now(),
        posted_by=uuid4(),
    )
    account, _is_new = LedgerAccount.objects.get_or_create(
        scope_id=scope_id, code="receivable", defaults={"kind": "asset"}
    )
    for amount in amounts:
        Posting.objects.create(scope_id=scope_id, entry=entry, account=account, amount_rial=amount)
    check_deferred_constraints()


@pytest.mark.parametrize("amounts", [[], [5], [5, -4], [5, 5]])
def test_unbalanced_entry_is_refused(cast: Cast, acting: Acting, charge: Charge, amounts: list[int]) -> None:
    with acting(cast["kamran"]), pytest.raises(IntegrityError, match="postings that sum to"), transaction.atomic():
        write_entry(charge, amounts)


def test_balanced_entry_is_accepted(cast: Cast, acting: Acting, charge: Charge) -> None:
    with acting(cast["kamran"]):
        write_entry(charge, [5, -5])
        assert Posting.objects.filter(amount_rial__in=[5, -5]).count() == 2


def test_posting_added_to_a_balanced_entry_is_refused(cast: Cast, acting: Acting, charge: Charge) -> None:
    with acting(cast["kamran"]):
        check_deferred_constraints()
        old = Posting.objects.filter(entry__charge=charge)[0]
        late = Posting(scope=old.scope, entry=old.entry, account=old.account, amount_rial=1)
        with pytest.raises(IntegrityError, match="postings that sum to"), transaction.atomic():
            save_and_check(late)


def test_empty_posting_is_refused(cast: Cast, acting: Acting, charge: Charge) -> None:
    with acting(cast["kamran"]), pytest.raises(IntegrityError), transaction.atomic():
        write_entry(charge, [5, 0, -5])


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE payments_posting SET amount_rial = 1",
        "DELETE FROM payments_posting",
        "TRUNCATE payments_posting",
        "UPDATE payments_journalentry SET kind = 'payment'",
        "DELETE FROM payments_journalentry",
        "DELETE FROM payments_gatewaycallback",
        "UPDATE payments_gatewaycallback SET has_succeeded = true",
        "UPDATE payments_charge SET amount_rial = 1",
        "UPDATE payments_charge SET bill = '[]'",
        "DELETE FROM payments_charge",
        "UPDATE payments_paymentattempt SET amount_rial = 1",
        "UPDATE payments_ledgeraccount SET code = 'x'",
    ],
)
def test_books_are_not_rewritten(cast: Cast, acting: Acting, charge: Charge, raw: Any, sql: str) -> None:
    with acting(cast["kamran"]), pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        raw.execute(sql)


def test_row_of_ones_own_place_cannot_hang_on_another_places_charge(cast: Cast, acting: Acting, charge: Charge) -> None:
    with acting(cast["omid"]), pytest.raises(IntegrityError, match="same_place"), transaction.atomic():
        write_entry(charge, [5, -5], scope_id=cast["omid"].scope_id)


def test_row_of_another_place_is_refused(cast: Cast, acting: Acting, charge: Charge) -> None:
    with acting(cast["omid"]), pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
        write_entry(charge, [5, -5])


def rows_seen(raw: Any) -> dict[str, int]:
    seen = {}
    for table in TABLES:
        raw.execute(f"SELECT count(*) FROM payments_{table}")
        seen[table] = raw.fetchone()[0]
    return seen


def test_rows_are_seen_from_the_place_and_above_only(cast: Cast, acting: Acting, charge: Charge, raw: Any) -> None:
    attempt = start_at_bank(charge, cast["kamran"])
    actions.receive_callback("demo", answer_of_bank(attempt))
    for name in ("kamran", "bahram", "manager"):
        with acting(cast[name]):
            assert all(rows_seen(raw).values())
    for name in ("omid", "mina", "sara"):
        with acting(cast[name]):
            assert not any(rows_seen(raw).values())
    raw.execute("SELECT set_config('khedmat.context', '', true)")
    assert not any(rows_seen(raw).values())


def started_by(raw: Any, reference: str) -> list[tuple[UUID, str, int]]:
    raw.execute("SELECT set_config('khedmat.context', '', true)")
    raw.execute("SELECT user_id, role, scope_id FROM guard.payment_started(%s)", [reference])
    return list(raw.fetchall())


def test_random_reference_alone_tells_who_started(cast: Cast, charge: Charge, raw: Any) -> None:
    kamran = cast["kamran"]
    attempt = start_at_bank(charge, kamran)
    assert started_by(raw, attempt.reference) == [(kamran.user_id, "cashier", kamran.scope_id)]
    assert started_by(raw, "0" * 32) == []


def test_guessable_counter_reference_tells_nothing(cast: Cast, acting: Acting, charge: Charge, raw: Any) -> None:
    with acting(cast["kamran"]):
        actions.take_counter_payment(
            charge.pk, method=CounterMethod.CASH, receipt_number="1", expected_version=1, by=cast["kamran"]
        )
    assert started_by(raw, f"counter-cash:{charge.scope_id}:1") == []


def test_one_attempt_is_booked_once(cast: Cast, acting: Acting, charge: Charge) -> None:
    attempt = start_at_bank(charge, cast["kamran"])
    actions.receive_callback("demo", answer_of_bank(attempt))
    with acting(cast["kamran"]):
        again = JournalEntry.objects.get(attempt=attempt)
        again.pk, again.kind = uuid4(), EntryKind.OVERPAYMENT
        with pytest.raises(IntegrityError, match="one_entry_for_each_attempt"), transaction.atomic():
            again.save(force_insert=True)


def test_amount_owed_is_what_the_bill_says(cast: Cast) -> None:
    charge = raise_at(cast["narges"])
    assert sum(line["sum_rial"] for line in charge.bill) == charge.amount_rial == AMOUNT
