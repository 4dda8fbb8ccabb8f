"""Whatever managers write and whoever comes: rules say something in words, and nothing broken is published."""

from dataclasses import replace
from datetime import date
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from khedmat.rounds.enums import OnUnmet, OutcomeState
from khedmat.rounds.rules import Bilingual, MemberFacts, RuleSpec, check_version, evaluate_rules
from khedmat.rounds.rules.evaluation import explain_rules, inputs_of, readable
from khedmat.rounds.rules.expressions import BadExpression, facts_used, holds
from khedmat.rounds.words import FACTS
from tests.rounds.samples import a_rule, amayesh_18

VERSION = amayesh_18().version
DAYS = st.dates(date(1300, 1, 1), date(2120, 1, 1))
SMALL = st.integers(-1, 160)
MAYBE = st.none() | st.booleans()

records = st.builds(
    MemberFacts,
    round_number=SMALL,
    round_on=DAYS,
    household_size=st.integers(0, 40),
    relation=st.sampled_from(["head", "wife", "son", ""]) | st.text(max_size=8),
    birth_on=st.none() | DAYS,
    age_on_round=st.none() | SMALL,
    is_new_member=st.booleans(),
    has_last_round_card=st.booleans(),
    last_card_valid_until=st.none() | DAYS,
    last_round_number=st.none() | SMALL,
    has_valid_laissez_passer=st.booleans(),
    father_has_card=MAYBE,
    mother_has_card=MAYBE,
    has_portrait=st.booleans(),
    province_matches=MAYBE,
    document_kinds=st.lists(st.sampled_from(["amayesh_card", "laissez_passer"]), max_size=60).map(tuple),
)

_yes_no = st.sampled_from(
    ["has_portrait", "is_new_member", "father_has_card", "province_matches", "has_last_round_card", "true"]
)
_numbers = st.sampled_from(["age_on_round", "last_round_number", "household_size", "round_number"])
_compared = st.builds(
    "{} {} {}".format, _numbers, st.sampled_from([">=", "<", "==", "!="]), st.integers(-3, 99) | _numbers
)
_others = st.sampled_from(
    ["birth_on < round_on", "last_round_number == null", '"laissez_passer" in document_kinds', 'relation == "head"',
     "size(document_kinds) > 1", "round_number - 1", "relation", "birth_on + 1 < 2", "no_such_fact", "1 / 0 == 1", "("],
)  # fmt: skip
expressions = st.recursive(
    _yes_no | _compared | _others,
    lambda inner: (
        st.builds("({}) && ({})".format, inner, inner)
        | st.builds("({}) || ({})".format, inner, inner)
        | st.builds("!({})".format, inner)
        | st.builds("({}) ? ({}) : ({})".format, inner, inner, inner)
    ),
    max_leaves=5,
) | st.text(max_size=30)

rules = st.builds(
    lambda expression, applies_when, on_unmet: replace(
        a_rule(expression, applies_when=applies_when), on_unmet=on_unmet
    ),
    expressions,
    st.just("") | expressions,
    st.sampled_from(OnUnmet),
)


@settings(max_examples=120, deadline=None)
@given(rules, records)
def test_every_rule_says_something_in_words_about_everybody(rule: RuleSpec, facts: MemberFacts) -> None:
    """Total: no rule and no record raises. Explained: a sentence in both languages, what it asked, where it stands."""
    ((told, outcome),) = explain_rules([rule], facts)
    assert told == rule
    assert evaluate_rules([rule], facts) == ([] if outcome is None else [outcome])
    asked = inputs_of(rule, facts)
    assert all(FACTS[name] and readable(value, "fa") and readable(value, "en") for name, value in asked.items()
               if value not in {"", ()})  # fmt: skip
    if outcome is None:
        assert not holds(rule.applies_when, facts)
        return
    assert outcome.sentence.fa.strip()
    assert outcome.sentence.en.strip()
    assert outcome.source == rule.source
    assert set(outcome.inputs) == {*facts_used(rule.expression), *facts_used(rule.applies_when)}
    assert outcome.is_met == _is_true(rule, facts)
    assert (outcome.reason is None) == outcome.is_met


def _is_true(rule: RuleSpec, facts: MemberFacts) -> bool:
    """Met is what computes to true and nothing else; what cannot be computed is for a person."""
    try:
        return (not rule.applies_when or holds(rule.applies_when, facts)) and holds(rule.expression, facts)
    except BadExpression:
        return False


@settings(max_examples=40, deadline=None)
@given(records)
def test_rules_of_the_demo_round_say_something_about_everybody(facts: MemberFacts) -> None:
    told = explain_rules(VERSION.rules, facts)
    assert [rule for rule, _outcome in told] == list(VERSION.rules)
    assert all(outcome is None or outcome.state in OutcomeState for _rule, outcome in told)


BREAKAGES = st.sampled_from(
    ["({0}", "{0})", "{0} &&", "&& {0}", "{0} // {0}", "no_such_fact || {0}", "[1, 2].exists(n, n > 1) || {0}",
     "has(relation.x) || {0}", "matches(relation, 'x') || {0}", "name == 'x' && {0}", "{0} {0}", "'{0}", "1",
     "relation", "null", "!({0})", "({0}) == 1", "nationality != 'x' || {0}"],
)  # fmt: skip


@settings(max_examples=120, deadline=None)
@given(st.integers(0, len(VERSION.rules) - 1), BREAKAGES, st.sampled_from(["expression", "applies_when"]))
def test_broken_expression_cannot_be_published(place: int, breakage: str, field: str) -> None:
    """A breakage that does not parse is named; one that parses says something else about an example."""
    whole = getattr(VERSION.rules[place], field) or "true"
    changed: dict[str, Any] = {field: breakage.format(whole)}
    broken = replace(VERSION.rules[place], **changed)
    version = replace(VERSION, rules=(*VERSION.rules[:place], broken, *VERSION.rules[place + 1 :]))
    assert {problem.where.split(":")[0] for problem in check_version(version)}


@settings(max_examples=40, deadline=None)
@given(st.integers(0, len(VERSION.texts) - 1))
def test_version_without_one_of_its_texts_cannot_be_published(place: int) -> None:
    version = replace(VERSION, texts=(*VERSION.texts[:place], *VERSION.texts[place + 1 :]))
    assert [problem.code for problem in check_version(version)] == ["client-text-missing"]


@settings(max_examples=40, deadline=None)
@given(rules, st.text(alphabet="ab {}", max_size=12))
def test_sentence_with_any_braces_is_filled_without_an_error(rule: RuleSpec, sentence: str) -> None:
    assume(rule.expression)
    spoken = replace(rule, sentence_met=Bilingual(sentence, sentence), sentence_unmet=Bilingual(sentence, sentence))
    evaluate_rules([spoken], VERSION.examples[0].facts)
