"""Scratch: pictures for looking at; deleted after use."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from khedmat.config.demo.line import make_prepared_batch
from tests import line
from tests.cast import PASSWORD, Cast
from tests.pages.look import Look, picture, shoot, wear
from tests.pages.test_verify import Checker

LOOKS = (Look("fa", "light", 1280), Look("fa", "dark", 360), Look("en", "light", 360), Look("en", "dark", 1280))
pytestmark = [pytest.mark.browser]


def sign(page: Page, name: str) -> None:
    page.context.clear_cookies()
    page.goto("/account/sign-in/")
    page.fill("input[name=login]", name)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_load_state()
    page.wait_for_timeout(1500)


def test_docs(page: Page, live_site: Any, cast: Cast, settings: Any) -> None:
    settings.KHEDMAT_REQUIRE_SECOND_FACTOR = False
    line.open_round(cast)
    case = line.take_application(cast, line.register(cast))
    sign(page, "narges")
    shoot(page, f"{live_site.url}/cases/{case.pk}/", "x-photographed", looks=LOOKS[:1])
    shoot(page, f"{live_site.url}/families/new/", "x-register", looks=LOOKS)
    shoot(page, f"{live_site.url}/look-up/", "x-look-up", looks=LOOKS)
    line.pay(cast, case, receipt="1")
    line.submit(cast, case.pk)
    line.decide_all(cast, case.pk)
    shoot(page, f"{live_site.url}/cases/{case.pk}/", "x-decided", looks=LOOKS)
    batch = make_prepared_batch(cast)
    sign(page, "printer")
    shoot(page, f"{live_site.url}/print/", "x-print", looks=LOOKS)
    Path("/tmp/cards.pdf").write_bytes(page.context.request.get(f"{live_site.url}/print/{batch.pk}/cards.pdf").body())


def test_verify_picture(page: Page, live_site: Any) -> None:
    browser = page.context.browser
    assert browser
    device = Checker(browser.new_context(service_workers="allow"), live_site.url, "valid")
    look = Look("fa", "light", 360)
    wear(device.page, look, live_site.url)
    device.open()
    picture(device.page, "x-verify-start", look)
    device.paste()
    picture(device.page, "x-verify", look)


def test_doors(page: Page, live_site: Any, cast: Cast, settings: Any) -> None:
    settings.KHEDMAT_REQUIRE_SECOND_FACTOR = True
    sign(page, "narges")
    Path("/tmp/totp-url.txt").write_text(page.url)
    page.screenshot(path="/tmp/sheets/totp-now.png")
    shoot(page, page.url, "x-totp", looks=LOOKS)
    settings.KHEDMAT_REQUIRE_SECOND_FACTOR = False
    shoot(page, f"{live_site.url}/account/password/", "x-password", looks=LOOKS)
    shoot(page, f"{live_site.url}/account/second-factor/", "x-mfa", looks=LOOKS)
