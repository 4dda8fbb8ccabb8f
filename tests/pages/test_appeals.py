"""An appeal and a referral walked in a real browser, by the people whose work they are."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from khedmat.casework.enums import MemberStep, Outcome
from khedmat.casework.models import CaseMember
from khedmat.vault.context import working_context
from tests import line
from tests.cast import PASSWORD, Cast
from tests.pages.look import LOOKS, shoot
from tests.rounds.pages import arrived, members, submitted

pytestmark = [pytest.mark.browser]

SignIn = Callable[[str], Page]


@pytest.fixture
def opened(cast: Cast) -> Cast:
    line.open_round(cast)
    return cast


@pytest.fixture
def as_staff(page: Page, cast: Cast, settings: Settings) -> SignIn:
    """`as_staff("narges")`: the browser's page, with her signed in, whoever was before."""
    settings.KHEDMAT_REQUIRE_SECOND_FACTOR = False

    def sign_in(name: str) -> Page:
        page.context.clear_cookies()
        page.goto("/account/sign-in/")
        page.fill("input[name=login]", name)
        page.fill("input[name=password]", PASSWORD)
        page.press("input[name=password]", "Enter")
        page.wait_for_url(lambda url: "sign-in" not in url)
        return page

    return sign_in


def test_refused_appealed_upheld_by_another_officer(opened: Cast, live_site: LiveServer, as_staff: SignIn) -> None:
    case = submitted(opened, 2)
    line.decide_all(opened, case.pk, outcome=Outcome.REFUSE)
    first = members(opened["narges"], case)[0]

    page = as_staff("narges")
    page.goto(f"/cases/{case.pk}/")
    page.click(".k-head .k-menu > summary")
    page.click(f"a[href='/cases/{case.pk}/appeal/']")
    page.check(f"input[name=member][value='{first}']")
    page.fill("textarea[name=grounds]", "کارت دورهٔ پیش را داریم و همراه آورده‌ایم.")
    page.set_input_files("input[name=paper]", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": line.portrait(120)})
    page.click("button[form=appeal]")
    page.wait_for_url(f"**/cases/{case.pk}/")
    assert len(shoot(page, f"{live_site.url}/cases/{case.pk}/", "case-appealed")) == len(LOOKS)
    assert len(shoot(page, f"{live_site.url}/cases/{case.pk}/appeal/", "appeal-lodge")) == len(LOOKS)

    page = as_staff("bahram")
    page.goto("/appeals/")
    page.click("table a")
    expect(page.locator("form#decision")).to_have_count(0)

    page = as_staff("laleh")
    page.goto("/appeals/")
    page.click("table a")
    page.click("form[action$='/take/'] button")
    page.wait_for_selector("form#decision")
    address = page.url
    assert len(shoot(page, address, "appeal")) == len(LOOKS)
    page.goto(address)
    page.check("input[name=outcome][value=upheld]")
    page.fill("textarea[name=reason]", "کارت دورهٔ پیش دیده شد.")
    page.click("form#decision .btn-primary")
    page.wait_for_selector("#ended")
    with working_context(opened["laleh"]):
        assert CaseMember.objects.get(pk=first).step == MemberStep.APPROVED


def test_referral_accepted_by_rey(opened: Cast, live_site: LiveServer, as_staff: SignIn) -> None:
    case = arrived(opened, 2)
    page = as_staff("narges")
    assert len(shoot(page, f"{live_site.url}/cases/{case.pk}/refer/", "refer")) == len(LOOKS)
    page.goto(f"/cases/{case.pk}/refer/")
    page.select_option("select[name=place]", str(opened.places["rey"].pk))
    page.check("input[name=reason][value=moved]")
    page.check("input[name=is_known]")
    page.click("button[form=refer]")
    page.wait_for_url("**/referrals/*/")

    page = as_staff("omid")
    assert len(shoot(page, f"{live_site.url}/referrals/", "referrals")) == len(LOOKS)
    page.goto("/referrals/")
    page.click("table a")
    assert len(shoot(page, page.url, "referral")) == len(LOOKS)
    page.click("form[action$='/accept/'] button")
    page.wait_for_url(f"**/cases/{case.pk}/")
    with working_context(opened["omid"]):
        assert CaseMember.objects.filter(case=case).count() == 2
