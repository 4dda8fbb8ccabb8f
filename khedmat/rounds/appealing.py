"""Appeals about enrolments: the paper that a family adds, and what the rules say at the decision."""

from uuid import UUID

from django.db import transaction

from khedmat.accounts.enums import Permission
from khedmat.accounts.rules import require
from khedmat.casework import appeals as casework
from khedmat.casework.actions import open_family_of
from khedmat.casework.models import Appeal, Case
from khedmat.casework.selectors import visible_case
from khedmat.common.actor import Actor
from khedmat.files.actions import store_paper
from khedmat.registry.models import Household
from khedmat.rounds.enrolment_view import enrolment_view


def open_to_lodge(case_id: UUID, *, by: Actor) -> Case:
    """The case of a family that stands at the counter. One closed long ago opens by the family's document alone.

    Errors: RecordNotVisible, SpentReadBudget.
    """
    case = visible_case(case_id)
    # A late appeal: the family was opened by what it presents.
    if not Household.objects.filter(pk=case.household_id).exists():
        open_family_of(case_id, by=by)
    return case


@transaction.atomic
def lodge_enrolment_appeal(
    case_id: UUID, member_id: UUID, grounds: str, paper: bytes | None = None, *, by: Actor
) -> Appeal:
    """Take an appeal in, with a picture of a paper if there is one. Errors: FileRefused, as of `lodge_appeal`."""
    require(Permission.LODGE_APPEAL, by=by)
    case = visible_case(case_id)
    file = None
    if paper is not None:
        file = store_paper(paper, case.household_id, by=by, case_id=case.pk, field="paper")
    return casework.lodge_appeal(case_id, member_id, grounds, paper=file, by=by)


@transaction.atomic
def decide_enrolment_appeal(appeal_id: UUID, *, is_upheld: bool, reason: str, by: Actor) -> Appeal:
    """Decide; what the rules say now is kept with an approval. Errors: as of `casework.appeals.decide_appeal`."""
    require(Permission.DECIDE_APPEAL, by=by)
    appeal = casework.open_appeal(appeal_id, by=by)
    view = enrolment_view(appeal.case)
    outcomes = next(one.outcomes for one in view.members if one.case_member.pk == appeal.member_id)
    states = {one.code: str(one.state) for one in outcomes}
    return casework.decide_appeal(appeal_id, is_upheld=is_upheld, reason=reason, rule_outcomes=states, by=by)
