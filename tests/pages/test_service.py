"""The office's day in a real browser: a clerk books and prints the slip, the hall sees a number called by itself."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from khedmat.casework.models import Case
from khedmat.rounds.booking import pre_register, subject_of
from khedmat.service.booking import make_code
from khedmat.service.models import HallLink, OpeningDay
from khedmat.vault.context import working_context
from tests import line
from tests.cast import PASSWORD, Cast
from tests.pages.look import ALL_LOOKS, SHOTS, Look, picture, shoot, wear
from tests.service.opened import day_at_work

pytestmark = [pytest.mark.browser]


@pytest.fixture
def case(cast: Cast) -> Case:
    """A family on the telephone, and an office at work."""
    line.open_round(cast)
    household = line.register(cast)
    with working_context(cast["narges"]):
        found = pre_register(household.pk, line.ROUND, by=cast["narges"])
    day_at_work(cast["shirin"], cast["narges"])
    return found


@pytest.fixture
def clerk(page: Page, cast: Cast, settings: Any) -> Page:
    settings.KHEDMAT_REQUIRE_SECOND_FACTOR = False
    return sign_in(page, "narges")


@pytest.fixture
def manager(page: Page, cast: Cast, settings: Any) -> Page:
    settings.KHEDMAT_REQUIRE_SECOND_FACTOR = False
    return sign_in(page, "shirin")


def sign_in(page: Page, name: str) -> Page:
    page.goto("/account/sign-in/")
    page.fill("input[name=login]", name)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda url: "sign-in" not in url)
    return page


def test_booking_slip_and_the_client_alone(clerk: Page, live_site: LiveServer, cast: Cast, case: Case) -> None:
    url = f"{live_site.url}/appointments/enrolment/{case.pk}/"
    shoot(clerk, url, "service-times")
    wear(clerk, Look("fa", "light", 1280), live_site.url)
    clerk.goto(url)
    clerk.locator("input[name=slot]").first.check()
    clerk.locator("input[name=channel][value=phone]").check()
    clerk.locator(".btn-primary").click()
    expect(clerk.locator(".k-slip-code")).to_be_visible()
    picture(clerk, "service-slip", ALL_LOOKS[1])
    clerk.emulate_media(media="print")
    pdf = clerk.pdf(path=SHOTS / "service-slip.pdf", prefer_css_page_size=True)
    assert pdf.count(b"/Type /Page\n") == 1
    assert b"297.6" in pdf or b"298" in pdf
    clerk.emulate_media(media="screen")
    with working_context(cast["narges"]):
        code = make_code(subject_of(case), by=cast["narges"])
    for look in (ALL_LOOKS[0], ALL_LOOKS[7]):
        wear(clerk, look, live_site.url)
        clerk.goto("/appointment/")
        clerk.fill("#id_code", code)
        clerk.click(".btn-primary")
        picture(clerk, "service-appointment", look)
        clerk.click("button[name=move]")
        picture(clerk, "service-appointment-move", look)


def test_hall_sees_a_number_called_by_itself(clerk: Page, live_site: LiveServer, cast: Cast, case: Case) -> None:
    with working_context(cast["shirin"]):
        link = HallLink.objects.get()
    hall = clerk.context.new_page()
    hall.set_viewport_size({"width": 1920, "height": 1080})
    hall.goto(f"/hall/{link.pk}/")
    expect(hall.locator(".is-last .k-hall-number b")).to_have_text("۱")
    clerk.goto("/counter/")
    clerk.locator(".k-counters button").first.click()
    clerk.locator(".k-action .btn-primary").click()
    expect(clerk.locator(".k-ticket-number")).to_have_text("۲")
    expect(hall.locator(".is-last .k-hall-number b")).to_have_text("۲", timeout=15_000)
    hall.screenshot(path=SHOTS / "service-hall-1080.png")
    hall.close()
    shoot(clerk, f"{live_site.url}/counter/", "service-counter")
    shoot(clerk, f"{live_site.url}/reception/", "service-reception")
    shoot(clerk, f"{live_site.url}/hall/{link.pk}/", "service-hall")


def test_manager_looks_at_days_and_counters(manager: Page, live_site: LiveServer, cast: Cast, case: Case) -> None:
    with working_context(cast["shirin"]):
        day = OpeningDay.objects.first()
    assert day is not None
    for address, name in (
        ("/office/days/", "days"),
        ("/office/days/open/", "open-days"),
        (f"/office/days/{day.pk}/", "day"),
        ("/office/hall/", "hall-page"),
    ):
        shoot(manager, live_site.url + address, f"service-{name}")


def test_manager_closes_a_day_by_mistake_and_opens_it_again(
    manager: Page, live_site: LiveServer, cast: Cast, case: Case
) -> None:
    with working_context(cast["shirin"]):
        day = OpeningDay.objects.all()[0]
    manager.goto(f"{live_site.url}/office/days/{day.pk}/close/")
    manager.locator("#id_reason").fill("اشتباه")
    manager.locator("form.k-form button.btn-bad").click()
    shoot(manager, f"{live_site.url}/office/days/{day.pk}/", "service-closed-day")
    manager.goto(f"{live_site.url}/office/days/{day.pk}/")
    manager.get_by_role("button", name=re.compile("بازگشایی این روز|Open this day again")).click()
    expect(manager.locator(f'a[href="/office/days/{day.pk}/close/"]')).to_be_visible()
