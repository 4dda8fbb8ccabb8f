"""One chunk of an import as the records it writes: sealed here, written by guard.write_imported in one call."""

import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache, partial
from typing import Any, Final
from uuid import UUID, uuid4

import psycopg
from django.db import connection

from khedmat.common.jalali import to_jalali
from khedmat.registry.models import document_index, name_token_ids
from khedmat.registry.naming import NAMELESS, NameWord, search_keys, words_of_name
from khedmat.registry.provenance import Value, digest_of, digests_of
from khedmat.vault.crypto import blind_index, seal
from khedmat.vault.fields import associated_data

_SEALED_OF_HOUSEHOLD: Final = ("code", "phone", "address", "postal_code")
_SEALED_OF_PERSON: Final = ("birth_place", "nationality")
_NAMES: Final = ("given_name", "family_name", "latin_name")
_NAMES_REMEMBERED: Final = 20_000
# What was never said is empty, not unknown.
_TEXTS_OF_PERSON: Final = (*_NAMES, "father_name", "grandfather_name", "sex", "relation")
_KINDS: Final = (
    "new_households", "households", "new_persons", "persons", "new_documents", "documents", "questions",
)  # fmt: skip


class Batch:
    """What a chunk writes and asks. Each `add_`, `change_`, `ask_` takes the file's row as its witness.

    Nothing is sealed, digested or kept where `is_written` is false: a check asks for outcomes alone.
    """

    def __init__(self, *, is_written: bool) -> None:
        self._is_written = is_written
        self.records: dict[str, list[dict[str, Any]]] = {kind: [] for kind in _KINDS}
        self.words: dict[UUID, tuple[frozenset[NameWord], int]] = {}
        # What each row gave each record: one row of provenance, however many parts it came in.
        self._given: dict[tuple[UUID, UUID | None, int], dict[str, Value]] = defaultdict(dict)

    def add_household(self, household: UUID, values: Mapping[str, Value], row: int) -> None:
        """A household that is new."""
        self._keep("new_households", lambda: _household(household, values))
        self._witness(household, None, _filled(values), row)

    def change_household(self, household: UUID, values: Mapping[str, Value], row: int) -> None:
        """Values of a household that the file says differently."""
        if values:
            self._keep("households", lambda: _household(household, values))
            self._witness(household, None, values, row)

    def add_person(self, person: UUID, household: UUID, values: Mapping[str, Value], row: int) -> None:
        """A person that is new, behind the members that the household has."""
        own = {"id": str(person), "household": str(household), "row": row}
        self._keep("new_persons", lambda: {**dict.fromkeys(_TEXTS_OF_PERSON, ""), **own, **_person(person, values)})
        self._name(person, values)
        self._witness(household, person, _filled(values), row)

    def change_person(
        self, person: UUID, household: UUID, said: Mapping[str, Value], values: Mapping[str, Value], row: int
    ) -> None:
        """Values of a person that the file says differently; `said` is all that it says."""
        if values:
            self._keep("persons", lambda: {"id": str(person), **_person(person, values)})
            self._name(person, said)
            self._witness(household, person, values, row)

    def add_document(
        self, person: UUID, household: UUID, kind: str, number: str, dates: Mapping[str, Value], row: int
    ) -> None:
        """A document that the person is not known to have."""
        self._keep("new_documents", lambda: _document(person, kind, number, dates))
        said = {f"{kind}.{name}": value for name, value in dates.items() if name != "series"}
        self._witness(household, person, {f"{kind}.number": number, **_filled(said)}, row)

    def change_document(
        self, person: UUID, household: UUID, kind: str, number: str, values: Mapping[str, Value], row: int
    ) -> None:
        """Dates of a document that the file says differently; keys are `kind.date`."""
        if values:
            dates = {name.partition(".")[2]: value for name, value in values.items()}
            own = {"person": str(person), "kind": kind}
            self._keep("documents", lambda: {**own, "number_index": document_index(number).hex(), **dates})
            self._witness(household, person, values, row)

    def ask_person(self, person: UUID, household: UUID, values: Mapping[str, Value], row: int) -> None:
        """Values of a person that a human had written or decided, and the file says differently."""
        self._ask(household, person, values, row)

    def ask_household(self, household: UUID, values: Mapping[str, Value], row: int) -> None:
        """The same of a household."""
        self._ask(household, None, values, row)

    def provenance(self) -> list[dict[str, Any]]:
        """One record for each record that a row gave something."""
        return [
            {
                "household": str(household),
                "person": str(person) if person else None,
                "row": row,
                "fields": list(values),
                "digests": digests_of(person or household, values).hex(),
            }
            for (household, person, row), values in self._given.items()
        ]

    def _ask(self, household: UUID, person: UUID | None, values: Mapping[str, Value], row: int) -> None:
        for name, value in values.items():
            self._keep("questions", partial(_question, household, person, name, value, row))

    def _keep(self, kind: str, make: Callable[[], dict[str, Any]]) -> None:
        if self._is_written:
            self.records[kind].append(make())

    def _witness(self, household: UUID, person: UUID | None, values: Mapping[str, Value], row: int) -> None:
        if self._is_written:
            self._given[household, person, row].update(values)

    def _name(self, person: UUID, said: Mapping[str, Value]) -> None:
        if self._is_written:
            given, family, latin = (str(said.get(name) or "") for name in _NAMES)
            born = date.fromisoformat(str(said["birth_on"]))
            self.words[person] = (_words_of(given, family, latin), to_jalali(born).year)

    def is_empty(self) -> bool:
        """Whether nothing is to be written."""
        return not any(self.records.values())


