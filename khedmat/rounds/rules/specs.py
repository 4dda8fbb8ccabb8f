"""The shapes that the rules of a round work on: plain frozen values, in both languages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from khedmat.payments.rules import BillLine
from khedmat.rounds.enums import Certainty, Each, OnUnmet, OutcomeState, Programme, Reason


@dataclass(frozen=True, slots=True)
class Bilingual:
    """One text in Persian and English, since outcomes are kept and read in both."""

    fa: str
    en: str

    def in_language(self, language: str) -> str:
        """The English text for English, else the Persian one."""
        return self.en if language.startswith("en") else self.fa


FactValue = bool | int | str | date | tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class MemberFacts:
    """All that rules may ask about one member. None means 'not known' and leads to a person.

    `relation` is to the head; ages are whole years on the round's date `round_on`. No name, address,
    phone or nationality is here, so that no rule can depend on one.
    """

    round_number: int
    round_on: date
    household_size: int
    relation: str
    birth_on: date | None = None
    age_on_round: int | None = None
    is_new_member: bool = False
    has_last_round_card: bool = False
    last_card_valid_until: date | None = None
    last_round_number: int | None = None
    has_valid_laissez_passer: bool = False
    father_has_card: bool | None = None
    mother_has_card: bool | None = None
    has_portrait: bool = False
    province_matches: bool | None = None
    document_kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleSpec:
    """A rule as data. `applies_when` empty: for every member. Sentences hold `{fact}` placeholders."""

    code: str
    title: Bilingual
    expression: str
    sentence_met: Bilingual
    sentence_unmet: Bilingual
    on_unmet: OnUnmet
    source: Bilingual
    certainty: Certainty
    applies_when: str = ""


@dataclass(frozen=True, slots=True)
class RuleOutcome:
    """What one rule says about one member: `met`, or `needs_review` with a reason; never a refusal."""

    code: str
    state: OutcomeState
    sentence: Bilingual
    inputs: Mapping[str, FactValue]
    source: Bilingual
    on_unmet: OnUnmet
    reason: Reason | None = None

    @property
    def is_met(self) -> bool:
        """Whether no person needs to look at this one."""
        return self.state == OutcomeState.MET

    def as_json(self) -> dict[str, object]:
        """The outcome as a case keeps it; dates as ISO text."""
        return {
            "code": self.code,
            "state": self.state.value,
            "reason": self.reason.value if self.reason else None,
            "sentence_fa": self.sentence.fa,
            "sentence_en": self.sentence.en,
            "inputs": {name: _plain(value) for name, value in self.inputs.items()},
            "source_fa": self.source.fa,
            "source_en": self.source.en,
            "on_unmet": self.on_unmet.value,
        }


def _plain(value: FactValue) -> bool | int | str | list[str] | None:
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


@dataclass(frozen=True, slots=True)
class DocumentSpec:
    """A paper that a round asks for, of each member or once of the household."""

    code: str
    title: Bilingual
    kind: str
    each: Each
    source: Bilingual
    certainty: Certainty
    required_when: str = ""


@dataclass(frozen=True, slots=True)
class NeededPaper:
    """A paper to bring; `member` is the index in the household, None for the household's own."""

    document: DocumentSpec
    member: int | None


@dataclass(frozen=True, slots=True)
class TariffSpec:
    """One fee. Lines of the same `kind` exclude each other; bounds are inclusive, None is open."""

    code: str
    kind: str
    title: Bilingual
    each: Each
    amount_rial: int
    source: Bilingual
    certainty: Certainty
    min_members: int = 1
    max_members: int | None = None
    min_age: int | None = None
    max_age: int | None = None

    @property
    def has_age_bounds(self) -> bool:
        """Whether one must know the member's age."""
        return self.min_age is not None or self.max_age is not None


@dataclass(frozen=True, slots=True)
class TariffBill:
    """What a household pays, line by line, in rial."""

    lines: tuple[BillLine, ...]

    @property
    def total_rial(self) -> int:
        """The sum of all lines."""
        return sum(line.sum_rial for line in self.lines)


@dataclass(frozen=True, slots=True)
class Example:
    """Facts with what each rule must say about them: rule code → state; absent: does not apply."""

    title: str
    facts: MemberFacts
    expected: Mapping[str, OutcomeState]


@dataclass(frozen=True, slots=True)
class VersionSpec:
    """The whole content of one version of a round."""

    opens_on: date
    closes_on: date
    card_valid_from: date
    card_valid_until: date
    circular_number: str
    circular_on: date | None
    circular_source: Bilingual
    rules: tuple[RuleSpec, ...] = ()
    documents: tuple[DocumentSpec, ...] = ()
    tariff: tuple[TariffSpec, ...] = ()
    examples: tuple[Example, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class RoundSpec:
    """A round and its content, as a data file holds them."""

    code: str
    programme: Programme
    number: int
    title: Bilingual
    version: VersionSpec


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a version cannot be published: a stable code, where, and the sentence in both languages."""

    code: str
    where: str
    sentence: Bilingual
