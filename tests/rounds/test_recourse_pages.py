"""Pages of referrals and appeals: what each shows, to whom, and what a wrong form is told."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

import pytest

from khedmat.casework.actions import enter_case
from khedmat.casework.enums import AppealState, Outcome, ReferralReason, ReferralState
from khedmat.casework.models import Appeal, Case, Referral
from khedmat.casework.referrals import ask_referral, referral_by_id, revoke_referral
from khedmat.rounds.appealing import lodge_enrolment_appeal
from khedmat.rounds.enums import ReliefKind
from khedmat.rounds.relief import ask_relief, grant_relief
from khedmat.vault.context import working_context
from tests import line
from tests.cast import Cast
from tests.files.samples import pdf
from tests.rounds.pages import arrived, browser, fresh, members, submitted

pytestmark = pytest.mark.django_db
GROUNDS = "کارت سال پیش را داریم."
# BEGIN and COMMIT are counted with them.
MOST_QUERIES = 14 + 2


@pytest.fixture
def opened(cast: Cast) -> Cast:
    line.open_round(cast)
    return cast


def refused(cast: Cast) -> tuple[Case, UUID]:
    case = submitted(cast, 1)
    line.decide_all(cast, case.pk, outcome=Outcome.REFUSE)
    return fresh(cast["narges"], case), members(cast["narges"], case)[0]


def appealed(cast: Cast) -> Appeal:
    case, member_id = refused(cast)
    with working_context(cast["narges"]):
        return lodge_enrolment_appeal(case.pk, member_id, GROUNDS, by=cast["narges"])


def exempt(cast: Cast) -> Case:
    """A family at the cashier's, a part of whose amount is waived."""
    case = line.take_application(cast, line.register(cast, size=1))
    with working_context(cast["narges"]):
        papers = {"support-letter": pdf()}
        asked = ask_relief(case.pk, ReliefKind.EXEMPTION, "vulnerable", GROUNDS, papers, by=cast["narges"])
    with working_context(cast["shirin"]):
        enter_case(case.pk, by=cast["shirin"])
        grant_relief(asked.pk, "مدرک دیده شد.", by=cast["shirin"])
    return case


def referral_to(cast: Cast, case: Case, place: str) -> Referral:
    with working_context(cast["narges"]):
        return ask_referral(
            case.pk, None, cast.places[place], ReferralReason.MOVED, "به ری رفته‌اند.", by=cast["narges"]
        )


def test_the_counter_takes_an_appeal_in(opened: Cast) -> None:
    case, member_id = refused(opened)
    clerk = browser(opened["narges"])
    assert "Take an appeal in" in clerk.get("case", case.pk).content.decode()
    answer = clerk.post("appeal-lodge", case.pk, data={"member": str(member_id), "grounds": ""})
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Write what the family says" in answer.content.decode()
    answer = clerk.post("appeal-lodge", case.pk, data={"member": str(member_id), "grounds": GROUNDS})
    assert answer.status_code == HTTPStatus.FOUND
    page = clerk.get("case", case.pk).content.decode()
    assert "Waits for a decision on the appeal" in page
    assert "Take an appeal in" not in page


def test_the_queue_of_appeals_names_nobody(opened: Cast) -> None:
    appeal = appealed(opened)
    officer = browser(opened["laleh"])
    for page in (officer.get("appeals"), officer.get("appeal", appeal.pk)):
        assert page.status_code == HTTPStatus.OK
        assert "رضایی" not in page.content.decode()
    assert browser(opened["sara"]).get("appeal", appeal.pk).status_code == HTTPStatus.NOT_FOUND


def test_the_officer_who_refused_is_told_why_another_decides(opened: Cast) -> None:
    appeal = appealed(opened)
    officer = browser(opened["bahram"])
    page = officer.get("appeal", appeal.pk).content.decode()
    assert "another officer decides it" in page
    assert 'id="decision"' not in page
    answer = officer.post("appeal-decide", appeal.pk, data={"outcome": "upheld", "reason": "x"})
    assert answer.status_code == HTTPStatus.FORBIDDEN


def test_another_officer_upholds_with_a_reason(opened: Cast) -> None:
    appeal = appealed(opened)
    officer = browser(opened["laleh"])
    officer.post("appeal-take", appeal.pk)
    page = officer.get("appeal", appeal.pk).content.decode()
    assert GROUNDS in page
    answer = officer.post("appeal-decide", appeal.pk, data={"outcome": "upheld", "reason": ""})
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    answer = officer.post("appeal-decide", appeal.pk, data={"outcome": "upheld", "reason": "مدرک دیده شد."})
    assert answer.status_code == HTTPStatus.FOUND
    assert "Upheld" in officer.get("appeal", appeal.pk).content.decode()
    assert "Back under review after an appeal" in browser(opened["narges"]).get("case", appeal.case_id).content.decode()


