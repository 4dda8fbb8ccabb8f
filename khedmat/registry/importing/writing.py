"""One chunk of an import as the records it writes: sealed here, written by guard.write_imported in one call."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any, Final
from uuid import UUID, uuid4

from django.db import connection

from khedmat.common.jalali import to_jalali
from khedmat.registry.models import document_index, name_token_ids
from khedmat.registry.naming import NameWord, search_keys, words_of_name
from khedmat.registry.provenance import Value, digest_of, digests_of
from khedmat.vault.crypto import blind_index, seal

_SEALED_OF_HOUSEHOLD: Final = ("code", "phone", "address", "postal_code")
_SEALED_OF_PERSON: Final = ("birth_place", "nationality")
_NAMES: Final = ("given_name", "family_name", "latin_name")
# What was never said is empty, not unknown.
_TEXTS_OF_PERSON: Final = (*_NAMES, "father_name", "grandfather_name", "sex", "relation")


class Batch:
    """What a chunk writes and asks. Each `add_`, `change_`, `ask_` takes the file's row as its witness."""

    def __init__(self) -> None:
        self.records: dict[str, list[dict[str, Any]]] = {
            name: []
            for name in (
                "new_households", "households", "new_persons", "persons", "new_documents", "documents", "provenance",
                "questions",
            )
        }  # fmt: skip
        self.words: dict[UUID, tuple[tuple[NameWord, ...], int]] = {}

    def add_household(self, household: UUID, values: Mapping[str, Value], row: int) -> None:
        """A household that is new."""
        self.records["new_households"].append(_household(household, values))
        self._witness(household, None, _filled(values), row)

    def change_household(self, household: UUID, values: Mapping[str, Value], row: int) -> None:
        """Values of a household that the file says differently."""
        if values:
            self.records["households"].append(_household(household, values))
            self._witness(household, None, values, row)

    def add_person(self, person: UUID, household: UUID, values: Mapping[str, Value], row: int) -> None:
        """A person that is new, behind the members that the household has."""
        written = {"id": str(person), "household": str(household), "row": row, **_person(person, values)}
        self.records["new_persons"].append({**dict.fromkeys(_TEXTS_OF_PERSON, ""), **written})
        self._name(person, values)
        self._witness(household, person, _filled(values), row)

    def change_person(
        self, person: UUID, household: UUID, said: Mapping[str, Value], values: Mapping[str, Value], row: int
    ) -> None:
        """Values of a person that the file says differently; `said` is all that it says."""
        if values:
            self.records["persons"].append({"id": str(person), **_person(person, values)})
            self._name(person, said)
            self._witness(household, person, values, row)

    def add_document(
        self, person: UUID, household: UUID, kind: str, number: str, dates: Mapping[str, Value], row: int
    ) -> None:
        """A document that the person is not known to have."""
        new = uuid4()
        self.records["new_documents"].append(
            {
                "id": str(new),
                "person": str(person),
                "kind": kind,
                "number": _sealed("registry_persondocument", "number", new, number),
                "number_index": document_index(number).hex(),
                "series": dates.get("series") or "",
                "issued_on": dates.get("issued_on"),
                "valid_until": dates.get("valid_until"),
            }
        )
        said = {f"{kind}.{name}": value for name, value in dates.items() if name != "series"}
        self._witness(household, person, {f"{kind}.number": number, **_filled(said)}, row)

    def change_document(
        self, person: UUID, household: UUID, kind: str, number: str, values: Mapping[str, Value], row: int
    ) -> None:
        """Dates of a document that the file says differently; keys are `kind.date`."""
        if values:
            dates = {name.partition(".")[2]: value for name, value in values.items()}
            index = document_index(number).hex()
            self.records["documents"].append({"person": str(person), "kind": kind, "number_index": index, **dates})
            self._witness(household, person, values, row)

    def ask_person(self, person: UUID, household: UUID, values: Mapping[str, Value], row: int) -> None:
        """Values of a person that a human had written or decided, and the file says differently."""
        for name, value in values.items():
            self._ask(household, person, name, value, row)

    def ask_household(self, household: UUID, values: Mapping[str, Value], row: int) -> None:
        """The same of a household."""
        for name, value in values.items():
            self._ask(household, None, name, value, row)

    def _ask(self, household: UUID, person: UUID | None, name: str, value: Value, row: int) -> None:
        new = uuid4()
        self.records["questions"].append(
            {
                "id": str(new),
                "household": str(household),
                "person": str(person) if person else None,
                "field": name,
                "asked": _sealed("registry_question", "asked", new, str(value)),
                "digest": digest_of(person or household, name, value).hex(),
                "row": row,
            }
        )

    def _witness(self, household: UUID, person: UUID | None, values: Mapping[str, Value], row: int) -> None:
        self.records["provenance"].append(
            {
                "household": str(household),
                "person": str(person) if person else None,
                "row": row,
                "fields": list(values),
                "digests": digests_of(person or household, values).hex(),
            }
        )

    def _name(self, person: UUID, said: Mapping[str, Value]) -> None:
        given, family, latin = (str(said.get(name) or "") for name in _NAMES)
        born = date.fromisoformat(str(said["birth_on"]))
        self.words[person] = (words_of_name(given, family, latin), to_jalali(born).year)

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
    with connection.cursor() as cursor:
        cursor.execute("SELECT guard.write_imported(%s, %s::jsonb)", [run_id, json.dumps(batch.records)])


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


def _sealed(table: str, column: str, record: UUID, value: str) -> str:
    """As `SealedTextField` seals it: the associated data names table, column and record."""
    return seal(value.encode(), f"{table}.{column}:{record}".encode()).hex()
