"""What can be booked. A programme says from its `apps.py` how its subjects are found, called and prepared for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from khedmat.common.actor import Actor
from khedmat.service.errors import SubjectNotFound


@dataclass(frozen=True, slots=True)
class Subject:
    """What an appointment is for: a case, by its number; never a person."""

    kind: str
    id: UUID
    number: str


@dataclass(frozen=True, slots=True)
class SubjectKind:
    """How a programme's subjects are known here. Each function reads in the context it is called in.

    `address` is empty for a reader who may not open the page: they see the number alone. `title` and `what_to_bring`
    are shown on public pages to whoever holds the code: round and papers, nobody's data.
    """

    by_id: Callable[[UUID], Subject | None]
    by_number: Callable[[str], Subject | None]
    title: Callable[[UUID], str]
    what_to_bring: Callable[[UUID], Sequence[str]]
    address: Callable[[UUID, Actor], str]


_kinds: dict[str, SubjectKind] = {}


def register_subject(kind: str, known: SubjectKind) -> None:
    """Let subjects of this kind be booked."""
    _kinds[kind] = known


def kind_of(kind: str) -> SubjectKind:
    """How subjects of a kind are known. Errors: SubjectNotFound for one that nobody registered."""
    known = _kinds.get(kind)
    if known is None:
        raise SubjectNotFound
    return known


def subject_by_id(kind: str, subject_id: UUID) -> Subject:
    """The subject, where the reader may see it. Errors: SubjectNotFound."""
    found = kind_of(kind).by_id(subject_id)
    if found is None:
        raise SubjectNotFound
    return found


def subject_by_number(number: str) -> Subject:
    """The subject with a number, of whatever kind, where the reader may see it. Errors: SubjectNotFound."""
    for known in _kinds.values():
        found = known.by_number(number)
        if found is not None:
            return found
    raise SubjectNotFound
