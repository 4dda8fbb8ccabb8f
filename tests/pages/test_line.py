"""The whole line in a real browser, as five people: clerk, cashier, officer, printer, and a passer-by offline."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from playwright.sync_api import Browser, Page, expect

from khedmat.cards.actions import extend_validity, revoke_card
from khedmat.cards.models import Card
from khedmat.cards.selectors import verify_bundle_at
from khedmat.casework.models import Case
from khedmat.vault.context import working_context
from tests import line
from tests.cast import PASSWORD, Cast, make_cast
from tests.pages.look import assert_accessible
from tests.pages.passer_by import PasserBy
from tests.pages.walking import run_jobs

pytestmark = pytest.mark.browser

MOST_ACTIONS = 25


class Clerk:
    """A page whose every click, choice and typed field is counted: what a clerk's hands do."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.actions = 0

    def press(self, name: str, **kwargs: Any) -> None:
        """Click a button or link by its words."""
        self.actions += 1
        self.page.get_by_role("button", name=name, **kwargs).first.click()

    def follow(self, name: str) -> None:
        """Click a link by its words."""
        self.actions += 1
        self.page.get_by_role("link", name=name).first.click()

    def type(self, selector: str, text: str) -> None:
        """Fill one field."""
        self.actions += 1
        self.page.locator(selector).fill(text)

    def tick(self, selector: str) -> None:
        """Tick one box or choice."""
        self.actions += 1
        self.page.locator(selector).check()

    def choose(self, selector: str, files: list[Path]) -> None:
        """Choose files once."""
        self.actions += 1
        self.page.locator(selector).set_input_files(files)


@pytest.fixture
def cast(live_site: Any, monkeypatch: pytest.MonkeyPatch) -> Cast:
    """The cast, the round and one family in the register, committed for the running site to see."""
    # A job runs in a thread that ends with the worker; a kept connection would outlive both.
    monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", 0)
    cast = make_cast()
    line.open_round(cast)
    line.register(cast)
    return cast


@pytest.fixture
def sign_in(chromium: Browser, live_site: Any) -> Iterator[Callable[[str], Page]]:
    """A window of one of the cast, signed in through the sign-in page, in English."""
    contexts = []

    def window(username: str) -> Page:
        context = chromium.new_context(base_url=live_site.url)
        context.add_cookies([{"name": "django_language", "value": "en", "url": live_site.url}])
        contexts.append(context)
        page = context.new_page()
        page.goto("/account/sign-in/")
        page.fill("input[name=login]", username)
        page.fill("input[name=password]", PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/desk/")
        return page

    yield window
    for context in contexts:
        context.close()


def _portraits(folder: Path) -> list[Path]:
    paths = [folder / f"portrait-{number}.jpg" for number in range(5)]
    for number, path in enumerate(paths):
        path.write_bytes(line.portrait(number))
    return paths


def _take_application(clerk: Clerk, folder: Path) -> str:
    page = clerk.page
    clerk.type("header input[name=number] >> visible=true", "174411830")
    clerk.actions += 1
    page.keyboard.press("Enter")
    clerk.press("Open this family")
    clerk.press("Take into Amayesh 18")
    assert_accessible(page)
    clerk.press("All papers seen")
    clerk.choose("#portraits-all", _portraits(folder))
    clerk.press("Save the photographs")
    expect(page.get_by_text("8,500,000").first).to_be_visible()
    return page.url


def _pay(page: Page) -> None:
    page.goto("/payments/")
    page.locator("main a", has_text="18-042-").first.click()
    assert_accessible(page)
    page.get_by_label("Cash").check()
    page.locator("input[name=receipt_number]").fill("1001")
    page.get_by_role("button", name="Take").first.click()
    expect(page.get_by_text("1001").first).to_be_visible()


def _decide(page: Page) -> None:
    page.goto("/review/")
    page.locator("table a").first.click()
    page.get_by_role("button", name="Take in hand").click()
    assert_accessible(page)
    page.get_by_role("link", name="Decide about all").click()
    for choice in page.locator("input[type=radio][value=approve]").all():
        choice.check()
    for reason in page.locator("textarea").all():
        reason.fill("The papers are complete.")
    page.locator("main ~ * button.btn-primary, main button.btn-primary").last.click()
    # On to the next case of the queue, which has no other.
    expect(page.get_by_text("5 decisions were kept.").first).to_be_visible()


def _print(page: Page) -> None:
    page.goto("/print/")
    page.get_by_role("button", name="Make a batch").click()
    page.wait_for_url("**/print/*/")
    run_jobs()
    page.reload()
    assert_accessible(page)
    page.get_by_role("button", name="Printed, all looked at").first.click()
    expect(page.get_by_text("Printed").first).to_be_visible()


def _hand_over(clerk: Clerk) -> None:
    page = clerk.page
    clerk.follow("Go to the hand-over")
    assert_accessible(page)
    clerk.tick("[data-tick-all]")
    clerk.tick("input[name=receiver] >> nth=0")
    clerk.press("Hand over the ticked cards")
    expect(page.get_by_text("The case is closed").first).to_be_visible()


def test_family_gets_cards_that_a_passer_by_checks_offline(
    cast: Cast, sign_in: Callable[[str], Page], chromium: Browser, live_site: Any, tmp_path: Path
) -> None:
    clerk = Clerk(sign_in("narges"))
    address = _take_application(clerk, tmp_path)
    _pay(sign_in("kamran"))
    clerk.page.goto(address)
    clerk.press("Send the case to the province")
    _decide(sign_in("bahram"))
    _print(sign_in("printer"))
    clerk.page.goto(address)
    _hand_over(clerk)
    assert clerk.actions <= MOST_ACTIONS
    with working_context(cast["narges"]):
        assert Case.objects.get().step == "closed"
        tokens = [card.token for card in Card.objects.order_by("person__position")]
    assert PasserBy(chromium, live_site.url).outcome_of(tokens[0]) == "valid"
    _revoke_second_card(cast)
    today = PasserBy(chromium, live_site.url)
    assert [today.outcome_of(token) for token in tokens[:2]] == ["valid", "revoked"]
    assert today.outcome_of(tokens[0][:-1]) == "not_ours"
    after_the_end = datetime(2027, 10, 10, 12, tzinfo=UTC)
    late = PasserBy(chromium, live_site.url, at=after_the_end, bundle=verify_bundle_at(after_the_end))
    assert late.outcome_of(tokens[0]) == "expired"
    _extend(cast)
    late = PasserBy(chromium, live_site.url, at=after_the_end, bundle=verify_bundle_at(after_the_end))
    assert [late.outcome_of(token) for token in tokens[:2]] == ["extended", "revoked"]


def _revoke_second_card(cast: Cast) -> None:
    bahram = cast["bahram"]
    with working_context(bahram):
        card = Card.objects.order_by("person__position")[1]
        revoke_card(card.pk, "The card was lost.", by=bahram)


def _extend(cast: Cast) -> None:
    manager = cast["manager"]
    with working_context(manager):
        extend_validity(
            series="amayesh-18",
            until_on=date(2027, 12, 20),
            notice_number="18/214",
            noticed_on=date(2027, 9, 1),
            by=manager,
        )
