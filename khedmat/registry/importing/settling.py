"""Families of a file against those of the register: matched by ids, compared by digests, written set-wise.

The register's values never come here: the database says which records the rows mean, by which way each of
their fields was written last, and a digest to compare with. A value that a file gave is replaced by a later
file; one that a person wrote or decided is left, and a question is asked.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID, uuid4

from django.db import connection

from khedmat.imports.enums import RowOutcome
from khedmat.imports.kinds import Against, Settled, Waiting
from khedmat.imports.staging import refused_heads
from khedmat.places.selectors import county_ids
from khedmat.registry.enums import DocumentKind, Way
from khedmat.registry.importing.families import Match, Place, place_family
from khedmat.registry.importing.writing import Batch, write_batch
from khedmat.registry.models import document_index
from khedmat.registry.provenance import HOUSEHOLD_FIELDS, PERSON_FIELDS, Value, digest_of

_HOUSEHOLD_CODE: Final = "household_code"
# Names of the row's fields that belong to the household, as the register calls them.
_OF_HOUSEHOLD: Final[Mapping[str, str]] = {_HOUSEHOLD_CODE: "code"} | {
    name: name for name in HOUSEHOLD_FIELDS if name != "code"
}

# Who heads a family, and what the others are to the head, hangs together: a file alone never turns it.
_ASKED_ALWAYS: Final = frozenset({"relation"})


@dataclass(frozen=True, slots=True)
class Known:
    """How a field of a record was written last: the way, its digest, and what a file said of it last."""

    way: str
    digest: bytes
    imported: bytes


@dataclass(frozen=True, slots=True)
class Compared:
    """What a row does to one record: values to write, values to ask about."""

    write: dict[str, Value] = field(default_factory=dict)
    ask: dict[str, Value] = field(default_factory=dict)


class Register:
    """What the database says about the records that a chunk speaks of."""

    def __init__(self, run_id: UUID, persons: Iterable[UUID], households: Iterable[UUID]) -> None:
        self._known: dict[tuple[UUID, str], Known] = {}
        self.documents: set[tuple[UUID, str, bytes]] = set()
        people, families = list(persons), list(households)
        if not people and not families:
            return
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM guard.sources_of(%s, %s::uuid[], %s::uuid[])", [run_id, people, families])
            for record, name, way, digest, imported in cursor.fetchall():
                self._known[record, name] = Known(way, bytes(digest), bytes(imported))
            cursor.execute("SELECT * FROM guard.document_indexes_of(%s, %s::uuid[])", [run_id, people])
            self.documents = {(person, kind, bytes(index)) for person, kind, index in cursor.fetchall()}

    def compare(self, record: UUID, values: Mapping[str, Value]) -> Compared:
        """Which of the filled values differ. A blank never blanks anything."""
        compared = Compared()
        for name, value in values.items():
            if value in (None, ""):
                continue
            known = self._known.get((record, name))
            if known is None:
                compared.write[name] = value
                continue
            digest = digest_of(record, name, value)
            if digest == known.digest or (known.way != Way.IMPORT and digest == known.imported):
                # The same, or the very value that a file gave before a person decided otherwise.
                continue
            if known.way == Way.IMPORT and name not in _ASKED_ALWAYS:
                compared.write[name] = value
            else:
                compared.ask[name] = value
        return compared


def settle_families(run_id: UUID, rows: Sequence[Waiting], *, is_written: bool) -> list[Settled]:
    """What becomes of each row of whole families; with `is_written` it becomes so, in the caller's transaction."""
    places = _places(run_id, rows)
    known = {number: place for number, place in places.items() if isinstance(place, Place)}
    register = Register(
        run_id,
        {place.person for place in known.values() if place.person},
        {place.family for place in known.values() if place.family},
    )
    batch = Batch(is_written=is_written)
    settled = [
        Settled(number, RowOutcome.REFUSED, place) for number, place in places.items() if isinstance(place, Against)
    ]
    for family in _by_group([row for row in rows if row.number in known]):
        settled += _settle_family(family, known, register, batch)
    if is_written:
        write_batch(run_id, batch)
    return settled


