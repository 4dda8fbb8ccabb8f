"""Where values come from: written down with each writing, compared without being read.

A digest is salted with its record and field, so that equal values of two people give unequal digests.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from khedmat.common.actor import Actor
from khedmat.registry.arrival_models import Provenance
from khedmat.registry.enums import Way
from khedmat.registry.models import Household, Person
from khedmat.vault.crypto import blind_index

DIGEST_BYTES: Final = 8
PERSON_FIELDS: Final = (
    "given_name", "family_name", "father_name", "grandfather_name", "latin_name", "sex", "birth_on", "birth_place",
    "nationality", "relation",
)  # fmt: skip
HOUSEHOLD_FIELDS: Final = ("code", "county", "phone", "address", "postal_code")

Value = str | date | int | None


def digest_of(record_id: UUID, field: str, value: Value) -> bytes:
    """8 keyed bytes that tell whether this record's field is given the same value again."""
    text = value.isoformat() if isinstance(value, date) else str(value if value is not None else "")
    return blind_index("provenance", f"{record_id}:{field}:{text}")[:DIGEST_BYTES]


def digests_of(record_id: UUID, values: Mapping[str, Value]) -> bytes:
    """The digests of several fields, in the order of `values`."""
    return b"".join(digest_of(record_id, field, value) for field, value in values.items())


def note_values(
    of: Person | Household,
    values: Mapping[str, Value],
    *,
    way: Way,
    by: Actor,
    reference: UUID | None = None,
) -> None:
    """Write down that these fields (codes of PERSON_FIELDS or HOUSEHOLD_FIELDS) were written just now, and how.

    In the same transaction as the writing itself. Empty values are noted too where they were set on purpose.
    """
    if not values:
        return
    Provenance.objects.create(
        household_id=of.household_id if isinstance(of, Person) else of.pk,
        person_id=of.pk if isinstance(of, Person) else None,
        way=way,
        reference=reference,
        fields=list(values),
        digests=digests_of(of.pk, values),
        by=by.user_id,
    )


@dataclass(frozen=True, slots=True)
class Origin:
    """By which way values come in, and the change request or import run that brings them."""

    way: Way
    reference: UUID | None = None


AT_THE_COUNTER: Final = Origin(Way.COUNTER)


def note_whole(of: Person | Household, *, origin: Origin, by: Actor) -> None:
    """Write down every filled field of a record that was written whole."""
    fields = PERSON_FIELDS if isinstance(of, Person) else HOUSEHOLD_FIELDS
    values = {field: _value(of, field) for field in fields}
    filled = {field: value for field, value in values.items() if value not in (None, "")}
    note_values(of, filled, way=origin.way, reference=origin.reference, by=by)


@dataclass(frozen=True, slots=True)
class Writing:
    """A writing that is still the last one of some fields, and which these are."""

    provenance: Provenance
    fields: tuple[str, ...]


def provenance_of(household_id: UUID) -> list[Provenance]:
    """Every writing of an open family's values, the newest first."""
    return list(Provenance.objects.filter(household_id=household_id).order_by("-id"))


def writings_of(household_id: UUID) -> list[Writing]:
    """Where the values of an open family come from, the newest writing first; superseded ones are left out."""
    return last_writings(provenance_of(household_id))


def last_writings(provenance: Sequence[Provenance]) -> list[Writing]:
    """Of all writings of a family, the newest first, those whose values still stand."""
    taken: set[tuple[UUID | None, str]] = set()
    writings = []
    for written in provenance:
        last = tuple(name for name in written.fields if (written.person_id, name) not in taken)
        taken |= {(written.person_id, name) for name in last}
        if last:
            writings.append(Writing(written, last))
    return writings


def _value(of: Person | Household, field: str) -> Value:
    value: Value = getattr(of, "county_id" if field == "county" else field)
    return value
