"""What publishing asks of a version: `check_version` lists every problem, empty when it may be published."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import fields
from itertools import chain
from typing import Any

from django.utils.translation import gettext, gettext_noop, override

from khedmat.payments.rules import MAX_AMOUNT_RIAL
from khedmat.rounds.enums import Each, OutcomeState
from khedmat.rounds.rules.dated_faults import dated_faults
from khedmat.rounds.rules.evaluation import PLACEHOLDER, evaluate_rules
from khedmat.rounds.rules.expressions import FACT_NAMES, BadExpression, compiled
from khedmat.rounds.rules.specs import Bilingual, Example, Problem, RuleSpec, TariffSpec, VersionSpec
from khedmat.rounds.rules.tariff import matching_lines

OLDEST_AGE = 150

_SENTENCES = {
    "dates-out-of-order": gettext_noop("The dates are not in order: opening, closing, validity from, until."),
    "no-rules": gettext_noop("There is no rule."),
    "no-tariff": gettext_noop("There is no fee; a free round says so with a line of zero."),
    "code-twice": gettext_noop("The same code stands twice."),
    "text-missing": gettext_noop("A text is missing in Persian or English."),
    "placeholder-unknown": gettext_noop("A sentence names a fact that does not exist."),
    "expression-bad": gettext_noop("The expression cannot be used."),
    "rule-without-examples": gettext_noop("No example meets the rule, or none leaves it unmet."),
    "example-differs": gettext_noop("The rules say something else about this example than expected."),
    "amount-out-of-range": gettext_noop("The amount is negative or far too large."),
    "bounds-out-of-order": gettext_noop("The least is more than the most."),
    "household-line-with-age": gettext_noop("A fee for the whole household cannot depend on age."),
    "tariff-overlap": gettext_noop("Two fees of the same kind would be paid at once."),
    "tariff-gap": gettext_noop("Some households pay no fee of this kind; say zero where none is paid."),
    "remedy-missing": gettext_noop("What the family can do is missing in Persian or English."),
    "client-text-missing": gettext_noop("A text for clients is missing in Dari, Pashto or Arabic."),
    "client-text-of-nothing": gettext_noop("A text for clients belongs to no rule or paper of this version."),
    "renews-nothing": gettext_noop("The version does not say which documents the round renews."),
    "document-kind-unknown": gettext_noop("The round renews a kind of document that the register does not know."),
    "fee-kind-unknown": gettext_noop("An exemption names a kind of fee that the tariff does not have."),
    "paper-unknown": gettext_noop("An exemption asks for a paper that this version does not list."),
    "percent-out-of-range": gettext_noop("A share in percent is out of range."),
    "plan-out-of-range": gettext_noop("Number, distance or shares of the instalments are out of range."),
    "standards-out-of-order": gettext_noop("The usual time until a decision is longer than the longest one."),
    "days-out-of-range": gettext_noop("A time lies outside 1 to 365 working days."),
    "cohort-without-members": gettext_noop("A cohort has fewer members than households."),
    "places-out-of-range": gettext_noop("A counter serves between 1 and 500 families in a day."),
}


def check_version(version: VersionSpec) -> list[Problem]:
    """Every reason not to publish, in reading order."""
    checks: Sequence[Callable[[VersionSpec], Iterator[Problem]]] = (
        _check_dates, _check_presence, _check_codes, _check_texts, _check_placeholders, _check_expressions,
        _check_examples, _check_amounts, _check_coverage,
    )  # fmt: skip
    dated = (_problem(code, where) for code, where in dated_faults(version))
    return [*chain.from_iterable(check(version) for check in checks), *dated]


def _problem(code: str, where: str) -> Problem:
    with override("fa"):
        persian = gettext(_SENTENCES[code])
    with override("en"):
        english = gettext(_SENTENCES[code])
    return Problem(code, where, Bilingual(persian, english))


def _check_dates(version: VersionSpec) -> Iterator[Problem]:
    is_ordered = (
        version.opens_on <= version.closes_on
        and version.card_valid_from <= version.card_valid_until
        and version.opens_on <= version.card_valid_until
    )
    if not is_ordered:
        yield _problem("dates-out-of-order", "version")


def _check_presence(version: VersionSpec) -> Iterator[Problem]:
    if not version.rules:
        yield _problem("no-rules", "rules")
    if not version.tariff:
        yield _problem("no-tariff", "tariff")


def _check_codes(version: VersionSpec) -> Iterator[Problem]:
    for name, items in _coded(version):
        codes = [item.code for item in items]
        for code in sorted({code for code in codes if codes.count(code) > 1}):
            yield _problem("code-twice", f"{name} {code}")


def _coded(version: VersionSpec) -> Iterator[tuple[str, Sequence[Any]]]:
    yield "rule", version.rules
    yield "document", version.documents
    yield "tariff", version.tariff
    yield "exemption", version.exemptions
    yield "instalment", version.instalments
    yield "standard", version.standards
    yield "window", version.windows
    yield "cohort", version.cohort
    yield "capacity", version.capacity
    yield "briefing", version.briefing


def _texts(version: VersionSpec) -> Iterator[tuple[str, Bilingual]]:
    yield "circular", version.circular_source
    for name, items in _coded(version):
        for item in items:
            for one in fields(item):
                text = getattr(item, one.name)
                # What to do has a sentence of its own, and is told apart from what nobody has written yet.
                if isinstance(text, Bilingual) and one.name != "remedy":
                    yield f"{name} {item.code}", text


def _check_texts(version: VersionSpec) -> Iterator[Problem]:
    for where, text in _texts(version):
        if not text.fa.strip() or not text.en.strip():
            yield _problem("text-missing", where)


def _check_placeholders(version: VersionSpec) -> Iterator[Problem]:
    for text in version.texts:
        if {*PLACEHOLDER.findall(text.text)} - FACT_NAMES:
            yield _problem("placeholder-unknown", f"text {text.language.value} {text.code}")
    for rule in version.rules:
        for sentence in (rule.sentence_met, rule.sentence_unmet):
            names = {*PLACEHOLDER.findall(sentence.fa), *PLACEHOLDER.findall(sentence.en)}
            if names - FACT_NAMES:
                yield _problem("placeholder-unknown", f"rule {rule.code}")


def _check_expressions(version: VersionSpec) -> Iterator[Problem]:
    for where, expression in _expressions(version):
        try:
            compiled(expression)
        except BadExpression as error:
            yield _problem("expression-bad", f"{where}: {error}")


def _expressions(version: VersionSpec) -> Iterator[tuple[str, str]]:
    for rule in version.rules:
        yield f"rule {rule.code}", rule.expression
        if rule.applies_when:
            yield f"rule {rule.code} (applies when)", rule.applies_when
    for document in version.documents:
        if document.required_when:
            yield f"document {document.code}", document.required_when


def _check_examples(version: VersionSpec) -> Iterator[Problem]:
    seen: set[tuple[str, OutcomeState]] = set()
    for example in version.examples:
        outcomes = {outcome.code: outcome.state for outcome in evaluate_rules(version.rules, example.facts)}
        seen.update(outcomes.items())
        yield from _differences(example, outcomes.items())
    for rule in version.rules:
        if not _is_shown_both_ways(rule, seen):
            yield _problem("rule-without-examples", f"rule {rule.code}")


def _differences(example: Example, found: Iterable[tuple[str, OutcomeState]]) -> Iterator[Problem]:
    differing = {code for code, _state in set(found) ^ set(example.expected.items())}
    for code in sorted(differing):
        yield _problem("example-differs", f"example {example.title}: {code}")


def _is_shown_both_ways(rule: RuleSpec, seen: set[tuple[str, OutcomeState]]) -> bool:
    return all((rule.code, state) in seen for state in OutcomeState)


def _check_amounts(version: VersionSpec) -> Iterator[Problem]:
    for line in version.tariff:
        where = f"tariff {line.code}"
        if not 0 <= line.amount_rial <= MAX_AMOUNT_RIAL:
            yield _problem("amount-out-of-range", where)
        if _is_reversed(line.min_members, line.max_members) or _is_reversed(line.min_age, line.max_age):
            yield _problem("bounds-out-of-order", where)
        if line.each == Each.HOUSEHOLD and line.has_age_bounds:
            yield _problem("household-line-with-age", where)


def _is_reversed(least: int | None, most: int | None) -> bool:
    return least is not None and most is not None and least > most


def _check_coverage(version: VersionSpec) -> Iterator[Problem]:
    """Between two neighbouring bounds nothing changes, so that the bounds themselves tell everything."""
    for kind in dict.fromkeys(line.kind for line in version.tariff):
        of_kind = [line for line in version.tariff if line.kind == kind]
        counts = {
            len(matching_lines(of_kind, kind, size=size, age=age)) for size in _sizes(of_kind) for age in _ages(of_kind)
        }
        if max(counts) > 1:
            yield _problem("tariff-overlap", f"tariff {kind}")
        if min(counts) == 0:
            yield _problem("tariff-gap", f"tariff {kind}")


def _sizes(lines: Iterable[TariffSpec]) -> set[int]:
    edges = _edges((line.min_members, line.max_members) for line in lines)
    return {1, *(size for size in edges if size >= 1)}


def _ages(lines: Iterable[TariffSpec]) -> set[int]:
    edges = _edges((line.min_age, line.max_age) for line in lines)
    return {0, *(age for age in edges if 0 <= age <= OLDEST_AGE)}


def _edges(bounds: Iterable[tuple[int | None, int | None]]) -> Iterator[int]:
    for least, most in bounds:
        if least is not None:
            yield least
        if most is not None:
            yield most + 1
