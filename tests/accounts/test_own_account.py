"""What a user may write of their own sign-in, and that nobody else may."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.contrib.auth.hashers import make_password
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from khedmat.accounts.models import User
from khedmat.accounts.rules import OWN_ACCOUNT
from khedmat.audit.models import Entry
from khedmat.common.actor import Actor
from khedmat.vault.context import working_context
from tests.browsers import english_browser
from tests.cast import PASSWORD, Cast

pytestmark = pytest.mark.django_db
NEXT_PASSWORD = "another long passphrase 1406"


def user_of(cast: Cast, name: str) -> User:
    return User.objects.get(pk=cast[name].user_id)


def signed_in_by_password(name: str, password: str) -> Client:
    browser = english_browser()
    browser.post(reverse("account_login"), {"login": name, "password": password})
    return browser


@pytest.fixture(autouse=True)
def _unhashed(unhashed_static: None) -> None:
    """Pages are drawn without collected files."""


def test_sign_in_notes_its_day(cast: Cast) -> None:
    assert user_of(cast, "narges").last_login is None
    assert "_auth_user_id" in signed_in_by_password("narges", PASSWORD).session
    assert user_of(cast, "narges").last_login is not None


def test_own_password_is_changed(cast: Cast) -> None:
    browser = signed_in_by_password("narges", PASSWORD)
    sent = {"oldpassword": PASSWORD, "password1": NEXT_PASSWORD, "password2": NEXT_PASSWORD}
    assert browser.post(reverse("account_change_password"), sent).status_code == 302
    assert user_of(cast, "narges").check_password(NEXT_PASSWORD)
    assert user_of(cast, "omid").check_password(PASSWORD)
    with working_context(cast["guardian"]):
        assert Entry.objects.filter(action="user.password-changed", actor_id=cast["narges"].user_id).count() == 1
    assert "_auth_user_id" not in signed_in_by_password("narges", PASSWORD).session
    assert "_auth_user_id" in signed_in_by_password("narges", NEXT_PASSWORD).session


def test_wrong_old_password_changes_nothing(cast: Cast) -> None:
    browser = signed_in_by_password("narges", PASSWORD)
    sent = {"oldpassword": "not hers at all", "password1": NEXT_PASSWORD, "password2": NEXT_PASSWORD}
    assert browser.post(reverse("account_change_password"), sent).status_code == 200
    assert user_of(cast, "narges").check_password(PASSWORD)


def test_a_weak_hash_is_made_stronger_at_sign_in(cast: Cast, settings: Any) -> None:
    hashers = settings.PASSWORD_HASHERS
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher", *hashers]
    assert user_of(cast, "narges").password.startswith("md5$")
    assert "_auth_user_id" in signed_in_by_password("narges", PASSWORD).session
    assert user_of(cast, "narges").password.startswith("pbkdf2_sha256$")


def test_a_second_factor_is_added(cast: Cast) -> None:
    browser = signed_in_by_password("narges", PASSWORD)
    asked_again = browser.get(reverse("mfa_activate_totp"))
    browser.post(asked_again["Location"], {"password": PASSWORD})
    page = browser.get(reverse("mfa_activate_totp"))
    secret = page.context["form"].secret
    counter = next(iter(yield_hotp_counters_from_time()))
    code = format_hotp_value(hotp_value(secret, counter))
    assert browser.post(reverse("mfa_activate_totp"), {"code": code}).status_code == 302
    assert user_of(cast, "narges").has_usable_totp()
    assert Authenticator.objects.filter(user_id=cast["omid"].user_id).count() == 0


def test_nobody_sets_the_password_of_another(cast: Cast, raw: Any) -> None:
    with working_context(cast["omid"]):
        raw.execute("SELECT guard.set_own_password(%s)", [make_password(NEXT_PASSWORD)])
    assert user_of(cast, "narges").check_password(PASSWORD)
    assert user_of(cast, "omid").check_password(NEXT_PASSWORD)


def test_nobody_without_context_sets_a_password(cast: Cast, raw: Any) -> None:
    with pytest.raises(DatabaseError) as caught, transaction.atomic():
        raw.execute("SELECT guard.set_own_password('x')")
    assert getattr(caught.value.__cause__, "sqlstate", None) == "KH002"


@pytest.mark.parametrize("fields", [None, [], ["is_active"], ["password", "username"]])
def test_a_user_is_saved_by_actions_only(cast: Cast, fields: list[str] | None) -> None:
    with pytest.raises(TypeError, match=r"accounts\.actions"):
        user_of(cast, "narges").save(update_fields=fields)


def test_the_context_of_an_own_account_opens_nothing(cast: Cast, raw: Any) -> None:
    with working_context(Actor(cast["narges"].user_id, OWN_ACCOUNT, 0, "own_account")):
        raw.execute("SELECT guard.visible_scopes(), guard.granted_households(), guard.province_id()")
        assert raw.fetchone() == ([], [], None)