def test_pages_of_recourse_ask_few_queries(
    transactional_db: None, opened: Cast, django_assert_max_num_queries: Any
) -> None:
    appeal = appealed(opened)
    officer, clerk = browser(opened["laleh"]), browser(opened["narges"])
    officer.post("appeal-take", appeal.pk)
    for who, name, values in (
        (officer, "appeal", [appeal.pk]),
        (officer, "appeals", []),
        (clerk, "appeal-lodge", [appeal.case_id]),
        (clerk, "referrals", []),
    ):
        with django_assert_max_num_queries(MOST_QUERIES, info=name):
            who.get(name, *values)


@pytest.mark.parametrize("page", ["case", "review", "evaluation"])
def test_pages_of_a_case_with_exemption_referral_and_appeal_ask_no_more(
    transactional_db: None, opened: Cast, django_assert_max_num_queries: Any, page: str
) -> None:
    case = exempt(opened)
    line.pay(opened, case)
    with working_context(opened["narges"]):
        revoke_referral(referral_to(opened, case, "rey").pk, by=opened["narges"])
    line.submit(opened, case.pk)
    line.decide_all(opened, case.pk, outcome=Outcome.REFUSE)
    with working_context(opened["narges"]):
        enter_case(case.pk, by=opened["narges"])
        (member_id,) = case.members.values_list("pk", flat=True)
        lodge_enrolment_appeal(case.pk, member_id, GROUNDS, by=opened["narges"])
    reader = browser(opened["narges" if page == "case" else "bahram"])
    with django_assert_max_num_queries(15 + len(("BEGIN", "COMMIT"))):
        assert reader.get(page, case.pk).status_code == HTTPStatus.OK


def test_the_family_withdraws_its_appeal_at_the_counter(opened: Cast) -> None:
    appeal = appealed(opened)
    browser(opened["narges"]).post("appeal-withdraw", appeal.pk)
    with working_context(opened["narges"]):
        assert Appeal.objects.get().state == AppealState.WITHDRAWN


def test_a_case_goes_to_another_office_with_the_familys_knowledge(opened: Cast) -> None:
    case = arrived(opened, 1)
    clerk = browser(opened["narges"])
    rey = str(opened.places["rey"].pk)
    sent = {"place": rey, "reason": "moved", "note": "", "version": str(case.version)}
    answer = clerk.post("refer", case.pk, data=sent)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Ask the family first" in answer.content.decode()
    answer = clerk.post("refer", case.pk, data={**sent, "is_known": "on"})
    assert answer.status_code == HTTPStatus.FOUND
    assert "Waits for an answer" in clerk.get("case", case.pk).content.decode()

    other = browser(opened["omid"])
    with working_context(opened["omid"]):
        referral = Referral.objects.get()
    for page in (other.get("referrals"), other.get("referral", referral.pk)):
        assert case.number in page.content.decode()
        assert "رضایی" not in page.content.decode()
    answer = other.post("referral-accept", referral.pk)
    assert answer.url == f"/cases/{case.pk}/"
    assert "رضایی" in other.get("case", case.pk).content.decode()
    assert clerk.get("case", case.pk).status_code == HTTPStatus.NOT_FOUND


def test_a_province_chooses_the_office_that_takes_it_over(opened: Cast) -> None:
    referral = referral_to(opened, submitted(opened, 1), "khorasan")
    officer = browser(opened["sara"])
    assert officer.post("referral-accept", referral.pk).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    answer = officer.post("referral-accept", referral.pk, data={"office": str(opened.places["mashhad"].pk)})
    assert answer.url == f"/review/{referral.case_id}/"
    assert officer.get("review", referral.case_id).status_code == HTTPStatus.OK


def test_a_note_is_read_with_the_case_alone(opened: Cast) -> None:
    referral = referral_to(opened, arrived(opened, 1), "rey")
    assert "به ری رفته‌اند." not in browser(opened["omid"]).get("referral", referral.pk).content.decode()
    assert "به ری رفته‌اند." in browser(opened["narges"]).get("referral", referral.pk).content.decode()


def test_sent_back_with_a_reason_and_taken_back(opened: Cast) -> None:
    case = arrived(opened, 1)
    referral = referral_to(opened, case, "rey")
    other = browser(opened["reza"])
    assert other.post("referral-return", referral.pk).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    other.post("referral-return", referral.pk, data={"answer": "ظرفیت پر است."})
    assert "ظرفیت پر است." in browser(opened["narges"]).get("case", case.pk).content.decode()
    again = referral_to(opened, case, "rey")
    browser(opened["narges"]).post("referral-revoke", again.pk)
    with working_context(opened["narges"]):
        assert referral_by_id(again.pk).state == ReferralState.REVOKED
