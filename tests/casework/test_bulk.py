"""Deciding together: what stops one case undoes nothing of another."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest

from khedmat.casework.actions import take_for_review, withdraw_case
from khedmat.casework.bulk import DECIDED, Draft, choose_cases, decide_bulk, draft_case, drafts_of, see_case
from khedmat.casework.drafts import expire_drafts
from khedmat.casework.enums import Outcome
from khedmat.casework.errors import BulkCaseNotSeen, CaseNotForBulk
from khedmat.casework.models import BulkSight, Case, CaseMember
from khedmat.common.actor import Actor
from khedmat.rounds.enrolment import decide_each
from khedmat.vault.context import working_context
from tests import line
from tests.casework.officers_work import draft_bulk
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def sent(cast: Cast, cards_from: int) -> Case:
    case = line.take_application(cast, line.register(cast, size=1, cards_from=cards_from))
    line.pay(cast, case, receipt=str(cards_from))
    return line.submit(cast, case.pk)


def decided(bulk_id: UUID, *, by: Actor) -> dict[str, str]:
    def decide(case_id: UUID, version: int, drafts: Sequence[Draft]) -> None:
        decide_each(case_id, version, [(one.member_id, one.outcome, one.reason) for one in drafts], by=by)

    with working_context(by):
        results: dict[str, str] = decide_bulk(bulk_id, decide, by=by).results
        return results


def test_a_case_that_was_withdrawn_meanwhile_holds_up_no_other(cast: Cast) -> None:
    line.open_round(cast)
    gone, stays = sent(cast, 4411830), sent(cast, 4511830)
    bulk_id = draft_bulk([gone.pk, stays.pk], line.REASON, by=cast["bahram"])
    with working_context(cast["narges"]):
        withdraw_case(gone.pk, Case.objects.get(pk=gone.pk).version, by=cast["narges"])
    assert decided(bulk_id, by=cast["bahram"]) == {str(gone.pk): CaseNotForBulk.code, str(stays.pk): DECIDED}


def test_a_case_that_another_took_before_it_was_seen_is_left(cast: Cast) -> None:
    line.open_round(cast)
    taken, stays = sent(cast, 4411830), sent(cast, 4511830)
    bahram, laleh = cast["bahram"], cast["laleh"]
    with working_context(bahram):
        bulk = choose_cases([taken.pk, stays.pk], by=bahram)
    with working_context(laleh):
        take_for_review(taken.pk, by=laleh)
    with pytest.raises(BulkCaseNotSeen):
        decided(bulk.pk, by=bahram)
    with working_context(bahram):
        case = see_case(bulk.pk, stays.pk, by=bahram)
        drafts = [Draft(CaseMember.objects.get(case=case).pk, Outcome.APPROVE, line.REASON)]
        draft_case(bulk.pk, case.pk, case.version, drafts, is_confirmed=False, by=bahram)
    assert decided(bulk.pk, by=bahram) == {str(taken.pk): CaseNotForBulk.code, str(stays.pk): DECIDED}


@pytest.mark.django_db(transaction=True)
def test_what_is_never_kept_together_is_gone_after_seven_days(cast: Cast, as_migrator: Any) -> None:
    line.open_round(cast)
    first, second = sent(cast, 4411830), sent(cast, 4511830)
    old = draft_bulk([first.pk], line.REASON, by=cast["bahram"])
    new = draft_bulk([second.pk], line.REASON, by=cast["bahram"])
    as_migrator.execute("UPDATE casework_bulksight SET seen_at = seen_at - interval '8 days' WHERE bulk_id = %s", [old])
    as_migrator.connection.commit()
    assert expire_drafts() == 1
    with working_context(cast["bahram"]):
        written = {sight.bulk_id: bool(drafts_of(sight)) for sight in BulkSight.objects.all()}
    assert written == {old: False, new: True}
