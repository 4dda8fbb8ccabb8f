"""Who decides which change, which paper proves it, and what must hold of a family afterwards. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from khedmat.accounts.enums import Role
from khedmat.changes.enums import ChangeField as F
from khedmat.changes.enums import ChangeKind as K
from khedmat.changes.enums import Decider
from khedmat.changes.errors import NobodyLeaves, NotAmongTheLiving, NotASpouse
from khedmat.registry.enums import Relation
from khedmat.registry.errors import HouseholdNeedsOneHead

NAME_FIELDS: Final = (F.GIVEN_NAME, F.FAMILY_NAME, F.FATHER_NAME, F.GRANDFATHER_NAME, F.LATIN_NAME)
PARTICULAR_FIELDS: Final = (F.BIRTH_ON, F.SEX, F.BIRTH_PLACE, F.NATIONALITY, F.VALID_UNTIL)
CONTACT_FIELDS: Final = (F.PHONE, F.POSTAL_CODE, F.ADDRESS)

# What a paper proves; the others are the family's own declaration.
_BY_PAPER: Final = frozenset({K.NAMES, K.PARTICULARS, K.BIRTH, K.DEATH, K.MARRIAGE, K.DIVORCE})
# Kinds that may take people into another household, or the household into another province.
MOVES_PEOPLE: Final = frozenset({K.MARRIAGE, K.DIVORCE, K.SPLIT, K.JOIN, K.MOVE})
_OFFICERS: Final = frozenset({Role.CASE_OFFICER, Role.DIRECTOR_GENERAL})


@dataclass(frozen=True, slots=True)
class MemberFacts:
    """What the rules need to know of a member."""

    person_id: UUID
    relation: str
    is_living: bool


def decider_of(kind: str) -> Decider:
    """Whose work a request of this kind is: contact is the office's, a move the receiving province's."""
    if kind == K.CONTACT:
        return Decider.OFFICE
    return Decider.OTHER_PROVINCE if kind == K.MOVE else Decider.PROVINCE


def is_paper_needed(kind: str) -> bool:
    """Whether a change of this kind is asked for with a picture of a paper."""
    return kind in _BY_PAPER


def kind_of_field(field: str) -> K | None:
    """By which kind of request a single field is corrected; None where by none."""
    if field in NAME_FIELDS:
        return K.NAMES
    if field in PARTICULAR_FIELDS:
        return K.PARTICULARS
    return K.CONTACT if field in CONTACT_FIELDS else None


def may_decide(decider: str, *, role: str, is_asker: bool, is_same_office: bool, is_own_province: bool) -> bool:
    """Whether somebody in this role may decide.

    `is_own_province`: the officer's province is the one that decides (for a move, the receiving one).
    """
    if is_asker:
        return False
    if role in _OFFICERS:
        return is_own_province
    return decider == Decider.OFFICE and role == Role.CLERK and is_same_office


def check_relations(relations: Mapping[UUID, str], members: Iterable[MemberFacts]) -> None:
    """Every member stands in one known relation to one living head.

    Errors: HouseholdNeedsOneHead, NotAmongTheLiving.
    """
    facts = {member.person_id: member for member in members}
    if set(relations) != set(facts) or not set(relations.values()) <= set(Relation.values):
        raise HouseholdNeedsOneHead
    heads = [person_id for person_id, relation in relations.items() if relation == Relation.HEAD]
    if len(heads) != 1:
        raise HouseholdNeedsOneHead
    if not facts[heads[0]].is_living:
        raise NotAmongTheLiving(field=f"relation-{heads[0]}")


def needs_next_head(dead: UUID, members: Iterable[MemberFacts]) -> bool:
    """Whether a death leaves living members without a head."""
    facts = list(members)
    was_head = any(one.person_id == dead and one.relation == Relation.HEAD for one in facts)
    return was_head and any(one.is_living and one.person_id != dead for one in facts)


def check_split(
    leaving: frozenset[UUID], relations: Mapping[UUID, str], members: Iterable[MemberFacts], *, is_divorce: bool
) -> None:
    """Both halves have somebody living and one living head; in a divorce the new head was head or spouse.

    Errors: NobodyLeaves, HouseholdNeedsOneHead, NotAmongTheLiving, NotASpouse.
    """
    facts = list(members)
    going = [one for one in facts if one.person_id in leaving]
    staying = [one for one in facts if one.person_id not in leaving]
    if not any(one.is_living for one in going) or not any(one.is_living for one in staying):
        raise NobodyLeaves
    for half in (going, staying):
        check_relations({one.person_id: relations.get(one.person_id, "") for one in half}, half)
    if is_divorce:
        new_head = next(one for one in going if relations[one.person_id] == Relation.HEAD)
        if new_head.relation not in {Relation.HEAD, Relation.SPOUSE}:
            raise NotASpouse


def changed(stands: Mapping[str, str], asked: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """By field, what stands and what is asked, where they differ."""
    return {field: (stands.get(field, ""), value) for field, value in asked.items() if stands.get(field, "") != value}
