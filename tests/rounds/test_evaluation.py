"""What rules say about members; a machine never refuses and never fails."""

from dataclasses import fields, replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khedmat.rounds.enums import Each, OnUnmet, OutcomeState, Reason
from khedmat.rounds.rules import MemberFacts, RuleOutcome, RuleSpec, evaluate_rules, needed_papers
from tests.rounds.samples import BABY, HEAD, a_rule, amayesh_18


def only(rule: RuleSpec, facts: MemberFacts = HEAD) -> RuleOutcome:
    (outcome,) = evaluate_rules([rule], facts)
    return outcome


def test_met_rule_fills_its_sentence_in_both_languages() -> None:
    outcome = only(a_rule("age_on_round >= 18"))
    assert outcome.is_met
    assert outcome.sentence.fa == "سن ۴۳، تولد ۱۳۶۱/۰۷/۱۲"
    assert outcome.sentence.en == "age 43, born 1982-10-04"
    assert outcome.inputs == {"age_on_round": 43}


def test_unmet_rule_asks_for_review_and_leaves_unknown_names() -> None:
    outcome = only(a_rule("age_on_round < 18"))
    assert (outcome.state, outcome.reason) == (OutcomeState.NEEDS_REVIEW, Reason.UNMET)
    assert outcome.sentence.en == "age is 43, {no_such}"
    assert outcome.on_unmet == OnUnmet.ASK_REVIEW


def test_dates_compare_as_timestamps() -> None:
    assert only(a_rule("birth_on < round_on")).is_met
    assert only(a_rule('birth_on >= timestamp("1982-10-04T00:00:00Z")')).is_met


def test_list_of_papers_can_be_asked() -> None:
    facts = replace(HEAD, document_kinds=("laissez_passer",))
    assert only(a_rule('"laissez_passer" in document_kinds'), facts).is_met


def test_day_before_the_iranian_calendar_is_still_told() -> None:
    outcome = only(a_rule("true"), replace(HEAD, birth_on=date(1, 1, 1)))
    assert outcome.sentence.fa.endswith("0001-01-01")


def test_rule_that_does_not_apply_says_nothing() -> None:
    assert evaluate_rules([a_rule("true", applies_when="is_new_member")], HEAD) == []


@pytest.mark.parametrize(
    ("expression", "facts"),
    [
        ("age_on_round >= 18", replace(HEAD, age_on_round=None)),
        ("father_has_card && mother_has_card", replace(BABY, mother_has_card=None)),
        ("birth_on < round_on", replace(HEAD, birth_on=None)),
    ],
)
def test_unknown_fact_asks_for_review(expression: str, facts: MemberFacts) -> None:
    outcome = only(a_rule(expression), facts)
    assert outcome.reason == Reason.FACT_UNKNOWN
    assert "Rule" in outcome.sentence.en
    assert "شرط" in outcome.sentence.fa


@pytest.mark.parametrize(
    "expression",
    [
        "", "age_on_round >", "nationality == 'x'", "age_on_round", "age_on_round + relation", "1 / 0 == 1",
        "age_on_round + 9223372036854775807 > 0", "[1].all(i, i > 0)", "[1].map(age_on_round, true)[0]",
        "relation.matches('(a+)+$')", "true // note", "has(relation.x)", "true " + "|| true " * 200,
        "f(1)", "size(age_on_round) == 1", "(" * 300 + "true" + ")" * 300,
    ],
)  # fmt: skip
def test_broken_rule_asks_for_review(expression: str) -> None:
    assert only(a_rule(expression)).reason == Reason.RULE_BROKEN


def test_condition_that_fails_asks_for_review() -> None:
    assert only(a_rule("true", applies_when="age_on_round <")).reason == Reason.RULE_BROKEN


def test_too_long_list_asks_for_review() -> None:
    facts = replace(HEAD, document_kinds=("visa",) * 51)
    assert only(a_rule("size(document_kinds) > 1"), facts).reason == Reason.RULE_BROKEN


any_facts = st.builds(
    MemberFacts,
    round_number=st.integers(),
    round_on=st.dates(),
    household_size=st.integers(),
    relation=st.text(),
    birth_on=st.none() | st.dates(),
    age_on_round=st.none() | st.integers(),
    is_new_member=st.booleans(),
    has_last_round_card=st.booleans(),
    last_card_valid_until=st.none() | st.dates(),
    last_round_number=st.none() | st.integers(),
    has_valid_laissez_passer=st.booleans(),
    father_has_card=st.none() | st.booleans(),
    mother_has_card=st.none() | st.booleans(),
    has_portrait=st.booleans(),
    province_matches=st.none() | st.booleans(),
    document_kinds=st.lists(st.text(), max_size=60).map(tuple),
)


