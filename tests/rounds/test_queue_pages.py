"""The officers' queue as an address, the case that comes next, time, assignment, cover and bulk decisions."""

from datetime import timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse
from django.utils import timezone

from khedmat.casework.enums import CaseStep, MemberStep, StopReason
from khedmat.casework.models import Bulk, BulkSight, Case, CaseMember, Cover, Decision
from khedmat.common.jalali import to_jalali
from khedmat.vault.context import working_context
from tests import line
from tests.casework.officers_work import cover, draft_bulk, stop
from tests.cast import Cast
from tests.rounds.pages import Browser, browser, fresh, members, submitted
from tests.rounds.test_review_pages import MOST_QUERIES, answer, in_hand

CARDS = (4_411_830, 5_511_830, 6_611_830)


@pytest.fixture
def opened(cast: Cast) -> Cast:
    line.open_round(cast)
    return cast


@pytest.fixture
def officer(opened: Cast) -> Browser:
    return browser(opened["bahram"])


def some(cast: Cast, count: int = 2) -> list[Case]:
    """Cases of one member each, sent to the province."""
    return [submitted(cast, size=1, cards_from=cards, receipt=str(cards)) for cards in CARDS[:count]]


def due(cast: Cast, case: Case, days: int) -> None:
    """Let a case be due so many days from today."""
    with working_context(cast["bahram"]):
        Case.objects.filter(pk=case.pk).update(due_on=timezone.localdate() + timedelta(days=days))


def numbers(page: Any) -> list[str]:
    return [row.case.number for row in page.context["rows"]]


def test_queue_is_ordered_by_due_date_and_says_how_late(opened: Cast, officer: Browser) -> None:
    first, second = some(opened)
    due(opened, second, -3)
    page = officer.get("review-queue")
    assert numbers(page) == [second.number, first.number]
    assert [row.due_tone for row in page.context["rows"]] == ["bad", "mute"]
    assert "late" in page.context["rows"][0].due_words


def test_past_the_longest_time_a_case_is_late_though_its_clock_stands(opened: Cast, officer: Browser) -> None:
    _running, standing = some(opened)
    stop(standing.pk, by=officer.actor)
    assert numbers(officer.get("review-queue", due="overdue")) == []
    with working_context(officer.actor):
        Case.objects.filter(pk=standing.pk).update(max_on=timezone.localdate() - timedelta(days=1))
    (row,) = officer.get("review-queue", due="overdue").context["rows"]
    assert (row.case.number, row.due_tone) == (standing.number, "bad")


def test_officers_pages_ask_the_database_little(
    transactional_db: None, opened: Cast, officer: Browser, django_assert_max_num_queries: Any
) -> None:
    cases = some(opened, 3)
    stop(cases[0].pk, by=officer.actor)
    bulk_id = draft_bulk([cases[1].pk], "Good.", by=officer.actor)
    director = browser(opened["director"])
    for who, address, query in (
        (officer, ("review-queue",), {"due": "week", "assignee": "mine", "service": line.ROUND}),
        (officer, ("review", cases[0].pk), {"step": "all"}),
        (officer, ("review", cases[2].pk), {"step": "all"}),
        (officer, ("bulk", bulk_id), {}),
        (officer, ("bulk-case", bulk_id, cases[1].pk), {}),
        (director, ("assign",), {}),
        (director, ("calendar",), {}),
    ):
        with django_assert_max_num_queries(MOST_QUERIES):
            assert who.get(*address, **query).status_code == HTTPStatus.OK


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"due": "overdue"}, [1]),
        ({"due": "today"}, []),
        ({"due": "week"}, [1]),
        ({"due": "stopped"}, [2]),
        ({"assignee": "mine"}, [2]),
        ({"assignee": "unassigned"}, [1, 0]),
        ({"assignee": "cover"}, []),
        ({"service": line.ROUND}, [1, 0, 2]),
        ({"service": "hoviat-1"}, []),
        ({"step": "decided"}, []),
        ({"step": "submitted", "due": "overdue", "assignee": "unassigned"}, [1]),
    ],
)
def test_queue_filters(opened: Cast, officer: Browser, query: dict[str, str], found: list[int]) -> None:
    cases = some(opened, 3)
    due(opened, cases[1], -3)
    due(opened, cases[2], 90)
    stop(cases[2].pk, by=opened["bahram"])
    page = officer.get("review-queue", **query)
    assert numbers(page) == [cases[place].number for place in found]
    assert page.context["shown"].paginator.count == len(found)


