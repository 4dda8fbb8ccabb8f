"""Reading pairs. The queue is of numbers and codes; people show only while the reader has both families open."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Case, Count, IntegerField, QuerySet, Value, When

from khedmat.accounts.errors import RecordNotVisible
from khedmat.duplicates.enums import PairState, Strength
from khedmat.duplicates.models import Answer, DuplicatePair, PersonLink, Run
from khedmat.registry.models import Person


@dataclass(frozen=True, slots=True)
class Compared:
    """A person of an open pair, and how many stand in the family."""

    person: Person
    family_size: int


def pairs_in(state: PairState) -> QuerySet[DuplicatePair]:
    """The pairs of the place in a state, the likeliest first, then the longest waiting.

    What the last search no longer found is left out of those that wait; a link stays whatever is found.
    """
    order = Case(
        When(strength=Strength.VERY_STRONG, then=Value(0)),
        When(strength=Strength.STRONG, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    pairs = DuplicatePair.objects.filter(state=state)
    if state != PairState.SAME:
        pairs = pairs.filter(is_current=True)
    return pairs.order_by(order, "state_since_at", "number")


def counts_by_state() -> dict[str, int]:
    """How many pairs stand in each state's list."""
    return {state: pairs_in(state).count() for state in (PairState.OPEN, PairState.PAPERS, PairState.SAME)}


def last_run() -> Run | None:
    """The last search of the place, under way or ended."""
    return Run.objects.order_by("-asked_at").first()


def visible_pair(pair_id: UUID) -> DuplicatePair:
    """Errors: RecordNotVisible."""
    pair = DuplicatePair.objects.filter(pk=pair_id).first()
    if pair is None:
        raise RecordNotVisible
    return pair


def households_of(pair: DuplicatePair) -> tuple[UUID, UUID] | None:
    """The two households, in the order of the people; None unless the reader has both open."""
    found = dict(Person.objects.filter(pk__in=(pair.person_a_id, pair.person_b_id)).values_list("pk", "household_id"))
    if len(found) != 2:  # noqa: PLR2004
        return None
    return found[pair.person_a_id], found[pair.person_b_id]


def compared_people(pair: DuplicatePair) -> tuple[Compared, Compared] | None:
    """The two people with their documents, person a first; None unless the reader has both families open."""
    people = (
        Person.objects.filter(pk__in=(pair.person_a_id, pair.person_b_id))
        .prefetch_related("documents")
        .annotate(family_size=Count("household__members"))
    )
    by_id = {person.pk: Compared(person, person.family_size) for person in people}
    if len(by_id) != 2:  # noqa: PLR2004
        return None
    return by_id[pair.person_a_id], by_id[pair.person_b_id]


def answers_to(pair: DuplicatePair) -> list[Answer]:
    """What was said of the pair, the first first."""
    return list(Answer.objects.filter(pair=pair))


def links_of(pair: DuplicatePair) -> list[PersonLink]:
    """The links that followed, those taken away too."""
    return list(PersonLink.objects.filter(pair=pair))


def papers_asked_of(household_id: UUID) -> dict[UUID, datetime]:
    """Members of an open family whose papers the keeper asks for, and since when."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT person_id, asked_at FROM guard.papers_asked_of(%s)", [household_id])
        return dict(cursor.fetchall())