@given(any_facts)
def test_rules_of_the_round_answer_for_any_facts(facts: MemberFacts) -> None:
    for outcome in evaluate_rules(amayesh_18().version.rules, facts):
        assert outcome.is_met is (outcome.reason is None)
        assert outcome.sentence.fa
        assert outcome.sentence.en
        assert outcome.as_json()["code"] == outcome.code


@given(st.text(max_size=80), any_facts)
def test_any_text_as_a_rule_answers(expression: str, facts: MemberFacts) -> None:
    assert len(evaluate_rules([a_rule(expression)], facts)) == 1


facts_and_signs = st.sampled_from(
    [
        *(field.name for field in fields(MemberFacts)),
        "&&",
        "||",
        "!",
        "==",
        "<",
        "+",
        "-",
        "(",
        ")",
        "null",
        "1",
    ]
)


@given(st.lists(facts_and_signs, max_size=12), any_facts)
def test_any_mixture_of_facts_and_signs_answers(words: list[str], facts: MemberFacts) -> None:
    assert len(evaluate_rules([a_rule(" ".join(words))], facts)) == 1


def test_outcome_as_json_holds_dates_as_text() -> None:
    inputs = only(a_rule("birth_on < round_on")).as_json()["inputs"]
    assert inputs == {"birth_on": "1982-10-04", "round_on": "2026-09-23"}


@pytest.mark.parametrize(
    ("changes", "review"),
    [
        ({}, set()),
        ({"has_last_round_card": False}, {"last-round-paper"}),
        ({"has_last_round_card": False, "last_round_number": None}, {"last-round-paper"}),
        ({"has_last_round_card": False, "has_valid_laissez_passer": True}, set()),
        ({"last_round_number": 16, "has_last_round_card": False}, {"no-skipped-round"}),
        ({"province_matches": None}, {"province-of-residence"}),
        ({"has_portrait": False}, {"portrait"}),
    ],
)
def test_amayesh_18_for_a_member_already_registered(changes: dict[str, object], review: set[str]) -> None:
    facts = replace(HEAD, **changes)  # type: ignore[arg-type]  # the table holds each field's own type
    outcomes = evaluate_rules(amayesh_18().version.rules, facts)
    assert {outcome.code for outcome in outcomes if not outcome.is_met} == review


@pytest.mark.parametrize(("mother", "is_met"), [(True, True), (False, False), (None, False)])
def test_amayesh_18_for_a_new_born(mother: bool | None, is_met: bool) -> None:
    outcomes = evaluate_rules(amayesh_18().version.rules, replace(BABY, mother_has_card=mother))
    assert {outcome.code: outcome.is_met for outcome in outcomes}["child-of-card-holders"] is is_met


def test_skipped_round_goes_to_the_director_general() -> None:
    outcomes = evaluate_rules(amayesh_18().version.rules, replace(HEAD, last_round_number=15))
    (skipped,) = [outcome for outcome in outcomes if not outcome.is_met]
    assert skipped.on_unmet == OnUnmet.DIRECTOR_GENERAL
    assert skipped.sentence.fa == "آخرین دوره ۱۵ است. دورهٔ جاافتاده را مدیرکل بررسی می‌کند."


def test_needed_papers_are_each_members_own() -> None:
    papers = needed_papers(amayesh_18().version.documents, [HEAD, BABY])
    assert [(paper.document.code, paper.member) for paper in papers] == [
        ("last-round-card", 0),
        ("birth-certificate", 1),
    ]


def test_needed_paper_of_the_household_is_asked_once() -> None:
    document = replace(amayesh_18().version.documents[0], each=Each.HOUSEHOLD, required_when="")
    assert [paper.member for paper in needed_papers([document], [HEAD, BABY])] == [None]


def test_needed_paper_with_unknown_fact_is_asked() -> None:
    baby = replace(BABY, age_on_round=None)
    papers = needed_papers(amayesh_18().version.documents, [baby])
    assert [paper.document.code for paper in papers] == ["birth-certificate"]


def test_facts_hold_nothing_that_finds_a_person() -> None:
    refused = {"name", "nationality", "address", "phone", "number_of_document", "status"}
    assert not refused & {field.name for field in fields(MemberFacts)}