@pytest.mark.parametrize(
    "query",
    [
        {"due": "never"}, {"assignee": "' OR 1=1"}, {"service": "<script>"}, {"step": "x" * 5000}, {"office": "-1"},
        {"assignee": "\x00"},
    ],
)  # fmt: skip
def test_what_is_not_understood_in_the_address_is_left_out_and_told(
    opened: Cast, officer: Browser, query: dict[str, str]
) -> None:
    case = submitted(opened, size=1)
    page = officer.get("review-queue", **query)
    assert numbers(page) == [case.number]
    assert "was left out" in page.content.decode()


@pytest.mark.parametrize("name", ["nationality", "address", "workplace", "status", "q"])
def test_queue_filters_by_nothing_of_people(opened: Cast, officer: Browser, name: str) -> None:
    some(opened)
    assert len(numbers(officer.get("review-queue", **{name: "afghanistan"}))) == 2


def test_after_a_decision_the_next_case_of_the_same_queue_opens(opened: Cast, officer: Browser) -> None:
    other = submitted(opened, size=1, cards_from=CARDS[1], receipt="2")
    case = in_hand(opened, size=1)
    page = officer.get("review", case.pk, step="all", service=line.ROUND)
    assert page.context["queue_query"] == f"step=all&service={line.ROUND}"
    member = members(officer.actor, case)[0]
    sent = {"version": case.version, "member": member, **answer(member, "approve", "Good."),
            "queue": page.context["queue_query"]}  # fmt: skip
    after = urlsplit(officer.post("decide", case.pk, data=sent)["Location"])
    assert after.path == reverse("rounds:review", args=[other.pk])
    assert parse_qs(after.query) == {"step": ["all"], "service": [line.ROUND]}
    assert case.number not in officer.get("review-queue").content.decode()


def test_while_a_member_waits_the_case_stays(opened: Cast, officer: Browser) -> None:
    submitted(opened, size=1, cards_from=CARDS[1], receipt="2")
    case = in_hand(opened, size=2)
    member = members(officer.actor, case)[0]
    sent = {"version": case.version, "member": member, **answer(member, "approve", "Good."), "queue": "step=all"}
    assert urlsplit(officer.post("decide", case.pk, data=sent)["Location"]).path.endswith(f"{case.pk}/")


def test_keys_lead_to_the_cases_beside(opened: Cast, officer: Browser) -> None:
    some(opened, 2)
    case = in_hand(opened, size=1, cards_from=7_711_830, receipt="3")
    page = officer.get("review", case.pk, step="all").content.decode()
    assert 'data-key="KeyJ"' in page
    assert 'data-key="KeyK"' in page
    assert 'data-key="KeyJ"' not in officer.get("review", case.pk).content.decode()


def test_second_officer_who_takes_a_case_is_told_who_has_it(opened: Cast, officer: Browser) -> None:
    case = in_hand(opened, size=1)
    page = browser(opened["laleh"]).post("take", case.pk)
    assert page.status_code == HTTPStatus.CONFLICT
    assert "Bahram Kaviani" in page.content.decode()
    assert fresh(officer.actor, case).officer_id == officer.actor.user_id


def test_officer_stops_and_resumes_the_time(opened: Cast, officer: Browser) -> None:
    case = in_hand(opened, size=1)
    assert officer.post("stop", case.pk, data={"version": case.version}).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    officer.post("stop", case.pk, data={"version": case.version, "reason": "technical", "note": "No network."})
    stopped = fresh(officer.actor, case)
    assert stopped.stop_reason == StopReason.TECHNICAL
    assert officer.post("resume", case.pk, data={"version": case.version}).status_code == HTTPStatus.CONFLICT
    officer.post("resume", case.pk, data={"version": stopped.version})
    assert fresh(officer.actor, case).stopped_at is None


