"""A running case keeps its version of the round; an officer moves it to another one on purpose, with a note."""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from khedmat.casework.actions import lock_case
from khedmat.casework.models import Case
from khedmat.casework.versions import change_series_version
from khedmat.common.actor import Actor
from khedmat.rounds.enrolment import asks_for_director
from khedmat.rounds.enrolment_view import EnrolmentView, enrolment_view
from khedmat.rounds.errors import SameVersion
from khedmat.rounds.models import RoundVersion, VersionMove
from khedmat.rounds.selectors import published_versions_of


@dataclass(frozen=True, slots=True)
class MovePreview:
    """A case as it stands, and as it would stand under the other version."""

    target: RoundVersion
    before: EnrolmentView
    after: EnrolmentView


def versions_to_move_to(case: Case) -> list[RoundVersion]:
    """Published versions of the case's round that it does not stand under, the newest first."""
    return list(published_versions_of(case.series).exclude(version=case.series_version))


def preview_move(case: Case, to_version: int) -> MovePreview:
    """What would change: rules, papers, amount. Errors: SameVersion. Needs the family open."""
    target = next((one for one in versions_to_move_to(case) if one.version == to_version), None)
    if target is None:
        raise SameVersion
    return MovePreview(target, enrolment_view(case), enrolment_view(case, under=to_version))


@transaction.atomic
def move_to_version(case_id: UUID, version: int, to_version: int, note: str, *, by: Actor) -> Case:
    """Put a case in hand under another published version of its round; decisions and payments stay.

    Errors: CaseChangedByAnother, SameVersion, PermissionMissing, OwnCase, StepNotPossible.
    """
    case = lock_case(case_id, version)
    preview = preview_move(case, to_version)
    before = case.series_version
    needs = {one.case_member.pk: asks_for_director(one.outcomes) for one in preview.after.members}
    change_series_version(case, to_version, needs, by=by)
    move = VersionMove(
        household_id=case.household_id,
        case=case,
        from_version=before,
        to_version=to_version,
        note=note,
        moved_at=timezone.now(),
        moved_by=by.user_id,
    )
    move.save(force_insert=True)
    return case
