"""Which case, or how many of its members, reached which step, when and where: written in the transaction that does it.

The cockpit and its forecast count these rows. They are never changed: a member who is decided, printed or handed
over a second time (a card revoked on its way) was counted the first time, and a withdrawal takes nothing back.
"""

from collections.abc import Mapping

from django.utils import timezone

from khedmat.casework.enums import CaseStep, MemberStep, Reached
from khedmat.casework.models import Case, CaseMember, Milestone
from khedmat.common.jalali import tehran_date

OF_CASE_STEP: Mapping[str, Reached] = {
    CaseStep.BOOKED: Reached.BOOKED,
    CaseStep.ARRIVED: Reached.ARRIVED,
    CaseStep.PHOTOGRAPHED: Reached.PHOTOGRAPHED,
    CaseStep.PAID: Reached.PAID,
    CaseStep.SUBMITTED: Reached.SUBMITTED,
    CaseStep.WITHDRAWN: Reached.WITHDRAWN,
}
OF_MEMBER_STEP: Mapping[str, Reached] = {
    MemberStep.APPROVED: Reached.DECIDED,
    MemberStep.REFUSED: Reached.DECIDED,
    MemberStep.READY: Reached.PRINTED,
    MemberStep.HANDED_OVER: Reached.HANDED_OVER,
}
# The order in which one member is counted.
MEMBERS_WAY = ("", Reached.DECIDED, Reached.PRINTED, Reached.HANDED_OVER)


def reach(case: Case, step: Reached, *, members: int = 0) -> None:
    """Note that a case (`members` 0), or so many of its members, reached a step now at the case's office.

    Called inside the action that moves it. What a case reached as a whole is counted once, however often it is noted.
    """
    now = timezone.now()
    milestone = Milestone(
        case_id=case.pk,
        case_type=case.case_type,
        series=case.series,
        scope_id=case.scope_id,
        step=step,
        members=members,
        on=tehran_date(now),
        at=now,
    )
    Milestone.objects.bulk_create([milestone], ignore_conflicts=True)


def reach_case_step(case: Case, step: str) -> None:
    """The milestone of a case's own step, where it has one."""
    if (reached := OF_CASE_STEP.get(step)) is not None:
        reach(case, reached)


def reach_member_step(case: Case, member: CaseMember, step: str) -> None:
    """The milestone of a member's step, counted once for each member; sets `member.reached`, which is saved with it."""
    reached = OF_MEMBER_STEP.get(step)
    if reached is None or MEMBERS_WAY.index(reached) <= MEMBERS_WAY.index(member.reached):
        return
    member.reached = reached
    reach(case, reached, members=1)
