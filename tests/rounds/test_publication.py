"""What must be right before a version may be published, and the data file."""

import json
from dataclasses import replace
from datetime import date

import pytest

from khedmat.payments.rules import MAX_PARTS, parts_of
from khedmat.rounds.actions import DATA, DEMO_ROUND
from khedmat.rounds.enums import Each, OutcomeState
from khedmat.rounds.errors import RoundDataMalformed
from khedmat.rounds.rules import Bilingual, VersionSpec, check_version, round_from_json
from khedmat.rounds.rules.dumping import round_to_json
from khedmat.rounds.rules.loading import examples_from_json, examples_to_json
from tests.rounds.samples import a_fee, a_rule, amayesh_18

VERSION = amayesh_18().version
RULE = VERSION.rules[0]
LEVY = VERSION.tariff[0]


def with_rule(**changes: object) -> VersionSpec:
    rule = replace(RULE, **changes)  # type: ignore[arg-type]  # the tables hold each field's own type
    return replace(VERSION, rules=(rule, *VERSION.rules[1:]))


def with_levy(**changes: object) -> VersionSpec:
    levy = replace(LEVY, **changes)  # type: ignore[arg-type]  # the tables hold each field's own type
    return replace(VERSION, tariff=(levy, *VERSION.tariff[1:]))


@pytest.mark.parametrize("count", range(2, 26))
def test_every_plan_that_may_be_published_can_be_paid(count: int) -> None:
    plan = replace(VERSION.instalments[0], count=count)
    if check_version(replace(VERSION, instalments=(plan,))):
        assert count > MAX_PARTS
        return
    parts = parts_of(
        8_500_001, count=count, first_percent=plan.first_percent, interval_days=1, first_on=VERSION.opens_on
    )
    assert (len(parts), sum(part.amount_rial for part in parts)) == (count, 8_500_001)


def test_amayesh_18_may_be_published() -> None:
    assert check_version(VERSION) == []


@pytest.mark.parametrize(
    ("version", "code"),
    [
        (replace(VERSION, closes_on=date(2020, 1, 1)), "dates-out-of-order"),
        (replace(VERSION, card_valid_until=date(2020, 1, 1)), "dates-out-of-order"),
        (replace(VERSION, rules=()), "no-rules"),
        (replace(VERSION, tariff=()), "no-tariff"),
        (replace(VERSION, rules=(*VERSION.rules, RULE)), "code-twice"),
        (with_rule(title=Bilingual("عنوان", " ")), "text-missing"),
        (with_rule(source=Bilingual("", "source")), "text-missing"),
        (with_levy(title=Bilingual("", "Levy")), "text-missing"),
        (with_rule(sentence_met=Bilingual("سن {age}", "age")), "placeholder-unknown"),
        (with_rule(expression="age >= 18"), "expression-bad"),
        (with_rule(applies_when="("), "expression-bad"),
        (replace(VERSION, examples=()), "rule-without-examples"),
        (with_rule(expression="has_portrait"), "example-differs"),
        (with_levy(amount_rial=-1), "amount-out-of-range"),
        (with_levy(min_members=3), "bounds-out-of-order"),
        (with_levy(min_age=3), "household-line-with-age"),
        (with_levy(max_members=3), "tariff-overlap"),
        (with_levy(max_members=1), "tariff-gap"),
        (with_levy(max_members=None), "tariff-overlap"),
        (with_rule(remedy=Bilingual("", "remedy")), "remedy-missing"),
        (replace(VERSION, texts=VERSION.texts[1:]), "client-text-missing"),
        (replace(VERSION, documents=VERSION.documents[1:]), "client-text-of-nothing"),
        (replace(VERSION, texts=(replace(VERSION.texts[0], text="{age}"), *VERSION.texts[1:])), "placeholder-unknown"),
        (replace(VERSION, renews=()), "renews-nothing"),
        (replace(VERSION, renews=("library_card",)), "document-kind-unknown"),
        (replace(VERSION, windows=(replace(VERSION.windows[0], closes_on=date(2020, 1, 1)),)), "dates-out-of-order"),
        (replace(VERSION, cohort=(replace(VERSION.cohort[0], members=1),)), "cohort-without-members"),
        (replace(VERSION, capacity=(replace(VERSION.capacity[0], places=0),)), "places-out-of-range"),
        (replace(VERSION, exemptions=(replace(VERSION.exemptions[0], tariff_kind="tea"),)), "fee-kind-unknown"),
        (replace(VERSION, exemptions=(replace(VERSION.exemptions[0], papers=("tea",)),)), "paper-unknown"),
        (replace(VERSION, exemptions=(replace(VERSION.exemptions[0], percent=101),)), "percent-out-of-range"),
        (replace(VERSION, instalments=(replace(VERSION.instalments[0], count=1),)), "plan-out-of-range"),
        (replace(VERSION, standards=(replace(VERSION.standards[0], days=60),)), "standards-out-of-order"),
        (replace(VERSION, standards=(replace(VERSION.standards[0], days=0),)), "days-out-of-range"),
        (replace(VERSION, exemptions=VERSION.exemptions * 2), "code-twice"),
    ],
)
def test_fault_is_found(version: VersionSpec, code: str) -> None:
    problems = check_version(version)
    assert code in {problem.code for problem in problems}
    assert all(problem.sentence.fa and problem.sentence.en and problem.where for problem in problems)


