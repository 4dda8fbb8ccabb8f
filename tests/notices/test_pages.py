"""Pages of letters' texts, the outbox and slips."""

from typing import Any

import pytest
from pytest_django.fixtures import Settings

from khedmat.notices import slip_targets
from khedmat.notices.enums import Channel, MessageKind
from khedmat.notices.models import LetterTemplate
from khedmat.notices.sending import queue_message, send_message
from khedmat.notices.slips import make_slip
from khedmat.registry.models import Household
from tests.browsers import SignIn
from tests.cast import Cast
from tests.notices.conftest import letter_to


def test_texts_are_listed_with_their_marks_and_drawn(as_staff: SignIn) -> None:
    browser = as_staff("manager")
    page = browser.get("/letters/texts/").content.decode()
    assert "28 of 35 texts have not been reviewed" in page
    text = LetterTemplate.objects.get(kind="decision", language="ps", version=1)
    drawn = browser.get(f"/letters/texts/{text.pk}/").content.decode()
    assert "data:image/png;base64," in drawn
    assert "Not reviewed" in drawn


def test_a_letter_is_printed_by_who_has_the_family_open(
    as_staff: SignIn, cast: Cast, household: Household, acting: Any
) -> None:
    with acting(cast["narges"]):
        letter = letter_to(household, cast["narges"])
    answer = as_staff("narges").post(f"/letters/{letter.pk}/print/", {"language": "ps"}, follow=True)
    assert answer["Content-Type"] == "application/pdf"
    assert "no-store" in answer["Cache-Control"]
    assert as_staff("mina").post(f"/letters/{letter.pk}/print/", {"language": "ps"}).status_code == 404


def test_the_outbox_shows_counts_and_no_number(
    as_staff: SignIn, cast: Cast, household: Household, acting: Any, always_open: None, settings: Settings
) -> None:
    with acting(cast["narges"]):
        message = queue_message(
            MessageKind.LETTER_WAITING, household.pk, cast.places["shahriar"], channel=Channel.SMS,
            destination="+989121234567", language="fa", key="letter:1", code="4821-7739", by=cast["narges"],
        )  # fmt: skip
    assert message is not None
    settings.NOTICE_GATEWAYS = {}
    send_message(message.pk)
    page = as_staff("manager").get("/outbox/").content.decode()
    assert "No gateway is set up for it any more" in page
    assert "A letter waits at the office" in page
    assert "1234567" not in page
    assert "4821" not in page
    assert as_staff("narges").get("/outbox/").status_code == 403


def test_the_demo_s_outbox_is_there_in_the_demo_alone(as_staff: SignIn, settings: Settings) -> None:
    assert as_staff("manager").get("/outbox/demo/").status_code == 200
    settings.KHEDMAT_DEMO = False
    assert as_staff("manager").get("/outbox/demo/").status_code == 404


def test_a_slip_leads_to_what_it_stands_for(
    as_staff: SignIn, cast: Cast, household: Household, acting: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(slip_targets._targets, "thing", lambda subject_id, _household: f"/things/{subject_id}/")
    with acting(cast["narges"]):
        _, code = make_slip("thing", household.pk, household.pk, by=cast["narges"])
    answer = as_staff("omid").post("/slips/", {"code": code})
    assert answer["Location"] == f"/things/{household.pk}/"


def test_a_code_that_stands_for_nothing_is_told(as_staff: SignIn) -> None:
    answer = as_staff("omid").post("/slips/", {"code": "123"})
    assert answer.status_code == 200
    assert "This code is not known" in answer.content.decode()
    assert as_staff("omid").post("/slips/", {"code": ""}).status_code == 422


def test_only_the_counter_has_the_page_of_slips(as_staff: SignIn) -> None:
    assert as_staff("omid").get("/slips/").status_code == 200
    assert as_staff("bahram").get("/slips/").status_code == 403
