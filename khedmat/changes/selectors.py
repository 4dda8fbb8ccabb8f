"""Reading change requests. Queues carry numbers; what is asked, and of whom, comes with the opened family alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from khedmat.accounts.errors import RecordNotVisible
from khedmat.changes.enums import ChangeField, ChangeKind, ChangeState, Decider
from khedmat.changes.models import ChangeRequest
from khedmat.changes.perms import UNDECIDED
from khedmat.changes.rules import MemberFacts
from khedmat.registry.models import Household, Person, PersonDocument, document_index

MOST_IN_QUEUE: Final = 200


@dataclass(frozen=True, slots=True)
class QueuedChange:
    """One request in a queue: nobody's name. `scope_id`: the office that asked."""

    request_id: UUID
    number: str
    kind: ChangeKind
    state: ChangeState
    decider: Decider
    asked_at: datetime
    ended_at: datetime | None
    scope_id: int
    is_to_decide: bool


def changes_in_reach() -> list[QueuedChange]:
    """What waits for the acting user's place, the longest waiting first; for an office also what ended lately."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT request_id, number, kind, state, decider, asked_at, ended_at, scope_id, is_to_decide "
            "FROM guard.changes_in_reach() ORDER BY ended_at IS NOT NULL, asked_at LIMIT %s",
            [MOST_IN_QUEUE],
        )
        rows = cursor.fetchall()
    return [
        QueuedChange(request_id, number, ChangeKind(kind), ChangeState(state), Decider(decider), *rest)
        for request_id, number, kind, state, decider, *rest in rows
    ]


def count_to_decide() -> int:
    """How many requests wait for the acting user's decision."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM guard.changes_in_reach() WHERE is_to_decide")
        (count,) = cursor.fetchone()
    return int(count)


def changes_of_family(household_id: UUID) -> QuerySet[ChangeRequest]:
    """An open family's requests, the latest first."""
    return ChangeRequest.objects.filter(household_id=household_id).order_by("-asked_at").prefetch_related("items")


def open_changes_about(household_ids: Iterable[UUID]) -> QuerySet[ChangeRequest]:
    """Undecided requests about any of the open families, as the one that asks or the other one."""
    ids = list(household_ids)
    return ChangeRequest.objects.filter(
        Q(household_id__in=ids) | Q(other_household_id__in=ids), state__in=UNDECIDED
    ).prefetch_related("items")


def change_request(request_id: UUID) -> ChangeRequest:
    """A request of an open family, with its items. Errors: RecordNotVisible."""
    found = (
        ChangeRequest.objects.select_related("household", "scope", "other_province", "paper")
        .prefetch_related("items")
        .filter(pk=request_id)
        .first()
    )
    if found is None:
        raise RecordNotVisible
    return found


def has_open_case(household_id: UUID) -> bool:
    """Whether a case of an open family is open, at whichever office. Errors: RecordNotVisible."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT guard.has_open_case(%s)", [household_id])
        (is_open,) = cursor.fetchone()
    return bool(is_open)


def facts_of(members: Iterable[Person]) -> dict[UUID, MemberFacts]:
    """Members as the rules read them, in their order."""
    return {one.pk: MemberFacts(one.pk, one.relation, one.deceased_on is None) for one in members}


def holder_of_document(number: str, *, outside: UUID) -> Person | None:
    """The member of another family, opened here, who holds the document; None where none is open.

    `number` normalised; `outside`: the family that asks.
    """
    documents = PersonDocument.objects.filter(number_index=document_index(number)).select_related("person")
    return next((one.person for one in documents if one.household_id != outside), None)


def has_document(number: str, household_id: UUID) -> bool:
    """Whether a member of this open family holds the document. `number` normalised."""
    return PersonDocument.objects.filter(number_index=document_index(number), household_id=household_id).exists()


def stands_of_person(person: Person, fields: Iterable[str]) -> dict[str, str]:
    """What stands in a member's fields, as text."""
    return {field: text_of(getattr(person, field)) for field in fields if field != ChangeField.VALID_UNTIL}


def stands_of_household(household: Household, fields: Iterable[str]) -> dict[str, str]:
    """What stands in the household's fields, as text."""
    return {field: text_of(getattr(household, field)) for field in fields}


def text_of(value: object) -> str:
    """A value as an item keeps it: dates ISO, nothing as empty text."""
    isoformat = getattr(value, "isoformat", None)
    return str(isoformat()) if isoformat else str(value or "")
