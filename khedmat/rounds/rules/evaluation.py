"""Eligibility: what each rule says about one member, and which papers a household brings."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from django.utils.translation import gettext, gettext_noop, override

from khedmat.common.jalali import format_date
from khedmat.common.text import localise_digits
from khedmat.rounds.enums import Each, OutcomeState, Reason
from khedmat.rounds.rules.expressions import FACT_NAMES, BadExpression, facts_used, holds
from khedmat.rounds.rules.specs import (
    Bilingual,
    DocumentSpec,
    FactValue,
    MemberFacts,
    NeededPaper,
    RuleOutcome,
    RuleSpec,
)

PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")

_REASON_SENTENCES = {
    Reason.FACT_UNKNOWN: gettext_noop("%(title)s: something is not known yet, so a person looks at it."),
    Reason.RULE_BROKEN: gettext_noop("%(title)s: this could not be computed, so a person looks at it."),
}


def evaluate_rules(rules: Iterable[RuleSpec], facts: MemberFacts) -> list[RuleOutcome]:
    """One outcome for each rule that applies, in the rules' order. Total: an error asks for a person."""
    outcomes = (_outcome(rule, facts) for rule in rules)
    return [outcome for outcome in outcomes if outcome is not None]


def explain_rules(rules: Iterable[RuleSpec], facts: MemberFacts) -> list[tuple[RuleSpec, RuleOutcome | None]]:
    """Each rule with what it says about a member; None for a rule that does not apply. Every rule is there."""
    return [(rule, _outcome(rule, facts)) for rule in rules]


def inputs_of(rule: RuleSpec, facts: MemberFacts) -> dict[str, FactValue]:
    """The facts that a rule asks about, of its condition too, with their values."""
    return _inputs(rule, facts)


def needed_papers(documents: Iterable[DocumentSpec], household: Sequence[MemberFacts]) -> list[NeededPaper]:
    """The papers to bring, in the documents' order; conditions of the household's own ask its first member.

    A condition that cannot be computed asks for the paper: a clerk can waive it, a machine cannot.
    """
    papers: list[NeededPaper] = []
    for document in documents:
        if document.each == Each.HOUSEHOLD:
            if household and _is_required(document, household[0]):
                papers.append(NeededPaper(document, None))
            continue
        asked = (index for index, facts in enumerate(household) if _is_required(document, facts))
        papers.extend(NeededPaper(document, index) for index in asked)
    return papers


def filled(sentence: Bilingual, values: Mapping[str, FactValue]) -> Bilingual:
    """The sentence with each `{fact}` as its readers write it; an unknown name stays as it is."""
    return Bilingual(_filled(sentence.fa, values, "fa"), _filled(sentence.en, values, "en"))


def _is_required(document: DocumentSpec, facts: MemberFacts) -> bool:
    try:
        return not document.required_when or holds(document.required_when, facts)
    except BadExpression:
        return True


def _outcome(rule: RuleSpec, facts: MemberFacts) -> RuleOutcome | None:
    try:
        if rule.applies_when and not holds(rule.applies_when, facts):
            return None
        is_met = holds(rule.expression, facts)
    except BadExpression:
        unknown = any(getattr(facts, name) is None for name in _facts_of(rule))
        return _review(rule, facts, Reason.FACT_UNKNOWN if unknown else Reason.RULE_BROKEN)
    if not is_met:
        return _review(rule, facts, Reason.UNMET)
    return RuleOutcome(
        code=rule.code,
        state=OutcomeState.MET,
        sentence=filled(rule.sentence_met, _all_values(facts)),
        inputs=_inputs(rule, facts),
        source=rule.source,
        on_unmet=rule.on_unmet,
    )


def _review(rule: RuleSpec, facts: MemberFacts, reason: Reason) -> RuleOutcome:
    return RuleOutcome(
        code=rule.code,
        state=OutcomeState.NEEDS_REVIEW,
        sentence=_review_sentence(rule, facts, reason),
        inputs=_inputs(rule, facts),
        source=rule.source,
        on_unmet=rule.on_unmet,
        reason=reason,
    )


def _review_sentence(rule: RuleSpec, facts: MemberFacts, reason: Reason) -> Bilingual:
    if reason == Reason.UNMET:
        return filled(rule.sentence_unmet, _all_values(facts))
    with override("fa"):
        persian = gettext(_REASON_SENTENCES[reason]) % {"title": rule.title.fa}
    with override("en"):
        english = gettext(_REASON_SENTENCES[reason]) % {"title": rule.title.en}
    return Bilingual(persian, english)


def _facts_of(rule: RuleSpec) -> tuple[str, ...]:
    names = {*facts_used(rule.expression)}
    if rule.applies_when:
        names.update(facts_used(rule.applies_when))
    return tuple(sorted(names))


def _inputs(rule: RuleSpec, facts: MemberFacts) -> dict[str, FactValue]:
    return {name: getattr(facts, name) for name in _facts_of(rule)}


def _all_values(facts: MemberFacts) -> dict[str, FactValue]:
    return {name: getattr(facts, name) for name in FACT_NAMES}


def _filled(text: str, values: Mapping[str, FactValue], language: str) -> str:
    def replaced(match: re.Match[str]) -> str:
        name = match.group(1)
        return readable(values[name], language) if name in values else match.group(0)

    return PLACEHOLDER.sub(replaced, text)


def readable(value: FactValue, language: str) -> str:
    """A fact as its readers write it, in their digits and calendar."""
    with override(language):
        if value is None:
            return gettext("not known")
        if isinstance(value, bool):
            return gettext("yes") if value else gettext("no")
    if isinstance(value, date):
        return _readable_day(value, language)
    if isinstance(value, tuple):
        return ("، " if language == "fa" else ", ").join(value)
    return localise_digits(str(value), language)


def _readable_day(day: date, language: str) -> str:
    try:
        return format_date(day, language)
    except ValueError:  # the Iranian calendar begins in 622; a slip of the hand may lie before
        return day.isoformat()
