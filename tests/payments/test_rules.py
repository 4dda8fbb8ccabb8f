"""Money decided without a database."""

from dataclasses import replace
from datetime import date
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khedmat.payments.enums import AccountKind, AttemptState, CounterMethod
from khedmat.payments.errors import BillNotConsistent, NothingToSplit, ReceiptNumberNeeded
from khedmat.payments.rules import (
    MAX_AMOUNT_RIAL,
    OVERPAID,
    RECEIVABLE,
    RETURNED,
    BillLine,
    CallbackMoney,
    PartDraft,
    PostingDraft,
    account_kind,
    effect_of_callback,
    is_balanced,
    parts_of,
    postings_for_cancelling,
    postings_for_charge,
    postings_for_payment,
    postings_for_refund,
    postings_for_waiver,
    receipt_number_of,
    reduce_parts,
    total_of,
)


def bill_line(kind: str = "card_issue", quantity: int = 1, unit: int = 1_200_000) -> BillLine:
    return BillLine(
        code=f"{kind}-line",
        kind=kind,
        quantity=quantity,
        unit_rial=unit,
        sum_rial=quantity * unit,
        explanation_fa="صدور کارت",
        explanation_en="Card issue",
        source_fa="نمونه",
        source_en="sample",
    )


lines_of_bills = st.lists(
    st.builds(
        bill_line,
        kind=st.sampled_from(["card_issue", "municipal_levy", "other"]),
        quantity=st.integers(0, 20),
        unit=st.integers(0, 10**8),
    ),
    min_size=1,
    max_size=8,
)


@given(lines_of_bills)
def test_charge_postings_balance_and_owe_the_whole(lines: list[BillLine]) -> None:
    postings = postings_for_charge(lines)
    total = sum(line.sum_rial for line in lines)
    if total == 0:
        assert postings == ()
        return
    assert is_balanced(postings)
    assert postings[0] == PostingDraft(RECEIVABLE, total)


@given(lines_of_bills)
def test_reversal_cancels_every_account(lines: list[BillLine]) -> None:
    postings = postings_for_charge(lines)
    balances: dict[str, int] = {}
    for posting in (*postings, *postings_for_cancelling(postings, settled_rial=0)):
        balances[posting.account] = balances.get(posting.account, 0) + posting.amount_rial
    assert not any(balances.values())


@pytest.mark.parametrize(
    "line",
    [
        replace(bill_line(), sum_rial=1),
        bill_line(quantity=-1),
        replace(bill_line(), quantity=-1, unit_rial=-1, sum_rial=1),
        bill_line(unit=MAX_AMOUNT_RIAL + 1),
    ],
)
def test_total_of_a_wrong_line_is_refused(line: BillLine) -> None:
    with pytest.raises(BillNotConsistent):
        total_of([line])


def test_total_of_an_empty_bill_is_refused() -> None:
    with pytest.raises(BillNotConsistent):
        total_of([])


@pytest.mark.parametrize(
    "postings",
    [(), (PostingDraft("a", 0),), (PostingDraft("a", 1),), (PostingDraft("a", 1), PostingDraft("b", -2)),
     (PostingDraft("a", 1), PostingDraft("b", -1), PostingDraft("c", 0))],
)  # fmt: skip
def test_unbalanced_postings_are_told(postings: tuple[PostingDraft, ...]) -> None:
    assert not is_balanced(postings)


def test_payment_at_a_gateway_settles_what_is_owed() -> None:
    assert postings_for_payment(5, method="demo") == (
        PostingDraft("gateway:demo", 5),
        PostingDraft(RECEIVABLE, -5),
    )


def test_overpayment_is_owed_back_to_the_payer() -> None:
    assert postings_for_payment(5, method=CounterMethod.CASH, overpaid=True)[1] == PostingDraft(OVERPAID, -5)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("fee:card_issue", AccountKind.INCOME),
        ("waived:card_issue", AccountKind.INCOME),
        (RETURNED, AccountKind.INCOME),
        (OVERPAID, AccountKind.LIABILITY),
        (RECEIVABLE, AccountKind.ASSET),
        ("gateway:demo", AccountKind.ASSET),
        (CounterMethod.TERMINAL.value, AccountKind.ASSET),
    ],
)
def test_account_kind_follows_its_code(code: str, kind: AccountKind) -> None:
    assert account_kind(code) == kind


