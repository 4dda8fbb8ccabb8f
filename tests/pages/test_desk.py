"""The staff's own pages in a real browser: each role's desk, change of role, oversight, and closed doors."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from khedmat.accounts.actions import note_spent_budget
from khedmat.accounts.enums import Role
from khedmat.accounts.errors import SpentReadBudget
from khedmat.desk.board import Board
from khedmat.desk.web import views
from khedmat.vault.context import working_context
from tests import line
from tests.cast import Cast
from tests.desk.pages import busy, second_role
from tests.pages.doors import sign_in
from tests.pages.look import LOOKS, shoot

pytestmark = [pytest.mark.browser]

SignIn = Callable[[str], Page]
ROLES = ("narges", "kamran", "bahram", "director", "printer", "manager", "guardian")


@pytest.fixture
def as_staff(page: Page, live_site: LiveServer, cast: Cast, settings: Any) -> SignIn:
    """`as_staff("narges")`: the browser's page, with her signed in."""
    settings.KHEDMAT_REQUIRE_SECOND_FACTOR = False

    def next_one(name: str) -> Page:
        page.context.clear_cookies()
        return sign_in(page, live_site, cast, name)

    return next_one


def test_desk_of_each_role_while_work_waits(cast: Cast, live_site: LiveServer, as_staff: SignIn) -> None:
    office = busy(cast)
    for name in ROLES:
        page = as_staff(name)
        assert len(shoot(page, f"{live_site.url}/desk/", f"desk-{name}")) == len(LOOKS)
    page = as_staff("narges")
    page.goto("/desk/")
    page.locator(f"main a[href='/cases/{office.arrived.pk}/']").click()
    page.wait_for_url("**/cases/**")


def test_desk_of_each_role_while_nothing_waits(cast: Cast, live_site: LiveServer, as_staff: SignIn) -> None:
    for name in ROLES:
        page = as_staff(name)
        assert len(shoot(page, f"{live_site.url}/desk/", f"desk-quiet-{name}")) == len(LOOKS)
        # Whose day is a list of counts alone has the list, with its zeros.
        expect(page.locator("main .k-state")).to_have_count(0 if name == "manager" else 1)


def test_role_is_changed_by_hand(cast: Cast, live_site: LiveServer, as_staff: SignIn) -> None:
    second_role(cast, "narges", Role.CASHIER, "shahriar")
    page = as_staff("narges")
    page.goto("/desk/")
    page.locator(".k-context a").click()
    page.wait_for_url("**/desk/roles/")
    shoot(page, f"{live_site.url}/desk/roles/", "desk-roles")
    before = page.locator(".k-context b").inner_text()
    page.locator("main input[type=radio]:not(:checked)").check()
    page.locator("main .btn-primary").click()
    page.wait_for_url("**/desk/")
    expect(page.locator(".k-context b")).not_to_have_text(before)


def test_oversight_of_a_quiet_day_and_with_a_budget_stop(cast: Cast, live_site: LiveServer, as_staff: SignIn) -> None:
    page = as_staff("guardian")
    shoot(page, f"{live_site.url}/desk/oversight/", "desk-oversight-quiet")
    expect(page.locator("main .k-state")).to_have_count(2)
    line.register(cast)
    line.register(cast, "omid", cards_from=5511830)
    line.register(cast, "omid", cards_from=6611830)
    for name in ("narges", "omid"):
        with working_context(cast[name]):
            note_spent_budget(by=cast[name])
    shoot(page, f"{live_site.url}/desk/oversight/", "desk-oversight")
    expect(page.locator("main table").first.locator("tbody tr")).to_have_count(2)


def test_doors_that_stay_closed(cast: Cast, live_site: LiveServer, as_staff: SignIn) -> None:
    page = as_staff("kamran")
    for name, path in (("closed-403", "/review/"), ("closed-404", "/families/0-0/")):
        assert len(shoot(page, live_site.url + path, name)) == len(LOOKS)


def test_faults_are_told_in_words(
    cast: Cast, live_site: LiveServer, as_staff: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = as_staff("narges")

    def stop(*_asked: object) -> Board:
        raise SpentReadBudget

    def break_down(*_asked: object) -> Board:
        raise RuntimeError("a fault that nobody foresaw")

    for name, fault in (("closed-429", stop), ("closed-500", break_down)):
        monkeypatch.setattr(views, "board_for", fault)
        assert len(shoot(page, f"{live_site.url}/desk/", name)) == len(LOOKS)
