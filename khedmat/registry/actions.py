"""Finding a family by what it presents, and writing it into the register."""

from collections.abc import Sequence
from dataclasses import dataclass
from json import loads
from typing import Final
from uuid import UUID, uuid4

from django.db import DatabaseError, IntegrityError, connection, transaction

from khedmat.accounts.errors import RecordNotVisible
from khedmat.audit.actions import record
from khedmat.common.actor import Actor
from khedmat.common.constraints import violated_constraint
from khedmat.places.models import Scope
from khedmat.places.selectors import province_of
from khedmat.registry.errors import (
    DocumentAlreadyKnown,
    HouseholdAlreadyRegistered,
    HouseholdChanged,
    NameTooShort,
    NothingToLookUp,
)
from khedmat.registry.models import Household, Person, PersonDocument, document_index, name_token_ids
from khedmat.registry.naming import LEAST_LETTERS, letters_sought, words_of_name, words_sought
from khedmat.registry.provenance import AT_THE_COUNTER, Origin, note_values, note_whole
from khedmat.registry.rules import DocumentEntry, HouseholdEntry, MemberEntry, check_household

# As many as guard.look_up answers at most.
MOST_HITS: Final = 5
_DOCUMENT_ONCE: Final = "document_once_for_each_person"


@dataclass(frozen=True, slots=True)
class Hit:
    """One masked answer: enough for the family at the counter to be told apart, and no more.

    `head` is masked, `birth_year` a year of the Iranian calendar. `met` is the member whose name or document
    answered, masked too; empty (and without a birth year) where it is the head.
    """

    position: int
    head: str
    birth_year: int
    members: int
    met: str = ""
    met_birth_year: int | None = None


@dataclass(frozen=True, slots=True)
class LookUpResult:
    """At most five hits, the likest first; a hit is opened by the look-up's id and its position."""

    look_up_id: UUID
    hits: tuple[Hit, ...]


