"""The province's pages and the pages of rounds: what they show, and what a form may do."""

from datetime import date, timedelta
from http import HTTPStatus
from typing import Any
from uuid import UUID

import pytest
from django.urls import reverse
from django.utils import timezone

from khedmat.accounts.models import Grant
from khedmat.audit.models import Entry
from khedmat.cards.models import ValidityExtension
from khedmat.casework.actions import enter_case, take_for_review
from khedmat.casework.enums import CaseStep, MemberStep, Outcome
from khedmat.casework.models import Case, CaseMember, Decision
from khedmat.common.jalali import to_jalali
from khedmat.rounds.enrolment import decide
from khedmat.rounds.web.choices import choices_for
from khedmat.vault.context import working_context
from tests import line
from tests.cast import Cast
from tests.rounds.pages import Browser, browser, fresh, members, submitted

MOST_QUERIES = 15


@pytest.fixture
def opened(cast: Cast) -> Cast:
    line.open_round(cast)
    return cast


@pytest.fixture
def officer(opened: Cast) -> Browser:
    return browser(opened["bahram"])


def in_hand(cast: Cast, size: int = 2, **about: Any) -> Case:
    """A case that Bahram has in hand."""
    case, actor = submitted(cast, size, **about), cast["bahram"]
    with working_context(actor):
        enter_case(case.pk, by=actor)
        return take_for_review(case.pk, by=actor)


def answer(member: UUID, outcome: str, reason: str) -> dict[str, str]:
    """The fields of one member's decision."""
    return {f"m{member.hex}-outcome": outcome, f"m{member.hex}-reason": reason}


def steps(who: Browser, case: Case) -> list[str]:
    with working_context(who.actor):
        return list(CaseMember.objects.filter(case=case).order_by("person__position").values_list("step", flat=True))


def test_queue_holds_numbers_and_no_names(opened: Cast, officer: Browser) -> None:
    case = submitted(opened)
    page = officer.get("review-queue").content.decode()
    assert case.number in page
    assert "5 persons" in page
    assert "5 members wait" in page
    assert "رضایی" not in page
    assert "Rezai" not in page


def test_queue_of_another_province_is_empty(opened: Cast) -> None:
    submitted(opened, size=1)
    assert "No case waits here." in browser(opened["sara"]).get("review-queue").content.decode()


@pytest.mark.parametrize(
    ("query", "is_there"),
    [
        ({"step": "submitted"}, True),
        ({"step": "under_review"}, False),
        ({"step": "director"}, False),
        ({"step": "nonsense"}, True),
        ({"office": "nonsense"}, True),
        ({"office": "9" * 30}, True),
        ({"office": "1"}, False),
        ({"page": "77"}, True),
    ],
)
def test_queue_filters_are_addresses(opened: Cast, officer: Browser, query: dict[str, str], is_there: bool) -> None:
    case = submitted(opened, size=1)
    assert (case.number in officer.get("review-queue", **query).content.decode()) is is_there


def test_queue_of_one_office(opened: Cast, officer: Browser) -> None:
    case = submitted(opened, size=1)
    office = opened.places["shahriar"]
    page = officer.get("review-queue", office=office.pk).content.decode()
    assert case.number in page
    assert office.name_en in page


def test_queue_of_the_director_begins_with_what_is_theirs(opened: Cast) -> None:
    skipped = submitted(opened, size=1, series="amayesh-15")
    plain = submitted(opened, size=1, cards_from=5511830, receipt="1002")
    page = browser(opened["director"]).get("review-queue").content.decode()
    assert skipped.number in page
    assert plain.number not in page


def test_submitted_case_shows_its_row_and_opens_nothing(opened: Cast, officer: Browser) -> None:
    case = submitted(opened, size=1)
    page = officer.get("review", case.pk).content.decode()
    assert "Take in hand" in page
    assert "رضایی" not in page
    with working_context(officer.actor):
        assert not Grant.objects.filter(case_id=case.pk).exists()


def test_take_opens_the_family_to_the_officer(opened: Cast, officer: Browser) -> None:
    case = submitted(opened, size=1)
    officer.post("take", case.pk)
    now = fresh(officer.actor, case)
    assert (now.step, now.officer_id) == (CaseStep.UNDER_REVIEW, officer.actor.user_id)
    assert "غلام‌سخی رضایی" in officer.get("review", case.pk).content.decode()


