"""The round's pages in a real browser: pictures in every look, and what the scripts do."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from khedmat.casework.actions import enter_case, take_for_review
from khedmat.casework.enums import Outcome
from khedmat.casework.models import Case, CaseMember
from khedmat.rounds.enrolment import add_paper, decide
from khedmat.rounds.enrolment_view import enrolment_view
from khedmat.vault.context import working_context
from tests import line
from tests.cast import Cast
from tests.pages.doors import sign_in
from tests.pages.look import LOOKS, shoot
from tests.rounds.pages import arrived, fresh, members, paid, submitted

pytestmark = [pytest.mark.browser]

SignIn = Callable[[str], Page]


@pytest.fixture
def opened(cast: Cast) -> Cast:
    line.open_round(cast)
    return cast


@pytest.fixture
def as_staff(page: Page, live_site: LiveServer, cast: Cast, settings: Any) -> SignIn:
    """`as_staff("narges")`: the browser's page, with her signed in."""
    settings.KHEDMAT_REQUIRE_SECOND_FACTOR = False
    return lambda name: sign_in(page, live_site, cast, name)


def with_pictures(cast: Cast, case: Case) -> None:
    """Two of the papers with a picture."""
    with working_context(cast["narges"]):
        for number, paper in enumerate(enrolment_view(case).papers[:2]):
            add_paper(case.pk, paper.code, paper.member_id, line.portrait(90 + number * 40), by=cast["narges"])


def under_review(cast: Cast) -> Case:
    """Five members, one of whom skipped rounds, one decided, one returned; in Bahram's hand."""
    case = paid(cast)
    with_pictures(cast, case)
    line.submit(cast, case.pk)
    officer = cast["bahram"]
    with working_context(officer):
        enter_case(case.pk, by=officer)
        case = take_for_review(case.pk, by=officer)
    first, second = members(officer, case)[:2]
    with working_context(officer):
        case = decide(case.pk, case.version, first, Outcome.APPROVE, "همهٔ شرط‌ها برقرار است.", by=officer)
        return decide(case.pk, case.version, second, Outcome.RETURN, "عکس روشن‌تری لازم است.", by=officer)


def test_clerks_pages_in_every_look(opened: Cast, live_site: LiveServer, as_staff: SignIn) -> None:
    case = arrived(opened)
    with_pictures(opened, case)
    page = as_staff("narges")
    for name, path in (
        ("case-arrived", f"/cases/{case.pk}/"),
        ("case-withdraw", f"/cases/{case.pk}/withdraw/"),
        ("household-cases", f"/families/{case.household_id}/"),
        ("round", f"/rounds/{line.ROUND}/"),
        ("rounds", "/rounds/"),
    ):
        assert len(shoot(page, live_site.url + path, name)) == len(LOOKS)


def test_clerks_page_after_a_return_in_every_look(opened: Cast, live_site: LiveServer, as_staff: SignIn) -> None:
    case = under_review(opened)
    assert len(shoot(as_staff("narges"), f"{live_site.url}/cases/{case.pk}/", "case-returned")) == len(LOOKS)


def test_officers_pages_in_every_look(opened: Cast, live_site: LiveServer, as_staff: SignIn) -> None:
    submitted(opened, size=2, cards_from=5511830, receipt="1002", series="amayesh-15")
    waiting = submitted(opened, size=1, cards_from=6611830, receipt="1003")
    case = under_review(opened)
    page = as_staff("bahram")
    for name, path in (
        ("review-queue", "/review/"),
        ("review-row", f"/review/{waiting.pk}/"),
        ("review", f"/review/{case.pk}/"),
        ("decide-each", f"/review/{case.pk}/decide/each/"),
    ):
        assert len(shoot(page, live_site.url + path, name)) == len(LOOKS)


def test_director_sees_what_a_rule_sends_there(opened: Cast, live_site: LiveServer, as_staff: SignIn) -> None:
    case = submitted(opened, size=2, series="amayesh-15")
    officer = opened["bahram"]
    with working_context(officer):
        enter_case(case.pk, by=officer)
        take_for_review(case.pk, by=officer)
    page = as_staff("bahram")
    assert len(shoot(page, f"{live_site.url}/review/{case.pk}/", "review-referred")) == len(LOOKS)


def test_manager_sees_the_extension_before_it_holds(opened: Cast, live_site: LiveServer, as_staff: SignIn) -> None:
    page = as_staff("manager")
    assert len(shoot(page, f"{live_site.url}/rounds/{line.ROUND}/", "round-manager")) == len(LOOKS)


def test_photographs_are_dealt_out_in_the_familys_order_before_saving(
    opened: Cast, live_site: LiveServer, as_staff: SignIn, tmp_path: Path
) -> None:
    case = arrived(opened, size=3)
    files = [tmp_path / f"face-{number}.jpg" for number in range(3)]
    for number, file in enumerate(files):
        file.write_bytes(line.portrait(90 + 30 * number))
    page = as_staff("narges")
    page.goto(f"/cases/{case.pk}/")
    page.set_input_files("#portraits-all", files)
    expect(page.locator("[data-portrait] [data-file-name]")).to_have_text([file.name for file in files])
    expect(page.locator("[data-portrait] .k-face img")).to_have_count(3)
    with working_context(opened["narges"]):
        assert not CaseMember.objects.filter(case=case, portrait__isnull=False).exists()
    page.locator('button[form="portraits"]').first.click()
    page.wait_for_load_state()
    with working_context(opened["narges"]):
        assert CaseMember.objects.filter(case=case, portrait__isnull=False).count() == 3


def test_second_officer_sees_what_changed_and_keeps_the_text(
    opened: Cast, live_site: LiveServer, as_staff: SignIn
) -> None:
    case = submitted(opened, size=2)
    officer = opened["bahram"]
    with working_context(officer):
        enter_case(case.pk, by=officer)
        case = take_for_review(case.pk, by=officer)
    page = as_staff("laleh")
    page.goto(f"/review/{case.pk}/")
    page.locator("#decision input[value=approve]").check()
    page.locator("#decision textarea").fill("متن من")
    with working_context(officer):
        decide(case.pk, case.version, members(officer, case)[1], Outcome.REFUSE, "هنوز نه.", by=officer)
    page.locator("#decision .btn-primary").click()
    expect(page.locator("textarea[readonly]")).to_have_value("متن من")
    expect(page.locator("main")).to_contain_text("بهرام کاویانی")
    assert fresh(officer, case).version == case.version + 1
