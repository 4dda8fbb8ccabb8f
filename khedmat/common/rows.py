"""How each table is protected, and why each personal field is kept (see docs/developer.md)."""

from dataclasses import dataclass
from enum import StrEnum


class RowClass(StrEnum):
    """What must be true of a reader before PostgreSQL shows a row."""

    REFERENCE = "reference"
    SYSTEM = "system"
    SCOPED = "scoped"
    PERSONAL = "personal"


@dataclass(frozen=True, slots=True)
class PersonalField:
    """Why a field about a person is kept, and by which retention rule it ends."""

    purpose: str
    retention: str
