"""A letter's text, made from a template and the values of one case. Pure: the same in, the same out.

The template is lines of text with `{slots}`:

    # a heading                 = a label | its value
    - an item; a slot that holds a list makes one item of each entry
    ?slot …                     only where the slot holds something; ?slot=text … only where it holds this
    @each results … @end        once for each entry, whose own slots stand inside

What comes out is blocks of runs, each run with its own direction, so that whoever draws it needs no rule of its own.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from khedmat.common.text import localise_digits
from khedmat.notices.enums import Language, LetterKind
from khedmat.notices.slots import (
    SLOTS,
    SPECS,
    Line,
    Result,
    SlotType,
    Value,
    Values,
    Words,
    check_values,
    derived_flags,
)
from khedmat.notices.wording import LABELS, amount_words, code_words, day_words, time_words

_SLOT: Final = re.compile(r"\{([a-z_]+)\}")
_CONDITION: Final = re.compile(r"\?([a-z_]+)(?:=([a-z_]+))? (.+)")
_EACH: Final = re.compile(r"@each ([a-z_]+)")
# The slots of an entry, inside `@each`.
ENTRY_SLOTS: Final[Mapping[str, Mapping[str, SlotType]]] = {
    "results": {
        "name": SlotType.NAME,
        "rule": SlotType.WORDS,
        "reason": SlotType.WORDS,
        "missing": SlotType.LIST,
        "remedy": SlotType.WORDS,
        "source": SlotType.WORDS,
    },
    "lines": {"title": SlotType.WORDS, "amount": SlotType.AMOUNT},
}
_ALWAYS_IN_ENTRY: Final = frozenset({"name", "title", "amount"})


class UnfitTemplate(ValueError):
    """The template asks for what its kind of letter does not have, or is not written by the rules."""


@dataclass(frozen=True, slots=True)
class TemplateText:
    """One published text. `is_reviewed`: somebody who speaks the language has looked at it."""

    kind: LetterKind
    version: int
    language: Language
    title: str
    body: str
    is_reviewed: bool


@dataclass(frozen=True, slots=True)
class Run:
    """Some words of one direction: `plain` goes with its surroundings, `rtl` and `ltr` are isolated in them."""

    text: str
    direction: str = "plain"


Runs = tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """`heading`, `text`, `item`, or `fact` with its label."""

    kind: str
    runs: Runs
    label: Runs = ()


@dataclass(frozen=True, slots=True)
class ComposedLetter:
    """A letter as it is sent, in one language; `mark` is empty where every word was reviewed."""

    language: str
    direction: str
    office: Runs
    title: Runs
    head: tuple[Block, ...]
    blocks: tuple[Block, ...]
    mark: str
    page: str

    def as_json(self) -> dict[str, Any]:
        """As it is sealed and as it is drawn."""
        return asdict(self)


def compose_letter(kind: LetterKind, values: Values, template: TemplateText) -> ComposedLetter:
    """The letter's text in the template's language. Errors: UnfitValues, UnfitTemplate."""
    check_values(kind, values)
    language, labels = template.language, LABELS[template.language]
    writer = _Writer(language, values, derived_flags(values))
    blocks = [
        *writer.blocks(template.body.splitlines()),
        writer.line(f"# {labels.ask_title}"),
        writer.line(labels.ask),
    ]
    head = [
        writer.line(f"= {labels.recipient} | {{recipient}}"),
        writer.line(f"= {labels.case} | {{case_number}}"),
        writer.line(f"= {labels.letter} | {{letter_number}}"),
        writer.line(f"= {labels.day} | {{made_on}}"),
    ]
    return ComposedLetter(
        language=language,
        direction=labels.direction,
        office=writer.runs("{office}"),
        title=writer.runs(template.title),
        head=tuple(head),
        blocks=tuple(blocks),
        mark="" if template.is_reviewed and not writer.has_unreviewed else labels.unreviewed,
        page=labels.page,
    )


def check_template(template: TemplateText) -> None:
    """Every slot and condition is one of its kind, what may be missing is asked for, every list and section is closed.

    Errors: UnfitTemplate.
    """
    spec = SPECS[template.kind]
    whole = _Place(
        {name: SLOTS[name] for name in spec.required | spec.optional},
        spec.required,
        frozenset(f"has_{outcome}" for outcome in spec.outcomes),
    )
    place = whole
    for line in (template.title, *template.body.splitlines()):
        if each := _EACH.fullmatch(line):
            if place is not whole or each[1] not in spec.required or each[1] not in ENTRY_SLOTS:
                raise UnfitTemplate(f"{template.kind}.{template.language}: {line}")
            place = _Place(ENTRY_SLOTS[each[1]], _ALWAYS_IN_ENTRY, frozenset(), spec.outcomes)
        elif line == "@end":
            place = whole
        elif not place.fits(line):
            raise UnfitTemplate(f"{template.kind}.{template.language}: {line}")
    if place is not whole:
        raise UnfitTemplate(f"{template.kind}.{template.language}: @each without @end")


@dataclass(frozen=True, slots=True)
class _Place:
    """What a line may say: in the whole letter, or in one entry of a list."""

    types: Mapping[str, SlotType]
    always: frozenset[str]
    flags: frozenset[str]
    outcomes: frozenset[str] = frozenset()

    def fits(self, line: str) -> bool:
        """Whether the line can be written whatever fitting values come."""
        name, wanted, rest = _condition_of(line)
        if name and not (wanted in self.outcomes if name == "outcome" else name in self.types or name in self.flags):
            return False
        used = _SLOT.findall(rest)
        if rest.startswith("- ") and self.types.get(rest[3:-1]) != SlotType.LIST:
            return False
        if rest.startswith("= ") and " | " not in rest:
            return False
        return bool(rest.strip()) and rest.count("{") == len(used) and set(used) <= self.always | {name}


def _condition_of(line: str) -> tuple[str, str, str]:
    """The slot that must be there, what it must say, and the line without its condition."""
    found = _CONDITION.fullmatch(line)
    return (found[1], found[2] or "", found[3]) if found else ("", "", line)


class _Writer:
    """Writes lines in one language with the values at hand; remembers whether a word of theirs was not reviewed."""

    def __init__(self, language: str, values: Values, flags: frozenset[str]) -> None:
        self.language = language
        self.values: dict[str, Any] = dict(values)
        self.types: Mapping[str, SlotType] = SLOTS
        self.flags = flags
        self.has_unreviewed = False

    def blocks(self, lines: Sequence[str]) -> Iterator[Block]:
        """Blocks of a body, with sections repeated for each of their entries."""
        at = 0
        while at < len(lines):
            if each := _EACH.fullmatch(lines[at]):
                end = lines.index("@end", at)
                yield from self._each(each[1], lines[at + 1 : end])
                at = end + 1
                continue
            yield from self._written(lines[at])
            at += 1

    def line(self, line: str) -> Block:
        """One line as a block."""
        if line.startswith("# "):
            return Block("heading", self.runs(line[2:]))
        if line.startswith("= "):
            label, _, value = line[2:].partition(" | ")
            return Block("fact", self.runs(value), self.runs(label))
        return Block("text", self.runs(line))

    def runs(self, text: str) -> Runs:
        """The text with its slots filled."""
        made: list[Run] = []
        for index, part in enumerate(_SLOT.split(text)):
            if index % 2:
                made.extend(self._filled(part))
            elif part:
                made.append(Run(part))
        return tuple(made)

    def _each(self, name: str, lines: Sequence[str]) -> Iterator[Block]:
        outer, outer_types = self.values, self.types
        self.types = ENTRY_SLOTS[name]
        for entry in outer.get(name, ()):
            self.values = _fields(entry)
            for line in lines:
                yield from self._written(line)
        self.values, self.types = outer, outer_types

    def _written(self, line: str) -> Iterator[Block]:
        name, wanted, rest = _condition_of(line)
        if name and not self._holds(name, wanted):
            return
        if not rest.startswith("- "):
            yield self.line(rest)
            return
        for entry in self.values[rest[3:-1]]:
            yield Block("item", self._words(entry))

    def _holds(self, name: str, wanted: str) -> bool:
        if wanted:
            return bool(self.values.get(name) == wanted)
        return name in self.flags or bool(self.values.get(name))

    def _filled(self, name: str) -> Runs:
        value, kind = self.values[name], self.types[name]
        if kind == SlotType.WORDS:
            return self._words(value)
        if kind == SlotType.LIST:
            parts = [self._words(one) for one in value]
            between = Run(LABELS[self.language].between)
            return tuple(run for index, part in enumerate(parts) for run in ((between, *part) if index else part))
        return (self._single(kind, value),)

    def _single(self, kind: SlotType, value: Value) -> Run:
        text = _WRITTEN[kind](value, self.language)
        if kind == SlotType.CODE:
            return Run(text, "ltr")
        return Run(text, _direction(text)) if kind == SlotType.NAME else Run(text)

    def _words(self, value: Words) -> Runs:
        text = " ".join(value.in_language(self.language).split())
        if self.language in value.unreviewed:
            self.has_unreviewed = True
        own = LABELS[self.language].direction
        direction = _direction(text)
        return (Run(text, "plain" if direction == own else direction),)


def _fields(entry: Result | Line) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in entry.__slots__}


def _direction(text: str) -> str:
    """The direction of the first letter."""
    for character in text:
        strong = unicodedata.bidirectional(character)
        if strong in {"R", "AL"}:
            return "rtl"
        if strong == "L":
            return "ltr"
    return "plain"


_WRITTEN: Final[Mapping[SlotType, Any]] = {
    SlotType.NAME: lambda value, _language: " ".join(value.split()),
    SlotType.CODE: code_words,
    SlotType.DAY: day_words,
    SlotType.TIME: time_words,
    SlotType.AMOUNT: amount_words,
    SlotType.COUNT: lambda value, language: localise_digits(str(value), language),
}
