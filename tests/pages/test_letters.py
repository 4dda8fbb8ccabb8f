"""Letters of a case, their texts, and the outbox, in a real browser and as pictures."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from khedmat.notices.models import LetterTemplate
from tests import line
from tests.cast import PASSWORD, Cast
from tests.notices.telling import told_in_every_way
from tests.pages.look import shoot

pytestmark = [pytest.mark.browser]


def _sign_in(page: Page, name: str) -> None:
    page.goto("/account/sign-in/")
    page.fill("input[name=login]", name)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda url: "sign-in" not in url)


def test_a_clerk_writes_a_letter_in_the_family_s_language(
    page: Page, live_site: LiveServer, cast: Cast, settings: Any
) -> None:
    settings.KHEDMAT_REQUIRE_SECOND_FACTOR = False
    line.open_round(cast)
    case = line.take_application(cast, line.register(cast, size=2))
    line.pay(cast, case, receipt="1001")
    _sign_in(page, "narges")
    page.goto(f"/cases/{case.pk}/letters/")
    page.check("input[name=kind][value=receipt]")
    page.select_option("#new-letter select[name=language]", "ps")
    page.click("#new-letter button.btn-primary")
    expect(page.locator("#written ~ ul li, .k-list li").first).to_contain_text("پشتو")
    shoot(page, f"{live_site.url}/cases/{case.pk}/letters/", "letters")


def test_texts_and_outbox_are_looked_at(page: Page, live_site: LiveServer, cast: Cast, settings: Any) -> None:
    settings.KHEDMAT_REQUIRE_SECOND_FACTOR = False
    told_in_every_way(line.register(cast, size=1).pk, by=cast["narges"])
    _sign_in(page, "manager")
    shoot(page, f"{live_site.url}/letters/texts/", "letter-texts")
    text = LetterTemplate.objects.get(kind="decision", language="ar", version=1)
    page.goto(f"/letters/texts/{text.pk}/")
    expect(page.locator("img")).to_have_count(2)
    shoot(page, f"{live_site.url}/outbox/", "outbox")
