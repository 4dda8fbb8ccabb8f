"""The desk's pages through Django's test client: who may open them, and what they do not say."""

from http import HTTPStatus
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from khedmat.accounts.actions import add_user, give_role, note_spent_budget
from khedmat.accounts.enums import Role
from khedmat.accounts.gate import HOLDING_KEY
from khedmat.accounts.models import RoleHolding
from khedmat.registry.models import Household
from khedmat.vault.context import working_context
from tests import line
from tests.cast import LONG_AGO, PASSWORD, Cast
from tests.desk.pages import PERSONAL_WORDS, busy, client_of, ended_role, get, second_role

pytestmark = [pytest.mark.django_db]

EVERYBODY = ("narges", "kamran", "bahram", "director", "printer", "manager", "guardian")
QUEUES = {
    "narges": ("desk:home", "cards:hand-over", "registry:look-up", "rounds:list"),
    "kamran": ("desk:home", "payments:queue", "rounds:list"),
    "bahram": ("desk:home", "rounds:review-queue", "rounds:list"),
    "director": ("desk:home", "rounds:review-queue"),
    "printer": ("desk:home", "cards:print-queue"),
    "manager": ("desk:home", "rounds:list"),
    "guardian": ("desk:home", "desk:oversight"),
}


def choose(client: Client, holding: object) -> Any:
    return client.post(reverse("desk:roles"), {"holding": str(holding)}, secure=True)


def holding_of(cast: Cast, name: str) -> RoleHolding:
    return RoleHolding.objects.get(user_id=cast[name].user_id)


@pytest.mark.parametrize("language", ["fa", "en"])
def test_no_desk_or_queue_names_a_client(cast: Cast, language: str) -> None:
    office = busy(cast)
    told = set()
    for name, routes in QUEUES.items():
        client = client_of(cast, name, language)
        for route in routes:
            answer = get(client, route)
            assert answer.status_code == HTTPStatus.OK, (name, route)
            text = answer.content.decode()
            assert [word for word in PERSONAL_WORDS if word in text] == [], (name, route)
            told |= {route for case in (office.to_pay, office.submitted) if case.number in text or "۰۴۲" in text}
    # The pages were not empty: what waits stands there by number.
    assert {"desk:home", "payments:queue", "rounds:review-queue"} <= told


@pytest.mark.parametrize("name", EVERYBODY)
def test_desk_shows_role_and_place_to_each(cast: Cast, name: str) -> None:
    answer = get(client_of(cast, name), "desk:home")
    assert answer.status_code == HTTPStatus.OK
    text = answer.content.decode()
    with override("en"):
        assert str(Role(cast[name].role).label) in text
    assert "Change role" not in text


@pytest.mark.parametrize("route", ["desk:home", "desk:roles", "desk:oversight"])
def test_stranger_is_sent_to_the_sign_in(client: Client, route: str) -> None:
    answer = get(client, route)
    assert answer.status_code == HTTPStatus.FOUND
    assert "/sign-in/" in answer["Location"]


def test_chosen_role_is_worked_in_until_another_is_chosen(cast: Cast) -> None:
    second = second_role(cast, "narges", Role.CASHIER, "shahriar")
    client = client_of(cast, "narges")
    assert "Change role" in get(client, "desk:home").content.decode()
    answer = choose(client, second.pk)
    assert (answer.status_code, answer["Location"]) == (HTTPStatus.FOUND, "/desk/")
    assert get(client, "payments:queue").status_code == HTTPStatus.OK
    assert get(client, "registry:look-up").status_code == HTTPStatus.FORBIDDEN
    first = RoleHolding.objects.get(user_id=cast["narges"].user_id, role=Role.CLERK)
    choose(client, first.pk)
    assert get(client, "payments:queue").status_code == HTTPStatus.FORBIDDEN
    assert get(client, "registry:look-up").status_code == HTTPStatus.OK


