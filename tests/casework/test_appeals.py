"""Appeals: always taken in, decided by another officer, and what follows."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from khedmat.accounts.errors import PermissionMissing, RecordNotVisible
from khedmat.audit.models import Entry
from khedmat.casework import recourse_listeners
from khedmat.casework.actions import enter_case
from khedmat.casework.appeal_terms import appeal_due_on
from khedmat.casework.appeals import (
    appeals_in_reach,
    decide_appeal,
    lodge_appeal,
    open_appeal,
    take_appeal,
    withdraw_appeal,
)
from khedmat.casework.enums import AppealState, CaseStep, MemberStep
from khedmat.casework.errors import (
    AnotherOfficerDecides,
    AppealAlreadyOpen,
    AppealEnded,
    AppealNotPossible,
    DirectorDecidesAppeal,
    ReasonMissing,
)
from khedmat.casework.models import Appeal, Case, CaseMember, Decision
from khedmat.casework.standards import DEFAULT, Standard, _standards
from khedmat.common.actor import Actor
from khedmat.places.calendar import working_days_between
from khedmat.places.selectors import holidays_for
from khedmat.vault.context import working_context
from tests.casework.recourse import GROUNDS, UPHELD, appealed, refused
from tests.cast import Cast
from tests.changes.test_races import at_once
from tests.factories import PROGRAMME

pytestmark = pytest.mark.django_db


def decide(appeal: Appeal, by: Actor, *, is_upheld: bool = True, reason: str = UPHELD) -> Appeal:
    with working_context(by):
        return decide_appeal(appeal.pk, is_upheld=is_upheld, reason=reason, rule_outcomes={}, by=by)


def stands(appeal: Appeal, by: Actor) -> tuple[str, str, str]:
    """Steps of the case and of the member, and the appeal's state."""
    with working_context(by):
        found = open_appeal(appeal.pk, by=by)
        return found.case.step, found.member.step, found.state


def test_upheld_by_another_officer_the_member_is_approved(cast: Cast) -> None:
    appeal = appealed(cast["narges"], cast["bahram"])
    assert stands(appeal, cast["laleh"]) == (CaseStep.CLOSED, MemberStep.REFUSED, AppealState.OPEN)
    decide(appeal, cast["laleh"])
    assert stands(appeal, cast["laleh"]) == (CaseStep.UNDER_REVIEW, MemberStep.APPROVED, AppealState.UPHELD)
    with working_context(cast["laleh"]):
        last = Decision.objects.order_by("-decided_at")[0]
        assert (last.decided_by, last.reason) == (cast["laleh"].user_id, UPHELD)
        acts = list(Entry.objects.filter(case_id=appeal.case_id).order_by("-id").values_list("action", flat=True)[:4])
    assert acts == ["member.approved", "member.appeal-upheld", "case.reopened", "appeal.upheld"]


def test_dismissed_the_refusal_stands(cast: Cast) -> None:
    appeal = appealed(cast["narges"], cast["bahram"])
    decide(appeal, cast["laleh"], is_upheld=False, reason="مدرک تازه‌ای نبود.")
    assert stands(appeal, cast["narges"]) == (CaseStep.CLOSED, MemberStep.REFUSED, AppealState.DISMISSED)
    with pytest.raises(AppealEnded):
        decide(appeal, cast["director"])


def test_nobody_decides_against_their_own_decision(cast: Cast, raw: Any) -> None:
    appeal = appealed(cast["narges"], cast["bahram"])
    with pytest.raises(AnotherOfficerDecides):
        decide(appeal, cast["bahram"])
    with pytest.raises(AnotherOfficerDecides):
        _take(appeal, cast["bahram"])
    with working_context(cast["bahram"]):
        open_appeal(appeal.pk, by=cast["bahram"])
        with pytest.raises(IntegrityError, match="another_officer_decides_the_appeal"), transaction.atomic():
            raw.execute(
                "UPDATE casework_appeal SET state = 'dismissed', reason = grounds, ended_at = now(), ended_by = %s",
                [cast["bahram"].user_id],
            )


def test_no_appeal_names_another_officer_than_who_decided(cast: Cast, raw: Any) -> None:
    case, member_id = refused(cast["narges"], cast["bahram"])
    with working_context(cast["narges"]):
        appeal = lodge_appeal(case.pk, member_id, GROUNDS, by=cast["narges"])
        withdraw_appeal(appeal.pk, by=cast["narges"])
        # Keys are checked at the commit; here at once.
        raw.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(IntegrityError, match="appeal_names_who_decided"), transaction.atomic():
            raw.execute(
                "INSERT INTO casework_appeal (id, household_id, case_id, member_id, decision_id, appealed_officer_id, "
                "grounds, is_late, is_for_director, lodged_on, due_on, lodged_by, state) SELECT gen_random_uuid(), "
                "household_id, case_id, member_id, decision_id, %s, grounds, false, false, lodged_on, due_on, "
                "lodged_by, 'open' FROM casework_appeal",
                [cast["laleh"].user_id],
            )


def _take(appeal: Appeal, by: Actor) -> Appeal:
    with working_context(by):
        return take_appeal(appeal.pk, by=by)


def test_a_late_appeal_is_taken_in_and_goes_to_the_director(cast: Cast) -> None:
    case, member_id = refused(cast["narges"], cast["bahram"])
    with working_context(cast["narges"]):
        late = timezone.localdate() + timedelta(days=60)
        appeal = lodge_appeal(case.pk, member_id, GROUNDS, by=cast["narges"], today=late)
    assert appeal.is_late
    with pytest.raises(DirectorDecidesAppeal):
        decide(appeal, cast["laleh"])
    assert decide(appeal, cast["director"]).state == AppealState.UPHELD


