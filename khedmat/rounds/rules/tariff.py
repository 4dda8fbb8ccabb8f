"""What a household pays: integer rial, each line explained in both languages with its source."""

from collections.abc import Sequence

from django.utils.translation import gettext, override

from khedmat.common.money import format_amount, format_rial
from khedmat.common.text import localise_digits
from khedmat.payments.rules import BillLine
from khedmat.rounds.enums import Each
from khedmat.rounds.errors import AgeNeededForTariff, TariffNotClear
from khedmat.rounds.rules.specs import MemberFacts, TariffBill, TariffSpec


def compute_tariff(lines: Sequence[TariffSpec], household: Sequence[MemberFacts]) -> TariffBill:
    """The household's bill, in the lines' order; free lines that apply are shown with zero.

    Of the lines of one kind exactly one is paid by the household, or by each member. `AgeNeededForTariff`
    when a fee depends on an unknown age; `TariffNotClear` when no line or several would be paid.
    """
    if not household:
        raise TariffNotClear
    quantities = dict.fromkeys(range(len(lines)), 0)
    for kind in dict.fromkeys(line.kind for line in lines):
        for member, facts in enumerate(household):
            line = _only_line(lines, kind, facts, size=len(household))
            if lines[line].each == Each.MEMBER:
                quantities[line] += 1
            elif member == 0:
                quantities[line] = 1
    return TariffBill(tuple(_bill_line(lines[index], count) for index, count in quantities.items() if count))


def matching_lines(lines: Sequence[TariffSpec], kind: str, *, size: int, age: int) -> list[int]:
    """Indices of the lines of a kind for a member of this age in a household of this size."""
    return [
        index
        for index, line in enumerate(lines)
        if line.kind == kind
        and _within(size, line.min_members, line.max_members)
        and _within(age, line.min_age, line.max_age)
    ]


def _only_line(lines: Sequence[TariffSpec], kind: str, facts: MemberFacts, *, size: int) -> int:
    candidates = [
        index
        for index, line in enumerate(lines)
        if line.kind == kind and _within(size, line.min_members, line.max_members)
    ]
    age = facts.age_on_round
    if age is None:
        if any(lines[index].has_age_bounds for index in candidates):
            raise AgeNeededForTariff
    else:
        candidates = matching_lines(lines, kind, size=size, age=age)
    if len(candidates) != 1:
        raise TariffNotClear
    return candidates[0]


def _within(value: int, least: int | None, most: int | None) -> bool:
    return (least is None or value >= least) and (most is None or value <= most)


def _bill_line(line: TariffSpec, quantity: int) -> BillLine:
    total = line.amount_rial * quantity
    return BillLine(
        code=line.code,
        kind=line.kind,
        quantity=quantity,
        unit_rial=line.amount_rial,
        sum_rial=total,
        explanation_fa=_explanation(line, quantity, "fa"),
        explanation_en=_explanation(line, quantity, "en"),
        source_fa=line.source.fa,
        source_en=line.source.en,
    )


def _explanation(line: TariffSpec, quantity: int, language: str) -> str:
    values = {
        "title": line.title.in_language(language),
        "quantity": localise_digits(str(quantity), language),
        "unit": format_amount(line.amount_rial, language),
        "sum": format_rial(line.amount_rial * quantity, language),
        "source": line.source.in_language(language),
    }
    with override(language):
        if line.amount_rial == 0:
            return gettext("%(title)s: free of charge. %(source)s") % values
        if line.each == Each.HOUSEHOLD:
            return gettext("%(title)s: %(sum)s. %(source)s") % values
        return gettext("%(title)s: %(quantity)s × %(unit)s = %(sum)s. %(source)s") % values