def _places(run_id: UUID, rows: Sequence[Waiting]) -> dict[int, Place | Against]:
    groups = [row.group for row in rows]
    matches = _matches(run_id, min(groups), max(groups))
    behind = refused_heads(run_id, sorted(set(groups)))
    places: dict[int, Place | Against] = {}
    for family in _by_group(rows):
        places |= place_family(
            [matches[row.number] for row in family],
            [row.number for row in family if row.leads],
            behind.get(family[0].group, []),
        )
    return places


def _matches(run_id: UUID, first_group: int, last_group: int) -> dict[int, Match]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM guard.match_staged(%s, %s, %s)", [run_id, first_group, last_group])
        return {
            number: Match(number, tuple(persons or ()), tuple(families or ()), is_elsewhere, family, has_head)
            for number, persons, families, is_elsewhere, family, has_head in cursor.fetchall()
        }


def _by_group(rows: Sequence[Waiting]) -> Iterator[list[Waiting]]:
    groups: dict[int, list[Waiting]] = defaultdict(list)
    for row in rows:
        groups[row.group].append(row)
    yield from groups.values()


def _settle_family(
    rows: Sequence[Waiting], places: Mapping[int, Place], register: Register, batch: Batch
) -> list[Settled]:
    family = places[rows[0].number].family
    household = family or uuid4()
    said = _household_values(rows)
    first = next((row for row in rows if row.leads), rows[0])
    compared = register.compare(household, said)
    if family is None:
        batch.add_household(household, said, first.number)
    else:
        batch.change_household(household, compared.write, first.number)
        batch.ask_household(household, compared.ask, first.number)
    settled = []
    for row in rows:
        outcome, questions = _settle_person(row, places[row.number].person, household, register, batch)
        if row is first and family is not None:
            questions += len(compared.ask)
            outcome = RowOutcome.CHANGED if outcome == RowOutcome.UNCHANGED and compared.write else outcome
        settled.append(Settled(row.number, outcome, questions=questions))
    return settled


def _household_values(rows: Sequence[Waiting]) -> dict[str, Value]:
    """Of the household as a whole: as the head's row has it, else the first row that says anything."""
    ordered = sorted(rows, key=lambda row: not row.leads)
    said: dict[str, Value] = {
        name: next((row.values[said] for row in ordered if row.values.get(said)), "")
        for said, name in _OF_HOUSEHOLD.items()
    }
    # A file names the county by its official code, the register by its place.
    said["county"] = county_ids().get(str(said["county"]))
    return said


def _settle_person(
    row: Waiting, person: UUID | None, household: UUID, register: Register, batch: Batch
) -> tuple[RowOutcome, int]:
    said: dict[str, Value] = {name: row.values[name] for name in PERSON_FIELDS}
    if person is None:
        new = uuid4()
        batch.add_person(new, household, said, row.number)
        for kind, number, dates in _documents(row.values):
            batch.add_document(new, household, kind, number, dates, row.number)
        return RowOutcome.NEW, 0
    compared = register.compare(person, said)
    batch.change_person(person, household, said, compared.write, row.number)
    batch.ask_person(person, household, compared.ask, row.number)
    changed, asked = bool(compared.write), len(compared.ask)
    for kind, number, dates in _documents(row.values):
        if (person, kind, document_index(number)) not in register.documents:
            batch.add_document(person, household, kind, number, dates, row.number)
            changed = True
            continue
        days = {f"{kind}.{name}": value for name, value in dates.items() if name != "series"}
        renewed = register.compare(person, days)
        batch.change_document(person, household, kind, number, renewed.write, row.number)
        batch.ask_person(person, household, renewed.ask, row.number)
        changed, asked = changed or bool(renewed.write), asked + len(renewed.ask)
    return (RowOutcome.CHANGED if changed else RowOutcome.UNCHANGED), asked


def _documents(values: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Value]]]:
    """(kind, number, {issued_on, valid_until, series}) of the documents that a row names."""
    if values["document_number"]:
        dates = {name: values[name] for name in ("issued_on", "valid_until", "series")}
        yield values["document_kind"], values["document_number"], dates
    if values["fida_code"]:
        yield DocumentKind.FIDA_CODE.value, values["fida_code"], {}
