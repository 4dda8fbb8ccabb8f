"""Tests run on real PostgreSQL as the app's own role, in a database that the migrator set up."""

import gc
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.test import Client, TransactionTestCase
from django.utils import translation
from pytest_django.fixtures import Settings

from khedmat.accounts.models import User
from khedmat.config.platform.database import connection_settings
from khedmat.files import actions
from khedmat.files.inspect import inspect_portrait
from khedmat.vault.context import working_context
from khedmat.vault.keyring import ensure_keys
from tests.browsers import SignIn, english_browser
from tests.cast import Cast, make_cast
from tests.databases import DATABASES, wants_cast

# What takes long begins first, so that quick tests are left for the end, where no worker must wait for another:
# sites of their own, which mostly wait, and then the generated posts.
LONG_ONES = ("test_kill_nine.py", "test_whole_import.py", "test_generated_forms.py")


def pytest_collection_finish() -> None:
    """What stands once all tests are collected stays to the end: it is looked through for garbage no more.

    Python would do so every few hundred new objects, for an eighth of the time of most tests.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long ones before all others, each in its own order."""
    places = {name: place for place, name in enumerate(LONG_ONES)}
    items.sort(key=lambda item: places.get(item.path.name, len(places)))


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    """Database names are set below; nothing else to change."""


@pytest.fixture(scope="session")
def django_db_setup(_own_keys: None, django_db_blocker: Any) -> Iterator[None]:
    """Databases of each worker's own, migrated as the migrator; the tests themselves run as the app."""
    with django_db_blocker.unblock():
        DATABASES.make()
    yield
    with django_db_blocker.unblock():
        DATABASES.remove()


@pytest.fixture
def _its_database(request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The database with the cast for a test that asks for it, the plain one for all others and between tests."""
    with django_db_blocker.unblock():
        DATABASES.put(with_cast=wants_cast(request.fixturenames, request.node.get_closest_marker("django_db")))
    yield
    DATABASES.put(with_cast=False)


@pytest.fixture
def _django_db_helper(_its_database: None, _django_db_helper: None) -> None:
    """Before pytest-django begins its transaction, the right database is on."""


@pytest.fixture(scope="session", autouse=True)
def _own_keys(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keys and files of the test run, apart from those of the demo."""
    folder = tmp_path_factory.mktemp("keys")
    ensure_keys(folder)
    settings.KHEDMAT_KEYS_DIR = folder
    settings.KHEDMAT_FILES_DIR = tmp_path_factory.mktemp("files")


@pytest.fixture(scope="session", autouse=True)
def _easy_sign_in() -> None:
    """The cast signs in hundreds of times: quickly, over http, and without a second factor where none is asked for.

    Set here, so that the environment in which the tests are started decides nothing.
    """
    settings.SECURE_SSL_REDIRECT = False
    settings.KHEDMAT_DEMO = True
    settings.PAYMENT_GATEWAYS = {"demo": "khedmat.payments.gateways.DemoGateway"}
    settings.NOTICE_GATEWAYS = {one: "khedmat.notices.gateways.DemoGateway" for one in ("sms", "email")}
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.KHEDMAT_REQUIRE_SECOND_FACTOR = False


@pytest.fixture(scope="session", autouse=True)
def _same_portraits_once() -> None:
    """Hundreds of families are photographed with the same few portraits: each is cut and written anew once."""
    setattr(actions, "inspect_portrait", lru_cache(maxsize=64)(inspect_portrait))  # noqa: B010 - mypy sees no export


def _owner() -> psycopg.Connection[Any]:
    """A connection of the migrator to the test database, apart from Django's."""
    name = str(connection.settings_dict["NAME"])
    return psycopg.connect(connection_settings().migrator.url(database=name), autocommit=True)


def _flush_as_migrator(self: TransactionTestCase) -> None:
    """TRUNCATE is revoked from the app; reference data that migrations loaded stays.

    Only what holds a row is emptied: each table costs new files on disk, whether anything was in it or not.
    """
    kept = (
        "django_migrations",
        "django_content_type",
        "places_scope",
        "places_holiday",
        "accounts_readbudget",
        "notices_lettertemplate",
        "auth_permission",
    )
    with _owner() as owner, owner.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        names = [name for (name,) in cursor.fetchall() if name not in kept]
        cursor.execute(" UNION ALL ".join(f"(SELECT '{name}' FROM {name} LIMIT 1)" for name in names).encode())
        filled = ", ".join(name for (name,) in cursor.fetchall())
        cursor.execute("SET lock_timeout = '20s'")
        if filled:
            cursor.execute(f"TRUNCATE {filled} CASCADE".encode())
        cursor.execute("DELETE FROM places_holiday WHERE recorded_by IS NOT NULL")
        cursor.execute("DELETE FROM places_scope WHERE kind = 'office'")


TransactionTestCase._fixture_teardown = _flush_as_migrator  # type: ignore[attr-defined]


@pytest.fixture
def as_migrator(db: None) -> Iterator[Any]:
    """A cursor of the owner on its own connection: for looking, never for arranging what actions should do."""
    with _owner() as owner, owner.cursor() as cursor:
        yield cursor


@pytest.fixture
def raw(db: None) -> Iterator[Any]:
    """A cursor of the app's role."""
    with connection.cursor() as cursor:
        yield cursor


@pytest.fixture
def cast(db: None) -> Cast:
    """Three offices in two provinces, and their staff (tests/cast.py)."""
    return DATABASES.cast if DATABASES.with_cast else make_cast()


@pytest.fixture
def acting() -> Any:
    """`with acting(cast["narges"]): …`: the signed working context of one of the cast."""
    return working_context


@pytest.fixture
def unhashed_static(settings: Settings, tmp_path: Path) -> None:
    """Static files under their own names, so that a page is drawn without collecting any."""
    settings.STATIC_ROOT = tmp_path
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}


@pytest.fixture
def always_open(settings: Settings) -> None:
    """A message may go out at any time."""
    settings.NOTICE_QUIET_HOURS = ("00:00", "00:00")
    settings.NOTICE_QUIET_WEEKDAYS = ()
    settings.NOTICE_QUIET_HOLIDAYS = False


@pytest.fixture
def in_english() -> Iterator[None]:
    """Messages that the test itself reads are in English."""
    with translation.override("en"):
        yield


@pytest.fixture
def as_staff(cast: Cast, unhashed_static: None) -> SignIn:
    """`as_staff("narges")`: a browser in which she is signed in; pages in English, to be read here."""

    def sign_in(name: str) -> Client:
        client = english_browser()
        client.force_login(User.objects.get(pk=cast[name].user_id))
        return client

    return sign_in
