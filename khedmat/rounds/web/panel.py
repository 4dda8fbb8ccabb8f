"""What rounds show on a family's page: its cases, and the rounds it may be taken into."""

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString

from khedmat.accounts.enums import Permission
from khedmat.accounts.gate import StaffRequest
from khedmat.accounts.rules import role_may
from khedmat.casework.enums import CaseStep, MemberStep
from khedmat.casework.selectors import member_steps
from khedmat.registry.models import Household
from khedmat.rounds.enrolment import CASE_TYPE
from khedmat.rounds.selectors import open_rounds_in, versions_in_force
from khedmat.rounds.web.case_parts import CASE_TONES


def cases_panel(request: StaffRequest, household: Household) -> SafeString | None:
    """The family's cases that this place may see, and a button for each open round.

    Three queries; a fourth one where a case is closed: an appeal, late too, begins at the family that stands here.
    """
    if not role_may(request.actor.role, Permission.TAKE_APPLICATION):
        return None
    titles = {version.round.code: version.round.title for version in versions_in_force()}
    cases = list(household.cases.filter(case_type=CASE_TYPE).order_by("-opened_at"))
    taken = {case.series for case in cases if case.step != CaseStep.WITHDRAWN}
    closed = [case.pk for case in cases if case.step == CaseStep.CLOSED]
    refused = {pk for pk, steps in member_steps(closed).items() if MemberStep.REFUSED in steps} if closed else set()
    context = {
        "household": household,
        "refused": refused,
        "rows": [
            (case, titles.get(case.series, case.series), CASE_TONES.get(case.step, "mute"), CaseStep(case.step).label)
            for case in cases
        ],
        "open_rounds": [
            one for one in open_rounds_in(household.province_id, timezone.localdate()) if one.code not in taken
        ],
    }
    return render_to_string("rounds/panel_cases.html", context, request=request)
