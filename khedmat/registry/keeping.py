"""The register's own writes for decided changes. Each runs in the caller's transaction and leaves its audit row.

Whoever calls holds the locks: `lock_households`, then `lock_members`. Families are locked in the order of their ids,
before any person, case or card. Locks are of the weaker kind (FOR NO KEY UPDATE): a card's document or a case's
member, which only point at the family, do not wait.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from uuid import UUID, uuid4

from django.db import connection, transaction

from khedmat.accounts.errors import RecordNotVisible
from khedmat.audit.actions import Detail, record
from khedmat.common.actor import Actor
from khedmat.common.locks import Turn, take_turn
from khedmat.places.models import Scope
from khedmat.registry.actions import add_member
from khedmat.registry.enums import Relation, Way
from khedmat.registry.errors import HouseholdNeedsOneHead, HouseholdTooLarge
from khedmat.registry.models import Household, Person, PersonDocument
from khedmat.registry.provenance import Origin, note_values
from khedmat.registry.rules import MOST_MEMBERS, MemberEntry

Value = str | date


def lock_households(ids: Iterable[UUID]) -> dict[UUID, Household]:
    """Open families, locked until the transaction ends; those out of sight are left out."""
    families = Household.objects.select_for_update(no_key=True).filter(pk__in=set(ids)).order_by("pk")
    return {one.pk: one for one in families}


def lock_members(household_ids: Iterable[UUID]) -> list[Person]:
    """All members of locked families, locked in one order."""
    members = Person.objects.select_for_update(no_key=True, of=("self",))
    return list(members.filter(household_id__in=list(household_ids)).order_by("pk"))


@transaction.atomic
def correct_person(person: Person, values: Mapping[str, Value], *, reference: UUID, by: Actor) -> None:
    """Write corrected fields of a member. `values` by the model's field names."""
    for field, value in values.items():
        setattr(person, field, value)
    _save_person(person)
    note_values(person, values, way=Way.CHANGE, reference=reference, by=by)
    _record("person.corrected", person.household_id, person, by=by, details={"fields": sorted(values)})


@transaction.atomic
def correct_document(document: PersonDocument, *, valid_until: date, reference: UUID, by: Actor) -> None:
    """Write until when an identity document is valid."""
    document.valid_until = valid_until
    document.save(update_fields=["valid_until"])
    decided = {f"{document.kind}.valid_until": valid_until}
    note_values(document.person, decided, way=Way.CHANGE, reference=reference, by=by)
    _record(
        "document.corrected",
        document.household_id,
        document,
        by=by,
        details={"fields": ["valid_until"], "person": str(document.person_id)},
    )


@transaction.atomic
def correct_contact(household: Household, values: Mapping[str, str], *, reference: UUID, by: Actor) -> None:
    """Write how the family is reached: `phone`, `address`, `postal_code`."""
    for field, value in values.items():
        setattr(household, field, value)
    household.version += 1
    household.save()
    note_values(household, values, way=Way.CHANGE, reference=reference, by=by)
    _record("household.contact-corrected", household.pk, household, by=by, details={"fields": sorted(values)})


@transaction.atomic
def add_newcomer(
    household: Household,
    entry: MemberEntry,
    *,
    birth_place: str = "",
    nationality: str = "",
    reference: UUID,
    by: Actor,
) -> Person:
    """Add a child or a spouse who was in no family. Errors: as of `add_member`."""
    person = add_member(household, entry, origin=Origin(Way.CHANGE, reference), by=by)
    further = {"birth_place": birth_place, "nationality": nationality}
    given = {field: value for field, value in further.items() if value}
    if given:
        for field, value in given.items():
            setattr(person, field, value)
        person.save()
        note_values(person, given, way=Way.CHANGE, reference=reference, by=by)
    return person


@transaction.atomic
def record_death(person: Person, deceased_on: date, *, by: Actor) -> None:
    """Write the day of a member's death. Who answers for the family then is `restate_relations`."""
    person.deceased_on = deceased_on
    _save_person(person)
    _record("person.died", person.household_id, person, by=by)


