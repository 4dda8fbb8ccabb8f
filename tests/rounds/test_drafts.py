"""Drafts of the pages of a case: kept for who types, sealed, shown again, gone when sent or old."""

import json
from http import HTTPStatus
from typing import Any

import pytest
from django.utils import timezone

from khedmat.casework.actions import enter_case
from khedmat.casework.drafts import draft_of, expire_drafts, keep_draft
from khedmat.casework.models import Case, Draft
from khedmat.vault.context import working_context
from tests import line
from tests.cast import Cast
from tests.rounds.pages import Browser, browser

pytestmark = [pytest.mark.django_db(transaction=True)]

TYPED = {"seen": ["old-cards:"]}
WHY = "سرپرست خانوار بیمار است."


@pytest.fixture(autouse=True)
def _plain_pages(unhashed_static: None) -> None:
    """Every test here."""


@pytest.fixture
def case(cast: Cast) -> Case:
    """A family of one that waits at the cashier's."""
    line.open_round(cast)
    return line.take_application(cast, line.register(cast, size=1))


def keep(who: Browser, case: Case, form: str = "papers", content: Any = TYPED, route: str = "draft") -> Any:
    text = content if isinstance(content, str) else json.dumps(content)
    return who.post(route, case.pk, data={"form": form, "content": text})


def kept(cast: Cast, case: Case, form: str = "papers", name: str = "narges") -> Any:
    with working_context(cast[name]):
        enter_case(case.pk, by=cast[name])
        return draft_of(case, form, by=cast[name])


def test_draft_is_kept_sealed_and_shown_to_who_typed_it_alone(cast: Cast, case: Case, as_migrator: Any) -> None:
    narges, zahra = browser(cast["narges"]), browser(cast["zahra"])
    answer = keep(narges, case, "relief", {"reason": ["first"]})
    assert (answer.status_code, list(answer.json())) == (HTTPStatus.OK, ["at"])
    keep(narges, case, "relief", {"reason": [WHY]})
    assert json.dumps(WHY) in narges.get("ask-relief", case.pk).content.decode()
    assert json.dumps(WHY) not in zahra.get("ask-relief", case.pk).content.decode()
    as_migrator.execute("SELECT content FROM casework_draft")
    ((content,),) = as_migrator.fetchall()
    assert WHY.encode() not in bytes(content)


def test_draft_of_another_is_not_changed_and_of_a_closed_family_not_written(cast: Cast, case: Case) -> None:
    keep(browser(cast["narges"]), case)
    with working_context(cast["zahra"]):
        enter_case(case.pk, by=cast["zahra"])
        assert not Draft.objects.filter(user_id=cast["narges"].user_id).update(saved_at=timezone.now())
    assert keep(browser(cast["mina"]), case).status_code == HTTPStatus.NOT_FOUND
    assert kept(cast, case).fields == TYPED


HOSTILE = (
    "",
    "no json",
    "[]",
    '{"a": "b"}',
    '{"a": [1]}',
    '{"a": ["\\u0000"]}',
    "[" * 19_000,
    "x" * 20_001,
)


def test_hostile_draft_is_refused_and_the_last_one_stays(cast: Cast, case: Case) -> None:
    narges = browser(cast["narges"])
    keep(narges, case)
    for content in HOSTILE:
        assert keep(narges, case, content=content).status_code == HTTPStatus.UNPROCESSABLE_ENTITY, content[:20]
    assert keep(narges, case, form="decision").status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert kept(cast, case).fields == TYPED


def test_sent_form_has_no_draft_any_more(cast: Cast, case: Case) -> None:
    line.pay(cast, case)
    line.submit(cast, case.pk)
    bahram = browser(cast["bahram"])
    with working_context(cast["bahram"]):
        version = Case.objects.get(pk=case.pk).version
        enter_case(case.pk, by=cast["bahram"])
    bahram.post("take", case.pk, data={"version": str(version)})
    page = bahram.get("review", case.pk)
    form = page.context["form"]
    outcome, reason = (form[name].html_name for name in ("outcome", "reason"))
    assert keep(bahram, case, "decision", {reason: [WHY]}, "review-draft").status_code == HTTPStatus.OK
    assert json.dumps(WHY) in bahram.get("review", case.pk).content.decode()
    sent = {"version": str(page.context["case"].version), "member": str(form.member_id)}
    bahram.post("decide", case.pk, data={**sent, outcome: "approve", reason: WHY})
    assert kept(cast, case, "decision", "bahram") is None


def test_old_draft_is_not_shown_and_is_deleted(cast: Cast, case: Case, as_migrator: Any) -> None:
    with working_context(cast["narges"]):
        enter_case(case.pk, by=cast["narges"])
        keep_draft(case, "papers", TYPED, by=cast["narges"])
        keep_draft(case, "relief", TYPED, by=cast["narges"])
    as_migrator.execute("UPDATE casework_draft SET saved_at = saved_at - interval '8 days' WHERE form = 'papers'")
    as_migrator.connection.commit()
    assert kept(cast, case) is None
    assert expire_drafts() == 1
    assert kept(cast, case, "relief").fields == TYPED
