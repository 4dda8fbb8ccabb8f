"""Whether a request still fits what stands, and what its approval writes. In the decision's own transaction.

The families are locked (khedmat.registry.keeping) before anything is compared.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, cast
from uuid import UUID

from khedmat.changes.enums import ChangeField, ChangeKind
from khedmat.changes.errors import CaseStillOpen, OtherRequestsOpen, RegisterChangedMeanwhile
from khedmat.changes.listeners import tell_died
from khedmat.changes.models import ChangeItem, ChangeRequest
from khedmat.changes.rules import CONTACT_FIELDS, MOVES_PEOPLE
from khedmat.changes.selectors import facts_of, has_open_case, open_changes_about, text_of
from khedmat.changes.wishes import details_from_text, newcomer_from_json, snapshot
from khedmat.common.actor import Actor
from khedmat.places.models import Scope
from khedmat.registry import keeping
from khedmat.registry.enums import Way
from khedmat.registry.history import because
from khedmat.registry.models import Household, Person, PersonDocument

_DATES: Final = frozenset({ChangeField.BIRTH_ON, ChangeField.DECEASED_ON, ChangeField.VALID_UNTIL})


@dataclass(frozen=True, slots=True)
class Ground:
    """What a decision stands on: the request and its families as they are now, locked where something is written."""

    request: ChangeRequest
    household: Household
    members: Mapping[UUID, Person]
    other: Household | None
    other_members: Mapping[UUID, Person]
    documents: Mapping[UUID, PersonDocument]

    @property
    def details(self) -> dict[str, Any]:
        """What did not fit into fields."""
        return details_from_text(self.request.details)

    @property
    def items(self) -> list[ChangeItem]:
        """The fields asked for, in their order."""
        return list(self.request.items.all())

    def relations(self) -> dict[UUID, str]:
        """Relations that the request restates, by member."""
        return {
            item.person_id: item.new
            for item in self.items
            if item.field == ChangeField.RELATION and item.person_id is not None
        }

    def movers(self) -> list[Person]:
        """Members who go to another household."""
        return [
            self.members[item.person_id]
            for item in self.items
            if item.field == ChangeField.HOUSEHOLD and item.person_id is not None
        ]


def ground_of(request: ChangeRequest, *, is_locked: bool) -> Ground:
    """The families of an opened request; locked for writing, or as they are for a page.

    Errors: RecordNotVisible; RegisterChangedMeanwhile, where the other family is out of sight by now.
    """
    other_id = request.other_household_id
    ids = [one for one in (request.household_id, other_id) if one is not None]
    if is_locked:
        if request.kind == ChangeKind.MOVE:
            keeping.await_openings(request.household_id)
        households = keeping.lock_households(ids)
        members = keeping.lock_members(ids)
    else:
        households = Household.objects.filter(pk__in=ids).in_bulk()
        members = list(Person.objects.filter(household_id__in=ids).order_by("position"))
    document_ids = [item.document_id for item in request.items.all() if item.document_id]
    if is_locked and other_id is not None and other_id not in households:
        raise RegisterChangedMeanwhile
    return Ground(
        request,
        households[request.household_id],
        {one.pk: one for one in members if one.household_id == request.household_id},
        households.get(other_id) if other_id else None,
        {one.pk: one for one in members if one.household_id == other_id},
        PersonDocument.objects.filter(household_id=request.household_id).in_bulk(document_ids) if document_ids else {},
    )


def stands_now(ground: Ground, item: ChangeItem) -> str | None:
    """What stands in the field by now, as text; None where the member or the document is not there any more."""
    if item.document_id is not None:
        document = ground.documents.get(item.document_id)
        is_theirs = document is not None and document.person_id == item.person_id
        return text_of(document.valid_until) if document is not None and is_theirs else None
    if item.person_id is not None:
        person = ground.members.get(item.person_id)
        if person is None:
            return None
        return "" if item.field == ChangeField.HOUSEHOLD else text_of(getattr(person, item.field))
    field = "province_id" if item.field == ChangeField.PROVINCE else item.field
    return text_of(getattr(ground.household, field))


def has_changed_meanwhile(ground: Ground) -> bool:
    """Whether anything that the request stands on is not as it was when it was asked."""
    if any(stands_now(ground, item) != item.old for item in ground.items):
        return True
    details = ground.details
    seen = (("members", ground.members), ("other_members", ground.other_members))
    return any(key in details and details[key] != snapshot(facts_of(people.values())) for key, people in seen)


def moves_people(kind: str, other_household_id: UUID | None) -> bool:
    """Whether the request takes people to another household or province; a marriage only of two registered."""
    return kind in MOVES_PEOPLE and (kind != ChangeKind.MARRIAGE or other_household_id is not None)


def require_no_case(household_id: UUID, other_household_id: UUID | None) -> None:
    """Errors: CaseStillOpen."""
    if any(has_open_case(one) for one in (household_id, other_household_id) if one is not None):
        raise CaseStillOpen


def apply_change(ground: Ground, *, by: Actor) -> None:
    """Write what a request asks for. Errors: RegisterChangedMeanwhile, CaseStillOpen, OtherRequestsOpen."""
    request = ground.request
    if has_changed_meanwhile(ground):
        raise RegisterChangedMeanwhile
    if moves_people(request.kind, request.other_household_id):
        ids = [one for one in (request.household_id, request.other_household_id) if one is not None]
        require_no_case(request.household_id, request.other_household_id)
        if request.kind != ChangeKind.MOVE and open_changes_about(ids).exclude(pk=request.pk).exists():
            raise OtherRequestsOpen
    with because(Way.CHANGE, request.pk):
        _APPLY[ChangeKind(request.kind)](ground, by)


def _correct(ground: Ground, by: Actor) -> None:
    by_person: dict[UUID, dict[str, str | date]] = {}
    for item in ground.items:
        if item.document_id is not None:
            document = ground.documents[item.document_id]
            keeping.correct_document(
                document, valid_until=date.fromisoformat(item.new), reference=ground.request.pk, by=by
            )
        elif item.person_id is not None:
            value = date.fromisoformat(item.new) if item.field in _DATES else item.new
            by_person.setdefault(item.person_id, {})[item.field] = value
    for person_id, values in by_person.items():
        keeping.correct_person(ground.members[person_id], values, reference=ground.request.pk, by=by)


def _correct_contact(ground: Ground, by: Actor) -> None:
    values = {item.field: item.new for item in ground.items if item.field in CONTACT_FIELDS}
    keeping.correct_contact(ground.household, values, reference=ground.request.pk, by=by)


def _add_newcomer(ground: Ground, by: Actor) -> None:
    newcomer = newcomer_from_json(ground.details["newcomer"])
    keeping.add_newcomer(
        ground.household,
        newcomer.entry,
        birth_place=newcomer.birth_place,
        nationality=newcomer.nationality,
        reference=ground.request.pk,
        by=by,
    )


def _record_death(ground: Ground, by: Actor) -> None:
    (item,) = (one for one in ground.items if one.field == ChangeField.DECEASED_ON)
    person = ground.members[cast(UUID, item.person_id)]
    keeping.record_death(person, date.fromisoformat(item.new), by=by)
    _restate(ground, by)
    tell_died(Person.objects.get(pk=person.pk), by=by)


def _restate(ground: Ground, by: Actor) -> None:
    gone = {person.pk for person in ground.movers()}
    staying = {person_id: relation for person_id, relation in ground.relations().items() if person_id not in gone}
    if staying:
        keeping.restate_relations(ground.household, staying, reference=ground.request.pk, by=by)


def _marry(ground: Ground, by: Actor) -> None:
    if ground.other is None:
        _add_newcomer(ground, by)
        return
    person_id = UUID(ground.details["person"])
    keeping.move_members(
        [ground.other_members[person_id]],
        ground.other,
        ground.household,
        {person_id: ground.details["relation"]},
        reference=ground.request.pk,
        by=by,
    )


def _split(ground: Ground, by: Actor) -> None:
    movers = ground.movers()
    founded = keeping.found_household(ground.household, by=by)
    _move(ground, founded, movers, by)
    _restate(ground, by)
    ground.request.other_household_id = founded.pk


def _join(ground: Ground, by: Actor) -> None:
    _move(ground, cast(Household, ground.other), ground.movers(), by)


def _move(ground: Ground, target: Household, movers: list[Person], by: Actor) -> None:
    restated = ground.relations()
    relations = {person.pk: restated.get(person.pk, person.relation) for person in movers}
    keeping.move_members(movers, ground.household, target, relations, reference=ground.request.pk, by=by)


def _move_to_province(ground: Ground, by: Actor) -> None:
    province = cast(Scope, ground.request.other_province)
    keeping.move_to_province(ground.household, province, reference=ground.request.pk, by=by)


_APPLY: Final[Mapping[ChangeKind, Callable[[Ground, Actor], None]]] = {
    ChangeKind.NAMES: _correct,
    ChangeKind.PARTICULARS: _correct,
    ChangeKind.CONTACT: _correct_contact,
    ChangeKind.BIRTH: _add_newcomer,
    ChangeKind.DEATH: _record_death,
    ChangeKind.MARRIAGE: _marry,
    ChangeKind.DIVORCE: _split,
    ChangeKind.HEAD: _restate,
    ChangeKind.SPLIT: _split,
    ChangeKind.JOIN: _join,
    ChangeKind.MOVE: _move_to_province,
}
