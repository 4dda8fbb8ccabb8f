"""A decision is about somebody who waits for one, in a case that an officer has in hand."""

import pytest

from khedmat.casework.actions import decide_member, enter_case, lock_case
from khedmat.casework.enums import MemberStep, Outcome
from khedmat.casework.errors import StepNotPossible
from khedmat.casework.models import Case, CaseMember, Decision
from khedmat.vault.context import working_context
from tests import line
from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def submitted(cast: Cast) -> Case:
    """A family of one, paid and sent to the province; in nobody's hand yet."""
    line.open_round(cast)
    case = line.take_application(cast, line.register(cast, size=1))
    line.pay(cast, case)
    return line.submit(cast, case.pk)


def decide(cast: Cast, case: Case, outcome: Outcome) -> None:
    officer = cast["bahram"]
    with working_context(officer):
        enter_case(case.pk, by=officer)
        member = CaseMember.objects.get(case=case)
        decide_member(lock_case(case.pk), member, outcome, line.REASON, {}, by=officer)


def decisions(cast: Cast, case: Case) -> int:
    with working_context(cast["narges"]):
        return Decision.objects.filter(case=case).count()


@pytest.mark.parametrize("outcome", Outcome)
def test_decide_member_of_a_case_in_nobodys_hand(cast: Cast, submitted: Case, outcome: Outcome) -> None:
    with pytest.raises(StepNotPossible):
        decide(cast, submitted, outcome)
    assert decisions(cast, submitted) == 0


@pytest.mark.parametrize("outcome", Outcome)
def test_decide_member_who_is_decided_already(cast: Cast, submitted: Case, outcome: Outcome) -> None:
    line.decide_all(cast, submitted.pk)
    with pytest.raises(StepNotPossible):
        decide(cast, submitted, outcome)
    assert decisions(cast, submitted) == 1
    with working_context(cast["narges"]):
        member = CaseMember.objects.get(case=submitted)
        assert (member.step, member.needs_director) == (MemberStep.APPROVED, False)
