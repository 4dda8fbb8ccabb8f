"""Every route names who may use it; nobody else gets in, and no answer is a server error."""

from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import NoReverseMatch, Resolver404, path, resolve, reverse

from khedmat.accounts.actions import end_role, switch_user_off
from khedmat.accounts.enums import Permission, Purpose
from khedmat.accounts.gate import page, public_page
from khedmat.accounts.models import User
from khedmat.accounts.rules import role_may
from tests.cast import Cast
from tests.consistency.routes import NEVER_OFFERED, OF_PACKAGES, Route, all_routes, unmarked

STAFF_ROUTES = [route for route in all_routes() if route.permission]
BY_ROLE = ("narges", "kamran", "bahram", "director", "printer", "manager", "guardian")


def _ids(route: Route) -> str:
    return route.name or route.pattern


def test_every_route_names_its_permission_or_why_it_is_public() -> None:
    assert unmarked(all_routes()) == []


def test_every_route_has_a_name() -> None:
    assert [route.pattern for route in all_routes() if not route.name or route.name.endswith(":")] == []


def test_routes_of_packages_are_still_there() -> None:
    """Otherwise the list of exceptions grows stale."""
    assert set(OF_PACKAGES) <= {route.name for route in all_routes()}


def test_public_reasons_are_sentences() -> None:
    for route in all_routes():
        assert not route.public_reason or len(route.public_reason.split()) >= 4, route.pattern


def test_every_permission_guards_a_route_that_is_known() -> None:
    assert {route.permission for route in STAFF_ROUTES} <= set(Permission)


def _open(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def test_an_unmarked_route_is_found() -> None:
    both = public_page(reason="anybody may look at it")(
        page(permission=Permission.SEE_DESK, purpose=Purpose.DAILY_WORK)(_open)
    )
    assert unmarked(all_routes([path("open/", _open, name="open")])) == ["open/ (open): no mark"]
    assert unmarked(all_routes([path("both/", both, name="both")])) == ["both/ (both): two marks"]


@pytest.mark.parametrize("name", NEVER_OFFERED)
def test_what_packages_offer_and_we_do_not_is_not_reachable(name: str) -> None:
    for values in ({}, {"key": "x"}, {"uidb36": "x", "key": "x"}):
        with pytest.raises(NoReverseMatch):
            reverse(name, kwargs=values)


@pytest.mark.parametrize(
    "address",
    ["signup/", "email/", "confirm-email/x/", "password/reset/", "password/set/", "social/connections/", "login/code/",
     "2fa/webauthn/", "3rdparty/"],
)  # fmt: skip
@pytest.mark.parametrize("prefix", ["/", "/account/", "/accounts/"])
def test_usual_addresses_of_packages_answer_nothing(prefix: str, address: str) -> None:
    with pytest.raises(Resolver404):
        resolve(prefix + address)


def test_no_view_of_a_package_s_closed_doors_is_wired() -> None:
    closed = ("SignupView", "EmailView", "ConfirmEmailView", "PasswordResetView", "PasswordSetView", "ConnectionsView",
              "RequestLoginCodeView", "PasswordResetFromKeyView", "ChangePhoneView")  # fmt: skip
    for route in all_routes():
        view_class = getattr(route.view, "view_class", None)
        assert getattr(view_class, "__name__", "") not in closed, route.pattern


@pytest.mark.django_db
@pytest.mark.parametrize("route", STAFF_ROUTES, ids=_ids)
@pytest.mark.parametrize("method", ["get", "post", "put", "delete", "head", "options"])
def test_anonymous_reader_is_sent_to_sign_in(client: Client, route: Route, method: str) -> None:
    answer = getattr(client, method)(route.address)
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_login"))
    assert "no-store" in answer["Cache-Control"]


@pytest.fixture
def signed_in(cast: Cast, client: Client) -> Callable[[str], Client]:
    def sign_in(name: str) -> Client:
        client.force_login(User.objects.get(pk=cast[name].user_id))
        # As a browser would see it: an error of the server is an answer, not an exception of the test.
        client.raise_request_exception = False
        return client

    return sign_in


@pytest.mark.django_db
@pytest.mark.parametrize("name", BY_ROLE)
def test_role_gets_403_where_it_lacks_the_permission(cast: Cast, signed_in: Callable[[str], Client], name: str) -> None:
    browser, refused = signed_in(name), 0
    for route in STAFF_ROUTES:
        assert route.permission
        for method in ("get", "post"):
            answer = getattr(browser, method)(route.address)
            if not role_may(cast[name].role, route.permission):
                assert answer.status_code == 403, f"{method} {route.pattern}"
                refused += 1
            else:
                assert answer.status_code < 500, f"{method} {route.pattern}: {answer.status_code}"
                assert answer.status_code != 403 or method == "post", f"{method} {route.pattern}"
            assert "no-store" in answer.get("Cache-Control", ""), route.pattern
    assert refused > 0


@pytest.mark.django_db
def test_ids_of_nothing_and_of_others_get_the_same_answer(cast: Cast, signed_in: Callable[[str], Client]) -> None:
    """Nobody learns from an answer whether a family, case, card or file exists."""
    from tests.factories import case_of, family

    household = family(cast["mina"])
    case = case_of(cast["mina"], household)
    browser = signed_in("narges")
    foreign: dict[str, Any] = {"household_id": household.pk, "case_id": case.pk}
    tried = 0
    for route in STAFF_ROUTES:
        assert route.permission
        named = set(route.values) & set(foreign)
        if not named or not role_may(cast["narges"].role, route.permission):
            continue
        real = {**route.values, **{key: foreign[key] for key in named}}
        theirs, nothing = browser.get(reverse(route.name, kwargs=real)), browser.get(route.address)
        assert theirs.status_code == nothing.status_code, route.pattern
        assert theirs.status_code in {404, 405}, route.pattern
        tried += 1
    assert tried > 0


@pytest.mark.django_db
def test_inactive_user_and_one_without_role_get_nowhere(cast: Cast, signed_in: Callable[[str], Client]) -> None:
    browser = signed_in("narges")
    user = User.objects.get(pk=cast["narges"].user_id)
    holding = user.holdings.get()
    end_role(holding, until_on=holding.held_from_on)
    for route in STAFF_ROUTES:
        assert browser.get(route.address).status_code == 403, route.pattern
    switch_user_off(user)
    for route in STAFF_ROUTES:
        assert browser.get(route.address).status_code == 302, route.pattern


@pytest.mark.django_db
@pytest.mark.parametrize("route", STAFF_ROUTES, ids=_ids)
def test_without_a_second_factor_no_page_opens(signed_in: Callable[[str], Client], settings: Any, route: Route) -> None:
    settings.KHEDMAT_REQUIRE_SECOND_FACTOR = True
    answer = signed_in("narges").get(route.address)
    assert (answer.status_code, answer["Location"]) == (302, reverse("mfa_activate_totp"))


@pytest.mark.django_db
def test_public_pages_open_for_anybody(client: Client) -> None:
    for route in all_routes():
        if route.public_reason:
            assert client.get(route.address).status_code < 500, route.pattern