def look_up(*, number: str = "", name: str = "", birth_years: Sequence[int] = (), by: Actor) -> LookUpResult:
    """Find families of the working place's province. `number` is normalised; or a name of one member in any
    spelling and script, and the year of birth by the Iranian calendar (two for a Gregorian year, which spans two).

    Counted and recorded by the database itself.
    Errors: NothingToLookUp, NameTooShort, SpentReadBudget, RoleMayNotOpen.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT guard.look_up(%s, %s::text[], %s::text[], %s::int[], %s::int[])",
            [document_index(number), None, None, None, None] if number else [None, *_sought(name, birth_years)],
        )
        (answer,) = cursor.fetchone()
    found = answer if isinstance(answer, dict) else loads(answer)
    return LookUpResult(UUID(found["id"]), tuple(Hit(**hit) for hit in found["hits"]))


def _sought(name: str, birth_years: Sequence[int]) -> tuple[list[str], list[str], list[int], list[int]]:
    if not (name and birth_years):
        raise NothingToLookUp(field="birth_years" if name else "number")
    words = words_sought(name)
    if letters_sought(words) < LEAST_LETTERS:
        raise NameTooShort
    return (
        [word.token for word in words],
        [word.sound for word in words],
        [word.covers for word in words],
        [*birth_years],
    )


def open_hit(look_up_id: UUID, position: int, *, by: Actor) -> UUID:
    """Open one hit of one's own look-up of the last 15 minutes; answers the household's id.

    Errors: RecordNotVisible, SpentReadBudget.
    """
    if not 1 <= position <= MOST_HITS:
        raise RecordNotVisible
    with connection.cursor() as cursor:
        cursor.execute("SELECT guard.open_hit(%s, %s)", [look_up_id, position])
        (household_id,) = cursor.fetchone()
    return UUID(str(household_id))


@transaction.atomic
def register_household(entry: HouseholdEntry, *, household_id: UUID | None = None, by: Actor) -> Household:
    """Write a family that is not in the register yet; it belongs to the working place's province.

    A page that chose `household_id` beforehand may be sent twice and is written once.
    Errors: HouseholdNeedsOneHead, HouseholdTooLarge, HouseholdAlreadyRegistered, SpentReadBudget,
    RecordNotVisible.
    """
    check_household(entry.members)
    household_id = household_id or uuid4()
    _begin(household_id)
    household = Household(
        id=household_id,
        province=province_of(Scope.objects.get(pk=by.scope_id)),
        phone=entry.phone,
        address=entry.address,
        postal_code=entry.postal_code,
        created_by=by.user_id,
    )
    _insert_once(household)
    # All names at once and in order: two families with the same new names cannot wait for each other.
    name_token_ids(
        {word for one in entry.members for word in words_of_name(one.given_name, one.family_name, one.latin_name)}
    )
    for position, member in enumerate(entry.members, start=1):
        _write_member(household, position, member, by=by)
    record(
        "household.registered",
        by=by,
        subject="registry.household",
        subject_id=household.pk,
        household_id=household.pk,
        details={"members": len(entry.members)},
    )
    return household


def _begin(household_id: UUID) -> None:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT guard.begin_household(%s)", [household_id])
    except DatabaseError as error:
        # Refused because it is not new: to the one who wrote it a moment ago that is no secret.
        if Household.objects.filter(pk=household_id).exists():
            raise HouseholdAlreadyRegistered from error
        raise


def _insert_once(household: Household) -> None:
    try:
        with transaction.atomic():
            household.save(force_insert=True)
    except IntegrityError as error:
        # The same page was sent twice at once, and the other one was quicker.
        if violated_constraint(error) == "registry_household_pkey":
            raise HouseholdAlreadyRegistered from error
        raise


@transaction.atomic
def add_member(
    household: Household,
    entry: MemberEntry,
    *,
    expected_version: int | None = None,
    origin: Origin = AT_THE_COUNTER,
    by: Actor,
) -> Person:
    """Add a member (a child, say) to a family that is open.

    `expected_version` is the family's version that the person acting has seen; `origin` where the values come from.
    Errors: HouseholdChanged, HouseholdNeedsOneHead, HouseholdTooLarge, DocumentAlreadyKnown.
    """
    locked = Household.objects.select_for_update().get(pk=household.pk)
    if expected_version is not None and locked.version != expected_version:
        raise HouseholdChanged
    members = list(locked.members.all())
    check_household([entry, *(_as_entry(member) for member in members)])
    person = _write_member(locked, max(member.position for member in members) + 1, entry, origin=origin, by=by)
    locked.version += 1
    locked.save(update_fields=["version"])
    record(
        "member.added",
        by=by,
        subject="registry.person",
        subject_id=person.pk,
        household_id=locked.pk,
    )
    return person


def _write_member(
    household: Household, position: int, entry: MemberEntry, *, origin: Origin = AT_THE_COUNTER, by: Actor
) -> Person:
    person = Person(
        household=household,
        given_name=entry.given_name,
        family_name=entry.family_name,
        latin_name=entry.latin_name,
        father_name=entry.father_name,
        grandfather_name=entry.grandfather_name,
        sex=entry.sex,
        birth_on=entry.birth_on,
        relation=entry.relation,
        position=position,
        created_by=by.user_id,
    )
    person.save(force_insert=True)
    note_whole(person, origin=origin, by=by)
    for document in entry.documents:
        write_document(person, document, origin=origin, by=by)
    return person


def write_document(
    person: Person, entry: DocumentEntry, *, origin: Origin = AT_THE_COUNTER, by: Actor
) -> PersonDocument:
    """Write an identity document of an open family's member. Errors: DocumentAlreadyKnown."""
    document = PersonDocument(
        person=person,
        kind=entry.kind,
        number=entry.number,
        series=entry.series,
        issuer=entry.issuer,
        issued_on=entry.issued_on,
        valid_until=entry.valid_until,
        created_by=by.user_id,
    )
    try:
        with transaction.atomic():
            document.save(force_insert=True)
    except IntegrityError as error:
        if violated_constraint(error) == _DOCUMENT_ONCE:
            raise DocumentAlreadyKnown from error
        raise
    days = {f"{entry.kind}.issued_on": entry.issued_on, f"{entry.kind}.valid_until": entry.valid_until}
    given = {name: day for name, day in days.items() if day}
    note_values(person, given, way=origin.way, reference=origin.reference, by=by)
    return document


def _as_entry(person: Person) -> MemberEntry:
    return MemberEntry(
        given_name=person.given_name,
        family_name=person.family_name,
        father_name=person.father_name,
        sex=person.sex,
        birth_on=person.birth_on,
        relation=person.relation,
    )


def note_household_read(household_id: UUID, *, by: Actor, case_id: UUID | None = None) -> None:
    """One row for each read of a family's page."""
    record(
        "household.read",
        by=by,
        subject="registry.household",
        subject_id=household_id,
        household_id=household_id,
        case_id=case_id,
    )


def note_history_read(household_id: UUID, *, by: Actor) -> None:
    """One row for each read of what a family's record was."""
    record(
        "household.history-read",
        by=by,
        subject="registry.household",
        subject_id=household_id,
        household_id=household_id,
    )
