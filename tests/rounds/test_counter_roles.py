"""What is done at the counter asks for the counter's permission itself, whichever page or job calls it."""

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest

from khedmat.accounts.errors import PermissionMissing
from khedmat.casework.actions import enter_case, take_for_review
from khedmat.casework.enums import MemberStep, Outcome
from khedmat.casework.models import Case, CaseMember
from khedmat.common.actor import Actor
from khedmat.rounds import enrolment
from khedmat.vault.context import working_context
from tests import line
from tests.cast import Cast

pytestmark = pytest.mark.django_db

ACTS: dict[str, Callable[[UUID, int, UUID, Actor], object]] = {
    "mark papers": lambda case, version, _member, by: enrolment.mark_papers(case, version, [], by=by),
    "add a paper": lambda case, _version, _member, by: enrolment.add_paper(case, "x", None, b"", by=by),
    "add a portrait": lambda case, _version, member, by: enrolment.add_portrait(case, member, b"", by=by),
    "submit": lambda case, version, _member, by: enrolment.submit_enrolment(case, version, by=by),
    "resubmit": lambda case, version, member, by: enrolment.resubmit_member(case, version, member, by=by),
    "withdraw": lambda case, version, _member, by: enrolment.withdraw_enrolment(case, version, by=by),
}


@pytest.fixture
def returned(cast: Cast) -> tuple[Case, UUID]:
    """A case of one, whose member an officer has sent back: everything but submitting is possible there."""
    line.open_round(cast)
    case = line.take_application(cast, line.register(cast, size=1))
    line.pay(cast, case)
    line.submit(cast, case.pk)
    officer = cast["bahram"]
    with working_context(officer):
        enter_case(case.pk, by=officer)
        take_for_review(case.pk, by=officer)
        member = CaseMember.objects.get(case=case).pk
        enrolment.decide(case.pk, Case.objects.get(pk=case.pk).version, member, Outcome.RETURN, line.REASON, by=officer)
        return Case.objects.get(pk=case.pk), member


@pytest.mark.parametrize("name", ["bahram", "director", "kamran"])
@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS.keys())
def test_other_roles_do_nothing_at_the_counter(
    cast: Cast, returned: tuple[Case, UUID], name: str, act: Callable[[UUID, int, UUID, Actor], object]
) -> None:
    case, member = returned
    with working_context(cast[name]):
        with pytest.raises(PermissionMissing):
            act(case.pk, case.version, member, cast[name])
        assert Case.objects.get(pk=case.pk).version == case.version


def test_other_roles_start_nothing(cast: Cast) -> None:
    line.open_round(cast)
    with working_context(cast["bahram"]), pytest.raises(PermissionMissing):
        enrolment.start_enrolment(uuid4(), line.ROUND, by=cast["bahram"])


def test_the_clerk_sends_the_member_back(cast: Cast, returned: tuple[Case, UUID]) -> None:
    case, member = returned
    with working_context(cast["narges"]):
        enter_case(case.pk, by=cast["narges"])
        enrolment.resubmit_member(case.pk, case.version, member, by=cast["narges"])
        assert CaseMember.objects.get(pk=member).step == MemberStep.UNDER_REVIEW
