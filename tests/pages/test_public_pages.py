"""The pages of the door, in a real browser: in every look, by keyboard, on a slow or missing network."""

import re

import pytest
from playwright.sync_api import Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from tests.cast import PASSWORD, Cast
from tests.pages.look import LOOKS, Look, assert_accessible, assert_no_horizontal_scroll, picture, shoot, wear

pytestmark = [pytest.mark.browser]

PAGES = {
    "landing": "/",
    "sign-in": "/account/sign-in/",
    "no-such-page": "/no-such-page/",
}
SIGN_IN = "/account/sign-in/"


def send(page: Page, *, username: str, password: str) -> None:
    """Fills the sign-in form and presses its button."""
    page.goto(SIGN_IN)
    page.locator("#id_login").fill(username)
    page.locator("#id_password").fill(password)
    page.locator("main .btn-primary").click()


@pytest.mark.parametrize("name", PAGES)
def test_page_looks_right_in_every_look(page: Page, live_site: LiveServer, name: str) -> None:
    assert len(shoot(page, live_site.url + PAGES[name], name)) == len(LOOKS)


def test_sign_in_refused_says_the_same_for_unknown_and_wrong(page: Page, cast: Cast) -> None:
    told = []
    for username in ("narges", "nobody.of.that.name"):
        send(page, username=username, password="not the passphrase")
        told.append(page.locator("[data-error-summary]").inner_text())
    assert told[0] == told[1] != ""
    assert_accessible(page)


def test_sign_in_refused_moves_the_focus_to_the_error(page: Page, cast: Cast) -> None:
    send(page, username="narges", password="not the passphrase")
    expect(page.locator("[data-error-summary]")).to_be_focused()


def test_sign_in_with_empty_fields_names_both(page: Page) -> None:
    page.goto(SIGN_IN)
    page.locator("main .btn-primary").click()
    links = page.locator("[data-error-summary] a")
    assert links.evaluate_all("all => all.map((a) => a.hash)") == ["#id_login", "#id_password"]
    described = page.locator("#id_login").get_attribute("aria-describedby")
    assert page.locator(f"#{described}").inner_text() != ""


def test_sign_in_reaches_past_the_form(page: Page, cast: Cast) -> None:
    send(page, username="narges", password=PASSWORD)
    expect(page).not_to_have_url(re.compile(re.escape(SIGN_IN)))


def test_form_on_a_slow_line_is_sent_once_and_says_so(page: Page) -> None:
    sent: list[str] = []

    def hold(route: Route) -> None:
        sent.append(route.request.method)

    page.goto(SIGN_IN)
    page.route("**" + SIGN_IN, hold)
    shown = page.evaluate(
        """() => {
            const button = document.querySelector('main .btn-primary');
            button.click();
            button.click();
            const look = () => [button.ariaBusy, document.querySelector('[data-said]').textContent];
            return new Promise((done) => setTimeout(() => done(look()), 600));
        }"""
    )
    assert shown == ["true", "در حال فرستادن…"]
    assert sent == ["POST"]


def test_form_without_network_is_not_sent_and_keeps_what_was_written(page: Page) -> None:
    page.goto(SIGN_IN)
    page.locator("#id_login").fill("narges")
    page.context.set_offline(True)
    expect(page.locator("[data-offline]")).to_be_visible()
    page.locator("main .btn-primary").click()
    expect(page.locator("[data-offline]")).to_be_focused()
    expect(page.locator("#id_login")).to_have_value("narges")
    assert_accessible(page)
    page.context.set_offline(False)
    expect(page.locator("[data-offline]")).to_be_hidden()


def test_theme_chosen_comes_from_the_server_next_time(page: Page, live_site: LiveServer) -> None:
    page.goto("/")
    page.locator("summary").click()
    page.locator("[data-theme-set=dark]").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    assert 'data-bs-theme="dark"' in page.request.get("/").text()


def test_theme_left_to_the_device_follows_it(page: Page) -> None:
    page.emulate_media(color_scheme="dark")
    page.goto("/")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.emulate_media(color_scheme="light")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "light")


def test_language_switch_comes_back_to_the_same_page(page: Page) -> None:
    page.goto(SIGN_IN)
    page.locator(".k-languages button").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert page.url.endswith(SIGN_IN)


def test_menu_closes_with_escape_and_gives_the_focus_back(page: Page) -> None:
    page.goto("/")
    summary = page.locator("summary")
    summary.click()
    expect(page.locator(".k-sheet")).to_be_visible()
    assert_accessible(page)
    page.keyboard.press("Escape")
    expect(page.locator(".k-sheet")).to_be_hidden()
    expect(summary).to_be_focused()


def test_skip_link_is_the_first_stop_of_the_keyboard(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.locator(".k-skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_page_enlarged_to_two_hundred_percent_does_not_scroll_sideways(page: Page, live_site: LiveServer) -> None:
    wear(page, Look("fa", "light", 360), live_site.url)
    page.goto(SIGN_IN)
    page.evaluate("document.documentElement.style.fontSize = '32px'")
    picture(page, "sign-in-enlarged", Look("fa", "light", 360))
    assert_no_horizontal_scroll(page)
