"""What a family asks for, as it is kept: one item for each field, and what does not fit into fields. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from khedmat.changes.enums import ChangeField, ChangeKind
from khedmat.changes.errors import HeadOfOthers, NotAmongTheLiving, NothingAsked, SameFamily, SameProvince
from khedmat.changes.rules import MemberFacts, changed, check_relations, check_split, needs_next_head
from khedmat.registry.enums import Relation
from khedmat.registry.errors import HouseholdNeedsOneHead
from khedmat.registry.rules import DocumentEntry, MemberEntry

Members = Mapping[UUID, MemberFacts]
NEW_HOUSEHOLD = "new"


@dataclass(frozen=True, slots=True)
class AskedItem:
    """One field: of a person, or of the household where `person_id` is None. Values are text, dates ISO."""

    field: str
    old: str
    new: str
    person_id: UUID | None = None
    document_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody who is not in the register yet: a child, a spouse."""

    entry: MemberEntry
    birth_place: str = ""
    nationality: str = ""


@dataclass(frozen=True, slots=True)
class Wish:
    """A whole request before it is written."""

    kind: ChangeKind
    items: tuple[AskedItem, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)
    other_household_id: UUID | None = None
    other_province_id: int | None = None


def correction(
    kind: ChangeKind,
    person_id: UUID | None,
    stands: Mapping[str, str],
    asked: Mapping[str, str],
    documents: Mapping[UUID, tuple[str, str]] | None = None,
) -> Wish:
    """Fields of one person, or of the household; `documents`: by document, its end as it stands and as asked.

    Errors: NothingAsked.
    """
    items = [AskedItem(code, old, new, person_id) for code, (old, new) in changed(stands, asked).items()]
    items += [
        AskedItem(ChangeField.VALID_UNTIL, old, new, person_id, document_id)
        for document_id, (old, new) in (documents or {}).items()
        if old != new
    ]
    if not items:
        raise NothingAsked
    return Wish(kind, tuple(items))


def birth(child: Newcomer, *, father_card_seen: bool, mother_card_seen: bool) -> Wish:
    """A child, with what was seen at the counter."""
    details = {
        "newcomer": newcomer_to_json(child),
        "father_card_seen": father_card_seen,
        "mother_card_seen": mother_card_seen,
    }
    return Wish(ChangeKind.BIRTH, details=details)


def death(person_id: UUID, on: date, relations: Mapping[UUID, str] | None, members: Members) -> Wish:
    """A death; where the head died, everyone's relation to the next head.

    Errors: NotAmongTheLiving, HouseholdNeedsOneHead.
    """
    if not members[person_id].is_living:
        raise NotAmongTheLiving
    items = [AskedItem(ChangeField.DECEASED_ON, "", on.isoformat(), person_id)]
    if needs_next_head(person_id, members.values()):
        after = {
            one.person_id: MemberFacts(one.person_id, one.relation, one.is_living and one.person_id != person_id)
            for one in members.values()
        }
        check_relations(relations or {}, after.values())
        items += _relation_items(members, relations or {})
    return Wish(ChangeKind.DEATH, tuple(items), {"members": snapshot(members)})


def marriage_with_newcomer(spouse: Newcomer) -> Wish:
    """A spouse who is in no family of the register. Errors: HouseholdNeedsOneHead."""
    if spouse.entry.relation == Relation.HEAD:
        raise HouseholdNeedsOneHead(field="relation")
    return Wish(ChangeKind.MARRIAGE, details={"newcomer": newcomer_to_json(spouse)})


def marriage_with_registered(
    person_id: UUID, relation: str, *, household_id: UUID, other_household_id: UUID, other_members: Members
) -> Wish:
    """A member of another family who joins.

    Errors: SameFamily, NotAmongTheLiving, HeadOfOthers, HouseholdNeedsOneHead.
    """
    if household_id == other_household_id:
        raise SameFamily
    who = other_members[person_id]
    if not who.is_living:
        raise NotAmongTheLiving(field="number")
    if relation == Relation.HEAD:
        raise HouseholdNeedsOneHead(field="relation")
    if who.relation == Relation.HEAD and len(other_members) > 1:
        raise HeadOfOthers
    details = {
        "person": str(person_id),
        "relation": relation,
        "other_members": snapshot(other_members),
    }
    return Wish(ChangeKind.MARRIAGE, details=details, other_household_id=other_household_id)


