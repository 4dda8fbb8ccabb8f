"""Integer rial, each line explained."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khedmat.payments.rules import postings_for_charge, total_of
from khedmat.rounds.enums import Each
from khedmat.rounds.errors import AgeNeededForTariff, TariffNotClear
from khedmat.rounds.rules import MemberFacts, TariffSpec, compute_tariff
from tests.rounds.samples import BABY, HEAD, a_fee, amayesh_18, household_of


@pytest.mark.parametrize(
    ("size", "levy"),
    [(1, 1_500_000), (2, 1_500_000), (3, 2_000_000), (4, 2_000_000), (5, 2_500_000), (9, 2_500_000)],
)
def test_levy_of_1395_by_size_of_family(size: int, levy: int) -> None:
    bill = compute_tariff(amayesh_18().version.tariff, household_of(size))
    assert [line.sum_rial for line in bill.lines] == [levy, size * 1_200_000]
    assert bill.total_rial == levy + size * 1_200_000


def test_line_is_explained_with_its_source_in_both_languages() -> None:
    levy, card = compute_tariff(amayesh_18().version.tariff, household_of(5)).lines
    assert "۲٬۵۰۰٬۰۰۰ ریال" in levy.explanation_fa
    assert "160/2215/12868" in levy.explanation_en
    assert levy.source_en.endswith("Tehran.")
    assert "5 × 1,200,000 = 6,000,000 rial" in card.explanation_en
    assert "نمونه برای نمایش" in card.explanation_fa


def test_free_line_is_shown_with_zero() -> None:
    fees = [
        replace(a_fee("baby", 0, each=Each.MEMBER), max_age=0),
        replace(a_fee("other", 7, each=Each.MEMBER), min_age=1),
    ]
    bill = compute_tariff(fees, [HEAD, BABY])
    assert [(line.code, line.quantity, line.sum_rial) for line in bill.lines] == [
        ("baby", 1, 0),
        ("other", 1, 7),
    ]
    assert "free of charge" in bill.lines[0].explanation_en


def test_unknown_age_is_asked_for_only_where_it_matters() -> None:
    unknown = replace(HEAD, age_on_round=None)
    assert compute_tariff([a_fee("any", 5, each=Each.MEMBER)], [unknown]).total_rial == 5
    with pytest.raises(AgeNeededForTariff):
        compute_tariff([replace(a_fee("adult", 5, each=Each.MEMBER), min_age=18)], [unknown])


@pytest.mark.parametrize("fees", [[a_fee("a"), a_fee("b")], [replace(a_fee("a"), min_members=3)]])
def test_unclear_tariff_is_refused(fees: list[TariffSpec]) -> None:
    with pytest.raises(TariffNotClear):
        compute_tariff(fees, [HEAD])


def test_empty_household_has_no_bill() -> None:
    with pytest.raises(TariffNotClear):
        compute_tariff([a_fee("a")], [])


ages = st.integers(0, 110)
households = st.lists(st.builds(lambda age: replace(HEAD, age_on_round=age), ages), min_size=1, max_size=15)


@st.composite
def clear_tariffs(draw: st.DrawFn) -> list[TariffSpec]:
    """A levy by size and a card fee by age, cut at random bounds, without gap or overlap."""
    amounts = st.integers(0, 10**8)
    size, age = draw(st.integers(1, 10)), draw(st.integers(0, 80))
    return [
        replace(a_fee("small", draw(amounts)), max_members=size),
        replace(a_fee("large", draw(amounts)), min_members=size + 1),
        replace(a_fee("young", draw(amounts), each=Each.MEMBER, kind="card"), max_age=age),
        replace(a_fee("old", draw(amounts), each=Each.MEMBER, kind="card"), min_age=age + 1),
    ]


@given(clear_tariffs(), households)
def test_bill_is_the_levy_and_each_members_fee(tariff: list[TariffSpec], household: list[MemberFacts]) -> None:
    bill = compute_tariff(tariff, household)
    small, large, young, old = tariff
    limit = young.max_age or 0
    levy = small if len(household) <= (small.max_members or 0) else large
    cards = sum((young if (who.age_on_round or 0) <= limit else old).amount_rial for who in household)
    assert bill.total_rial == levy.amount_rial + cards
    assert total_of(bill.lines) == bill.total_rial
    assert sum(posting.amount_rial for posting in postings_for_charge(bill.lines)) == 0


@given(clear_tariffs(), households)
def test_order_of_members_makes_no_difference(tariff: list[TariffSpec], household: list[MemberFacts]) -> None:
    turned = household[::-1]
    assert compute_tariff(tariff, household) == compute_tariff(tariff, turned)


@given(clear_tariffs(), households)
def test_bill_holds_nothing_but_fees(tariff: list[TariffSpec], household: list[MemberFacts]) -> None:
    keys = {key for line in compute_tariff(tariff, household).lines for key in line.as_json()}
    assert keys == {
        "code", "kind", "quantity", "unit_rial", "sum_rial",
        "explanation_fa", "explanation_en", "source_fa", "source_en",
    }  # fmt: skip
