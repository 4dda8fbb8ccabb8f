"""Reading a round from JSON, and writing facts back: the only place that knows the file's shape."""

from collections.abc import Iterator, Sequence
from dataclasses import MISSING, fields
from datetime import date

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
        rules=tuple(_rule(child) for child in node.nodes("rules")),
        documents=tuple(_document(child) for child in node.nodes("documents")),
        tariff=tuple(_tariff(child) for child in node.nodes("tariff")),
        examples=tuple(_example(child) for child in node.nodes("examples")),
        exemptions=tuple(_exemption(child) for child in node.nodes("exemptions")),
        instalments=tuple(_instalment(child) for child in node.nodes("instalments")),
        standards=tuple(_standard(child) for child in node.nodes("standards")),
        windows=tuple(_window(child) for child in node.nodes("windows")),
        cohort=tuple(_cohort(child) for child in node.nodes("cohort")),
        capacity=tuple(CapacitySpec(child.text("office"), child.number("places")) for child in node.nodes("capacity")),
        briefing=tuple(
            BriefingSpec(child.text("code"), child.both("title"), child.both("text"))
            for child in node.nodes("briefing")
        ),
        texts=tuple(_client_texts(node.node("texts"))) if "texts" in node.data else (),
        renews=node.texts("renews"),
        places_per_counter_day=node.optional_number("places_per_counter_day") or DEFAULT_PLACES,
        payment_order=node.choice("payment_order", PaymentOrder)
        if "payment_order" in node.data
        else PaymentOrder.BEFORE_SUBMISSION,
    )


def _rule(node: Node) -> RuleSpec:
    return RuleSpec(
        code=node.text("code"),
        title=node.both("title"),
        expression=node.text("expression"),
        sentence_met=node.both("met"),
        sentence_unmet=node.both("unmet"),
        on_unmet=node.choice("on_unmet", OnUnmet),
        source=node.both("source"),
        certainty=node.choice("certainty", Certainty),
        applies_when=node.text("applies_when", ""),
        remedy=node.both("remedy", NOTHING),
    )


def _document(node: Node) -> DocumentSpec:
    return DocumentSpec(
        code=node.text("code"),
        title=node.both("title"),
        kind=node.text("kind"),
        each=node.choice("each", Each),
        source=node.both("source"),
        certainty=node.choice("certainty", Certainty),
        required_when=node.text("required_when", ""),
    )


def _tariff(node: Node) -> TariffSpec:
    return TariffSpec(
        code=node.text("code"),
        kind=node.text("kind"),
        title=node.both("title"),
        each=node.choice("each", Each),
        amount_rial=node.number("amount_rial"),
        source=node.both("source"),
        certainty=node.choice("certainty", Certainty),
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
        source=node.both("source"),
        certainty=node.choice("certainty", Certainty),
    )


def _instalment(node: Node) -> InstalmentSpec:
    return InstalmentSpec(
        code=node.text("code"),
        title=node.both("title"),
        least_rial=node.number("least_rial"),
        count=node.number("count"),
        interval_days=node.number("interval_days"),
        first_percent=node.number("first_percent"),
        source=node.both("source"),
        certainty=node.choice("certainty", Certainty),
    )


def _standard(node: Node) -> StandardSpec:
    return StandardSpec(
        kind=node.choice("kind", StandardKind),
        days=node.number("days"),
        source=node.both("source"),
        certainty=node.choice("certainty", Certainty),
    )


def _window(node: Node) -> WindowSpec:
    return WindowSpec(
        province=node.text("province"),
        opens_on=node.day("opens_on"),
        closes_on=node.day("closes_on"),
        source=node.both("source"),
        certainty=node.choice("certainty", Certainty),
    )


def _cohort(node: Node) -> CohortSpec:
    return CohortSpec(
        province=node.text("province"),
        households=node.number("households"),
        members=node.number("members"),
        source=node.both("source"),
        certainty=node.choice("certainty", Certainty),
    )


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
