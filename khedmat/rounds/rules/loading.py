"""Reading a round from JSON, and writing facts back: the only place that knows the file's shape."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import MISSING, fields
from datetime import date
from typing import TypedDict, TypeVar

from khedmat.rounds.enums import (
    Certainty,
    Each,
    OnUnmet,
    OutcomeState,
    PaymentOrder,
    Programme,
    StandardKind,
    TextKind,
    TextLanguage,
)
from khedmat.rounds.errors import RoundDataMalformed
from khedmat.rounds.rules.nodes import Node
from khedmat.rounds.rules.specs import (
    DEFAULT_PLACES,
    NOTHING,
    Bilingual,
    BriefingSpec,
    CapacitySpec,
    ClientTextSpec,
    CohortSpec,
    DocumentSpec,
    Example,
    ExemptionSpec,
    InstalmentSpec,
    MemberFacts,
    RoundSpec,
    RuleSpec,
    StandardSpec,
    TariffSpec,
    VersionSpec,
    WindowSpec,
)

Row = TypeVar("Row")
_DATE_FACTS = frozenset({"round_on", "birth_on", "last_card_valid_until"})
_INT_FACTS = frozenset({"round_number", "household_size", "age_on_round", "last_round_number"})
_TEXT_FACTS = frozenset({"relation"})


def round_from_json(data: object) -> RoundSpec:
    """The round that a data file holds; `RoundDataMalformed` names the first place that is wrong."""
    node = Node.of(data, "round")
    return RoundSpec(
        code=node.text("code"),
        programme=node.choice("programme", Programme),
        number=node.number("number"),
        title=node.both("title"),
        version=_version(node.node("version")),
    )


def examples_from_json(data: object) -> tuple[Example, ...]:
    """The examples that a version carries."""
    return tuple(_example(node) for node in Node("version", {"examples": data}).nodes("examples"))


def examples_to_json(examples: Sequence[Example]) -> list[dict[str, object]]:
    """The inverse of `examples_from_json`; facts that stand at their default are left out."""
    return [
        {"title": example.title, "facts": facts_to_json(example.facts), "expected": dict(example.expected)}
        for example in examples
    ]


def facts_to_json(facts: MemberFacts) -> dict[str, object]:
    """Facts as plain JSON values: dates as ISO text, defaults left out."""
    plain: dict[str, object] = {}
    for fact in fields(MemberFacts):
        value = getattr(facts, fact.name)
        if fact.default is not MISSING and value == fact.default:
            continue
        plain[fact.name] = value.isoformat() if isinstance(value, date) else value
    return plain


def _version(node: Node) -> VersionSpec:
    return VersionSpec(
        opens_on=node.day("opens_on"),
        closes_on=node.day("closes_on"),
        card_valid_from=node.day("card_valid_from"),
        card_valid_until=node.day("card_valid_until"),
        circular_number=node.text("circular_number"),
        circular_on=node.optional_day("circular_on"),
        circular_source=node.both("circular_source"),
        rules=_each(node, "rules", _rule),
        documents=_each(node, "documents", _document),
        tariff=_each(node, "tariff", _tariff),
        examples=_each(node, "examples", _example),
        exemptions=_each(node, "exemptions", _exemption),
        instalments=_each(node, "instalments", _instalment),
        standards=_each(node, "standards", _standard),
        windows=_each(node, "windows", _window),
        cohort=_each(node, "cohort", _cohort),
        capacity=_each(node, "capacity", _capacity),
        briefing=_each(node, "briefing", _paragraph),
        texts=tuple(_client_texts(node.node("texts"))) if "texts" in node.data else (),
        renews=node.texts("renews"),
        places_per_counter_day=node.optional_number("places_per_counter_day") or DEFAULT_PLACES,
        payment_order=node.choice("payment_order", PaymentOrder)
        if "payment_order" in node.data
        else PaymentOrder.BEFORE_SUBMISSION,
    )


def _each(node: Node, part: str, read: Callable[[Node], Row]) -> tuple[Row, ...]:
    """The rows of one part; none where the file does not have it."""
    return tuple(read(child) for child in node.nodes(part))


class _Sourced(TypedDict):
    source: Bilingual
    certainty: Certainty


def _sourced(node: Node) -> _Sourced:
    """Where a row comes from, and how sure that is."""
    return {"source": node.both("source"), "certainty": node.choice("certainty", Certainty)}


def _rule(node: Node) -> RuleSpec:
    return RuleSpec(
        code=node.text("code"),
        title=node.both("title"),
        expression=node.text("expression"),
        sentence_met=node.both("met"),
        sentence_unmet=node.both("unmet"),
        on_unmet=node.choice("on_unmet", OnUnmet),
        **_sourced(node),
        applies_when=node.text("applies_when", ""),
        remedy=node.both("remedy", NOTHING),
    )


def _document(node: Node) -> DocumentSpec:
    return DocumentSpec(
        code=node.text("code"),
        title=node.both("title"),
        kind=node.text("kind"),
        each=node.choice("each", Each),
        **_sourced(node),
        required_when=node.text("required_when", ""),
    )


def _tariff(node: Node) -> TariffSpec:
    return TariffSpec(
        code=node.text("code"),
        kind=node.text("kind"),
        title=node.both("title"),
        each=node.choice("each", Each),
        amount_rial=node.number("amount_rial"),
        **_sourced(node),
        min_members=node.optional_number("min_members") or 1,
        max_members=node.optional_number("max_members"),
        min_age=node.optional_number("min_age"),
        max_age=node.optional_number("max_age"),
    )


def _exemption(node: Node) -> ExemptionSpec:
    return ExemptionSpec(
        code=node.text("code"),
        title=node.both("title"),
        tariff_kind=node.text("tariff_kind"),
        percent=node.number("percent"),
        papers=node.texts("papers"),
        **_sourced(node),
    )


def _instalment(node: Node) -> InstalmentSpec:
    return InstalmentSpec(
        code=node.text("code"),
        title=node.both("title"),
        least_rial=node.number("least_rial"),
        count=node.number("count"),
        interval_days=node.number("interval_days"),
        first_percent=node.number("first_percent"),
        **_sourced(node),
    )


def _standard(node: Node) -> StandardSpec:
    return StandardSpec(
        kind=node.choice("kind", StandardKind),
        days=node.number("days"),
        **_sourced(node),
    )


def _window(node: Node) -> WindowSpec:
    return WindowSpec(
        province=node.text("province"),
        opens_on=node.day("opens_on"),
        closes_on=node.day("closes_on"),
        **_sourced(node),
    )


def _cohort(node: Node) -> CohortSpec:
    return CohortSpec(
        province=node.text("province"),
        households=node.number("households"),
        members=node.number("members"),
        **_sourced(node),
    )


def _capacity(node: Node) -> CapacitySpec:
    return CapacitySpec(node.text("office"), node.number("places"))


def _paragraph(node: Node) -> BriefingSpec:
    return BriefingSpec(node.text("code"), node.both("title"), node.both("text"))


def _client_texts(node: Node) -> Iterator[ClientTextSpec]:
    """`texts` of a file: language → rules and papers by code; a rule's remedy stands beside its sentences."""
    for language in node.data:
        of_language = node.node(language)
        is_reviewed = of_language.flag("is_reviewed")
        known = Node(node.path, {"language": language}).choice("language", TextLanguage)
        for group in ("rules", "documents"):
            of_group = of_language.node(group)
            for code in of_group.data:
                one = of_group.node(code)
                for name in one.data:
                    kind, field = _text_place(group, name)
                    yield ClientTextSpec(kind, code, field, known, one.text(name), is_reviewed)


