"""The family's page: all of it under a grant, nothing without, one audit row for each read."""

from collections.abc import Callable, Iterator
from datetime import date
from http import HTTPStatus
from uuid import uuid4

import pytest
from django.http import HttpRequest
from django.test import Client
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from khedmat.audit.models import Entry
from khedmat.registry.models import Household
from khedmat.registry.panels import forget_panel, register_panel
from khedmat.vault.context import working_context
from tests.cast import Cast
from tests.registry.pages import register

Staff = Callable[[str], Client]


def page_of(client: Client, household_id: object) -> str:
    answer = client.get(reverse("registry:household", args=[household_id]))
    assert answer.status_code == HTTPStatus.OK
    return answer.content.decode()


def test_page_shows_members_with_documents(cast: Cast, narges: Client) -> None:
    page = page_of(narges, register(cast, size=2))
    for shown in (
        "غلام‌سخی رضایی",
        "Ghulam Sakhi Rezai",
        "174411830",
        "Amayesh 17",
        "1982-10-04",
        "no document recorded",
    ):
        assert shown in page


def test_contact_is_folded_away(cast: Cast, narges: Client) -> None:
    page = page_of(narges, register(cast))
    before, details = page.split("<details><summary>Show telephone and address", 1)
    folded = details.split("</details>", 1)[0]
    assert "09123456789" in folded
    assert "شهریار، پلاک ۷" in folded
    assert "09123456789" not in before
    assert "<details open" not in page


def test_each_read_is_recorded(cast: Cast, narges: Client) -> None:
    household_id = register(cast)
    page_of(narges, household_id)
    page_of(narges, household_id)
    with working_context(cast["narges"]):
        reads = Entry.objects.filter(action="household.read", household_id=household_id)
        assert [(entry.actor_id, entry.purpose) for entry in reads] == [
            (cast["narges"].user_id, "take_application")
        ] * 2


def test_hidden_family_looks_like_none_at_all(cast: Cast, as_staff: Staff) -> None:
    household_id = register(cast)
    omid = as_staff("omid")
    hidden = omid.get(reverse("registry:household", args=[household_id]))
    absent = omid.get(reverse("registry:household", args=[uuid4()]))
    assert hidden.status_code == absent.status_code == HTTPStatus.NOT_FOUND
    assert str(hidden.context["error"]) == str(absent.context["error"])


def test_hidden_family_is_not_recorded_as_read(cast: Cast, narges: Client, as_staff: Staff) -> None:
    household_id = register(cast)
    as_staff("omid").get(reverse("registry:household", args=[household_id]))
    with working_context(cast["narges"]):
        assert not Entry.objects.filter(action="household.read", household_id=household_id).exists()


def test_page_is_kept_nowhere(cast: Cast, narges: Client) -> None:
    answer = narges.get(reverse("registry:household", args=[register(cast)]))
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("name", ["kamran", "bahram", "printer", "guardian"])
def test_page_is_for_clerks(cast: Cast, as_staff: Staff, name: str) -> None:
    household_id = register(cast)
    answer = as_staff(name).get(reverse("registry:household", args=[household_id]))
    assert answer.status_code == HTTPStatus.FORBIDDEN


def test_names_are_escaped(cast: Cast, narges: Client) -> None:
    page = page_of(narges, register(cast, given_name="<script>x</script>"))
    assert "<script>x" not in page
    assert "&lt;script&gt;x&lt;/script&gt;" in page


@pytest.fixture
def members_panel() -> Iterator[None]:
    def panel(request: HttpRequest, household: Household) -> SafeString | None:
        return format_html("<p>panel of {} members</p>", household.members.count())

    def silent(request: HttpRequest, household: Household) -> SafeString | None:
        return None

    for one in (panel, silent, panel):
        register_panel(one)
    yield
    forget_panel(panel)
    forget_panel(silent)


def test_panels_of_higher_storeys_stand_on_the_page_once(cast: Cast, narges: Client, members_panel: None) -> None:
    assert page_of(narges, register(cast, size=3)).count("<p>panel of 3 members</p>") == 1


def test_no_panel_is_left_behind(cast: Cast, narges: Client) -> None:
    assert "panel of" not in page_of(narges, register(cast))


def test_birth_dates_are_jalali_in_persian(cast: Cast, narges: Client) -> None:
    household_id = register(cast)
    narges.cookies["django_language"] = "fa"
    page = page_of(narges, household_id)
    assert "۱۳۶۱/۰۷/۱۲" in page
    assert date(1982, 10, 4).isoformat() in page  # the machine-readable day of <time>
