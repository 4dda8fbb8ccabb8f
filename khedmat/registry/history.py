"""What was changed in a family's record, when, by whom and by which way.

Triggers copy each replaced row (khedmat.registry.history_models); what came after it is the record's next copy, or
the live row. Members and documents that came later tell of themselves. Reading needs the family open.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import reduce
from itertools import pairwise
from operator import or_
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q

from khedmat.audit.models import Entry
from khedmat.registry.enums import Way
from khedmat.registry.models import (
    Household,
    HouseholdHistory,
    Membership,
    Person,
    PersonDocument,
    PersonDocumentHistory,
    PersonHistory,
    Provenance,
)

SETTING: Final = "khedmat.because"
# Lines on one page of the story.
MOST_CHANGES: Final = 200
# What one person does within this time is told as one moment: a page sent once writes several rows.
AT_ONCE: Final = timedelta(seconds=5)

HOUSEHOLD_FIELDS: Final = ("province_id", "county_id", "phone", "address", "postal_code", "code")
PERSON_FIELDS: Final = (
    "given_name", "family_name", "latin_name", "father_name", "grandfather_name", "sex", "birth_on", "birth_place",
    "nationality", "relation", "deceased_on",
)  # fmt: skip
DOCUMENT_FIELDS: Final = ("person_id", "kind", "number", "series", "issuer", "issued_on", "valid_until")

_Row = HouseholdHistory | PersonHistory | PersonDocumentHistory


@contextmanager
def because(way: Way, reference: UUID | None = None) -> Iterator[None]:
    """Have the history of what is written inside say by which way, and for which request or import run.

    Only an explanation: who writes is taken from the signed context. All of it is undone where it raises.
    """
    with transaction.atomic():
        before = _said()
        _say(way.value if reference is None else f"{way.value}:{reference}")
        yield
        _say(before)


def _said() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_setting(%s, true), '')", [SETTING])
        (said,) = cursor.fetchone()
    return str(said)


def _say(said: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, true)", [SETTING, said])


class What(StrEnum):
    """What happened to the family's record."""

    REGISTERED = "registered"
    FIELD = "field"
    MEMBER_ADDED = "member-added"
    MEMBER_CAME = "member-came"
    MEMBER_LEFT = "member-left"
    MEMBER_REMOVED = "member-removed"
    DOCUMENT_ADDED = "document-added"
    DOCUMENT_REMOVED = "document-removed"


