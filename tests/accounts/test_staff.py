"""Who is staff and who holds which role: written by the installation alone, and recorded."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from khedmat.accounts.actions import INSTALLATION_ID, add_user, end_role, give_role, switch_user_off
from khedmat.accounts.enums import Permission, Role
from khedmat.accounts.errors import PermissionMissing, RecordNotVisible
from khedmat.accounts.models import RoleHolding, User
from khedmat.accounts.rules import INSTALLER, OWN_ACCOUNT, role_may
from khedmat.audit.models import Entry
from khedmat.vault.context import SETTING, working_context
from tests.cast import LONG_AGO, PASSWORD, Cast

pytestmark = pytest.mark.django_db


@contextmanager
def refused(state: str) -> Iterator[None]:
    with pytest.raises(DatabaseError) as caught, transaction.atomic():
        yield
    assert getattr(caught.value.__cause__, "sqlstate", None) == state


def user_of(cast: Cast, name: str) -> User:
    return User.objects.get(pk=cast[name].user_id)


INJECTED = {
    "a role for herself": "INSERT INTO accounts_roleholding (id, user_id, role, scope_id, held_from_on) "
    "SELECT gen_random_uuid(), id, 'director_general', 1, '2024-01-01' FROM accounts_user LIMIT 1",
    "another role": "UPDATE accounts_roleholding SET role = 'director_general'",
    "another place": "UPDATE accounts_roleholding SET scope_id = 1",
    "a role without end": "UPDATE accounts_roleholding SET held_until_on = NULL",
    "another's role": "UPDATE accounts_roleholding SET user_id = user_id",
    "a role less": "DELETE FROM accounts_roleholding",
    "a user": "INSERT INTO accounts_user (id, username, name_fa, name_en, password, is_active) "
    "VALUES (gen_random_uuid(), 'x', 'x', 'x', 'x', true)",
    "a user again": "UPDATE accounts_user SET is_active = true",
    "a user less": "UPDATE accounts_user SET is_active = false",
    "another's password": "UPDATE accounts_user SET password = 'x'",
    "another's name": "UPDATE accounts_user SET username = username || 'x'",
}


@pytest.mark.parametrize("name", [None, "narges", "manager", "guardian"])
@pytest.mark.parametrize("statement", INJECTED.values(), ids=INJECTED.keys())
def test_sql_of_their_own_gives_nobody_a_role(cast: Cast, raw: Any, statement: str, name: str | None) -> None:
    if name is None:
        with refused("42501"):
            raw.execute(statement)
        return
    with working_context(cast[name]), refused("42501"):
        raw.execute(statement)


CALLS = {
    "add a user": "guard.add_user(gen_random_uuid(), 'x', 'x', 'x', 'x', true)",
    "switch off": "guard.switch_user_off((SELECT id FROM accounts_user LIMIT 1))",
    "give a role": "guard.give_role(gen_random_uuid(), (SELECT id FROM accounts_user LIMIT 1), 'clerk', 1, now()::date,"
    " NULL)",
    "end a role": "guard.end_role((SELECT id FROM accounts_roleholding LIMIT 1), '2025-01-01')",
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_functions_ask_who_gives(cast: Cast, raw: Any, call: str) -> None:
    with refused("KH002"):
        raw.execute(f"SELECT {call}")
    for name in ("narges", "director", "manager", "guardian"):
        with pytest.raises(PermissionMissing), working_context(cast[name]):
            raw.execute(f"SELECT {call}")


def test_installer_without_the_key_is_nobody(cast: Cast, raw: Any) -> None:
    raw.execute(
        "SELECT set_config(%s, %s, true)", [SETTING, f"v1|00000000|{INSTALLATION_ID}|installer|1|x|9999999999|00"]
    )
    with refused("KH002"):
        raw.execute("SELECT guard.give_role(gen_random_uuid(), NULL, 'clerk', 1, now()::date, NULL)")


@pytest.mark.parametrize("role", [INSTALLER, OWN_ACCOUNT])
def test_nobody_holds_the_role_of_the_installation(cast: Cast, raw: Any, role: str) -> None:
    assert role not in Role.values
    assert not [permission for permission in Permission if role_may(role, permission)]
    narges = user_of(cast, "narges")
    by = cast["narges"].__class__(INSTALLATION_ID, INSTALLER, cast.places["nation"].pk, "installation")
    with pytest.raises(IntegrityError, match="known_role"), working_context(by):
        raw.execute(
            "SELECT guard.give_role(gen_random_uuid(), %s, %s, %s, now()::date, NULL)",
            [narges.pk, role, cast.places["nation"].pk],
        )


def test_a_clerk_gives_no_role(cast: Cast) -> None:
    with pytest.raises(PermissionMissing):
        give_role(
            user_of(cast, "narges"),
            Role.ROUND_MANAGER,
            cast.places["nation"],
            held_from_on=LONG_AGO,
            by=cast["narges"],
        )
    assert RoleHolding.objects.filter(user_id=cast["narges"].user_id).count() == 1


def test_what_the_installation_does_is_recorded(cast: Cast) -> None:
    today = date(2026, 11, 21)
    user = add_user(username="NewCOMER", name_fa="ن", name_en="N", password=PASSWORD)
    assert (user.username, user.is_active, user.check_password(PASSWORD)) == ("newcomer", True, True)
    holding = give_role(user, Role.CLERK, cast.places["rey"], held_from_on=LONG_AGO)
    end_role(holding, until_on=today)
    assert holding.held_until_on == today
    switch_user_off(user)
    assert not user.is_active
    with working_context(cast["guardian"]):
        told = Entry.objects.filter(actor_id=INSTALLATION_ID, subject_id__in=[str(user.pk), str(holding.pk)])
        assert [(entry.action, entry.scope_id) for entry in told.order_by("id")] == [
            ("user.added", cast.places["nation"].pk),
            ("role.given", cast.places["rey"].pk),
            ("role.ended", cast.places["rey"].pk),
            ("user.switched-off", cast.places["nation"].pk),
        ]
        assert told.get(action="role.ended").details == {"role": "clerk", "user": str(user.pk)}


def test_an_ended_role_is_not_made_longer(cast: Cast) -> None:
    holding = RoleHolding.objects.get(user_id=cast["narges"].user_id)
    end_role(holding, until_on=LONG_AGO)
    with pytest.raises(RecordNotVisible):
        end_role(holding, until_on=LONG_AGO + timedelta(days=1))
    with pytest.raises(RecordNotVisible):
        end_role(holding, until_on=LONG_AGO)
    holding.refresh_from_db()
    assert holding.held_until_on == LONG_AGO


def test_a_user_is_switched_off_once(cast: Cast) -> None:
    user = user_of(cast, "narges")
    switch_user_off(user)
    with pytest.raises(RecordNotVisible):
        switch_user_off(user)


def test_a_role_given_within_a_context_leaves_it_standing(cast: Cast, raw: Any) -> None:
    with working_context(cast["narges"]):
        give_role(user_of(cast, "omid"), Role.CASHIER, cast.places["rey"], held_from_on=LONG_AGO)
        raw.execute("SELECT guard.user_id(), guard.role()")
        assert raw.fetchone() == (cast["narges"].user_id, "clerk")
