"""The shapes that the rules of a round work on: plain frozen values, in both languages."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from khedmat.payments.rules import BillLine
from khedmat.rounds.enums import (
    Certainty,
    Each,
    OnUnmet,
    OutcomeState,
    PaymentOrder,
    Programme,
    Reason,
    StandardKind,
    TextKind,
    TextLanguage,
)


@dataclass(frozen=True, slots=True)
class Bilingual:
    """One text in Persian and English, since outcomes are kept and read in both."""

    fa: str
    en: str

    def in_language(self, language: str) -> str:
        """The English text for English, else the Persian one."""
        return self.en if language.startswith("en") else self.fa


NOTHING = Bilingual("", "")
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
    # What the family does when the rule is not met; empty in versions published before there were remedies.
    remedy: Bilingual = NOTHING


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
class WindowSpec:
    """When one province takes applications, where that differs from the round's own dates."""

    province: str  # code of the place
    opens_on: date
    closes_on: date
    source: Bilingual
    certainty: Certainty

    @property
    def code(self) -> str:
        """One window for each province."""
        return self.province


@dataclass(frozen=True, slots=True)
class CohortSpec:
    """How many households and members a province expects: numbers, never people."""

    province: str  # code of the place
    households: int
    members: int
    source: Bilingual
    certainty: Certainty

    @property
    def code(self) -> str:
        """One cohort for each province."""
        return self.province


@dataclass(frozen=True, slots=True)
class ExemptionSpec:
    """Who pays less of one kind of fee: `percent` of the kind's sum falls away (100: all of it).

    `papers` are codes of documents of the same version that a clerk sees before it is decided.
    """

    code: str
    title: Bilingual
    tariff_kind: str
    percent: int
    papers: tuple[str, ...]
    source: Bilingual
    certainty: Certainty

    def reduction_of(self, amount_rial: int) -> int:
        """What falls away of an amount, in whole rial, rounded down."""
        return amount_rial * self.percent // 100


@dataclass(frozen=True, slots=True)
class InstalmentSpec:
    """How an amount of at least `least_rial` may be paid in parts: `count` of them, `interval_days` apart.

    `first_percent` of the amount is the first part; the others share what is left.
    """

    code: str
    title: Bilingual
    least_rial: int
    count: int
    interval_days: int
    first_percent: int
    source: Bilingual
    certainty: Certainty


@dataclass(frozen=True, slots=True)
class CapacitySpec:
    """Families that one counter of an office serves in a day, where it differs from the round's own number."""

    office: str  # code of the office
    places: int

    @property
    def code(self) -> str:
        """One number for each office."""
        return self.office


@dataclass(frozen=True, slots=True)
class StandardSpec:
    """A time of service in working days, with where it comes from."""

    kind: StandardKind
    days: int
    source: Bilingual
    certainty: Certainty

    @property
    def code(self) -> str:
        """One time for each kind."""
        return self.kind.value


# What holds where a version says nothing (versions published before there were standards).
DEFAULT_DAYS: Mapping[StandardKind, int] = {
    StandardKind.SERVICE: 15,
    StandardKind.MAXIMUM: 45,
    StandardKind.PAPER_TIME: 20,
    StandardKind.APPEAL_TIME: 20,
    StandardKind.APPEAL: 10,
}
DEFAULT_PLACES = 24


@dataclass(frozen=True, slots=True)
class BriefingSpec:
    """One paragraph of the instructions for offices."""

    code: str
    title: Bilingual
    text: Bilingual


@dataclass(frozen=True, slots=True)
class ClientTextSpec:
    """A text for clients in Dari, Pashto or Arabic; Persian and English stand in the rule or paper itself.

    `field` is `title`, `met` or `unmet` of a rule, `title` of a paper, `text` of a rule's remedy.
    """

    kind: TextKind
    code: str
    field: str
    language: TextLanguage
    text: str
    is_reviewed: bool = False


# The fields of each kind, for which a version must have all languages.
TEXT_FIELDS: Mapping[TextKind, tuple[str, ...]] = {
    TextKind.RULE: ("title", "met", "unmet"),
    TextKind.DOCUMENT: ("title",),
    TextKind.REMEDY: ("text",),
}


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
    examples: tuple[Example, ...] = ()
    exemptions: tuple[ExemptionSpec, ...] = ()
    instalments: tuple[InstalmentSpec, ...] = ()
    standards: tuple[StandardSpec, ...] = ()
    windows: tuple[WindowSpec, ...] = ()
    cohort: tuple[CohortSpec, ...] = ()
    capacity: tuple[CapacitySpec, ...] = ()
    briefing: tuple[BriefingSpec, ...] = ()
    texts: tuple[ClientTextSpec, ...] = ()
    # Kinds of documents that the round renews (khedmat.registry.enums.DocumentKind).
    renews: tuple[str, ...] = ()
    places_per_counter_day: int = DEFAULT_PLACES
    payment_order: PaymentOrder = PaymentOrder.BEFORE_SUBMISSION

    def days_of(self, kind: StandardKind) -> int:
        """A time of service in working days; the house's own where the version says nothing."""
        return next((one.days for one in self.standards if one.kind == kind), DEFAULT_DAYS[kind])

    def window_of(self, province: str | None) -> tuple[date, date]:
        """First and last day on which the province (by code) takes applications."""
        own = next((one for one in self.windows if one.province == province), None)
        return (own.opens_on, own.closes_on) if own else (self.opens_on, self.closes_on)

    def places_of(self, office: str) -> int:
        """Families that one counter of an office (by code) serves in a day."""
        return next((one.places for one in self.capacity if one.office == office), self.places_per_counter_day)


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