@transaction.atomic
def restate_relations(household: Household, relations: Mapping[UUID, str], *, reference: UUID, by: Actor) -> None:
    """Write members' relations to the head; a change of head is one of them. Errors: HouseholdNeedsOneHead."""
    members = {member.pk: member for member in Person.objects.filter(household=household)}
    if not set(relations) <= set(members):
        raise RecordNotVisible
    after = {person_id: relations.get(person_id, member.relation) for person_id, member in members.items()}
    if list(after.values()).count(Relation.HEAD) != 1:
        raise HouseholdNeedsOneHead
    restated = [members[person_id] for person_id in relations if members[person_id].relation != after[person_id]]
    # Who is head no more goes first: at no moment has a household two.
    for person in sorted(restated, key=lambda one: after[one.pk] == Relation.HEAD):
        person.relation = after[person.pk]
        _save_person(person)
        note_values(person, {"relation": person.relation}, way=Way.CHANGE, reference=reference, by=by)
    _touch(household)
    _record(
        "household.relations-restated",
        household.pk,
        household,
        by=by,
        details={"persons": [str(person.pk) for person in restated]},
    )


@transaction.atomic
def found_household(like: Household, *, by: Actor) -> Household:
    """An empty household in the same province and county, for those who leave. Errors: SpentReadBudget."""
    household = Household(id=uuid4(), province_id=like.province_id, county_id=like.county_id, created_by=by.user_id)
    with connection.cursor() as cursor:
        cursor.execute("SELECT guard.begin_household(%s)", [household.pk])
    household.save(force_insert=True)
    _record("household.founded", household.pk, household, by=by)
    return household


@transaction.atomic
def move_members(
    persons: Sequence[Person],
    source: Household,
    target: Household,
    relations: Mapping[UUID, str],
    *,
    reference: UUID,
    by: Actor,
) -> None:
    """Take members of one open family into another, each with the relation to its head.

    Errors: HouseholdTooLarge; HouseholdNeedsOneHead, where the target would have none or two.
    """
    present = list(Person.objects.filter(household=target).order_by("position"))
    if len(present) + len(persons) > MOST_MEMBERS:
        raise HouseholdTooLarge
    heads = [one.relation for one in present] + [relations[one.pk] for one in persons]
    if heads.count(Relation.HEAD) != 1:
        raise HouseholdNeedsOneHead
    last = present[-1].position if present else 0
    for position, person in enumerate(sorted(persons, key=lambda one: one.position), start=last + 1):
        person.household, person.relation, person.position = target, relations[person.pk], position
        _save_person(person)
        note_values(person, {"relation": person.relation}, way=Way.CHANGE, reference=reference, by=by)
    _touch(source)
    _touch(target)
    who = [str(person.pk) for person in persons]
    _record("members.left", source.pk, source, by=by, details={"persons": who, "to": str(target.pk)})
    _record("members.joined", target.pk, target, by=by, details={"persons": who, "from": str(source.pk)})


def await_openings(household_id: UUID) -> None:
    """Wait for whoever opens the family just now, and let the next ones wait: before the family is locked."""
    take_turn(Turn.MOVING_FAMILY, str(household_id))


@transaction.atomic
def move_to_province(household: Household, province: Scope, *, reference: UUID, by: Actor) -> None:
    """Receive a family into one's own province.

    The county and the household's code of the old province's files stay behind: files of the new province would
    find somebody else by it.
    """
    left = household.province_id
    household.province, household.county, household.code = province, None, ""
    household.version += 1
    household.save()
    note_values(household, {"county": None, "code": ""}, way=Way.CHANGE, reference=reference, by=by)
    _record("household.moved", household.pk, household, by=by, details={"from": left, "to": province.pk})


def _save_person(person: Person) -> None:
    # Whole: what is derived from names and dates for the look-up is written with them.
    person.version += 1
    person.save()


def _touch(household: Household) -> None:
    household.version += 1
    household.save(update_fields=["version"])


def _record(
    action: str,
    household_id: UUID,
    subject: Household | Person | PersonDocument,
    *,
    by: Actor,
    details: Mapping[str, Detail] | None = None,
) -> None:
    record(
        action,
        by=by,
        subject=str(subject._meta.label_lower),
        subject_id=subject.pk,
        household_id=household_id,
        details=details,
    )
