"""What the rows of one file, and of one family, do to each other. Pure.

Each judgement refuses with a code of REASONS; `rows` are the rows of the file that it speaks of.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from khedmat.imports.kinds import Against, Brief

REASONS: Final[Mapping[str, str | Promise]] = {
    "document-twice": _(
        "Row %(rows)s has the same document number or unique code. One of the rows is wrong: correct or delete it."
    ),
    "two-heads": _("This family has two heads, in rows %(rows)s. Write for one of them what they are to the head."),
    "head-refused": _(
        "The head of this family, row %(rows)s, was refused. Correct that row and send the whole family again."
    ),
    "no-head": _("No row of this family is its head. Write for one of them that they are the head."),
    "other-head": _(
        "This family has another head in the register. Have the family ask for a change of head at an office, or "
        "correct the relation."
    ),
    "registered-elsewhere": _(
        "This document is in the register already, at another place. If the family has moved here, have it ask for "
        "a move of province at an office."
    ),
    "two-people": _(
        "The document number and the unique code of this row belong to two different people of the register. "
        "Correct one of them."
    ),
    "other-family": _(
        "This person is registered in another family. If that has changed, have the family ask for it at an office; "
        "otherwise correct the household code."
    ),
    "family-in-two": _(
        "The people of this household code are registered in two families. Correct the code, or have the families "
        "ask to be joined at an office."
    ),
    "not-writable": _(
        "This row contradicts what is in the register. Compare it with the family's papers at an office."
    ),
}


@dataclass(frozen=True, slots=True)
class Match:
    """What the register knows of a row: ids alone.

    `persons` bear its numbers here, each in the household at the same place of `families`; `family` has its
    household code; `has_head`: the family it would go to has a head already.
    """

    number: int
    persons: tuple[UUID, ...]
    families: tuple[UUID, ...]
    is_elsewhere: bool
    family: UUID | None
    has_head: bool


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row goes: the person and the household of the register; None for what is new."""

    person: UUID | None
    family: UUID | None


def judge_file(briefs: Sequence[Brief]) -> dict[int, Against]:
    """Documents that occur twice, families with two heads. The first row that bears a number keeps it."""
    found: dict[int, Against] = {}
    first: dict[bytes, int] = {}
    heads: dict[int, list[int]] = defaultdict(list)
    members: dict[int, list[int]] = defaultdict(list)
    for brief in briefs:
        members[brief.group].append(brief.number)
        if brief.leads:
            heads[brief.group].append(brief.number)
        if brief.is_refused:
            continue
        earlier = next((first[key] for key in brief.keys if key in first), None)
        if earlier is not None:
            found[brief.number] = Against("document-twice", (earlier,))
            continue
        first.update(dict.fromkeys(brief.keys, brief.number))
    for group, rows in heads.items():
        if len(rows) > 1:
            found.update(dict.fromkeys(members[group], Against("two-heads", tuple(rows[:2]))))
    return found


def place_family(
    matches: Sequence[Match], heads: Sequence[int], refused_heads: Sequence[int]
) -> dict[int, Place | Against]:
    """Where the rows of one household code go. `heads`: rows of the head among them; `refused_heads`: refused rows
    of the head that the file holds too.
    """
    judged: dict[int, Place | Against] = {match.number: _own(match) for match in matches}
    families = {place.family for place in judged.values() if isinstance(place, Place) and place.family}
    families |= {match.family for match in matches if match.family}
    if len(families) > 1:
        two = Against("family-in-two")
        return {number: two if isinstance(one, Place) else one for number, one in judged.items()}
    family = next(iter(families), None)
    is_led = any(match.has_head for match in matches) or any(isinstance(judged.get(head), Place) for head in heads)
    if family is None and not is_led:
        behind = tuple(refused_heads) or tuple(heads)
        missing = Against("head-refused", behind[:1]) if behind else Against("no-head")
        return {number: missing if isinstance(one, Place) else one for number, one in judged.items()}
    has_head = any(match.has_head for match in matches)
    return {number: _within(one, family, number in heads and has_head) for number, one in judged.items()}


def _within(one: Place | Against, family: UUID | None, is_second_head: bool) -> Place | Against:
    if isinstance(one, Against):
        return one
    if one.person is None and is_second_head:
        return Against("other-head")
    return Place(one.person, family)


def _own(match: Match) -> Place | Against:
    if len(match.persons) > 1:
        return Against("two-people")
    if match.is_elsewhere:
        return Against("registered-elsewhere")
    if not match.persons:
        return Place(None, match.family)
    if match.family and match.families[0] != match.family:
        return Against("other-family")
    return Place(match.persons[0], match.families[0])