def test_take_by_get_does_nothing(opened: Cast, officer: Browser) -> None:
    case = submitted(opened, size=1)
    assert officer.get("take", case.pk).status_code == HTTPStatus.METHOD_NOT_ALLOWED
    assert fresh(officer.actor, case).step == CaseStep.SUBMITTED


def test_case_at_the_counter_is_not_the_officers(opened: Cast, officer: Browser) -> None:
    case = line.take_application(opened, line.register(opened, size=1))
    assert "not in the province" in officer.get("review", case.pk).content.decode()
    assert officer.post("take", case.pk).status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("who", ["narges", "kamran", "printer", "manager"])
def test_review_is_for_officers(opened: Cast, who: str) -> None:
    assert browser(opened[who]).get("review-queue").status_code == HTTPStatus.FORBIDDEN


def test_review_page_shows_rules_with_sources_and_facts(opened: Cast, officer: Browser) -> None:
    case = in_hand(opened, size=1, series="amayesh-15")
    page = officer.get("review", case.pk).content.decode()
    for expected in (
        "No skipped round",
        "The last round was 15.",
        "Published conditions of rounds 14 and 17",
        "Last round: ",
    ):
        assert expected in page


def test_review_page_is_read_once_in_the_record(opened: Cast, officer: Browser) -> None:
    case = in_hand(opened, size=1)
    officer.get("review", case.pk)
    with working_context(officer.actor):
        assert Entry.objects.filter(case_id=case.pk, action="household.read").count() == 1


def test_decision_is_never_chosen_beforehand(opened: Cast, officer: Browser) -> None:
    case = in_hand(opened)
    for name in ("review", "decide-each"):
        page = officer.get(name, case.pk).content.decode()
        assert 'type="radio"' in page
        assert "checked" not in page


def test_what_the_director_decides_stays_visible_with_its_reason(opened: Cast, officer: Browser) -> None:
    case = in_hand(opened, size=1, series="amayesh-15")
    closed = {one.outcome for one in officer.get("review", case.pk).context["form"].options if not one.is_open}
    assert closed == {Outcome.APPROVE, Outcome.REFUSE}
    assert "After the director general has looked at it." in officer.get("review", case.pk).content.decode()


def test_closed_choice_sent_anyway_is_refused(opened: Cast, officer: Browser) -> None:
    case = in_hand(opened, size=1, series="amayesh-15")
    first = members(officer.actor, case)[0]
    sent = {"version": case.version, "member": first, **answer(first, "approve", "All is well.")}
    assert officer.post("decide", case.pk, data=sent).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert steps(officer, case) == [MemberStep.UNDER_REVIEW]


def test_director_decides_what_was_referred(opened: Cast, officer: Browser) -> None:
    case = in_hand(opened, size=1)
    first = members(officer.actor, case)[0]
    sent = {"version": case.version, "member": first, **answer(first, "refer", "Was in hospital in round 16.")}
    officer.post("decide", case.pk, data=sent)
    director = browser(opened["director"])
    assert "Was in hospital in round 16." in director.get("review", case.pk).content.decode()
    sent = {"version": fresh(director.actor, case).version, "member": first, **answer(first, "approve", "Agreed.")}
    director.post("decide", case.pk, data=sent)
    assert steps(director, case) == [MemberStep.APPROVED]


def test_decide_keeps_outcome_and_reason_of_one_member(opened: Cast, officer: Browser) -> None:
    case = in_hand(opened)
    first = members(officer.actor, case)[0]
    sent = {"version": case.version, "member": first, **answer(first, "approve", "All papers are there.")}
    officer.post("decide", case.pk, data=sent)
    assert steps(officer, case) == [MemberStep.APPROVED, MemberStep.UNDER_REVIEW]
    with working_context(officer.actor):
        assert Decision.objects.get(member=first).reason == "All papers are there."