def test_expression_of_a_document_is_checked() -> None:
    document = replace(VERSION.documents[0], required_when="no_such_fact")
    problems = check_version(replace(VERSION, documents=(document, *VERSION.documents[1:])))
    assert [(problem.code, problem.where) for problem in problems] == [
        ("expression-bad", "document last-round-card: unknown facts: no_such_fact")
    ]


def test_overlap_by_age_is_found() -> None:
    fees = (
        replace(a_fee("young", each=Each.MEMBER), max_age=18),
        replace(a_fee("old", each=Each.MEMBER), min_age=18),
    )
    assert [problem.code for problem in check_version(replace(VERSION, tariff=fees, exemptions=()))] == [
        "tariff-overlap"
    ]


def test_example_that_no_rule_expects_is_found() -> None:
    example = replace(VERSION.examples[0], expected={"no-such-rule": OutcomeState.MET})
    problems = check_version(replace(VERSION, examples=(*VERSION.examples, example)))
    assert "no-such-rule" in " ".join(problem.where for problem in problems)


def test_rule_with_one_sided_examples_is_found() -> None:
    version = replace(VERSION, rules=(*VERSION.rules, replace(a_rule("true"), code="always")))
    assert ("rule-without-examples", "rule always") in {
        (problem.code, problem.where) for problem in check_version(version)
    }


def test_round_survives_json() -> None:
    assert round_from_json(json.loads(json.dumps(round_to_json(amayesh_18())))) == amayesh_18()


def test_examples_survive_json() -> None:
    plain = json.loads(json.dumps(examples_to_json(VERSION.examples)))
    assert examples_from_json(plain) == VERSION.examples


@pytest.mark.parametrize(
    ("path", "value", "where"),
    [
        (("programme",), "other", "programme"),
        (("number",), "18", "number"),
        (("number",), True, "number"),
        (("version", "opens_on"), "1405/07/01", "version.opens_on"),
        (("version", "rules"), "none", "version.rules"),
        (("version", "rules", 0, "on_unmet"), "refuse", "version.rules[0].on_unmet"),
        (("version", "tariff", 0, "amount_rial"), 1.5, "version.tariff[0].amount_rial"),
        (("version", "examples", 0, "facts", "age_on_round"), "43", "version.examples[0].facts.age_on_round"),
        (("version", "examples", 0, "facts", "name"), "x", "version.examples[0].facts.name"),
        (("version", "examples", 0, "facts"), {}, "version.examples[0].facts.round_number"),
        (("version", "examples", 0, "expected", "photo"), "refused", "version.examples[0].expected.photo"),
        (("title", "fa"), None, "title.fa"),
    ],
)  # fmt: skip
def test_malformed_data_names_the_place(path: tuple[str | int, ...], value: object, where: str) -> None:
    data = json.loads((DATA / DEMO_ROUND).read_text(encoding="utf-8"))
    target = data
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = value
    with pytest.raises(RoundDataMalformed) as refused:
        round_from_json(data)
    assert refused.value.where == f"round.{where}"


@pytest.mark.parametrize("data", [None, [], "x", 3, {}])
def test_foreign_data_is_refused(data: object) -> None:
    with pytest.raises(RoundDataMalformed):
        round_from_json(data)
