"""Letters that come into being by themselves: once, in the transaction of what they tell, whoever's act it is."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from khedmat.cards.actions import extend_validity
from khedmat.casework.actions import enter_case, take_for_review
from khedmat.casework.appeals import decide_appeal, lodge_appeal, open_appeal
from khedmat.casework.bulk import Draft, choose_cases, decide_bulk, draft_case, see_case
from khedmat.casework.enums import Outcome
from khedmat.casework.models import Case, CaseMember
from khedmat.casework.referrals import accept_referral
from khedmat.notices import actions as notices
from khedmat.notices.enums import LetterKind
from khedmat.notices.errors import LetterTextMissing
from khedmat.notices.models import Letter
from khedmat.rounds.enrolment import decide, decide_each
from khedmat.rounds.letters import make_case_letter
from tests import line
from tests.browsers import SignIn
from tests.casework.recourse import asked
from tests.cast import Cast
from tests.rounds.test_letters import words_in
from tests.rounds.test_review_pages import MOST_QUERIES

WHY = "کارت دورهٔ پیش ارائه نشد."


@pytest.fixture
def case(cast: Cast) -> Case:
    """A family of two before the officer, taken in hand."""
    line.open_round(cast)
    return submitted(cast)


def submitted(cast: Cast, *, cards_from: int = 4411830, receipt: str = "1001") -> Case:
    case = line.take_application(cast, line.register(cast, cards_from=cards_from, size=2))
    line.pay(cast, case, receipt=receipt)
    return line.submit(cast, case.pk)


def in_hand(case: Case, cast: Cast) -> list[UUID]:
    enter_case(case.pk, by=cast["bahram"])
    take_for_review(case.pk, by=cast["bahram"])
    return list(CaseMember.objects.filter(case=case).order_by("person__position").values_list("pk", flat=True))


def decided(case: Case, member: UUID, outcome: Outcome, cast: Cast) -> None:
    decide(case.pk, Case.objects.get(pk=case.pk).version, member, outcome, WHY, by=cast["bahram"])


def letters() -> list[tuple[str, str]]:
    return list(Letter.objects.order_by("serial").values_list("kind", "language"))


def test_a_family_is_told_of_approvals_once_all_are_decided(cast: Cast, case: Case, acting: Any) -> None:
    with acting(cast["bahram"]):
        first, second = in_hand(case, cast)
        decided(case, first, Outcome.APPROVE, cast)
        assert letters() == []
        decided(case, second, Outcome.APPROVE, cast)
        assert letters() == [("decision", "fa")]
        assert words_in(Letter.objects.get(), "fa").count(": تأیید شد") == 2


@pytest.mark.parametrize("outcome", [Outcome.REFUSE, Outcome.RETURN])
def test_a_family_is_told_at_once_of_what_has_a_last_day(cast: Cast, case: Case, acting: Any, outcome: Outcome) -> None:
    with acting(cast["bahram"]):
        first, second = in_hand(case, cast)
        decided(case, first, outcome, cast)
        said = words_in(Letter.objects.get(), "fa")
        assert WHY in said
        assert ("مهلت اعتراض" in said) == (outcome == Outcome.REFUSE)
        decided(case, second, Outcome.APPROVE, cast)
        assert letters() == [("decision", "fa")] * 2


def test_a_refusal_is_told_of_though_an_approval_of_the_same_act_came_after_it(
    cast: Cast, case: Case, acting: Any
) -> None:
    with acting(cast["bahram"]):
        first, second = in_hand(case, cast)
        version = Case.objects.get(pk=case.pk).version
        each = [(first, Outcome.REFUSE, WHY), (second, Outcome.APPROVE, line.REASON)]
        decide_each(case.pk, version, each, by=cast["bahram"])
        assert letters() == [("decision", "fa")]


def test_one_sent_on_to_the_director_is_told_of_nothing(cast: Cast, case: Case, acting: Any) -> None:
    with acting(cast["bahram"]):
        first, _second = in_hand(case, cast)
        decided(case, first, Outcome.REFER, cast)
        assert letters() == []


def test_the_family_s_last_language_is_taken(cast: Cast, case: Case, acting: Any) -> None:
    with acting(cast["narges"]):
        make_case_letter(case.pk, LetterKind.RECEIPT, "ps", by=cast["narges"])
    line.decide_all(cast, case.pk)
    with acting(cast["narges"]):
        assert letters() == [("receipt", "ps"), ("decision", "ps")]
        again = make_case_letter(case.pk, LetterKind.DECISION, "ps", by=cast["narges"])
        assert (again.serial, Letter.objects.count()) == (2, 2)


def test_each_case_of_a_bulk_has_its_own_letter(cast: Cast, case: Case, acting: Any) -> None:
    cases = [case, submitted(cast, cards_from=5_500_000, receipt="1002")]
    officer = cast["bahram"]
    with acting(officer):
        bulk = choose_cases([one.pk for one in cases], by=officer)
        for one in cases:
            seen = see_case(bulk.pk, one.pk, by=officer)
            members = CaseMember.objects.filter(case=one).values_list("pk", flat=True)
            drafts = [Draft(member, Outcome.APPROVE, line.REASON) for member in members]
            draft_case(bulk.pk, one.pk, seen.version, drafts, is_confirmed=True, by=officer)

        def each(case_id: UUID, version: int, drafts: Any) -> None:
            decide_each(case_id, version, [(one.member_id, one.outcome, one.reason) for one in drafts], by=officer)

        decide_bulk(bulk.pk, each, by=officer)
        told = Letter.objects.values_list("subject_id", flat=True)
        assert sorted(told) == sorted(one.pk for one in cases)


def test_an_upheld_appeal_is_answered_by_its_own_letter_alone(cast: Cast, case: Case, acting: Any) -> None:
    line.decide_all(cast, case.pk, outcome=Outcome.REFUSE)
    with acting(cast["narges"]):
        member = CaseMember.objects.filter(case=case)[0]
        appeal = lodge_appeal(case.pk, member.pk, "کارت همراه است.", by=cast["narges"])
        before = letters()
    with acting(cast["laleh"]):
        open_appeal(appeal.pk, by=cast["laleh"])
        decide_appeal(appeal.pk, is_upheld=True, reason="برگه دیده شد.", rule_outcomes={}, by=cast["laleh"])
        assert letters() == [*before, ("appeal", "fa")]


def test_the_province_that_accepts_a_referral_writes_its_letter(cast: Cast, acting: Any) -> None:
    case = line.arrived(cast, size=2)
    referral = asked(cast["narges"], case, cast.places["khorasan"])
    with acting(cast["sara"]):
        accept_referral(referral.pk, cast.places["mashhad"], by=cast["sara"])
        assert letters() == [("referral", "fa")]


def test_at_an_office_the_letter_of_a_referral_waits_until_the_family_is_open(
    cast: Cast, acting: Any, as_staff: SignIn
) -> None:
    case = line.arrived(cast, size=2)
    referral = asked(cast["narges"], case, cast.places["rey"])
    with acting(cast["omid"]):
        accept_referral(referral.pk, by=cast["omid"])
    assert "Not written yet" in as_staff("omid").get(f"/cases/{case.pk}/letters/").content.decode()


def test_a_decision_does_not_fail_for_a_missing_text_and_its_letter_waits(
    cast: Cast, case: Case, acting: Any, as_staff: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(_kind: str) -> int:
        raise LetterTextMissing

    with monkeypatch.context() as without:
        without.setattr(notices, "newest_version", missing)
        line.decide_all(cast, case.pk)
    browser, address = as_staff("narges"), f"/cases/{case.pk}/letters/"
    assert "Not written yet" in browser.get(address).content.decode()
    page = browser.post(address, {"waiting": "1"}, follow=True).content.decode()
    assert "Not written yet" not in page
    with acting(cast["narges"]):
        assert letters() == [("decision", "fa")]


def test_an_extension_waits_in_each_case_with_a_card_until_its_family_comes(
    cast: Cast, acting: Any, as_staff: SignIn, django_assert_max_num_queries: Any
) -> None:
    line.open_round(cast)
    case = line.whole_line(cast)
    with acting(cast["manager"]):
        extend_validity(
            series=line.ROUND, until_on=date(2029, 1, 1), notice_number="1405/7", noticed_on=date(2026, 11, 1),
            by=cast["manager"],
        )  # fmt: skip
    browser, address = as_staff("narges"), f"/cases/{case.pk}/letters/"
    browser.get(address)
    with django_assert_max_num_queries(MOST_QUERIES):
        page = browser.get(address).content.decode()
    assert "Not written yet" in page
    browser.post(address, {"waiting": "1"})
    with acting(cast["narges"]):
        assert letters() == [("decision", "fa"), ("extension", "fa")]
