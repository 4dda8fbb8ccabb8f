"""Printing, hand-over and single cards, looked at in every look, and their scripts in a real browser."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from khedmat.cards.actions import extend_validity, hand_over, make_batch, revoke_card
from khedmat.cards.models import Card
from khedmat.cards.printing import note_failed_batch, prepare_batch
from khedmat.casework.actions import enter_case
from khedmat.casework.models import Case
from khedmat.config.demo.line import make_prepared_batch
from khedmat.vault.context import working_context
from tests import line
from tests.cast import Cast
from tests.pages.doors import sign_in
from tests.pages.look import shoot

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WHY = "نام روی کارت نادرست چاپ شده است؛ کارت تازه‌ای برای شما صادر می‌شود."


@pytest.fixture(autouse=True)
def _without_second_factor(settings: Any) -> None:
    settings.KHEDMAT_REQUIRE_SECOND_FACTOR = False


def approve(cast: Cast, number: int, size: int) -> Case:
    case = line.take_application(cast, line.register(cast, cards_from=4_600_000 + 100 * number, size=size))
    line.pay(cast, case, receipt=str(2000 + number))
    line.submit(cast, case.pk)
    return line.decide_all(cast, case.pk)


def cards_of(cast: Cast, case_id: UUID, name: str) -> list[Card]:
    with working_context(cast[name]):
        enter_case(case_id, by=cast[name])
        return list(Card.objects.filter(case_id=case_id).order_by("person__position"))


def test_printing_looks_right(page: Page, live_site: LiveServer, cast: Cast) -> None:
    sign_in(page, live_site, cast, "printer")
    shoot(page, f"{live_site.url}/print/", "print-empty")
    line.open_round(cast)
    approve(cast, 1, 5)
    printed = line.print_cards(cast)
    approve(cast, 2, 2)
    prepared = make_prepared_batch(cast)
    approve(cast, 3, 3)
    with working_context(cast["printer"]):
        failed = make_batch(by=cast["printer"])
        note_failed_batch(failed.pk, by=cast["printer"])
    approve(cast, 4, 4)
    with working_context(cast["printer"]):
        queued = make_batch(by=cast["printer"])
    approve(cast, 5, 5)
    shoot(page, f"{live_site.url}/print/", "print-queue")
    for name, batch in (("queued", queued), ("prepared", prepared), ("failed", failed), ("printed", printed)):
        shoot(page, f"{live_site.url}/print/{batch.pk}/", f"print-batch-{name}")


def test_batch_page_follows_its_job_and_keeps_the_focus(page: Page, live_site: LiveServer, cast: Cast) -> None:
    line.open_round(cast)
    approve(cast, 1, 1)
    with working_context(cast["printer"]):
        batch = make_batch(by=cast["printer"])
    sign_in(page, live_site, cast, "printer")
    page.goto(f"/print/{batch.pk}/")
    expect(page.locator("[data-live=working]")).to_have_count(1)
    crumb = page.locator(".k-crumbs a")
    crumb.focus()
    with working_context(cast["printer"]):
        prepare_batch(batch.pk, by=cast["printer"])
    expect(page.locator("#batch-printed")).to_be_visible(timeout=10_000)
    expect(page.locator("[data-live=working]")).to_have_count(0)
    expect(crumb).to_be_focused()
    page.locator("#batch-printed").click()
    expect(page.locator("#batch-printed")).to_have_count(0)


def test_hand_over_looks_right(page: Page, live_site: LiveServer, cast: Cast) -> None:
    sign_in(page, live_site, cast, "narges")
    shoot(page, f"{live_site.url}/hand-over/", "hand-over-empty")
    line.open_round(cast)
    first, second = approve(cast, 1, 5), approve(cast, 2, 3)
    line.print_cards(cast)
    shoot(page, f"{live_site.url}/hand-over/", "hand-over")
    cards = cards_of(cast, first.pk, "narges")
    shoot(page, f"{live_site.url}/hand-over/{first.pk}/", "hand-over-case")
    with working_context(cast["narges"]):
        hand_over([cards[1].pk], by=cast["narges"], receiver_id=cards[1].person_id)
    shoot(page, f"{live_site.url}/hand-over/{first.pk}/", "hand-over-some")
    others = [card.pk for card in cards_of(cast, second.pk, "narges")]
    with working_context(cast["narges"]):
        hand_over(others, by=cast["narges"], receiver_id=Card.objects.get(pk=others[0]).person_id)
    shoot(page, f"{live_site.url}/hand-over/{second.pk}/", "hand-over-closed")


def test_one_tick_ticks_all_and_the_family_gets_its_cards(page: Page, live_site: LiveServer, cast: Cast) -> None:
    line.open_round(cast)
    case = approve(cast, 1, 3)
    line.print_cards(cast)
    token = cards_of(cast, case.pk, "narges")[0].token
    sign_in(page, live_site, cast, "narges")
    page.goto("/hand-over/")
    # As a scanner types: the whole code, then Enter.
    page.locator("#id_presented").fill(str(token))
    page.keyboard.press("Enter")
    everything, boxes = page.locator("[data-tick-all]"), page.locator("input[name=cards]")
    everything.check()
    assert [box.is_checked() for box in boxes.all()] == [True] * 3
    boxes.nth(1).uncheck()
    assert not everything.is_checked()
    page.locator("input[name=receiver]").first.check()
    page.locator("button[form=hand-over]").click()
    expect(boxes).to_have_count(1)
    expect(page.locator('.k-status[data-tone="ok"]')).to_have_count(2)


def test_hand_over_with_something_amiss_looks_right(page: Page, live_site: LiveServer, cast: Cast) -> None:
    line.open_round(cast)
    case = approve(cast, 1, 2)
    line.print_cards(cast)
    cards_of(cast, case.pk, "narges")
    sign_in(page, live_site, cast, "narges")
    page.goto(f"/hand-over/{case.pk}/")
    page.locator("button[form=hand-over]").click()
    expect(page.locator("[data-error-summary]")).to_be_focused()
    expect(page.locator("[data-error-summary] a")).to_have_count(2)


def test_card_looks_right(page: Page, live_site: LiveServer, cast: Cast) -> None:
    line.open_round(cast)
    case = approve(cast, 1, 2)
    line.print_cards(cast)
    card, other = cards_of(cast, case.pk, "bahram")
    with working_context(cast["manager"]):
        extend_validity(
            series=card.series,
            until_on=card.valid_until + timedelta(days=90),
            notice_number="140/2211",
            noticed_on=card.valid_from,
            by=cast["manager"],
        )
    sign_in(page, live_site, cast, "bahram")
    shoot(page, f"{live_site.url}/cards/{card.pk}/", "card")
    with working_context(cast["bahram"]):
        revoke_card(other.pk, WHY, by=cast["bahram"])
    shoot(page, f"{live_site.url}/cards/{other.pk}/", "card-revoked")


def test_revoking_is_confirmed_by_what_will_stand(page: Page, live_site: LiveServer, cast: Cast) -> None:
    line.open_round(cast)
    case = approve(cast, 1, 1)
    line.print_cards(cast)
    (card,) = cards_of(cast, case.pk, "bahram")
    sign_in(page, live_site, cast, "bahram")
    page.goto(f"/cards/{card.pk}/")
    page.locator("textarea").fill(WHY)
    page.locator(".btn-bad").click()
    expect(page.locator(".k-confirm")).to_contain_text(WHY)
    page.screenshot(path="shots/card-confirm.png", full_page=True)
    page.locator(".k-confirm .btn-bad").click()
    expect(page.locator("textarea")).to_have_count(0)