@dataclass(frozen=True, slots=True)
class DocumentName:
    """Enough to tell one document of a member from another."""

    kind: str
    number: str


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that was changed. `before` and `after` are the values of `field`, for What.FIELD alone.

    Of the household itself where `person_id` is None.
    """

    what: What
    person_id: UUID | None = None
    document_id: UUID | None = None
    document: DocumentName | None = None
    field: str = ""
    before: Any = None
    after: Any = None


@dataclass(slots=True)
class Moment:
    """What one person changed at once. `way` is empty where nobody said."""

    at: datetime
    earliest_at: datetime
    actor_id: UUID | None
    role: str = ""
    scope_id: int | None = None
    way: str = ""
    reference: UUID | None = None
    is_stamped: bool = False
    changes: list[Change] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Story:
    """The newest first. `names`: of everybody who is or was in the family. `older_before`: where to read on."""

    moments: list[Moment]
    names: Mapping[UUID, str]
    older_before: datetime | None


@dataclass(frozen=True, slots=True)
class _Event:
    """One change with its moment. `is_stamped`: written with role, place and way, by a trigger."""

    at: datetime
    change: Change
    actor_id: UUID | None
    role: str = ""
    scope_id: int | None = None
    way: str = ""
    reference: UUID | None = None
    is_stamped: bool = False

    def is_at_once_with(self, moment: Moment) -> bool:
        if moment.earliest_at - self.at > AT_ONCE:
            return False
        if None not in (self.actor_id, moment.actor_id) and self.actor_id != moment.actor_id:
            return False
        if not (self.is_stamped and moment.is_stamped):
            return True
        own = (self.actor_id, self.scope_id, self.way, self.reference)
        return own == (moment.actor_id, moment.scope_id, moment.way, moment.reference)


def story_of(
    household: Household, *, before: datetime | None = None, written: Sequence[Provenance] | None = None
) -> Story:
    """The family's history, at most about MOST_CHANGES changes, those before a moment where one is given.

    `written`: all the family's provenance, where the caller has read it.

    `household` comes with its members and their documents (selectors.household_with_members).
    """
    book = _Book(household, before)
    events, horizon = book.events()
    moments = _moments(reversed(sorted(events, key=lambda event: event.at)))
    shown = _first_page(moments, horizon)
    _explain(household.pk, [moment for moment in shown if not moment.is_stamped], written)
    ranks = book.ranks()
    for moment in shown:
        moment.changes.sort(key=lambda change: _place_of(change, ranks))
    is_cut = len(shown) < len(moments) or horizon is not None
    return Story(shown, book.names, shown[-1].earliest_at if is_cut and shown else None)


def _first_page(moments: list[Moment], horizon: datetime | None) -> list[Moment]:
    """Whole moments alone: the one at the horizon may go on behind it."""
    shown: list[Moment] = []
    told = 0
    for moment in moments:
        told += len(moment.changes)
        if shown and (told > MOST_CHANGES or (horizon is not None and moment.earliest_at <= horizon)):
            break
        shown.append(moment)
    return shown


def _place_of(change: Change, ranks: Mapping[UUID, int]) -> tuple[int, int, int, str]:
    """The family first, then its members in their order, then their documents."""
    if change.person_id is None:
        return (0, 0, 0, "")
    of_document = change.document_id is not None
    return (1, ranks.get(change.person_id, len(ranks)), int(of_document), str(change.document_id or ""))


def _moments(events: Iterable[_Event]) -> list[Moment]:
    moments: list[Moment] = []
    for event in events:
        if not moments or not event.is_at_once_with(moments[-1]):
            moments.append(Moment(at=event.at, earliest_at=event.at, actor_id=event.actor_id))
        moment = moments[-1]
        moment.earliest_at = event.at
        moment.actor_id = moment.actor_id or event.actor_id
        if event.is_stamped and not moment.is_stamped:
            moment.role, moment.scope_id = event.role, event.scope_id
            moment.way, moment.reference, moment.is_stamped = event.way, event.reference, True
        # The newest come first here; within a moment it is told as it went.
        moment.changes.insert(0, event.change)
    return moments


class _Book:
    """A family's rows as they were and as they are."""

    def __init__(self, household: Household, before: datetime | None) -> None:
        self.household = household
        self.before = before
        self.members: list[Person] = list(household.members.all())
        self.persons = {person.pk: person for person in self.members}
        self.documents = {document.pk: document for person in self.members for document in person.documents.all()}
        self._copies: dict[type[Any], Sequence[Any]] = {}
        self.gone = self._last_rows_of_those_gone()
        self.names = {row.record_id: row.full_name for row in self.gone.values()}
        self.names |= {person.pk: person.full_name for person in self.members}

    def ranks(self) -> dict[UUID, int]:
        """Members in the family's order, those gone behind them."""
        return {person_id: rank for rank, person_id in enumerate([*self.persons, *self.gone])}

    def events(self) -> tuple[list[_Event], datetime | None]:
        """Everything that is told, in no order; and, where there was more, the moment before which none is told."""
        events: list[_Event] = []
        horizons: list[datetime] = []
        live: Mapping[UUID, Household | Person | PersonDocument] = {
            self.household.pk: self.household,
            **self.persons,
            **self.documents,
        }
        for model, fields in (
            (HouseholdHistory, HOUSEHOLD_FIELDS),
            (PersonHistory, PERSON_FIELDS),
            (PersonDocumentHistory, DOCUMENT_FIELDS),
        ):
            rows = self._rows(model)
            if len(rows) > MOST_CHANGES:
                horizons.append(rows[-1].replaced_at)
            after = self._successors(model, rows)
            for row in rows:
                following = after.get(row.pk) or live.get(row.record_id)
                events += [_stamped(row, change) for change in self._changes(row, following, fields)]
        events += self._arrivals()
        horizon = max(horizons, default=None)
        return [event for event in events if self._is_told(event.at, horizon)], horizon

    def _is_told(self, at: datetime, horizon: datetime | None) -> bool:
        return (self.before is None or at < self.before) and (horizon is None or at >= horizon)

    def _rows(self, model: type[_Row]) -> Sequence[Any]:
        if model not in self._copies:
            self._copies[model] = self._read(model)
        return self._copies[model]

    def _has_all(self, model: type[_Row]) -> bool:
        """Whether every copy there is of a kind is told on this page."""
        return self.before is None and len(self._rows(model)) <= MOST_CHANGES

    def _last_rows_of_those_gone(self) -> dict[UUID, PersonHistory]:
        if self._has_all(PersonHistory):
            last: dict[UUID, PersonHistory] = {}
            for row in sorted(self._rows(PersonHistory), key=lambda row: (row.record_id, -row.pk)):
                last.setdefault(row.record_id, row)
            return {record_id: row for record_id, row in last.items() if record_id not in self.persons}
        return _last_rows_of_those_gone(self.household.pk, self.persons)

    def _removed_documents(self) -> Sequence[PersonDocumentHistory]:
        if self._has_all(PersonDocumentHistory):
            return [row for row in self._rows(PersonDocumentHistory) if row.ending == "removed"]
        return list(PersonDocumentHistory.objects.filter(household_id=self.household.pk, ending="removed"))

    def _read(self, model: type[_Row]) -> Sequence[_Row]:
        rows = model.objects.filter(household_id=self.household.pk)
        if self.before is not None:
            rows = rows.filter(replaced_at__lt=self.before)
        return list(rows.order_by("-replaced_at", "-id")[: MOST_CHANGES + 1])

    def _successors(self, model: type[_Row], rows: Sequence[_Row]) -> dict[int, _Row]:
        """By id of a copy, the next copy of the same record, where there is one."""
        chains: dict[UUID, list[_Row]] = {}
        for row in sorted(rows, key=lambda row: row.pk):
            chains.setdefault(row.record_id, []).append(row)
        if self.before is not None:
            later = model.objects.filter(
                household_id=self.household.pk, record_id__in=list(chains), replaced_at__gte=self.before
            )
            for row in later.order_by("record_id", "id").distinct("record_id"):
                chains[row.record_id].append(row)
        return {row.pk: following for chain in chains.values() for row, following in pairwise(chain)}

    def _changes(
        self, row: _Row, following: _Row | Household | Person | PersonDocument | None, fields: Sequence[str]
    ) -> Iterator[Change]:
        subject = self._subject(row)
        if row.ending != "changed":
            what = _ENDINGS.get((type(row), row.ending))
            if what is not None:
                yield Change(what, **subject)
            return
        for name in fields if following is not None else ():
            before, after = getattr(row, name), getattr(following, name)
            if before != after:
                yield Change(What.FIELD, **subject, field=name, before=before, after=after)

    def _subject(self, row: _Row) -> dict[str, Any]:
        if isinstance(row, HouseholdHistory):
            return {}
        if isinstance(row, PersonHistory):
            return {"person_id": row.record_id}
        known = self.documents.get(row.record_id, row)
        name = DocumentName(known.kind, known.number)
        return {"person_id": known.person_id, "document_id": row.record_id, "document": name}

    def _arrivals(self) -> Iterator[_Event]:
        household = self.household
        yield _Event(household.created_at, Change(What.REGISTERED), household.created_by)
        begun = household.created_at + AT_ONCE
        since = dict(Membership.objects.filter(household_id=household.pk).values_list("person_id", "since_at"))
        for person_id, arrived_at in since.items():
            known = self.persons.get(person_id) or self.gone.get(person_id)
            if known is None or arrived_at <= begun:
                continue
            is_new = arrived_at - known.created_at <= AT_ONCE
            what = What.MEMBER_ADDED if is_new else What.MEMBER_CAME
            yield _Event(arrived_at, Change(what, person_id=person_id), known.created_by if is_new else None)
        yield from self._documents_added(since)

    def _documents_added(self, since: Mapping[UUID, datetime]) -> Iterator[_Event]:
        documents: list[PersonDocument | PersonDocumentHistory] = [
            *self.documents.values(),
            *self._removed_documents(),
        ]
        for document in documents:
            arrived_at = since.get(document.person_id, self.household.created_at)
            if document.created_at - arrived_at <= AT_ONCE:
                continue
            document_id = document.record_id if isinstance(document, PersonDocumentHistory) else document.pk
            change = Change(
                What.DOCUMENT_ADDED,
                person_id=document.person_id,
                document_id=document_id,
                document=DocumentName(document.kind, document.number),
            )
            yield _Event(document.created_at, change, document.created_by)


