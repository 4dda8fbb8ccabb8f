"""Roles, what each may do, where and when it is held."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from khedmat.accounts.actions import add_user, end_role, give_role, switch_user_off
from khedmat.accounts.enums import Permission, Role
from khedmat.accounts.errors import RoleNotForPlace
from khedmat.accounts.models import Grant, ReadBudget, User
from khedmat.accounts.rules import ROLE_PERMISSIONS, ROLE_PLACES, is_held, role_may, roles_with
from khedmat.accounts.selectors import live_holdings
from khedmat.places.enums import ScopeKind
from tests.cast import LONG_AGO, PASSWORD, Cast

TODAY = date(2026, 11, 21)


def test_every_role_has_permissions_places_and_a_budget(db: None) -> None:
    assert set(ROLE_PERMISSIONS) == set(ROLE_PLACES) == set(Role)
    assert set(ReadBudget.objects.values_list("role", flat=True)) == set(Role)


def test_every_permission_is_somebody_s(db: None) -> None:
    assert [permission for permission in Permission if not roles_with(permission)] == []


@pytest.mark.parametrize("permission", Permission)
def test_unknown_role_may_nothing(permission: Permission) -> None:
    assert not role_may("", permission)
    assert not role_may("superuser", permission)


def test_nobody_takes_and_decides_the_same_application() -> None:
    for role in Role:
        assert not (role_may(role, Permission.TAKE_APPLICATION) and role_may(role, Permission.DECIDE_MEMBER))
        assert not (role_may(role, Permission.TAKE_PAYMENT) and role_may(role, Permission.LOOK_UP))


@pytest.mark.parametrize(
    ("begins", "ends", "held"),
    [(0, 0, True), (-1, None, True), (1, None, False), (-2, -1, False), (-1, 1, True), (0, None, True)],
)
def test_role_is_held_on_both_its_last_days(begins: int, ends: int | None, held: bool) -> None:
    until = None if ends is None else TODAY + timedelta(days=ends)
    assert is_held(TODAY + timedelta(days=begins), until, TODAY) is held


@pytest.mark.parametrize("role", Role)
def test_role_is_given_at_its_kinds_of_place_alone(cast: Cast, role: Role) -> None:
    user = add_user(username="wanderer", name_fa="و", name_en="W", password=PASSWORD)
    kinds = {"nation": ScopeKind.NATION, "tehran": ScopeKind.PROVINCE, "shahriar": ScopeKind.OFFICE}
    for key, kind in kinds.items():
        if kind in ROLE_PLACES[role]:
            give_role(user, role, cast.places[key], held_from_on=LONG_AGO)
        else:
            with pytest.raises(RoleNotForPlace):
                give_role(user, role, cast.places[key], held_from_on=LONG_AGO)


def test_ended_role_and_inactive_user_hold_nothing(cast: Cast) -> None:
    user = User.objects.get(username="narges")
    assert len(live_holdings(user.pk)) == 1
    assert live_holdings(user.pk, LONG_AGO - timedelta(days=1)) == []
    end_role(user.holdings.get(), until_on=timezone.localdate() - timedelta(days=1))
    assert live_holdings(user.pk) == []
    give_role(user, Role.CLERK, cast.places["rey"], held_from_on=timezone.localdate())
    assert len(live_holdings(user.pk)) == 1
    switch_user_off(user)
    assert live_holdings(user.pk) == []


def test_grant_is_saved_by_nobody(cast: Cast) -> None:
    with pytest.raises(TypeError, match="guard functions only"):
        Grant(user_id=cast["narges"].user_id).save()
