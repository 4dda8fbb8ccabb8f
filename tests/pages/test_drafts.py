"""A connection that is lost while a clerk writes: said clearly, nothing lost, kept as soon as it is back."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests import line
from tests.cast import PASSWORD, Cast
from tests.pages.look import LOOKS, shoot

pytestmark = [pytest.mark.browser]

FIRST, SECOND = "سرپرست خانوار بیمار است.", "سرپرست خانوار بیمار است و کار نمی‌کند."


def test_lost_connection_loses_nothing(cast: Cast, live_site: LiveServer, page: Page, settings: Any) -> None:
    settings.KHEDMAT_REQUIRE_SECOND_FACTOR = False
    line.open_round(cast)
    case = line.take_application(cast, line.register(cast, size=1))
    page.goto("/account/sign-in/")
    page.fill("input[name=login]", "narges")
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/desk/")
    address = f"/cases/{case.pk}/relief/"
    page.goto(address)
    said, reason = page.locator("[data-draft-said]"), page.locator("textarea[name=reason]")
    page.locator("input[name=choice]").first.check()
    reason.fill(FIRST)
    expect(said).to_contain_text("پیش‌نویس ذخیره شد")
    page.context.set_offline(True)
    reason.fill(SECOND)
    expect(said).to_contain_text("ذخیره نشد")
    expect(page.locator("[data-offline]")).to_be_visible()
    # Sending is held back, and what was written stands.
    page.locator("main .btn-primary").click()
    expect(reason).to_have_value(SECOND)
    page.context.set_offline(False)
    expect(said).to_contain_text("پیش‌نویس ذخیره شد")
    page.goto("/desk/")
    page.goto(address)
    expect(reason).to_have_value(SECOND)
    expect(page.locator("input[name=choice]").first).to_be_checked()
    assert len(shoot(page, f"{live_site.url}{address}", "draft-restored")) == len(LOOKS)