def test_against_the_directors_own_decision_an_officer_decides_even_late(cast: Cast) -> None:
    case, member_id = refused(cast["narges"], cast["director"], needs_director=True)
    with working_context(cast["narges"]):
        late = timezone.localdate() + timedelta(days=60)
        appeal = lodge_appeal(case.pk, member_id, GROUNDS, by=cast["narges"], today=late)
    with pytest.raises(AnotherOfficerDecides):
        decide(appeal, cast["director"])
    decide(appeal, cast["laleh"])
    assert stands(appeal, cast["laleh"])[1] == MemberStep.APPROVED


def test_only_a_refusal_that_stands_is_appealed_once_at_a_time(cast: Cast) -> None:
    appeal = appealed(cast["narges"], cast["bahram"])
    with working_context(cast["narges"]):
        with pytest.raises(AppealAlreadyOpen), transaction.atomic():
            lodge_appeal(appeal.case_id, appeal.member_id, GROUNDS, by=cast["narges"])
        with pytest.raises(ReasonMissing), transaction.atomic():
            lodge_appeal(appeal.case_id, appeal.member_id, "  ", by=cast["narges"])
    decide(appeal, cast["laleh"])
    with working_context(cast["narges"]), pytest.raises(AppealNotPossible):
        lodge_appeal(appeal.case_id, appeal.member_id, GROUNDS, by=cast["narges"])


def test_the_family_withdraws_an_appeal_in_one_step(cast: Cast) -> None:
    appeal = appealed(cast["narges"], cast["bahram"])
    _take(appeal, cast["laleh"])
    with working_context(cast["narges"]):
        withdraw_appeal(appeal.pk, by=cast["narges"])
    assert stands(appeal, cast["narges"]) == (CaseStep.CLOSED, MemberStep.REFUSED, AppealState.WITHDRAWN)
    with pytest.raises(AppealEnded):
        decide(appeal, cast["laleh"])


def test_the_queue_has_numbers_and_whose_it_may_not_be(cast: Cast) -> None:
    appeal = appealed(cast["narges"], cast["bahram"])
    appealed(cast["mina"], cast["sara"])
    _take(appeal, cast["laleh"])
    for name, is_own in (("bahram", True), ("laleh", False), ("director", False)):
        with working_context(cast[name]):
            (row,) = appeals_in_reach()
        assert (row.appeal_id, row.is_against_me, row.officer_id) == (appeal.pk, is_own, cast["laleh"].user_id)
    with working_context(cast["narges"]):
        assert appeals_in_reach() == []


def test_roles_and_places_without_business_get_nowhere(cast: Cast) -> None:
    appeal = appealed(cast["narges"], cast["bahram"])
    for name in ("omid", "mina", "sara", "kamran"):
        with pytest.raises(RecordNotVisible), working_context(cast[name]):
            open_appeal(appeal.pk, by=cast[name])
    with pytest.raises(PermissionMissing):
        decide(appeal, cast["narges"])
    with working_context(cast["laleh"]), pytest.raises(PermissionMissing):
        lodge_appeal(appeal.case_id, appeal.member_id, GROUNDS, by=cast["laleh"])


def test_it_is_due_by_a_standard_of_its_own(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    appeal = appealed(cast["narges"], cast["bahram"])
    with working_context(cast["narges"]):
        case = Case.objects.get(pk=appeal.case_id)
        holidays = holidays_for(case.scope_id)
        assert working_days_between(appeal.lodged_on, appeal.due_on, holidays) == DEFAULT.appeal_standard_days
        monkeypatch.setitem(_standards, PROGRAMME, lambda case: Standard(appeal_standard_days=1))
        assert working_days_between(appeal.lodged_on, appeal_due_on(case, appeal.lodged_on), holidays) == 1


def test_listeners_hear_how_it_ended(cast: Cast) -> None:
    heard: list[tuple[str, UUID]] = []

    def listen(appeal: Appeal, by: Actor) -> None:
        heard.append((appeal.state, appeal.member_id))

    recourse_listeners.on_appeal_decided(listen)
    try:
        appeal = appealed(cast["narges"], cast["bahram"])
        decide(appeal, cast["laleh"])
    finally:
        recourse_listeners.forget(listen)
    assert heard == [("upheld", appeal.member_id)]


@pytest.mark.django_db(transaction=True)
def test_two_officers_decide_one_appeal(transactional_db: None, cast: Cast) -> None:
    appeal = appealed(cast["narges"], cast["bahram"])
    answers = at_once(
        lambda: decide(appeal, cast["laleh"]), lambda: decide(appeal, cast["director"], is_upheld=False, reason="نه.")
    )
    assert sorted(answers) == [AppealEnded.__name__, "done"]
    connection.close()
    case_step, member_step, state = stands(appeal, cast["laleh"])
    assert (state == AppealState.UPHELD) == (member_step == MemberStep.APPROVED) == (case_step == CaseStep.UNDER_REVIEW)


def test_an_appeal_holds_up_nobody_else(cast: Cast) -> None:
    case, member_id = refused(cast["narges"], cast["bahram"], size=2)
    with working_context(cast["narges"]):
        appeal = lodge_appeal(case.pk, member_id, GROUNDS, by=cast["narges"])
    decide(appeal, cast["laleh"])
    with working_context(cast["bahram"]):
        enter_case(case.pk, by=cast["bahram"])
        steps = sorted(CaseMember.objects.filter(case=case).values_list("step", flat=True))
    assert steps == [MemberStep.APPROVED, MemberStep.REFUSED]
