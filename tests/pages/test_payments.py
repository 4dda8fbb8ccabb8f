"""The cashier's pages in a real browser: the money's whole way, pictures, and the receipt on paper."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from khedmat.payments.models import Charge
from khedmat.payments.selectors import live_charge_of
from khedmat.rounds.enrolment import CASE_TYPE
from khedmat.vault.context import working_context
from tests import line
from tests.cast import Cast
from tests.pages.doors import sign_in
from tests.pages.look import (
    ALL_LOOKS,
    LOOKS,
    SHOTS,
    Look,
    assert_accessible,
    assert_no_horizontal_scroll,
    assert_wears,
    origin_of,
    picture,
    shoot,
    wear,
)

pytestmark = [pytest.mark.browser]


@pytest.fixture
def charge(cast: Cast) -> Charge:
    """The open charge of a family of five, and another family's behind it in the queue."""
    line.open_round(cast)
    case = line.take_application(cast, line.register(cast))
    line.take_application(cast, line.register(cast, cards_from=5511830, size=2))
    with working_context(cast["kamran"]):
        found = live_charge_of(CASE_TYPE, case.pk)
    assert found is not None
    return found


@pytest.fixture
def cashier(page: Page, live_site: LiveServer, cast: Cast, settings: Any) -> Page:
    """A browser in which Kamran is signed in, in Persian."""
    settings.KHEDMAT_REQUIRE_SECOND_FACTOR = False
    return sign_in(page, live_site, cast, "kamran")


def look_at(page: Page, site: LiveServer, name: str, act: Callable[[], object]) -> None:
    """Pictures and checks of a page that only doing something brings about."""
    for look in LOOKS:
        wear(page, look, site.url)
        act()
        picture(page, name, look)
        assert_wears(page, look)
        assert_no_horizontal_scroll(page)
        assert_accessible(page)


def test_queue_without_anybody(cashier: Page, live_site: LiveServer) -> None:
    shoot(cashier, f"{live_site.url}/payments/", "payments-nobody")


def test_queue_and_unknown_number(cashier: Page, live_site: LiveServer, charge: Charge) -> None:
    shoot(cashier, f"{live_site.url}/payments/", "payments-queue")
    shoot(cashier, f"{live_site.url}/payments/?number=18-042-99999", "payments-unknown")


def test_money_taken_at_the_counter_and_receipt(cashier: Page, live_site: LiveServer, charge: Charge) -> None:
    url = f"{live_site.url}/payments/{charge.pk}/"
    shoot(cashier, url, "payments-bill")

    def take_without_anything() -> None:
        cashier.goto(url)
        cashier.click(".k-take")
        expect(cashier.locator("[data-error-summary]")).to_be_focused()

    look_at(cashier, live_site, "payments-incomplete", take_without_anything)
    cashier.locator("label", has=cashier.locator("input[value=counter-cash]")).click()
    cashier.fill("#id_receipt_number", "۱۰۰۱")
    cashier.click(".k-take")
    expect(cashier.locator(".k-messages")).to_be_visible()
    picture(cashier, "payments-just-taken", ALL_LOOKS[-1])
    shoot(cashier, url, "payments-paid")
    for _print in range(2):
        cashier.goto(url)
        cashier.locator("form[action$='/print/'] .btn-primary").click()
        cashier.wait_for_url("**/payments/sheets/**")
    shoot(cashier, cashier.url, "payments-receipt")
    assert_prints_well(cashier, cashier.url)


def assert_prints_well(page: Page, url: str) -> None:
    """One sheet of A5, dark or light: the receipt alone."""
    # The sheet prints itself when it opens, and a browser prints one thing at a time.
    page.add_init_script("window.print = () => undefined")
    for look in (Look("fa", "dark", 1280), Look("en", "light", 360)):
        wear(page, look, origin_of(url))
        page.goto(url)
        page.emulate_media(media="print")
        expect(page.locator(".k-receipt")).to_be_visible()
        for hidden in (".k-bar", ".k-context", ".k-head", ".k-crumbs", "[data-print]"):
            expect(page.locator(hidden).first).to_be_hidden()
        pdf = page.pdf(path=SHOTS / f"payments-receipt-{look.language}.pdf", prefer_css_page_size=True)
        assert pdf.count(b"/Type /Page\n") == 1
        page.emulate_media(media="screen")


def test_way_to_the_bank_declined_closed_and_paid(cashier: Page, live_site: LiveServer, charge: Charge) -> None:
    url = f"{live_site.url}/payments/{charge.pk}/"

    def go_to_the_bank() -> None:
        cashier.goto(url)
        cashier.locator("form:has(input[name=gateway]) button").click()
        cashier.wait_for_url("**/payments/demo-gateway/**")

    def close() -> None:
        go_to_the_bank()
        cashier.click("footer a.btn-plain")
        cashier.wait_for_url("**/return/")

    def decline() -> None:
        go_to_the_bank()
        cashier.click("footer .btn-quiet")
        cashier.wait_for_url("**/return/")

    look_at(cashier, live_site, "payments-demo-bank", go_to_the_bank)
    look_at(cashier, live_site, "payments-unanswered", close)
    shoot(cashier, url, "payments-bill-waiting")
    look_at(cashier, live_site, "payments-declined", decline)
    shoot(cashier, url, "payments-bill-declined")
    go_to_the_bank()
    cashier.click("footer .btn-primary")
    cashier.wait_for_url("**/return/")
    shoot(cashier, f"{url}return/", "payments-paid-at-bank")
    shoot(cashier, url, "payments-receipt-bank")
