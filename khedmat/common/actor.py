"""Who acts: handed to every action as `by=` and copied into every audit row."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Actor:
    """A user working in one role, at one place, for one stated purpose."""

    user_id: UUID
    role: str
    scope_id: int
    purpose: str
