"""Reading a round from JSON, and writing facts back: the only place that knows the file's shape."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from datetime import date
from enum import Enum
from typing import TypeVar

from khedmat.rounds.enums import Certainty, Each, OnUnmet, OutcomeState, Programme
from khedmat.rounds.errors import RoundDataMalformed
from khedmat.rounds.rules.specs import (
    Bilingual,
    DocumentSpec,
    Example,
    MemberFacts,
    RoundSpec,
    RuleSpec,
    TariffSpec,
    VersionSpec,
)

Choice = TypeVar("Choice", bound=Enum)
_DATE_FACTS = frozenset({"round_on", "birth_on", "last_card_valid_until"})
_INT_FACTS = frozenset({"round_number", "household_size", "age_on_round", "last_round_number"})
_TEXT_FACTS = frozenset({"relation"})


@dataclass(frozen=True, slots=True)
class _Node:
    """A JSON object and the path to it, so that an error can name the place."""

    path: str
    data: Mapping[str, object]

    @classmethod
    def of(cls, value: object, path: str) -> "_Node":
        if not isinstance(value, Mapping):
            raise RoundDataMalformed(path)
        return cls(path, value)

    def node(self, key: str) -> "_Node":
        return _Node.of(self.data.get(key), f"{self.path}.{key}")

    def nodes(self, key: str) -> Iterator["_Node"]:
        items = self.data.get(key, [])
        if not isinstance(items, Sequence) or isinstance(items, str):
            raise RoundDataMalformed(f"{self.path}.{key}")
        for index, item in enumerate(items):
            yield _Node.of(item, f"{self.path}.{key}[{index}]")

    def text(self, key: str, default: str | None = None) -> str:
        value = self.data.get(key, default)
        if not isinstance(value, str):
            raise RoundDataMalformed(f"{self.path}.{key}")
        return value

    def number(self, key: str) -> int:
        value = self.optional_number(key)
        if value is None:
            raise RoundDataMalformed(f"{self.path}.{key}")
        return value

    def optional_number(self, key: str) -> int | None:
        value = self.data.get(key)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
            raise RoundDataMalformed(f"{self.path}.{key}")
        return value

    def day(self, key: str) -> date:
        value = self.optional_day(key)
        if value is None:
            raise RoundDataMalformed(f"{self.path}.{key}")
        return value

    def optional_day(self, key: str) -> date | None:
        value = self.data.get(key)
        if value is None:
            return None
        try:
            return date.fromisoformat(str(value))
        except ValueError as error:
            raise RoundDataMalformed(f"{self.path}.{key}") from error

    def choice(self, key: str, kind: type[Choice]) -> Choice:
        try:
            return kind(self.data.get(key))
        except ValueError as error:
            raise RoundDataMalformed(f"{self.path}.{key}") from error

    def both(self, key: str) -> Bilingual:
        pair = self.node(key)
        return Bilingual(pair.text("fa"), pair.text("en"))


def round_from_json(data: object) -> RoundSpec:
    """The round that a data file holds; `RoundDataMalformed` names the first place that is wrong."""
    node = _Node.of(data, "round")
    return RoundSpec(
        code=node.text("code"),
        programme=node.choice("programme", Programme),
        number=node.number("number"),
        title=node.both("title"),
        version=_version(node.node("version")),
    )


def examples_from_json(data: object) -> tuple[Example, ...]:
    """The examples that a version carries."""
    return tuple(_example(node) for node in _Node("version", {"examples": data}).nodes("examples"))


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


def _version(node: _Node) -> VersionSpec:
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
    )


def _rule(node: _Node) -> RuleSpec:
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
    )


def _document(node: _Node) -> DocumentSpec:
    return DocumentSpec(
        code=node.text("code"),
        title=node.both("title"),
        kind=node.text("kind"),
        each=node.choice("each", Each),
        source=node.both("source"),
        certainty=node.choice("certainty", Certainty),
        required_when=node.text("required_when", ""),
    )


def _tariff(node: _Node) -> TariffSpec:
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


def _example(node: _Node) -> Example:
    expected = node.node("expected")
    return Example(
        title=node.text("title"),
        facts=_facts(node.node("facts")),
        expected={code: expected.choice(code, OutcomeState) for code in expected.data},
    )


def _facts(node: _Node) -> MemberFacts:
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


def _fact(node: _Node, name: str) -> object:
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