# A document that goes along with its member is not told of its own.
_ENDINGS: Final = {
    (PersonHistory, "moved"): What.MEMBER_LEFT,
    (PersonHistory, "removed"): What.MEMBER_REMOVED,
    (PersonDocumentHistory, "removed"): What.DOCUMENT_REMOVED,
}


def _stamped(row: _Row, change: Change) -> _Event:
    return _Event(
        row.replaced_at, change, row.actor_id, row.role, row.scope_id, row.way, row.reference, is_stamped=True
    )


def _last_rows_of_those_gone(household_id: UUID, present: Iterable[UUID]) -> dict[UUID, PersonHistory]:
    rows = (
        PersonHistory.objects.filter(household_id=household_id)
        .exclude(record_id__in=list(present))
        .order_by("record_id", "-id")
        .distinct("record_id")
    )
    return {row.record_id: row for row in rows}


def _explain(household_id: UUID, moments: Sequence[Moment], known: Sequence[Provenance] | None) -> None:
    """Role, place and way of what no trigger stamped: from the log and the provenance of the same moment."""
    if not moments:
        return
    around = reduce(or_, (Q(at__range=(one.earliest_at - AT_ONCE, one.at + AT_ONCE)) for one in moments))
    entries = list(
        Entry.objects.filter(around, household_id=household_id)
        .exclude(Q(action__endswith="read") | Q(action__endswith="opened"))
        .values_list("at", "actor_id", "role", "scope_id")
    )
    if known is None:
        known = list(Provenance.objects.filter(around, household_id=household_id))
    written = [(one.at, one.by, one.way, one.reference) for one in known]
    for moment in moments:
        entry = _nearest(moment, entries)
        if entry is not None:
            _at, moment.actor_id, moment.role, moment.scope_id = entry
        source = _nearest(moment, written)
        if source is not None:
            _at, _by, moment.way, moment.reference = source


def _nearest(moment: Moment, rows: Sequence[tuple[Any, ...]]) -> tuple[Any, ...] | None:
    """Of rows (at, who, …) the one nearest to a moment, by the same person where the moment names one."""
    fitting = [
        row
        for row in rows
        if moment.earliest_at - AT_ONCE <= row[0] <= moment.at + AT_ONCE and moment.actor_id in (None, row[1])
    ]
    return min(fitting, key=lambda row: abs(row[0] - moment.at), default=None)