@pytest.mark.parametrize("attempt", [state for state in AttemptState if state != AttemptState.SUCCEEDED])
@pytest.mark.parametrize(("is_still_owed", "money"), [(True, CallbackMoney.SETTLES), (False, CallbackMoney.OVERPAYS)])
def test_first_success_always_books_the_money(is_still_owed: bool, attempt: AttemptState, money: CallbackMoney) -> None:
    effect = effect_of_callback(attempt, is_still_owed=is_still_owed, has_succeeded=True)
    assert (effect.attempt_state, effect.money) == (AttemptState.SUCCEEDED, money)


@pytest.mark.parametrize("has_succeeded", [True, False])
@pytest.mark.parametrize("is_still_owed", [True, False])
def test_nothing_changes_after_a_success(is_still_owed: bool, has_succeeded: bool) -> None:
    effect = effect_of_callback(AttemptState.SUCCEEDED, is_still_owed=is_still_owed, has_succeeded=has_succeeded)
    assert (effect.attempt_state, effect.money) == (AttemptState.SUCCEEDED, CallbackMoney.NOTHING)


@pytest.mark.parametrize("answers", set(permutations([True, True, False, False])))
def test_order_of_answers_makes_no_difference(answers: tuple[bool, ...]) -> None:
    is_still_owed, attempt = True, AttemptState.STARTED
    moved = []
    for has_succeeded in answers:
        effect = effect_of_callback(attempt, is_still_owed=is_still_owed, has_succeeded=has_succeeded)
        attempt = effect.attempt_state
        if effect.money != CallbackMoney.NOTHING:
            moved.append(effect.money)
            is_still_owed = False
    assert attempt == AttemptState.SUCCEEDED
    assert moved == [CallbackMoney.SETTLES]


@pytest.mark.parametrize("text", ["", "  ", "۱۲۳", "12 3", "1" * 41, "1;2", "12\n3"])
def test_receipt_number_of_wrong_text_is_refused(text: str) -> None:
    with pytest.raises(ReceiptNumberNeeded) as refused:
        receipt_number_of(text)
    assert refused.value.field == "receipt_number"


def test_receipt_number_drops_spaces_around() -> None:
    assert receipt_number_of(" 12-A ") == "12-A"


amounts = st.integers(2, MAX_AMOUNT_RIAL)


@given(amounts, st.integers(2, 12), st.integers(1, 99), st.integers(1, 90))
def test_parts_sum_to_the_amount_and_none_is_empty(amount: int, count: int, percent: int, days: int) -> None:
    if amount < count:
        return
    on = date(2026, 3, 21)
    parts = parts_of(amount, count=count, first_percent=percent, interval_days=days, first_on=on)
    assert sum(part.amount_rial for part in parts) == amount
    assert min(part.amount_rial for part in parts) > 0
    assert [(part.due_on - on).days for part in parts] == [days * index for index in range(count)]


def test_parts_are_round_sums_where_the_amount_allows_it() -> None:
    parts = parts_of(8_500_000, count=3, first_percent=40, interval_days=30, first_on=date(2026, 3, 21))
    assert [part.amount_rial for part in parts] == [3_400_000, 2_550_000, 2_550_000]


@pytest.mark.parametrize(
    ("count", "percent", "amount"), [(1, 40, 100), (25, 40, 100), (3, 0, 100), (3, 100, 100), (3, 40, 2)]
)
def test_parts_that_cannot_be_are_refused(count: int, percent: int, amount: int) -> None:
    with pytest.raises(NothingToSplit):
        parts_of(amount, count=count, first_percent=percent, interval_days=30, first_on=date(2026, 3, 21))


@given(st.lists(st.integers(1, 1000), min_size=1, max_size=6), st.integers(1, 6000))
def test_reduced_parts_lose_the_amount_from_the_end(sums: list[int], amount: int) -> None:
    parts = [PartDraft(one, date(2026, 3, 21 + index)) for index, one in enumerate(sums)]
    kept = reduce_parts(parts, amount)
    assert sum(part.amount_rial for part in kept) == max(sum(sums) - amount, 0)
    assert list(kept[:-1]) == parts[: max(len(kept) - 1, 0)]
    assert all(part.amount_rial > 0 for part in kept)


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_entry_of_an_exemption_balances(owed: int, owed_back: int) -> None:
    if owed + owed_back:
        assert is_balanced(postings_for_waiver("municipal_levy", owed_rial=owed, owed_back_rial=owed_back))


@given(st.integers(1, 10**9), st.integers(0, 10**9))
def test_entry_of_a_refund_balances(amount: int, owed_back: int) -> None:
    assert is_balanced(postings_for_refund(amount, owed_back_rial=owed_back, method="demo"))