def test_a_case_given_back_is_taken_by_another(opened: Cast, officer: Browser) -> None:
    case = in_hand(opened, size=1)
    laleh = browser(opened["laleh"])
    assert laleh.post("give-back", case.pk).status_code == HTTPStatus.FORBIDDEN
    officer.post("give-back", case.pk)
    assert fresh(officer.actor, case).officer_id is None
    laleh.post("take", case.pk)
    assert fresh(officer.actor, case).officer_id == opened["laleh"].user_id


def test_director_gives_the_chosen_cases_to_an_officer(opened: Cast, officer: Browser) -> None:
    first, second = some(opened)
    director = browser(opened["director"])
    sent = {"case": [str(first.pk)], "officer": str(opened["laleh"].user_id)}
    director.post("assign", data=sent)
    assert fresh(director.actor, first).officer_id == opened["laleh"].user_id
    assert fresh(director.actor, second).officer_id is None
    page = director.get("assign")
    assert {load.user.pk: load.cases for load, _url, _late in page.context["loads"]}[opened["laleh"].user_id] == 1
    assert page.context["unassigned"] == 1
    assert officer.post("take", first.pk).status_code == HTTPStatus.CONFLICT


@pytest.mark.parametrize("sent", [{}, {"officer": "x"}, {"case": ["x"]}])
def test_assigning_nothing_names_its_field(opened: Cast, sent: dict[str, Any]) -> None:
    some(opened, 1)
    page = browser(opened["director"]).post("assign", data=sent)
    assert page.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert page.context["assign_form"].errors


@pytest.mark.parametrize("name", ["assign", "cover"])
def test_officers_do_not_assign(opened: Cast, officer: Browser, name: str) -> None:
    assert officer.post(name).status_code == HTTPStatus.FORBIDDEN


def cover_form(cast: Cast, first: int, last: int, officer: str = "laleh", substitute: str = "bahram") -> dict[str, str]:
    typed = {"officer": str(cast[officer].user_id), "substitute": str(cast[substitute].user_id)}
    for field, days in (("away_from", first), ("away_until", last)):
        day = to_jalali(timezone.localdate() + timedelta(days=days))
        typed |= {f"{field}_day": str(day.day), f"{field}_month": str(day.month), f"{field}_year": str(day.year)}
    return typed


def test_a_substitute_finds_the_covered_officers_cases_and_leaves_them_in_their_name(opened: Cast) -> None:
    case = in_hand(opened, size=1)
    director, laleh = browser(opened["director"]), browser(opened["laleh"])
    assert numbers(laleh.get("review-queue", assignee="mine")) == []
    director.post("cover", data=cover_form(opened, 0, 3, "bahram", "laleh"))
    page = laleh.get("review-queue", assignee="mine")
    assert [(row.case.number, row.is_cover) for row in page.context["rows"]] == [(case.number, True)]
    assert laleh.post("take", case.pk).status_code == HTTPStatus.FOUND
    assert fresh(laleh.actor, case).officer_id == opened["bahram"].user_id
    with working_context(director.actor):
        made = Cover.objects.get()
    director.post("end-cover", made.pk)
    assert numbers(laleh.get("review-queue", assignee="mine")) == []


@pytest.mark.parametrize(
    ("first", "last", "officer", "substitute", "field"),
    [
        (2, 4, "laleh", "bahram", "away_from"),
        (5, 6, "bahram", "laleh", "substitute"),
        (5, 9, "bahram", "director", "officer"),
        (7, 6, "laleh", "bahram", "away_until"),
        (7, 8, "laleh", "laleh", "away_until"),
        (-3, -2, "bahram", "laleh", "away_until"),
    ],
)
def test_covers_do_not_overlap(opened: Cast, first: int, last: int, officer: str, substitute: str, field: str) -> None:
    cover(opened["laleh"], opened["bahram"], by=opened["director"], days=5)
    page = browser(opened["director"]).post("cover", data=cover_form(opened, first, last, officer, substitute))
    assert page.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert field in page.context["cover_form"].errors