def test_role_of_somebody_else_is_not_taken(cast: Cast) -> None:
    second_role(cast, "narges", Role.CASHIER, "shahriar")
    client = client_of(cast, "narges")
    for forged in (holding_of(cast, "guardian").pk, uuid4(), "", "1 OR 1=1", "ا"):
        answer = choose(client, forged)
        assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY, forged
        assert "You do not hold that role today" in answer.content.decode()
        assert HOLDING_KEY not in client.session
    assert get(client, "desk:oversight").status_code == HTTPStatus.FORBIDDEN


def test_role_that_ended_is_neither_offered_nor_taken(cast: Cast) -> None:
    ended = ended_role(cast, "narges", Role.CASHIER, "shahriar")
    client = client_of(cast, "narges")
    assert str(ended.pk) not in get(client, "desk:roles").content.decode()
    assert choose(client, ended.pk).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert get(client, "payments:queue").status_code == HTTPStatus.FORBIDDEN


def test_forged_session_falls_back_to_an_own_role(cast: Cast) -> None:
    client = client_of(cast, "narges")
    session = client.session
    session[HOLDING_KEY] = str(holding_of(cast, "guardian").pk)
    session.save()
    assert get(client, "desk:oversight").status_code == HTTPStatus.FORBIDDEN
    assert "Office clerk" in get(client, "desk:home").content.decode()


@pytest.mark.parametrize("name", EVERYBODY)
def test_oversight_is_open_to_the_protection_officer_alone(cast: Cast, name: str) -> None:
    expected = HTTPStatus.OK if name == "guardian" else HTTPStatus.FORBIDDEN
    answer = get(client_of(cast, name), "desk:oversight")
    assert answer.status_code == expected
    assert (b"Protection officer" in answer.content) or name == "guardian"


def stopped_at_the_budget(cast: Cast) -> Household:
    """Narges registers a family, opens it, and is stopped once."""
    household = line.register(cast)
    with working_context(cast["narges"]):
        note_spent_budget(by=cast["narges"])
    return household


def test_oversight_tells_who_reads_and_never_what(cast: Cast) -> None:
    household = stopped_at_the_budget(cast)
    answer = get(client_of(cast, "guardian"), "desk:oversight")
    (stop,) = answer.context["stops"]
    assert (stop.reader.username, stop.role) == ("narges", "Office clerk")
    assert stop.place.pk == cast.places["shahriar"].pk
    (reader,) = answer.context["readers"]
    assert (reader.reader.username, reader.opened, reader.allowed) == ("narges", 1, 120)
    text = answer.content.decode()
    assert "Narges Tavassoli" in text
    assert [word for word in (*PERSONAL_WORDS, str(household.pk)) if word in text] == []


def test_protection_officer_of_a_province_sees_that_province_alone(cast: Cast) -> None:
    stopped_at_the_budget(cast)
    seen = {}
    for place in ("tehran", "khorasan"):
        user = add_user(username=f"guard-{place}", name_fa="پاسدار داده", name_en="A Guard", password=PASSWORD)
        give_role(user, Role.PROTECTION_OFFICER, cast.places[place], held_from_on=LONG_AGO, by=None)
        client = Client()
        client.force_login(user)
        answer = get(client, "desk:oversight")
        seen[place] = (len(answer.context["stops"]), len(answer.context["readers"]))
    assert seen == {"tehran": (1, 1), "khorasan": (0, 0)}


def test_oversight_of_a_quiet_day_says_so(cast: Cast) -> None:
    text = get(client_of(cast, "guardian"), "desk:oversight").content.decode()
    assert "Nobody was stopped." in text
    assert "Nobody opened a family today." in text


@pytest.mark.parametrize(("route", "part"), [("desk:home", "Desk"), ("desk:oversight", "Oversight")])
def test_menu_marks_one_part_as_current(cast: Cast, route: str, part: str) -> None:
    nav = get(client_of(cast, "guardian"), route).context["nav"]
    assert [one["label"] for one in nav if one["current"]] == [part]
