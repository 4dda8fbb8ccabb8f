"""Facts, rules and fees that the tests of rounds share."""

from dataclasses import replace
from datetime import date

from khedmat.rounds.actions import DATA, DEMO_ROUND, round_from_file
from khedmat.rounds.enums import Certainty, Each, OnUnmet
from khedmat.rounds.rules import Bilingual, MemberFacts, RoundSpec, RuleSpec, TariffSpec

HEAD = MemberFacts(
    round_number=18,
    round_on=date(2026, 9, 23),
    household_size=5,
    relation="head",
    birth_on=date(1982, 10, 4),
    age_on_round=43,
    has_last_round_card=True,
    last_round_number=17,
    has_portrait=True,
    province_matches=True,
)
BABY = MemberFacts(
    round_number=18,
    round_on=date(2026, 9, 23),
    household_size=5,
    relation="son",
    birth_on=date(2026, 7, 10),
    age_on_round=0,
    is_new_member=True,
    father_has_card=True,
    mother_has_card=True,
    has_portrait=True,
    province_matches=True,
)
SOURCE = Bilingual("منبع", "source")


def amayesh_18() -> RoundSpec:
    return round_from_file(DATA / DEMO_ROUND)


def a_rule(expression: str, *, applies_when: str = "") -> RuleSpec:
    return RuleSpec(
        code="a-rule",
        title=Bilingual("شرط", "Rule"),
        expression=expression,
        applies_when=applies_when,
        sentence_met=Bilingual("سن {age_on_round}، تولد {birth_on}", "age {age_on_round}, born {birth_on}"),
        sentence_unmet=Bilingual("سن {age_on_round} نیست", "age is {age_on_round}, {no_such}"),
        on_unmet=OnUnmet.ASK_REVIEW,
        source=SOURCE,
        certainty=Certainty.DEMO,
    )


def a_fee(code: str, amount: int = 1_000, *, each: Each = Each.HOUSEHOLD, kind: str = "levy") -> TariffSpec:
    return TariffSpec(
        code=code,
        kind=kind,
        title=Bilingual("عوارض", "Levy"),
        each=each,
        amount_rial=amount,
        source=SOURCE,
        certainty=Certainty.DEMO,
    )


def household_of(size: int, facts: MemberFacts = HEAD) -> list[MemberFacts]:
    return [replace(facts, household_size=size)] * size