@pytest.mark.parametrize(("outcome", "reason", "field"), [("", "Good.", "outcome"), ("approve", "  ", "reason")])
def test_decide_without_choice_or_reason_keeps_what_was_typed(
    opened: Cast, officer: Browser, outcome: str, reason: str, field: str
) -> None:
    case = in_hand(opened)
    second = members(officer.actor, case)[1]
    sent = {"version": case.version, "member": second, **answer(second, outcome, reason)}
    page = officer.post("decide", case.pk, data=sent)
    form = page.context["form"]
    assert page.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert list(form.errors) == [field]
    assert (form.member_id, form.chosen, form.written) == (second, outcome, reason)


@pytest.mark.parametrize("member", ["", "nonsense", "cd288305-cd25-47c9-a6d8-0f9112ce8831"])
def test_decide_about_nobody_of_this_case_is_stopped(opened: Cast, officer: Browser, member: str) -> None:
    case = in_hand(opened, size=1)
    data = {"version": case.version, "member": member}
    assert officer.post("decide", case.pk, data=data).status_code == HTTPStatus.CONFLICT


def test_decide_on_an_old_page_tells_who_did_what_and_keeps_the_text(opened: Cast, officer: Browser) -> None:
    case = in_hand(opened)
    first, second = members(officer.actor, case)
    with working_context(officer.actor):
        decide(case.pk, case.version, first, Outcome.REFUSE, "Not now.", by=officer.actor)
    laleh = browser(opened["laleh"])
    sent = {"version": case.version, "member": second, **answer(second, "approve", "A long text of mine.")}
    page = laleh.post("decide", case.pk, data=sent)
    assert page.status_code == HTTPStatus.CONFLICT
    for expected in ("Bahram Kaviani", "Refused, with the right to appeal", "A long text of mine."):
        assert expected in page.content.decode()
    assert steps(officer, case)[1] == MemberStep.UNDER_REVIEW


def test_decide_each_keeps_a_reason_for_each(opened: Cast, officer: Browser) -> None:
    case = in_hand(opened, size=3)
    first, second, third = members(officer.actor, case)
    sent = {"version": case.version, **answer(first, "approve", "One."), **answer(third, "return", "Three.")}
    officer.post("decide-each", case.pk, data=sent)
    assert steps(officer, case) == [MemberStep.APPROVED, MemberStep.UNDER_REVIEW, MemberStep.RETURNED]
    with working_context(officer.actor):
        kept = {one.member_id: one.reason for one in Decision.objects.filter(case=case)}
    assert kept == {first: "One.", third: "Three."}
    assert second not in kept


def test_decide_each_with_one_reason_missing_keeps_none(opened: Cast, officer: Browser) -> None:
    case = in_hand(opened)
    first, second = members(officer.actor, case)
    sent = {"version": case.version, **answer(first, "approve", "One."), **answer(second, "approve", "")}
    page = officer.post("decide-each", case.pk, data=sent)
    assert page.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "One." in page.content.decode()
    assert set(steps(officer, case)) == {MemberStep.UNDER_REVIEW}


def test_decide_each_with_nothing_chosen_says_so(opened: Cast, officer: Browser) -> None:
    case = in_hand(opened)
    page = officer.post("decide-each", case.pk, data={"version": case.version})
    assert "Choose a decision for at least one member." in page.content.decode()


def test_decide_each_on_an_old_page_keeps_all_texts(opened: Cast, officer: Browser) -> None:
    case = in_hand(opened)
    first, second = members(officer.actor, case)
    sent = {"version": case.version - 1, **answer(first, "approve", "Mine one."), **answer(second, "", "Mine two.")}
    page = officer.post("decide-each", case.pk, data=sent)
    assert page.status_code == HTTPStatus.CONFLICT
    assert "Mine one." in page.content.decode()
    assert "Mine two." in page.content.decode()


def test_officer_who_took_the_case_finds_every_choice_closed(opened: Cast, officer: Browser) -> None:
    case = in_hand(opened, size=1)
    with working_context(officer.actor):
        own = Case.objects.get(pk=case.pk)
        own.opened_by = officer.actor.user_id
        member = CaseMember.objects.get(case=case)
        choices = choices_for(own, member, is_referred=False, by=officer.actor)
    assert not any(one.is_open for one in choices)


def test_issued_card_is_one_step_from_its_decision(opened: Cast, officer: Browser) -> None:
    case = submitted(opened, size=1)
    line.decide_all(opened, case.pk)
    line.print_cards(opened)
    row = officer.get("review", case.pk).context["parts"].members[0]
    assert reverse("cards:card", args=[row.card_id]) in officer.get("review", case.pk).content.decode()


