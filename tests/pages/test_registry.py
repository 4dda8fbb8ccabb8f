"""The register's pages in a real browser, and as pictures."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from khedmat.common.jalali import to_jalali
from khedmat.registry.actions import register_household
from khedmat.registry.models import Household
from khedmat.vault.context import working_context
from tests.cast import Cast
from tests.line import family
from tests.pages.doors import sign_in
from tests.pages.look import (
    LOOKS,
    Look,
    assert_accessible,
    assert_no_horizontal_scroll,
    assert_wears,
    picture,
    shoot,
    wear,
)

pytestmark = [pytest.mark.browser]


@pytest.fixture
def clerk(page: Page, live_site: LiveServer, cast: Cast, settings: Any) -> Page:
    """A browser in which Narges is signed in, in Persian."""
    settings.KHEDMAT_REQUIRE_SECOND_FACTOR = False
    return sign_in(page, live_site, cast, "narges")


@pytest.fixture
def rezai(cast: Cast) -> Household:
    """A family of five, open to Narges."""
    with working_context(cast["narges"]):
        return register_household(family(), by=cast["narges"])


def look_at(page: Page, site: LiveServer, name: str, act: Callable[[], None], looks: tuple[Look, ...] = LOOKS) -> None:
    """Pictures and checks of a page that only doing something brings about."""
    for look in looks:
        wear(page, look, site.url)
        act()
        picture(page, name, look)
        assert_wears(page, look)
        assert_no_horizontal_scroll(page)
        assert_accessible(page)


def test_look_up_and_open(clerk: Page, live_site: LiveServer, cast: Cast) -> None:
    with working_context(cast["omid"]):
        register_household(family(), by=cast["omid"])

    def find() -> None:
        clerk.goto("/look-up/")
        clerk.fill("input#id_number", "17-4411-830")
        clerk.press("input#id_number", "Enter")
        expect(clerk.locator("#found")).to_be_visible()

    look_at(clerk, live_site, "registry-hit", find)
    clerk.locator("form[action*='/look-up/'] button.btn-primary").click()
    clerk.wait_for_url("**/families/**")
    expect(clerk.locator("h1")).to_contain_text("غلام‌سخی رضایی")


def test_look_up_by_name_says_who_answers(clerk: Page, live_site: LiveServer, cast: Cast) -> None:
    with working_context(cast["omid"]):
        household = register_household(family(), by=cast["omid"])
        child = household.members.exclude(relation="head")[0]
        typed, year = child.full_name, str(to_jalali(child.birth_on).year)

    def find() -> None:
        clerk.goto("/look-up/")
        clerk.fill("input#id_name", typed)
        clerk.fill("input#id_birth_years", year)
        clerk.press("input#id_birth_years", "Enter")
        expect(clerk.locator("#found")).to_be_visible()

    look_at(clerk, live_site, "registry-hit-by-name", find)


def test_look_up_without_hit_and_with_errors(clerk: Page, live_site: LiveServer) -> None:
    def find_nobody() -> None:
        clerk.goto("/look-up/")
        clerk.fill("input#id_number", "99999")
        clerk.press("input#id_number", "Enter")
        expect(clerk.locator(".k-state")).to_be_visible()

    def leave_year_out() -> None:
        clerk.goto("/look-up/")
        clerk.fill("input#id_name", "رضایی")
        clerk.press("input#id_name", "Enter")
        expect(clerk.locator("[data-error-summary]")).to_be_focused()

    look_at(clerk, live_site, "registry-none", find_nobody)
    look_at(clerk, live_site, "registry-look-up-errors", leave_year_out)


def test_household_page(clerk: Page, live_site: LiveServer, rezai: Household) -> None:
    shoot(clerk, f"{live_site.url}/families/{rezai.pk}/", "registry-household")


def test_contact_opens_on_demand(clerk: Page, live_site: LiveServer, rezai: Household) -> None:
    clerk.goto(f"/families/{rezai.pk}/")
    expect(clerk.get_by_text("شهریار، خیابان ولیعصر، پلاک ۷")).to_be_hidden()

    def unfold() -> None:
        clerk.goto(f"/families/{rezai.pk}/")
        clerk.locator("details summary", has_text="تلفن").or_(clerk.get_by_text("Show telephone")).click()
        expect(clerk.get_by_text("شهریار، خیابان ولیعصر، پلاک ۷")).to_be_visible()

    look_at(clerk, live_site, "registry-contact", unfold, (LOOKS[0], LOOKS[-1]))


def test_add_member_page(clerk: Page, live_site: LiveServer, rezai: Household) -> None:
    shoot(clerk, f"{live_site.url}/families/{rezai.pk}/members/new/", "registry-add-member")


def test_register_page(clerk: Page, live_site: LiveServer) -> None:
    shoot(clerk, f"{live_site.url}/families/new/", "registry-register")


def fill_head(page: Page) -> None:
    card = "members-0"
    for name, text in {"given_name": "غلام‌سخی", "father_name": "محمد", "number": "17-4411-830"}.items():
        page.fill(f"[name={card}-{name}]", text)
    page.select_option(f"[name={card}-sex]", "male")
    page.select_option(f"[name={card}-kind]", "amayesh_card")
    page.fill(f"[name={card}-birth_on_day]", "۱۲")
    page.select_option(f"[name={card}-birth_on_month]", "7")
    page.fill(f"[name={card}-birth_on_year]", "۱۳۶۱")


def test_register_with_errors_as_pictures(clerk: Page, live_site: LiveServer) -> None:
    def send_half() -> None:
        clerk.goto("/families/new/")
        fill_head(clerk)
        clerk.locator("[data-add]").click()
        clerk.fill("[name=members-1-given_name]", "یوسف")
        clerk.fill("[name=phone]", "0912")
        clerk.press("[name=phone]", "Enter")
        expect(clerk.locator("[data-error-summary]")).to_be_focused()

    look_at(clerk, live_site, "registry-register-errors", send_half)


def test_add_button_keeps_the_page_and_its_words(clerk: Page, live_site: LiveServer, cast: Cast) -> None:
    clerk.goto("/families/new/")
    clerk.evaluate("window.stayed = true")
    fill_head(clerk)
    clerk.locator("[data-add]").click()
    expect(clerk.locator("#member-2")).to_have_text("عضو ۲")
    expect(clerk.locator("[name=members-1-given_name]")).to_be_focused()
    assert clerk.evaluate("window.stayed")
    assert clerk.input_value("[name=members-0-birth_on_year]") == "۱۳۶۱"
    clerk.locator("form#family [name=remove]").click()
    expect(clerk.locator("#member-2")).to_have_count(0)
    assert clerk.input_value("[name=members-0-given_name]") == "غلام‌سخی"
    clerk.locator(".k-action .btn-primary").click()
    clerk.wait_for_url("**/families/*-*/")
    with working_context(cast["narges"]):
        assert Household.objects.count() == 1


def test_register_without_script(clerk: Page, live_site: LiveServer) -> None:
    clerk.route("**/members.js", lambda route: route.abort())
    clerk.goto("/families/new/")
    fill_head(clerk)
    clerk.locator("[data-add]").click()
    expect(clerk.locator("[name=members-1-given_name]")).to_be_focused()
    assert clerk.input_value("[name=members-0-given_name]") == "غلام‌سخی"
    assert clerk.input_value("[name=members-0-number]") == "17-4411-830"
