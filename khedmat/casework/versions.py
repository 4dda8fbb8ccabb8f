"""A running case put under another version of its programme's content."""

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction

from khedmat.accounts.enums import Permission
from khedmat.accounts.rules import require
from khedmat.audit.actions import record
from khedmat.casework.enums import CaseStep, MemberStep
from khedmat.casework.errors import OwnCase, StepNotPossible
from khedmat.casework.models import Case, CaseMember
from khedmat.casework.perms import is_own_case
from khedmat.common.actor import Actor


@transaction.atomic
def change_series_version(case: Case, series_version: int, needs_director: Mapping[UUID, bool], *, by: Actor) -> Case:
    """Let another version hold for a locked case in an officer's hand. What was decided and paid stays.

    `needs_director`: by case member, whether a rule of the new version asks for the director general; members who
    were sent there before stay there. Errors: PermissionMissing, OwnCase, StepNotPossible.
    """
    require(Permission.MOVE_VERSION, by=by)
    if is_own_case(case, by=by):
        raise OwnCase
    if case.step != CaseStep.UNDER_REVIEW:
        raise StepNotPossible
    before, case.series_version = case.series_version, series_version
    undecided = CaseMember.objects.select_for_update(of=("self",)).filter(case=case).exclude(needs_director=True)
    for member in undecided.filter(step__in=[MemberStep.UNDER_REVIEW, MemberStep.RETURNED]):
        if needs_director.get(member.pk):
            member.needs_director = case.is_for_director = True
            member.save(update_fields=["needs_director"])
    case.version += 1
    case.save(update_fields=["series_version", "is_for_director", "version"])
    record(
        "case.version-moved",
        by=by,
        subject="casework.case",
        subject_id=case.pk,
        household_id=case.household_id,
        case_id=case.pk,
        details={"version": case.version, "from": before, "to": series_version},
    )
    return case