def test_rounds_list_shows_published_ones(opened: Cast) -> None:
    page = browser(opened["kamran"]).get("list").content.decode()
    assert "Amayesh 18" in page
    assert "Takes applications" in page


def test_round_page_shows_rules_sources_and_certainty(opened: Cast) -> None:
    page = browser(opened["narges"]).get("round", line.ROUND).content.decode()
    for expected in (
        "No skipped round",
        "Resolution 160/2215/12868",
        "Inferred from sources",
        "Demonstration only",
        "1,200,000",
    ):
        assert expected in page
    assert "Show what will hold" not in page


def test_unknown_round_is_not_found(opened: Cast) -> None:
    assert browser(opened["narges"]).get("round", "amayesh-99").status_code == HTTPStatus.NOT_FOUND


def notice(number: str = "18/214", *, until: date | None = None) -> dict[str, str]:
    """The extension form as a manager types it."""
    today = timezone.localdate()
    days = {"noticed_on": today, "until_on": until or today + timedelta(days=700)}
    typed = {"notice_number": number}
    for field, day in days.items():
        jalali = to_jalali(day)
        typed |= {
            f"{field}_day": str(jalali.day),
            f"{field}_month": str(jalali.month),
            f"{field}_year": str(jalali.year),
        }
    return typed


def test_extension_is_shown_before_it_holds(opened: Cast) -> None:
    manager = browser(opened["manager"])
    page = manager.post("extend", line.ROUND, data=notice())
    assert "What will hold" in page.content.decode()
    assert not ValidityExtension.objects.exists()
    manager.post("extend", line.ROUND, data={**notice(), "confirmed": "1"})
    assert ValidityExtension.objects.get().notice_number == "18/214"
    assert "Notice" in manager.get("round", line.ROUND).content.decode()


def test_extension_to_an_earlier_day_is_told_beside_its_field(opened: Cast) -> None:
    sent = notice(until=timezone.localdate() - timedelta(days=400))
    page = browser(opened["manager"]).post("extend", line.ROUND, data=sent)
    assert page.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert list(page.context["form"].errors) == ["until_on"]


def test_extension_by_a_used_notice_is_told_beside_its_field(opened: Cast) -> None:
    manager = browser(opened["manager"])
    manager.post("extend", line.ROUND, data={**notice(), "confirmed": "1"})
    again = {**notice(until=timezone.localdate() + timedelta(days=800)), "confirmed": "1"}
    page = manager.post("extend", line.ROUND, data=again)
    assert list(page.context["form"].errors) == ["notice_number"]


@pytest.mark.parametrize("who", ["narges", "bahram", "director"])
def test_extension_is_the_round_managers(opened: Cast, who: str) -> None:
    sent = {**notice(), "confirmed": "1"}
    assert browser(opened[who]).post("extend", line.ROUND, data=sent).status_code == HTTPStatus.FORBIDDEN
    assert not ValidityExtension.objects.exists()


@pytest.mark.parametrize("name", ["review", "decide-each"])
def test_review_pages_ask_the_database_little(
    transactional_db: None, opened: Cast, officer: Browser, name: str, django_assert_max_num_queries: Any
) -> None:
    case = in_hand(opened, size=5)
    first = members(officer.actor, case)[0]
    with working_context(officer.actor):
        decide(case.pk, case.version, first, Outcome.APPROVE, "Good.", by=officer.actor)
    with django_assert_max_num_queries(MOST_QUERIES):
        assert officer.get(name, case.pk).status_code == HTTPStatus.OK


def test_other_pages_ask_the_database_little(
    transactional_db: None, opened: Cast, officer: Browser, django_assert_max_num_queries: Any
) -> None:
    case = submitted(opened, size=2)
    manager = browser(opened["manager"])
    for who, address in (
        (officer, ("review-queue",)),
        (officer, ("review", case.pk)),
        (manager, ("list",)),
        (manager, ("round", line.ROUND)),
    ):
        with django_assert_max_num_queries(MOST_QUERIES):
            assert who.get(*address).status_code == HTTPStatus.OK
