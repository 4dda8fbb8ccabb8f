"""The story of a family's record, as pictures."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from khedmat.registry.actions import add_member, register_household, write_document
from khedmat.registry.enums import Way
from khedmat.registry.history import MOST_CHANGES, because
from khedmat.registry.models import Household, Person, PersonDocument
from khedmat.registry.rules import DocumentEntry, MemberEntry
from khedmat.vault.context import working_context
from tests.cast import Cast
from tests.line import family
from tests.pages.doors import sign_in
from tests.pages.look import shoot

pytestmark = [pytest.mark.browser]


@pytest.fixture
def clerk(page: Page, live_site: LiveServer, cast: Cast, settings: Any) -> Page:
    """A browser in which Narges is signed in, in Persian."""
    settings.KHEDMAT_REQUIRE_SECOND_FACTOR = False
    return sign_in(page, live_site, cast, "narges")


@pytest.fixture
def rezai(cast: Cast, as_migrator: Any) -> Household:
    """A family of five, registered a year ago."""
    with working_context(cast["narges"]):
        household = register_household(family(), by=cast["narges"])
    for table, column, moment in (
        ("registry_household", "id", "created_at"),
        ("registry_person", "household_id", "created_at"),
        ("registry_persondocument", "household_id", "created_at"),
        ("registry_membership", "household_id", "since_at"),
        ("audit_entry", "household_id", "at"),
    ):
        as_migrator.execute(
            f"UPDATE {table} SET {moment} = {moment} - interval '1 year' WHERE {column} = %s", [household.pk]
        )
    return household


def _live_through(cast: Cast, household: Household, as_migrator: Any) -> None:
    """A correction with a paper, a file, a new child, a passport, a move, and a daughter who marries."""
    narges = cast["narges"]
    with working_context(narges):
        head = Person.objects.get(household=household, relation="head")
        head.birth_on, head.grandfather_name = date(1981, 5, 5), "کریم‌داد"
        with because(Way.CHANGE, uuid4()):
            head.save()
    _hours_ago(as_migrator, household, 24 * 90)
    with working_context(narges), because(Way.IMPORT, uuid4()):
        card = PersonDocument.objects.get(person=head)
        card.valid_until = date(2027, 9, 22)
        card.series = "amayesh-18"
        card.save()
    _hours_ago(as_migrator, household, 24 * 40)
    with working_context(narges):
        child = MemberEntry("نازنین", "رضایی", "غلام‌سخی", "female", date(2026, 2, 10), "daughter")
        add_member(household, child, by=narges)
        write_document(head, DocumentEntry("passport", "P04417702"), by=narges)
    _hours_ago(as_migrator, household, 24 * 9)
    with working_context(narges), because(Way.COUNTER):
        moved = Household.objects.get(pk=household.pk)
        moved.phone, moved.address, moved.postal_code = "+989351112233", "ری، خیابان فدائیان، پلاک ۱۲", "1881612345"
        moved.save()
    with working_context(narges), because(Way.CHANGE, uuid4()):
        bride = Person.objects.get(household=household, given_name="معصومه")
        new = register_household(family(cards_from=9911830, size=1), by=narges)
        Person.objects.filter(pk=bride.pk).update(household=new, relation="spouse", position=2)


def _hours_ago(as_migrator: Any, household: Household, hours: int) -> None:
    """Put what was done within this hour into the past."""
    for table, column, moment in (
        ("registry_household_history", "household_id", "replaced_at"),
        ("registry_person_history", "household_id", "replaced_at"),
        ("registry_persondocument_history", "household_id", "replaced_at"),
        ("registry_person", "household_id", "created_at"),
        ("registry_persondocument", "household_id", "created_at"),
        ("registry_membership", "household_id", "since_at"),
        ("audit_entry", "household_id", "at"),
    ):
        as_migrator.execute(
            f"UPDATE {table} SET {moment} = {moment} - %s * interval '1 hour' "
            f"WHERE {column} = %s AND {moment} > now() - interval '1 hour'",
            [hours, household.pk],
        )


def test_history_page(clerk: Page, live_site: LiveServer, cast: Cast, rezai: Household, as_migrator: Any) -> None:
    _live_through(cast, rezai, as_migrator)
    shoot(clerk, f"{live_site.url}/families/{rezai.pk}/history/", "registry-history")
    clerk.goto(f"/families/{rezai.pk}/history/")
    expect(clerk.locator(".k-time > li")).to_have_count(6)


def test_history_of_a_new_family(clerk: Page, live_site: LiveServer, rezai: Household) -> None:
    shoot(clerk, f"{live_site.url}/families/{rezai.pk}/history/", "registry-history-new")


def test_older_changes_and_the_end(clerk: Page, live_site: LiveServer, cast: Cast, rezai: Household) -> None:
    with working_context(cast["narges"]):
        head = Person.objects.get(household=rezai, relation="head")
        for number in range(MOST_CHANGES + 3):
            with because(Way.CHANGE, uuid4()):
                head.birth_on = date(1981, 5, 5) + timedelta(days=number)
                head.save()
    clerk.goto(f"/families/{rezai.pk}/")
    clerk.locator("a[href$='/history/']").click()
    expect(clerk.locator(".k-time > li")).to_have_count(MOST_CHANGES)
    clerk.locator("nav a[href^='?before=']").click()
    expect(clerk.locator(".k-time > li")).to_have_count(4)
    shoot(clerk, clerk.url, "registry-history-older")
    shoot(clerk, f"{live_site.url}/families/{rezai.pk}/history/?before=1", "registry-history-end")
