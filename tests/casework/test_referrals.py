"""A case goes to another office or province: who asks, who answers, who sees what."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from khedmat.accounts.errors import PermissionMissing, RecordNotVisible
from khedmat.audit.models import Entry
from khedmat.casework import recourse_listeners
from khedmat.casework.actions import enter_case, withdraw_case
from khedmat.casework.enums import CaseStep, ReferralReason, ReferralState
from khedmat.casework.errors import (
    AlreadyReferred,
    CannotBeReferred,
    CaseChangedByAnother,
    NotAPlaceToReferTo,
    ReasonMissing,
    ReferralEnded,
)
from khedmat.casework.models import Case, CaseMember, Referral
from khedmat.casework.referrals import (
    accept_referral,
    ask_referral,
    referral_by_id,
    referred,
    return_referral,
    revoke_referral,
)
from khedmat.common.actor import Actor
from khedmat.registry.models import Household, Person
from khedmat.vault.context import working_context
from tests.casework.recourse import arrived, asked, submitted
from tests.cast import Cast
from tests.changes.test_races import at_once
from tests.factories import advance, charge_for, pay

pytestmark = pytest.mark.django_db


def visible_cases(actor: Actor) -> list[Any]:
    with working_context(actor):
        return list(Case.objects.values_list("pk", flat=True))


def people_seen(actor: Actor) -> int:
    with working_context(actor):
        return Person.objects.count()


def test_the_other_office_accepts_and_has_the_case_alone(cast: Cast) -> None:
    case = arrived(cast["narges"])
    referral = asked(cast["narges"], case, cast.places["rey"])
    assert visible_cases(cast["omid"]) == []
    with working_context(cast["omid"]):
        (waiting,) = referred(by=cast["omid"]).to_answer
        assert (waiting.case_number, waiting.member_count) == (case.number, 2)
    with pytest.raises(RecordNotVisible), working_context(cast["omid"]):
        enter_case(case.pk, by=cast["omid"])
    assert people_seen(cast["omid"]) == 0

    with working_context(cast["omid"]):
        assert accept_referral(referral.pk, by=cast["omid"]).state == ReferralState.ACCEPTED
        assert Person.objects.count() == 0
        enter_case(case.pk, by=cast["omid"])
        assert CaseMember.objects.filter(case=case).count() == 2
        acts = set(Entry.objects.filter(case_id=case.pk).values_list("action", flat=True))
    assert {"case.referred", "case.referral-accepted"} <= acts
    assert visible_cases(cast["narges"]) == []
    assert people_seen(cast["narges"]) == 0
    with working_context(cast["bahram"]):
        moved = Case.objects.get(pk=case.pk)
        assert (moved.scope, moved.province) == (cast.places["rey"], cast.places["tehran"])


def test_the_other_province_takes_the_family_with_the_case(cast: Cast) -> None:
    case = submitted(cast["narges"])
    referral = asked(cast["narges"], case, cast.places["khorasan"])
    with working_context(cast["mina"]):
        assert not Referral.objects.exists()
    with working_context(cast["sara"]), pytest.raises(NotAPlaceToReferTo), transaction.atomic():
        accept_referral(referral.pk, cast.places["rey"], by=cast["sara"])
    with working_context(cast["sara"]):
        accept_referral(referral.pk, cast.places["mashhad"], by=cast["sara"])
        moved, household = Case.objects.get(pk=case.pk), Household.objects.get()
    assert (moved.scope, moved.province) == (cast.places["mashhad"], cast.places["khorasan"])
    assert household.province == cast.places["khorasan"]
    assert visible_cases(cast["bahram"]) == visible_cases(cast["narges"]) == []
    assert people_seen(cast["narges"]) == 0
    with working_context(cast["mina"]):
        enter_case(case.pk, by=cast["mina"])
        assert Household.objects.get() == household


def test_who_may_not_answer(cast: Cast) -> None:
    referral = asked(cast["narges"], arrived(cast["narges"]), cast.places["rey"])
    for name in ("narges", "bahram", "mina", "sara"):
        with pytest.raises(RecordNotVisible), working_context(cast[name]):
            accept_referral(referral.pk, by=cast[name])
        with pytest.raises(RecordNotVisible), working_context(cast[name]):
            return_referral(referral.pk, "نه.", by=cast[name])
    with working_context(cast["ladan"]), pytest.raises(PermissionMissing):
        accept_referral(referral.pk, by=cast["ladan"])


def test_returned_with_a_reason_it_stays_and_may_be_asked_again(cast: Cast) -> None:
    case = arrived(cast["narges"])
    referral = asked(cast["narges"], case, cast.places["rey"])
    with working_context(cast["reza"]):
        with pytest.raises(ReasonMissing), transaction.atomic():
            return_referral(referral.pk, " ", by=cast["reza"])
        return_referral(referral.pk, "ظرفیت این هفته پر است.", by=cast["reza"])
    with working_context(cast["narges"]):
        assert referral_by_id(referral.pk).answer == "ظرفیت این هفته پر است."
        assert Entry.objects.filter(case_id=case.pk, action="case.referral-returned").count() == 1
    assert visible_cases(cast["narges"]) == [case.pk]
    asked(cast["narges"], case, cast.places["rey"])


def test_a_case_has_one_open_referral(cast: Cast) -> None:
    case = arrived(cast["narges"])
    asked(cast["narges"], case, cast.places["rey"])
    with pytest.raises(AlreadyReferred):
        asked(cast["zahra"], case, cast.places["khorasan"])


def test_it_goes_nowhere_that_is_no_other_place(cast: Cast) -> None:
    case = arrived(cast["narges"])
    for place in ("shahriar", "tehran", "nation", "mashhad"):
        with pytest.raises(NotAPlaceToReferTo):
            asked(cast["narges"], case, cast.places[place])
    with pytest.raises(RecordNotVisible):
        asked(cast["omid"], case, cast.places["rey"])


def test_while_an_amount_is_open_the_family_pays_first(cast: Cast) -> None:
    case = arrived(cast["narges"])
    referral = asked(cast["narges"], case, cast.places["rey"])
    charge = charge_for(case, by=cast["narges"])
    with working_context(cast["omid"]), pytest.raises(CannotBeReferred), transaction.atomic():
        accept_referral(referral.pk, by=cast["omid"])
    pay(charge, by=cast["kamran"])
    with working_context(cast["omid"]):
        accept_referral(referral.pk, by=cast["omid"])
    with working_context(cast["kamran"]):
        charge.refresh_from_db()
        assert charge.scope == cast.places["shahriar"]


def test_while_its_amount_is_set_a_case_is_not_referred(cast: Cast) -> None:
    case = arrived(cast["narges"])
    advance(case, CaseStep.PAPERS_CHECKED, CaseStep.PHOTOGRAPHED, by=cast["narges"])
    with pytest.raises(CannotBeReferred):
        asked(cast["narges"], case, cast.places["rey"])


def test_with_the_case_the_family_withdraws_its_referral(cast: Cast) -> None:
    case = arrived(cast["narges"])
    referral = asked(cast["narges"], case, cast.places["rey"])
    with working_context(cast["narges"]):
        withdraw_case(case.pk, Case.objects.get(pk=case.pk).version, by=cast["narges"])
        assert referral_by_id(referral.pk).state == ReferralState.REVOKED


def test_listeners_hear_each_answer(cast: Cast) -> None:
    heard: list[str] = []

    def listen(referral: Referral, by: Actor) -> None:
        heard.append(referral.state)

    recourse_listeners.on_referral_answered(listen)
    try:
        case = arrived(cast["narges"])
        acts: list[tuple[str, Callable[..., Referral]]] = [
            ("reza", partial(return_referral, answer="نه.")),
            ("bahram", revoke_referral),
            ("omid", accept_referral),
        ]
        for name, act in acts:
            referral = asked(cast["narges"], case, cast.places["rey"])
            with working_context(cast[name]):
                act(referral.pk, by=cast[name])
    finally:
        recourse_listeners.forget(listen)
    assert heard == ["returned", "revoked", "accepted"]


def test_the_app_itself_moves_no_case_and_asks_for_no_foreign_one(cast: Cast, raw: Any) -> None:
    case = arrived(cast["narges"])
    foreign = arrived(cast["mina"])
    referral = asked(cast["narges"], case, cast.places["rey"])
    answered = "UPDATE casework_referral SET state = 'accepted', answered_at = now(), answered_by = %s"
    attempts = [
        ("UPDATE casework_case SET scope_id = %s WHERE id = %s", [cast.places["rey"].pk, case.pk]),
        (answered, [cast["omid"].user_id]),
        (
            "INSERT INTO casework_referral (id, case_id, case_number, member_count, from_scope_id, to_scope_id, kind, "
            "reason, state, asked_by) SELECT gen_random_uuid(), %s, %s, 2, from_scope_id, to_scope_id, kind, reason, "
            "'open', asked_by FROM casework_referral",
            [foreign.pk, foreign.number],
        ),
    ]
    for actor, (statement, values) in zip((cast["narges"], cast["omid"], cast["narges"]), attempts, strict=True):
        with working_context(actor), pytest.raises(DatabaseError, match=r"policy|denied"), transaction.atomic():
            raw.execute(statement, values)
    with working_context(cast["narges"]):
        assert referral_by_id(referral.pk).state == ReferralState.OPEN


@pytest.mark.django_db(transaction=True)
def test_accepted_or_taken_back_one_wins(transactional_db: None, cast: Cast) -> None:
    case = arrived(cast["narges"])
    for _again in range(3):
        referral = asked(cast["narges"], case, cast.places["rey"])
        accept, revoke = partial(accept_referral, referral.pk), partial(revoke_referral, referral.pk)
        answers = at_once(partial(_act, accept, cast["omid"]), partial(_act, revoke, cast["narges"]))
        assert sorted(answers) == [ReferralEnded.__name__, "done"]
        with working_context(cast["bahram"]):
            is_accepted = referral_by_id(referral.pk).state == ReferralState.ACCEPTED
            assert (Case.objects.get(pk=case.pk).scope == cast.places["rey"]) == is_accepted
        if is_accepted:
            break


def _act(act: Callable[..., object], actor: Actor) -> None:
    with working_context(actor):
        act(by=actor)


def test_asked_with_a_stale_page_is_told(cast: Cast) -> None:
    case = arrived(cast["narges"])
    with working_context(cast["narges"]), pytest.raises(CaseChangedByAnother):
        ask_referral(case.pk, 1, cast.places["rey"], ReferralReason.ASKED, by=cast["narges"])
