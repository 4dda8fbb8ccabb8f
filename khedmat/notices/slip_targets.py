"""Where a slip leads. A programme registers from its `apps.py`: this storey knows no cases."""

from collections.abc import Callable
from uuid import UUID

Target = Callable[[UUID, UUID], str]
_targets: dict[str, Target] = {}


def register_target(subject_kind: str, target: Target) -> None:
    """Have `target(subject_id, household_id)` answer the address that a slip of this kind opens."""
    _targets[subject_kind] = target


def target_of(subject_kind: str, subject_id: UUID, household_id: UUID) -> str:
    """The address behind a slip; empty for a kind that no programme knows any more."""
    target = _targets.get(subject_kind)
    return target(subject_id, household_id) if target else ""