def _text_place(group: str, name: str) -> tuple[TextKind, str]:
    if name == "remedy":
        return TextKind.REMEDY, "text"
    return (TextKind.RULE if group == "rules" else TextKind.DOCUMENT), name


def _example(node: Node) -> Example:
    expected = node.node("expected")
    return Example(
        title=node.text("title"),
        facts=_facts(node.node("facts")),
        expected={code: expected.choice(code, OutcomeState) for code in expected.data},
    )


def _facts(node: Node) -> MemberFacts:
    known = {fact.name for fact in fields(MemberFacts)}
    values: dict[str, object] = {}
    for name in node.data:
        if name not in known:
            raise RoundDataMalformed(f"{node.path}.{name}")
        values[name] = _fact(node, name)
    needed = (fact.name for fact in fields(MemberFacts) if fact.default is MISSING)
    missing = [name for name in needed if name not in values]
    if missing:
        raise RoundDataMalformed(f"{node.path}.{missing[0]}")
    return MemberFacts(**values)  # type: ignore[arg-type]  # each value was checked by _fact


def _fact(node: Node, name: str) -> object:
    if name in _DATE_FACTS:
        return node.optional_day(name)
    value = node.data[name]
    if name == "document_kinds":
        if not isinstance(value, list) or not all(isinstance(kind, str) for kind in value):
            raise RoundDataMalformed(f"{node.path}.{name}")
        return tuple(value)
    kind = int if name in _INT_FACTS else str if name in _TEXT_FACTS else bool
    if value is not None and type(value) is not kind:
        raise RoundDataMalformed(f"{node.path}.{name}")
    return value
