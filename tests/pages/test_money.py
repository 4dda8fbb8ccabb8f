"""Parts, an exemption, a refund and the cashier's day in a real browser: pictures of the pages that matter."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from khedmat.casework.actions import enter_case
from khedmat.casework.models import Case
from khedmat.payments.models import DayEnd, Refund
from khedmat.payments.selectors import live_charge_of
from khedmat.rounds.enrolment import CASE_TYPE
from khedmat.rounds.enums import ReliefKind
from khedmat.rounds.relief import ask_relief, grant_relief
from khedmat.vault.context import working_context
from tests import line
from tests.cast import PASSWORD, Cast
from tests.files.samples import pdf
from tests.pages.look import shoot

pytestmark = [pytest.mark.browser]
WHY = "سرپرست خانوار بیمار است و درآمدی ندارد."


@pytest.fixture
def case(cast: Cast, settings: Any) -> Case:
    """A family at the cashier's whose clerk asked for an exemption."""
    settings.KHEDMAT_REQUIRE_SECOND_FACTOR = False
    line.open_round(cast)
    case = line.take_application(cast, line.register(cast))
    narges = cast["narges"]
    with working_context(narges):
        ask_relief(case.pk, ReliefKind.EXEMPTION, "vulnerable", WHY, {"support-letter": pdf()}, by=narges)
    return case


@pytest.fixture
def sign_in(page: Page) -> Callable[[str], Page]:
    def enter(name: str) -> Page:
        page.context.clear_cookies()
        page.goto("/account/sign-in/")
        page.fill("input[name=login]", name)
        page.fill("input[name=password]", PASSWORD)
        page.press("input[name=password]", "Enter")
        page.wait_for_url(lambda url: "sign-in" not in url)
        return page

    return enter


def test_money_from_the_request_to_the_closed_day(
    sign_in: Callable[[str], Page], live_site: LiveServer, cast: Cast, case: Case
) -> None:
    site, shirin = live_site.url, cast["shirin"]
    with working_context(cast["kamran"]):
        charge = live_charge_of(CASE_TYPE, case.pk)
    assert charge is not None
    page = sign_in("narges")
    shoot(page, f"{site}/cases/{case.pk}/relief/", "money-ask-relief")
    page = sign_in("shirin")
    shoot(page, f"{site}/relief/{case.pk}/", "money-relief")
    with working_context(shirin):
        enter_case(case.pk, by=shirin)
        grant_relief(case.relief_requests.get().pk, "مدرک دیده شد.", by=shirin)
    page = sign_in("kamran")
    shoot(page, f"{site}/payments/{charge.pk}/", "money-plans")
    page.goto(f"/payments/{charge.pk}/")
    page.locator("form[action$='/parts/'] button").click()
    page.locator("label", has=page.locator("input[value=counter-cash]")).click()
    page.fill("#id_receipt_number", "1001")
    page.click(".k-take")
    shoot(page, f"{site}/payments/{charge.pk}/", "money-parts")
    page.goto(f"/payments/{charge.pk}/refund/")
    page.select_option("#id_cause", "mistake")
    page.fill("#id_amount", "۲۰۰٬۰۰۰")
    page.fill("#id_reason", "قسط نخست بیشتر گرفته شد.")
    page.locator("form .btn-primary").last.click()
    page.wait_for_url(f"**/payments/{charge.pk}/")
    shoot(page, f"{site}/payments/day/", "money-day")
    page.goto("/payments/day/")
    page.fill("#id_cash", "۲٬۰۰۰٬۰۰۰")
    page.fill("#id_terminal", "۰")
    page.fill("#id_note", "شمارش دوباره شد؛ علت پیدا نشد.")
    page.locator("form .btn-primary").last.click()
    page.wait_for_load_state()
    page = sign_in("shirin")
    with working_context(shirin):
        refund, day = Refund.objects.get(), DayEnd.objects.get()
    shoot(page, f"{site}/payments/refunds/{refund.pk}/", "money-refund")
    shoot(page, f"{site}/payments/days/{day.pk}/", "money-day-end")
