"""The pages that write a round in a real browser: pictures in every look, and a draft kept by its buttons."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from khedmat.rounds.models import RoundVersion
from khedmat.vault.context import working_context
from tests import line
from tests.cast import PASSWORD, Cast
from tests.pages.look import shoot
from tests.rounds.kept import written_on

pytestmark = [pytest.mark.browser]


@pytest.fixture
def as_staff(page: Page, cast: Cast, settings: Any) -> Callable[[str], Page]:
    settings.KHEDMAT_REQUIRE_SECOND_FACTOR = False

    def sign_in(name: str) -> Page:
        page.goto("/account/sign-in/")
        page.fill("input[name=login]", name)
        page.fill("input[name=password]", PASSWORD)
        page.press("input[name=password]", "Enter")
        page.wait_for_url(lambda url: "sign-in" not in url)
        return page

    return sign_in


def test_writing_pages_in_every_look(cast: Cast, live_site: LiveServer, as_staff: Callable[[str], Page]) -> None:
    line.open_round(cast)
    draft = written_on(cast, line.ROUND)
    page, own = as_staff("manager"), f"/rounds/writing/{draft.pk}"
    for name, path in (
        ("writing-version", f"{own}/"),
        ("writing-rules", f"{own}/rules/"),
        ("writing-rule", f"{own}/rules/no-skipped-round/"),
        ("writing-texts", f"{own}/texts/rule-no-skipped-round/"),
        ("writing-check", f"{own}/check/"),
        ("round-briefing", f"/rounds/{line.ROUND}/briefing/"),
        ("round-closing", f"/rounds/{line.ROUND}/closing/"),
    ):
        shoot(page, live_site.url + path, name)


def test_draft_is_proposed_by_its_button(cast: Cast, live_site: LiveServer, as_staff: Callable[[str], Page]) -> None:
    line.open_round(cast)
    draft = written_on(cast, line.ROUND)
    page = as_staff("manager")
    page.goto(f"{live_site.url}/rounds/writing/{draft.pk}/")
    page.locator("button[value=propose]").click()
    expect(page.locator("button[value=take-back]")).to_be_visible()
    with working_context(cast["manager"]):
        proposed_at = RoundVersion.objects.get(pk=draft.pk).proposed_at
    assert proposed_at is not None
    assert proposed_at <= timezone.now()
