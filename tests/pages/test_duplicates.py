"""The keeper's list and a pair in a real browser, and as pictures."""

from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from khedmat.duplicates.actions import answer_pair, open_pair
from khedmat.duplicates.enums import Verdict
from khedmat.duplicates.models import DuplicatePair
from khedmat.registry.models import Household
from khedmat.vault.context import working_context
from tests.cast import Cast
from tests.duplicates.conftest import found, household, member, pair_of
from tests.pages.doors import sign_in
from tests.pages.look import shoot

pytestmark = [pytest.mark.browser]


@pytest.fixture
def families(cast: Cast) -> tuple[Household, Household]:
    """One family at two offices: the father written otherwise the second time."""
    son = member("مهدی", father="غلام‌سخی", born=date(2008, 5, 2), relation="son")
    return (
        household(member(number="A1704411830"), son, by=cast["narges"]),
        household(member("غلام سخي", "رذایی", born=date(1977, 7, 5), number="A1704411830"), by=cast["omid"]),
    )


@pytest.fixture
def pair(cast: Cast, families: tuple[Household, Household], as_migrator: Any) -> DuplicatePair:
    as_migrator.execute(
        "SELECT id::text FROM registry_person WHERE household_id = ANY (%s) AND relation = 'head' ORDER BY id",
        [[one.pk for one in families]],
    )
    ids = [row[0] for row in as_migrator.fetchall()]
    likenesses = ("given:same", "family:sounds", "father:same", "birth:digit", "sex:same", "document:same")
    kept = pair_of(families, owner=as_migrator)._replace(person_a=ids[0], person_b=ids[1], likenesses=likenesses)
    found(cast["daftari"], kept, people=3)
    with working_context(cast["daftari"]):
        return DuplicatePair.objects.get()


@pytest.fixture
def keeper(page: Page, live_site: LiveServer, cast: Cast, settings: Any) -> Page:
    """A browser in which Daftari is signed in, in Persian."""
    settings.KHEDMAT_REQUIRE_SECOND_FACTOR = False
    return sign_in(page, live_site, cast, "daftari")


def test_empty_queue_in_pictures(keeper: Page, live_site: LiveServer) -> None:
    shoot(keeper, live_site.url + "/duplicates/", "duplicates-empty")


def test_queue_closed_and_open_pair_in_pictures(
    keeper: Page, live_site: LiveServer, cast: Cast, pair: DuplicatePair
) -> None:
    shoot(keeper, live_site.url + "/duplicates/", "duplicates-queue")
    shoot(keeper, f"{live_site.url}/duplicates/{pair.pk}/", "duplicates-closed")
    with working_context(cast["daftari"]):
        open_pair(pair.pk, by=cast["daftari"])
        answer_pair(pair.pk, Verdict.ASK_FOR_PAPERS, "تاریخ تولد را با تذکره بسنجید.", version=1, by=cast["daftari"])
    shoot(keeper, f"{live_site.url}/duplicates/{pair.pk}/", "duplicates-pair")
    with working_context(cast["daftari"]):
        answer_pair(pair.pk, Verdict.SAME_PERSON, "تذکره را دیدم؛ یک نفر است.", version=2, by=cast["daftari"])
    shoot(keeper, f"{live_site.url}/duplicates/{pair.pk}/", "duplicates-linked")
    shoot(keeper, live_site.url + "/desk/", "duplicates-desk")


def test_compare_link_and_take_apart_in_the_browser(keeper: Page, live_site: LiveServer, pair: DuplicatePair) -> None:
    keeper.goto("/duplicates/")
    keeper.click("td a.k-strong")
    expect(keeper.locator("body")).not_to_contain_text("رذایی")
    keeper.click("form[action$='/open/'] button")
    expect(keeper.locator("table.kd-pair")).to_contain_text("رذایی")
    expect(keeper.locator("tr.is-different")).to_have_count(2)

    keeper.click("button[value=same_person]")
    expect(keeper.locator("[data-error-summary]")).to_be_visible()
    keeper.fill("textarea[name=reason]", "مدرک یکی است")
    keeper.click("button[value=same_person]")
    expect(keeper.locator("h1")).to_have_text("دو ثبت از یک نفر")

    keeper.fill("textarea[name=reason]", "دو برادرند")
    keeper.click("form[action$='/unlink/'] button")
    expect(keeper.locator("h1")).to_have_text("آیا این‌ها یک نفرند؟")
    expect(keeper.locator("ul.k-time")).to_contain_text("دو برادرند")


def test_family_s_page_asks_for_papers_in_pictures(
    page: Page,
    live_site: LiveServer,
    cast: Cast,
    settings: Any,
    families: tuple[Household, Household],
    pair: DuplicatePair,
) -> None:
    settings.KHEDMAT_REQUIRE_SECOND_FACTOR = False
    with working_context(cast["daftari"]):
        open_pair(pair.pk, by=cast["daftari"])
        answer_pair(pair.pk, Verdict.ASK_FOR_PAPERS, "تذکره", version=1, by=cast["daftari"])
    sign_in(page, live_site, cast, "narges")
    shoot(page, f"{live_site.url}/families/{families[0].pk}/", "duplicates-papers-asked")