def change_of_head(relations: Mapping[UUID, str], members: Members) -> Wish:
    """Everyone's relation to the new head. Errors: HouseholdNeedsOneHead, NotAmongTheLiving, NothingAsked."""
    check_relations(relations, members.values())
    items = _relation_items(members, relations)
    if not items:
        raise NothingAsked
    return Wish(ChangeKind.HEAD, tuple(items), {"members": snapshot(members)})


def split(kind: ChangeKind, leaving: frozenset[UUID], relations: Mapping[UUID, str], members: Members) -> Wish:
    """Some members found a household of their own: a split, or a divorce. Errors: as of `check_split`."""
    check_split(leaving, relations, members.values(), is_divorce=kind == ChangeKind.DIVORCE)
    items = [AskedItem(ChangeField.HOUSEHOLD, "", NEW_HOUSEHOLD, person_id) for person_id in sorted(leaving)]
    return Wish(kind, (*items, *_relation_items(members, relations)), {"members": snapshot(members)})


def join(
    relations: Mapping[UUID, str],
    members: Members,
    *,
    household_id: UUID,
    other_household_id: UUID,
    other_members: Members,
) -> Wish:
    """All members go to another family, whose head stays. Errors: SameFamily, HouseholdNeedsOneHead."""
    if household_id == other_household_id:
        raise SameFamily
    known = set(Relation.values) - {Relation.HEAD}
    if set(relations) != set(members) or not set(relations.values()) <= known:
        raise HouseholdNeedsOneHead
    items = [AskedItem(ChangeField.HOUSEHOLD, "", str(other_household_id), person_id) for person_id in sorted(members)]
    details = {"members": snapshot(members), "other_members": snapshot(other_members)}
    return Wish(
        ChangeKind.JOIN,
        (*items, *_relation_items(members, relations)),
        details,
        other_household_id=other_household_id,
    )


def move(province_id: int, other_province_id: int) -> Wish:
    """The household goes to another province, which receives it. Errors: SameProvince."""
    if province_id == other_province_id:
        raise SameProvince
    item = AskedItem(ChangeField.PROVINCE, str(province_id), str(other_province_id))
    return Wish(ChangeKind.MOVE, (item,), other_province_id=other_province_id)


def snapshot(members: Members) -> dict[str, str]:
    """Who stands in which relation: compared again at the decision."""
    return {str(one.person_id): one.relation for one in members.values()}


def newcomer_to_json(newcomer: Newcomer) -> dict[str, Any]:
    """As kept in the request's sealed details."""
    entry = newcomer.entry
    return {
        "given_name": entry.given_name,
        "family_name": entry.family_name,
        "father_name": entry.father_name,
        "grandfather_name": entry.grandfather_name,
        "latin_name": entry.latin_name,
        "sex": entry.sex,
        "birth_on": entry.birth_on.isoformat(),
        "relation": entry.relation,
        "birth_place": newcomer.birth_place,
        "nationality": newcomer.nationality,
        "documents": [
            {
                "kind": one.kind,
                "number": one.number,
                "issued_on": one.issued_on.isoformat() if one.issued_on else "",
                "valid_until": one.valid_until.isoformat() if one.valid_until else "",
            }
            for one in entry.documents
        ],
    }


def newcomer_from_json(kept: Mapping[str, Any]) -> Newcomer:
    """The reverse of `newcomer_to_json`."""
    documents = tuple(
        DocumentEntry(
            kind=one["kind"],
            number=one["number"],
            issued_on=_day(one["issued_on"]),
            valid_until=_day(one["valid_until"]),
        )
        for one in kept["documents"]
    )
    entry = MemberEntry(
        given_name=kept["given_name"],
        family_name=kept["family_name"],
        father_name=kept["father_name"],
        grandfather_name=kept["grandfather_name"],
        latin_name=kept["latin_name"],
        sex=kept["sex"],
        birth_on=date.fromisoformat(kept["birth_on"]),
        relation=kept["relation"],
        documents=documents,
    )
    return Newcomer(entry, kept["birth_place"], kept["nationality"])


def details_to_text(details: Mapping[str, Any]) -> str:
    """As sealed in the row; nothing for nothing."""
    return json.dumps(details, ensure_ascii=False, sort_keys=True) if details else ""


def details_from_text(text: str) -> dict[str, Any]:
    """The reverse of `details_to_text`."""
    return dict(json.loads(text)) if text else {}


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _relation_items(members: Members, relations: Mapping[UUID, str]) -> list[AskedItem]:
    return [
        AskedItem(ChangeField.RELATION, one.relation, relations[one.person_id], one.person_id)
        for one in members.values()
        if relations[one.person_id] != one.relation
    ]
