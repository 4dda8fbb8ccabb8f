"""The clerk's pages: what they show, and what a form may do."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from khedmat.audit.models import Entry
from khedmat.casework.actions import enter_case, take_for_review
from khedmat.casework.enums import CaseStep, MemberStep, Outcome
from khedmat.casework.lifecycle import CASE_TRANSITIONS, MEMBER_TRANSITIONS
from khedmat.casework.models import Case, CaseMember, PaperCheck
from khedmat.rounds.enrolment import decide
from khedmat.rounds.rules.expressions import FACT_NAMES
from khedmat.rounds.words import ACTS, FACTS
from khedmat.vault.context import working_context
from tests import line
from tests.cast import Cast
from tests.rounds.pages import Browser, arrived, browser, fresh, members, paid, photo, submitted

MOST_QUERIES = 15


@pytest.fixture
def opened(cast: Cast) -> Cast:
    line.open_round(cast)
    return cast


@pytest.fixture
def clerk(opened: Cast) -> Browser:
    return browser(opened["narges"])


def entries(who: Browser, case: Case, action: str) -> int:
    with working_context(who.actor):
        return Entry.objects.filter(case_id=case.pk, action=action).count()


def returned(cast: Cast, words: str = "Bring a clearer photograph.") -> Case:
    case, officer = submitted(cast, size=2), cast["bahram"]
    with working_context(officer):
        enter_case(case.pk, by=officer)
        case = take_for_review(case.pk, by=officer)
        member = CaseMember.objects.filter(case=case).order_by("person__position").first()
        assert member is not None
        return decide(case.pk, case.version, member.pk, Outcome.RETURN, words, by=officer)


def test_words_tell_every_act_of_the_lifecycle() -> None:
    acts = {transition.act for transition in (*CASE_TRANSITIONS, *MEMBER_TRANSITIONS)}
    assert acts - set(ACTS) == set()


def test_words_name_every_fact_a_rule_may_ask() -> None:
    assert set(FACTS) == set(FACT_NAMES)


def test_words_tell_what_a_whole_line_records(opened: Cast) -> None:
    case = line.whole_line(opened)
    quiet = {"household.read", "household.opened", "file.stored", "card.issued", "card.handed-over"}
    with working_context(opened["narges"]):
        recorded = set(Entry.objects.filter(case_id=case.pk).values_list("action", flat=True))
    assert recorded - quiet - set(ACTS) == set()


def test_household_page_offers_the_open_round_once(opened: Cast, clerk: Browser) -> None:
    household = line.register(opened)
    url = reverse("registry:household", args=[household.pk])
    assert "Take into Amayesh 18" in clerk.client.get(url, secure=True).content.decode()
    clerk.post("start", data={"household": household.pk, "round": line.ROUND})
    after = clerk.client.get(url, secure=True).content.decode()
    assert "Take into Amayesh 18" not in after
    assert "Amayesh 18" in after


def test_start_opens_the_case_of_the_family(opened: Cast, clerk: Browser) -> None:
    household = line.register(opened)
    answer = clerk.post("start", data={"household": household.pk, "round": line.ROUND})
    with working_context(clerk.actor):
        case = Case.objects.get(household=household.pk)
    assert answer["Location"] == reverse("rounds:case", args=[case.pk])


def test_start_twice_leads_back_to_the_family(opened: Cast, clerk: Browser) -> None:
    case = arrived(opened, size=1)
    answer = clerk.post("start", data={"household": case.household_id, "round": line.ROUND})
    assert answer["Location"] == reverse("registry:household", args=[case.household_id])


@pytest.mark.parametrize("household", ["", "nonsense", "17846307-11b8-4593-8cce-0e62b12c1af7"])
def test_start_of_a_family_not_open_to_the_clerk_is_stopped(clerk: Browser, household: str) -> None:
    answer = clerk.post("start", data={"household": household, "round": line.ROUND})
    assert answer.status_code in {HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT}


def test_start_by_another_province_finds_nothing(opened: Cast) -> None:
    household = line.register(opened)
    answer = browser(opened["mina"]).post("start", data={"household": household.pk, "round": line.ROUND})
    assert answer.status_code == HTTPStatus.NOT_FOUND


def test_case_page_shows_family_papers_and_amount(opened: Cast, clerk: Browser) -> None:
    page = clerk.get("case", arrived(opened).pk).content.decode()
    for expected in ("household of 5", "غلام‌سخی رضایی", "Zahra Rezai", "Last round&#x27;s card", "8,500,000"):
        assert expected in page


def test_case_page_is_read_once_in_the_record(opened: Cast, clerk: Browser) -> None:
    case = arrived(opened, size=1)
    clerk.get("case", case.pk)
    assert entries(clerk, case, "household.read") == 1


def test_case_page_of_another_office_says_nothing(opened: Cast) -> None:
    case = arrived(opened, size=1)
    other, absent = browser(opened["omid"]).get("case", case.pk), browser(opened["omid"]).get("case", uuid4())
    assert other.status_code == absent.status_code == HTTPStatus.NOT_FOUND
    assert str(other.context["error"]) == str(absent.context["error"])


@pytest.mark.parametrize("who", ["kamran", "bahram", "printer", "guardian"])
def test_case_page_is_the_clerks_alone(opened: Cast, who: str) -> None:
    assert browser(opened[who]).get("case", uuid4()).status_code == HTTPStatus.FORBIDDEN


def test_all_papers_seen_in_one_action(opened: Cast, clerk: Browser) -> None:
    case = arrived(opened)
    clerk.post("papers", case.pk, data={"version": case.version, "all": "1"})
    assert fresh(clerk.actor, case).step == CaseStep.PAPERS_CHECKED


def test_one_ticked_paper_is_seen_and_unknown_ones_are_not(opened: Cast, clerk: Browser) -> None:
    case = arrived(opened)
    first = members(clerk.actor, case)[0]
    seen = [f"last-round-card:{first}", f"last-round-card:{uuid4()}", "made-up:", "nonsense"]
    clerk.post("papers", case.pk, data={"version": case.version, "seen": seen})
    with working_context(clerk.actor):
        assert list(PaperCheck.objects.filter(case=case).values_list("member_id", flat=True)) == [first]


@pytest.mark.parametrize("data", [{}, {"version": ""}, {"version": "x"}, {"version": "-1"}])
def test_papers_without_a_version_change_nothing(opened: Cast, clerk: Browser, data: dict[str, str]) -> None:
    case = arrived(opened, size=1)
    answer = clerk.post("papers", case.pk, data={"all": "1", **data})
    assert answer.status_code == HTTPStatus.CONFLICT
    assert fresh(clerk.actor, case).step == CaseStep.ARRIVED


def test_papers_of_an_old_page_tell_who_did_what(opened: Cast, clerk: Browser) -> None:
    case = arrived(opened, size=1)
    clerk.post("papers", case.pk, data={"version": case.version, "all": "1"})
    answer = clerk.post("papers", case.pk, data={"version": case.version, "all": "1"})
    page = answer.content.decode()
    assert answer.status_code == HTTPStatus.CONFLICT
    assert "Narges Tavassoli" in page
    assert "All papers were seen" in page


def test_paper_picture_is_kept_and_counts_as_seen(opened: Cast, clerk: Browser) -> None:
    case = arrived(opened, size=1)
    key = f"last-round-card:{members(clerk.actor, case)[0]}"
    clerk.post("paper-picture", case.pk, data={"paper": key, "file": photo()})
    with working_context(clerk.actor):
        assert PaperCheck.objects.get(case=case).file is not None


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (SimpleUploadedFile("a.jpg", b"not a picture"), "This kind of file is not taken"),
        (None, "Choose a picture first."),
    ],
)
def test_paper_picture_refused_is_told_beside_its_paper(
    opened: Cast, clerk: Browser, file: SimpleUploadedFile | None, words: str
) -> None:
    case = arrived(opened, size=2)
    key = f"last-round-card:{members(clerk.actor, case)[1]}"
    answer = clerk.post("paper-picture", case.pk, data={"paper": key} | ({"file": file} if file else {}))
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert [(row.key, words in row.error) for row in answer.context["parts"].papers if row.error] == [(key, True)]


def test_portraits_of_the_whole_family_in_one_action(opened: Cast, clerk: Browser) -> None:
    case = arrived(opened)
    clerk.post("papers", case.pk, data={"version": case.version, "all": "1"})
    clerk.post("portraits", case.pk, data={"portraits": [photo(90 + step * 20) for step in range(5)]})
    with working_context(clerk.actor):
        made = CaseMember.objects.filter(case=case).order_by("person__position").values_list("portrait__created_at")
        times = [at for (at,) in made]
    assert times == sorted(times)
    assert fresh(clerk.actor, case).step == CaseStep.PHOTOGRAPHED


def test_portrait_of_one_member_goes_to_that_member(opened: Cast, clerk: Browser) -> None:
    case = arrived(opened, size=3)
    second = members(clerk.actor, case)[1]
    clerk.post("portraits", case.pk, data={f"portrait-{second}": photo()})
    with working_context(clerk.actor):
        assert list(CaseMember.objects.filter(case=case, portrait__isnull=False).values_list("pk", flat=True)) == [
            second
        ]


def test_portraits_that_do_not_match_the_family_are_not_guessed(opened: Cast, clerk: Browser) -> None:
    case = arrived(opened, size=3)
    answer = clerk.post("portraits", case.pk, data={"portraits": [photo(), photo(140)]})
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "You chose 2 photographs, but 3 are needed" in answer.content.decode()
    with working_context(clerk.actor):
        assert not CaseMember.objects.filter(case=case, portrait__isnull=False).exists()


def test_one_refused_portrait_does_not_lose_the_other(opened: Cast, clerk: Browser) -> None:
    case = arrived(opened, size=2)
    first, second = members(clerk.actor, case)
    broken = SimpleUploadedFile("face.jpg", b"nothing", content_type="image/jpeg")
    answer = clerk.post("portraits", case.pk, data={f"portrait-{first}": broken, f"portrait-{second}": photo()})
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert [bool(row.error) for row in answer.context["parts"].members] == [True, False]
    with working_context(clerk.actor):
        assert CaseMember.objects.get(pk=second).portrait_id is not None


def test_portrait_for_a_member_of_another_case_is_left_out(opened: Cast, clerk: Browser) -> None:
    case, other = arrived(opened, size=1), arrived(opened, size=1, cards_from=5511830)
    stranger = members(clerk.actor, other)[0]
    answer = clerk.post("portraits", case.pk, data={f"portrait-{stranger}": photo()})
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    with working_context(clerk.actor):
        assert CaseMember.objects.get(pk=stranger).portrait_id is None


def test_submit_sends_a_paid_case(opened: Cast, clerk: Browser) -> None:
    case = paid(opened, size=1)
    clerk.post("submit", case.pk, data={"version": case.version})
    assert fresh(clerk.actor, case).step == CaseStep.SUBMITTED


def test_submit_before_payment_is_stopped(opened: Cast, clerk: Browser) -> None:
    case = arrived(opened, size=1)
    assert clerk.post("submit", case.pk, data={"version": case.version}).status_code == HTTPStatus.CONFLICT


def test_returned_member_shows_the_officers_words_and_is_sent_again(opened: Cast, clerk: Browser) -> None:
    case = returned(opened)
    assert "Bring a clearer photograph." in clerk.get("case", case.pk).content.decode()
    first = members(clerk.actor, case)[0]
    clerk.post("portraits", case.pk, data={f"portrait-{first}": photo(200)})
    now = fresh(clerk.actor, case)
    clerk.post("resubmit", case.pk, first, data={"version": now.version})
    with working_context(clerk.actor):
        assert CaseMember.objects.get(pk=first).step == MemberStep.UNDER_REVIEW


def test_a_photograph_that_the_officer_saw_is_not_changed_beside_a_returned_member(
    opened: Cast, clerk: Browser
) -> None:
    case = returned(opened)
    second = members(clerk.actor, case)[1]
    with working_context(clerk.actor):
        before = CaseMember.objects.get(pk=second).portrait_id
    answer = clerk.post("portraits", case.pk, data={f"portrait-{second}": photo(200)})
    assert answer.status_code == HTTPStatus.CONFLICT
    with working_context(clerk.actor):
        assert CaseMember.objects.get(pk=second).portrait_id == before


def test_resubmit_of_a_member_who_was_not_returned_is_stopped(opened: Cast, clerk: Browser) -> None:
    case = returned(opened)
    second = members(clerk.actor, case)[1]
    assert clerk.post("resubmit", case.pk, second, data={"version": case.version}).status_code == HTTPStatus.CONFLICT


def test_withdrawal_shows_what_it_means_before_it_is_done(opened: Cast, clerk: Browser) -> None:
    case = arrived(opened, size=1)
    assert "It has no consequence" in clerk.get("withdraw", case.pk).content.decode()
    assert fresh(clerk.actor, case).step == CaseStep.ARRIVED
    clerk.post("withdraw", case.pk, data={"version": case.version})
    assert fresh(clerk.actor, case).step == CaseStep.WITHDRAWN


def test_withdrawal_is_open_even_under_review(opened: Cast, clerk: Browser) -> None:
    case = returned(opened)
    clerk.post("withdraw", case.pk, data={"version": case.version})
    assert fresh(clerk.actor, case).step == CaseStep.WITHDRAWN


def test_ready_cards_lead_to_hand_over(opened: Cast, clerk: Browser) -> None:
    case = submitted(opened, size=1)
    line.decide_all(opened, case.pk)
    line.print_cards(opened)
    assert reverse("cards:hand-over-case", args=[case.pk]) in clerk.get("case", case.pk).content.decode()


def test_closed_case_offers_nothing_to_change(opened: Cast, clerk: Browser) -> None:
    case = line.whole_line(opened)
    page = clerk.get("case", case.pk).content.decode()
    assert 'id="portraits"' not in page
    assert reverse("rounds:withdraw", args=[case.pk]) not in page


@pytest.mark.parametrize("step", ["arrived", "returned", "closed"])
def test_case_page_asks_the_database_little(
    transactional_db: None, opened: Cast, clerk: Browser, step: str, django_assert_max_num_queries: Any
) -> None:
    at: dict[str, Callable[[Cast], Case]] = {"arrived": arrived, "returned": returned, "closed": line.whole_line}
    case = at[step](opened)
    with django_assert_max_num_queries(MOST_QUERIES):
        assert clerk.get("case", case.pk).status_code == HTTPStatus.OK


def test_withdraw_page_asks_the_database_little(
    transactional_db: None, opened: Cast, clerk: Browser, django_assert_max_num_queries: Any
) -> None:
    case = arrived(opened, size=1)
    with django_assert_max_num_queries(MOST_QUERIES):
        assert clerk.get("withdraw", case.pk).status_code == HTTPStatus.OK
