"""Change requests in a real browser: asked with a paper, decided by another person, seen by the office."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from khedmat.changes import wishes
from khedmat.registry.actions import look_up, open_hit, register_household
from khedmat.registry.enums import Way
from khedmat.registry.models import Household, Person
from khedmat.registry.provenance import note_values
from khedmat.vault.context import working_context
from tests.cast import Cast
from tests.changes.asking import REASON, approve, ask, birth_date_wish, facts, newcomer, people, phone_wish
from tests.files.samples import picture as photograph
from tests.imports.registers import FAMILY, bring_in, table
from tests.line import family
from tests.pages.doors import sign_in
from tests.pages.look import LOOKS, assert_accessible, assert_no_horizontal_scroll, picture, shoot, wear

pytestmark = [pytest.mark.browser]


@pytest.fixture
def signed_in(page: Page, live_site: LiveServer, cast: Cast, settings: Any) -> Callable[[str], Page]:
    """`signed_in("narges")`: the browser, in which she works from now on."""
    settings.KHEDMAT_REQUIRE_SECOND_FACTOR = False

    def next_one(name: str) -> Page:
        page.context.clear_cookies()
        return sign_in(page, live_site, cast, name)

    return next_one


@pytest.fixture
def rezai(cast: Cast) -> Household:
    """A family of five, open to Narges."""
    with working_context(cast["narges"]):
        return register_household(family(), by=cast["narges"])


def test_birth_date_from_the_counter_to_the_family_s_page(
    signed_in: Callable[[str], Page], cast: Cast, rezai: Household
) -> None:
    page = signed_in("narges")
    page.goto(f"/families/{rezai.pk}/")
    page.get_by_role("link", name="درخواست تغییر").click()
    page.get_by_role("link", name="اصلاح مشخصات").click()
    page.get_by_role("link", name="غلام‌سخی رضایی", exact=True).click()
    page.fill("[name=birth_on_year]", "۱۳۶۲")
    page.set_input_files("[name=paper]", {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": photograph()})
    page.get_by_role("button", name="ثبت درخواست").click()
    page.wait_for_url(f"**/families/{rezai.pk}/")
    expect(page.locator("#family-changes")).to_be_visible()
    expect(page.get_by_text("در انتظار تصمیم").first).to_be_visible()

    page = signed_in("bahram")
    page.goto("/desk/")
    page.locator("main a[href^='/changes/']").first.click()
    page.locator("#to-decide").locator("xpath=ancestor::section").get_by_role("link").first.click()
    expect(page.get_by_role("cell", name="۲۰ مهر ۱۳۶۲").or_(page.get_by_text("۱۳۶۲").first).first).to_be_visible()
    page.get_by_label("تأیید", exact=True).check()
    page.fill("[name=reason]", REASON)
    page.get_by_role("button", name="ثبت تصمیم").click()
    expect(page.get_by_text("تأیید شد").first).to_be_visible()

    page = signed_in("narges")
    page.goto(f"/families/{rezai.pk}/")
    expect(page.get_by_text(REASON)).to_be_visible()
    with working_context(cast["narges"]):
        head = Person.objects.get(household_id=rezai.pk, relation="head")
    assert head.birth_on.year in {1983, 1984}


def test_forms_as_pictures(
    signed_in: Callable[[str], Page], live_site: LiveServer, cast: Cast, rezai: Household
) -> None:
    head = people(cast, rezai)[0]
    ask(cast, rezai, birth_date_wish(people(cast, rezai)[1]))
    page = signed_in("narges")
    base = f"{live_site.url}/families/{rezai.pk}/changes/"
    for slug, person in (
        ("", None),
        ("names", None),
        ("particulars", head),
        ("contact", None),
        ("birth", None),
        ("death", head),
        ("divorce", None),
        ("join", None),
        ("move", None),
    ):
        url = base + (f"{slug}/" if slug else "") + (f"?person={person.pk}" if person else "")
        shoot(page, url, f"changes-{slug or 'choose'}{'-one' if person else ''}")


def test_form_with_errors_as_pictures(
    signed_in: Callable[[str], Page], live_site: LiveServer, cast: Cast, rezai: Household
) -> None:
    page = signed_in("narges")
    for look in LOOKS:
        wear(page, look, live_site.url)
        page.goto(f"/families/{rezai.pk}/changes/split/")
        page.locator(".k-action .btn-primary").click()
        expect(page.locator("[data-error-summary]")).to_be_focused()
        picture(page, "changes-errors", look)
        assert_no_horizontal_scroll(page)
        assert_accessible(page)


def test_deciding_as_pictures(
    signed_in: Callable[[str], Page], live_site: LiveServer, cast: Cast, rezai: Household
) -> None:
    head, wife, *children = people(cast, rezai)
    ask(cast, rezai, phone_wish(), paper=None)
    changed = ask(cast, rezai, birth_date_wish(head), paper=photograph(), note="در کارت پیشین غلط نوشته شده بود.")
    birth = ask(cast, rezai, wishes.birth(newcomer(), father_card_seen=True, mother_card_seen=False))
    relations = {head.pk: "spouse", wife.pk: "head", **{child.pk: child.relation for child in children}}
    headed = ask(cast, rezai, wishes.change_of_head(relations, facts(cast, rezai)), paper=None)
    approve(cast, birth)
    page = signed_in("bahram")
    shoot(page, f"{live_site.url}/desk/", "changes-desk")
    shoot(page, f"{live_site.url}/changes/", "changes-queue")
    shoot(page, f"{live_site.url}/changes/{changed.pk}/", "changes-request")
    shoot(page, f"{live_site.url}/changes/{birth.pk}/", "changes-request-approved")
    shoot(page, f"{live_site.url}/changes/{headed.pk}/", "changes-request-stale")
    page = signed_in("narges")
    shoot(page, f"{live_site.url}/families/{rezai.pk}/", "changes-family")
    shoot(page, f"{live_site.url}/changes/{changed.pk}/", "changes-request-own")
    shoot(page, f"{live_site.url}/changes/", "changes-queue-office")


def test_the_other_province_receives_as_pictures(
    signed_in: Callable[[str], Page], live_site: LiveServer, cast: Cast, rezai: Household
) -> None:
    asked = ask(cast, rezai, wishes.move(rezai.province_id, cast.places["khorasan"].pk), paper=None)
    page = signed_in("sara")
    shoot(page, f"{live_site.url}/changes/{asked.pk}/", "changes-request-move")


def test_question_of_a_file_as_pictures(signed_in: Callable[[str], Page], live_site: LiveServer, cast: Cast) -> None:
    keeper, clerk = cast["daftari"], cast["narges"]
    bring_in(table(FAMILY), keeper, working_context)
    with working_context(clerk):
        found = look_up(number=FAMILY[0]["document_number"], by=clerk)
        asked = Household.objects.get(pk=open_hit(found.look_up_id, 1, by=clerk))
        note_values(asked, {"phone": asked.phone, "address": asked.address}, way=Way.COUNTER, by=clerk)
    other = {"phone": "09351112233", "address": "شهریار، خیابان سعدی، پلاک ۷"}
    bring_in(table([row | other for row in FAMILY]), keeper, working_context)
    page = signed_in("narges")
    shoot(page, f"{live_site.url}/families/{asked.pk}/", "changes-questions")
    shoot(page, f"{live_site.url}/families/{asked.pk}/history/", "changes-origins")
    page.goto(f"/families/{asked.pk}/")
    expect(page.locator("#family-questions")).to_be_visible()
