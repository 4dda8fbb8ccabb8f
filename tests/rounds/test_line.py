"""The whole line by actions: each person sees and does only their part."""

import pytest
from django.utils import timezone

from khedmat.audit.models import Entry
from khedmat.cards.models import Card
from khedmat.cards.selectors import anchor_jwk, current_verify_bundle
from khedmat.cards.verify_bundle import Outcome as CheckOutcome
from khedmat.cards.verify_bundle import check, open_bundle
from khedmat.casework.actions import enter_case
from khedmat.casework.enums import CaseStep, Outcome
from khedmat.casework.errors import CaseChangedByAnother, OwnCase, StepNotPossible
from khedmat.casework.models import Case, CaseMember
from khedmat.rounds.enrolment import decide, resubmit_member, withdraw_enrolment
from khedmat.vault.context import working_context
from khedmat.vault.cose import SigningKey
from khedmat.vault.keyring import read_key
from tests import line
from tests.cast import Cast


@pytest.fixture
def opened(cast: Cast) -> Cast:
    line.open_round(cast)
    return cast


def test_family_of_five_reaches_closed_case(opened: Cast) -> None:
    case = line.whole_line(opened)
    assert case.step == CaseStep.CLOSED


def test_card_of_the_line_is_valid_offline(opened: Cast, settings: object) -> None:
    case = line.whole_line(opened)
    with working_context(opened["narges"]):
        token = Card.objects.filter(case=case).first().token  # type: ignore[union-attr]
    anchor = SigningKey.from_pem(read_key(settings.KHEDMAT_KEYS_DIR, "anchor.pem"))  # type: ignore[attr-defined]
    bundle = open_bundle(current_verify_bundle(), {anchor.kid: anchor.public})
    assert check(token, bundle, int(timezone.now().timestamp())).outcome == CheckOutcome.VALID
    assert anchor_jwk()["crv"] == "P-256"


def test_one_refusal_does_not_hold_up_the_others(opened: Cast) -> None:
    case = line.take_application(opened, line.register(opened))
    line.pay(opened, case)
    line.submit(opened, case.pk)
    bahram = opened["bahram"]
    with working_context(bahram):
        enter_case(case.pk, by=bahram)
        from khedmat.casework.actions import take_for_review

        take_for_review(case.pk, by=bahram)
        members = list(CaseMember.objects.filter(case=case))
        for number, member in enumerate(members):
            version = Case.objects.get(pk=case.pk).version
            outcome = Outcome.REFUSE if number == 0 else Outcome.APPROVE
            decide(case.pk, version, member.pk, outcome, line.REASON, by=bahram)
    batch = line.print_cards(opened)
    assert batch.card_count == 4


@pytest.mark.parametrize("outcome", [Outcome.REFUSE, Outcome.APPROVE])
def test_the_counter_sends_again_only_who_was_returned(opened: Cast, outcome: Outcome) -> None:
    case = line.take_application(opened, line.register(opened, size=2))
    line.pay(opened, case)
    line.submit(opened, case.pk)
    line.decide_all(opened, case.pk, outcome=outcome)
    if outcome == Outcome.APPROVE:
        line.print_cards(opened)
    narges = opened["narges"]
    with working_context(narges):
        enter_case(case.pk, by=narges)
        member, version = CaseMember.objects.filter(case=case)[0], Case.objects.get(pk=case.pk).version
        with pytest.raises(StepNotPossible):
            resubmit_member(case.pk, version, member.pk, by=narges)


def test_second_writer_sees_what_changed(opened: Cast) -> None:
    case = line.take_application(opened, line.register(opened))
    line.pay(opened, case)
    line.submit(opened, case.pk)
    line.decide_all(opened, case.pk)
    laleh = opened["laleh"]
    with working_context(laleh):
        enter_case(case.pk, by=laleh)
        member = CaseMember.objects.filter(case=case).first()
        assert member is not None
        with pytest.raises(CaseChangedByAnother) as caught:
            decide(case.pk, 1, member.pk, Outcome.APPROVE, line.REASON, by=laleh)
    assert any(change.action == "member.approved" for change in caught.value.changes)


def test_withdrawn_case_stays_withdrawn(opened: Cast) -> None:
    case = line.take_application(opened, line.register(opened))
    narges = opened["narges"]
    with working_context(narges):
        withdrawn = withdraw_enrolment(case.pk, case.version, by=narges)
        assert withdrawn.step == CaseStep.WITHDRAWN
        with pytest.raises(StepNotPossible):
            withdraw_enrolment(case.pk, withdrawn.version, by=narges)


def test_nobody_decides_their_own_case(opened: Cast) -> None:
    from dataclasses import replace

    case = line.take_application(opened, line.register(opened))
    line.pay(opened, case)
    line.submit(opened, case.pk)
    officer = replace(opened["bahram"], user_id=opened["narges"].user_id)
    with working_context(officer):
        enter_case(case.pk, by=officer)
        member = CaseMember.objects.filter(case=case).first()
        assert member is not None
        with pytest.raises(OwnCase):
            decide(case.pk, Case.objects.get(pk=case.pk).version, member.pk, Outcome.APPROVE, "x", by=officer)


def test_every_step_leaves_one_audit_row(opened: Cast) -> None:
    case = line.whole_line(opened)
    with working_context(opened["narges"]):
        acts = list(Entry.objects.filter(case_id=case.pk).values_list("action", flat=True))
    assert acts.count("case.submitted") == 1
    assert acts.count("member.approved") == 5
    assert acts.count("card.handed-over") == 5
    assert acts.count("case.closed") == 1