def write_batch(run_id: UUID, batch: Batch) -> None:
    """Write it in the caller's transaction, with provenance and one audit row for each household touched."""
    if batch.is_empty():
        return
    all_words = sorted({word.token: word for words, _year in batch.words.values() for word in words}.items())
    known = name_token_ids([word for _token, word in all_words]) if all_words else []
    ids = {token: known_id for (token, _word), known_id in zip(all_words, known, strict=True)}
    for record in (*batch.records["new_persons"], *batch.records["persons"]):
        words, year = batch.words[UUID(record["id"])]
        record["search_keys"] = search_keys(year, (ids[word.token] for word in words))
    records = {**batch.records, "provenance": batch.provenance()}
    # Bound by the server: as part of the statement, people's names would stand in pg_stat_activity.
    with psycopg.Cursor(connection.connection) as cursor, connection.wrap_database_errors:
        written = json.dumps(records, ensure_ascii=False, separators=(",", ":"))
        cursor.execute("SELECT guard.write_imported(%s, %s::jsonb)", [run_id, written])


def _words_of(given: str, family: str, latin: str) -> frozenset[NameWord]:
    """What `words_of_name` says of the whole name, from its parts: each of these is many people's."""
    words = _words_of_part(given) | _words_of_part(family) | _words_of_latin(latin)
    return words if len(words) == 1 else frozenset(word for word in words if word.token != NAMELESS)


@lru_cache(maxsize=_NAMES_REMEMBERED)
def _words_of_part(name: str) -> frozenset[NameWord]:
    return frozenset(words_of_name(name))


@lru_cache(maxsize=_NAMES_REMEMBERED)
def _words_of_latin(name: str) -> frozenset[NameWord]:
    return frozenset(words_of_name("", latin_name=name))


def _filled(values: Mapping[str, Value]) -> dict[str, Value]:
    return {name: value for name, value in values.items() if value not in (None, "")}


def _household(household: UUID, values: Mapping[str, Value]) -> dict[str, Any]:
    record: dict[str, Any] = {"id": str(household)}
    for name, value in _filled(values).items():
        is_sealed = name in _SEALED_OF_HOUSEHOLD
        record[name] = _sealed("registry_household", name, household, str(value)) if is_sealed else value
    if values.get("code"):
        record["code_index"] = blind_index("household", str(values["code"])).hex()
    if values.get("phone"):
        record["phone_index"] = blind_index("phone", str(values["phone"])).hex()
    return record


def _person(person: UUID, values: Mapping[str, Value]) -> dict[str, Any]:
    return {
        name: _sealed("registry_person", name, person, str(value)) if name in _SEALED_OF_PERSON else value
        for name, value in _filled(values).items()
    }


def _document(person: UUID, kind: str, number: str, dates: Mapping[str, Value]) -> dict[str, Any]:
    new = uuid4()
    return {
        "id": str(new),
        "person": str(person),
        "kind": kind,
        "number": _sealed("registry_persondocument", "number", new, number),
        "number_index": document_index(number).hex(),
        "series": dates.get("series") or "",
        "issued_on": dates.get("issued_on"),
        "valid_until": dates.get("valid_until"),
    }


def _question(household: UUID, person: UUID | None, name: str, value: Value, row: int) -> dict[str, Any]:
    new = uuid4()
    return {
        "id": str(new),
        "household": str(household),
        "person": str(person) if person else None,
        "field": name,
        "asked": _sealed("registry_question", "asked", new, str(value)),
        "digest": digest_of(person or household, name, value).hex(),
        "row": row,
    }


def _sealed(table: str, column: str, record: UUID, value: str) -> str:
    return seal(value.encode(), associated_data(table, column, record)).hex()