def test_bulk_decides_each_seen_case_with_its_own_reason(opened: Cast, officer: Browser) -> None:
    cases = some(opened)
    chosen = officer.post("bulk-choose", data={"case": [str(case.pk) for case in cases]})
    bulk_id = chosen["Location"].rstrip("/").rpartition("/")[2]
    assert officer.post("bulk", bulk_id).status_code == HTTPStatus.CONFLICT
    for case in cases:
        officer.post("bulk-see", bulk_id, case.pk)
        page = officer.get("bulk-case", bulk_id, case.pk)
        member = members(officer.actor, case)[0]
        sent = {"version": page.context["case"].version, **answer(member, "approve", f"Seen: {case.number}")}
        officer.post("bulk-case", bulk_id, case.pk, data=sent)
    with working_context(officer.actor):
        assert not Decision.objects.exists()
    officer.post("bulk", bulk_id)
    with working_context(officer.actor):
        kept = {one.case_id: one.reason for one in Decision.objects.all()}
        assert set(Bulk.objects.get().results.values()) == {"decided"}
        assert {sight.drafts for sight in BulkSight.objects.all()} == {""}
    assert kept == {case.pk: f"Seen: {case.number}" for case in cases}
    assert officer.post("bulk", bulk_id).status_code == HTTPStatus.CONFLICT


def test_a_case_changed_meanwhile_is_left_and_the_others_are_decided(opened: Cast, officer: Browser) -> None:
    first, second = some(opened)
    bulk_id = draft_bulk([first.pk, second.pk], "Good.", by=officer.actor)
    stop(first.pk, by=officer.actor)
    officer.post("bulk", bulk_id)
    with working_context(officer.actor):
        assert Bulk.objects.get().results == {str(first.pk): "changed-by-another", str(second.pk): "decided"}
        assert CaseMember.objects.get(case=first).step == MemberStep.UNDER_REVIEW
    assert "nothing was decided" in officer.get("bulk", bulk_id).content.decode()


def test_one_reason_for_several_members_is_confirmed_or_refused(opened: Cast, officer: Browser) -> None:
    case = submitted(opened, size=2)
    officer.post("bulk-choose", data={"case": [str(case.pk)]})
    with working_context(officer.actor):
        bulk_id = Bulk.objects.get().pk
    officer.post("bulk-see", bulk_id, case.pk)
    first, second = members(officer.actor, case)
    sent = {"version": fresh(officer.actor, case).version, **answer(first, "approve", "Same."),
            **answer(second, "approve", "Same.")}  # fmt: skip
    page = officer.post("bulk-case", bulk_id, case.pk, data=sent)
    assert page.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Same." in page.content.decode()
    assert officer.post("bulk-case", bulk_id, case.pk, data={**sent, "confirmed": "1"}).status_code == HTTPStatus.FOUND


@pytest.mark.parametrize("count", [0, 51])
def test_bulk_takes_one_to_fifty_cases(officer: Browser, count: int) -> None:
    ids = [f"cd288305-cd25-47c9-a6d8-{place:012d}" for place in range(count)]
    assert officer.post("bulk-choose", data={"case": ids}).status_code == HTTPStatus.UNPROCESSABLE_ENTITY


def test_bulk_takes_no_case_of_another_officer_or_province(opened: Cast, officer: Browser) -> None:
    case = in_hand(opened, size=1)
    for who in ("laleh", "sara"):
        page = browser(opened[who]).post("bulk-choose", data={"case": [str(case.pk)]})
        assert page.status_code == HTTPStatus.CONFLICT
    bulk_id = draft_bulk([case.pk], "Good.", by=officer.actor)
    assert browser(opened["laleh"]).get("bulk", bulk_id).status_code == HTTPStatus.NOT_FOUND


def test_decided_cases_leave_the_queue(opened: Cast, officer: Browser) -> None:
    case = submitted(opened, size=1)
    line.decide_all(opened, case.pk)
    assert numbers(officer.get("review-queue")) == []
    assert numbers(officer.get("review-queue", step="decided")) == [case.number]
    assert fresh(officer.actor, case).step == CaseStep.UNDER_REVIEW
