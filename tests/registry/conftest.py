"""Pages of the register through Django's test client, as somebody of the cast."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from khedmat.accounts.models import User
from tests.cast import Cast


@pytest.fixture(autouse=True)
def _plain_pages(settings: Any, tmp_path: Path) -> Iterator[None]:
    """Signed in without a second factor, static files without hashed names, messages read in English."""
    settings.KHEDMAT_REQUIRE_SECOND_FACTOR = False
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    with translation.override("en"):
        yield


@pytest.fixture
def as_staff(cast: Cast) -> Callable[[str], Client]:
    """`as_staff("narges")`: a browser in which she is signed in; pages in English, to be read here."""

    def sign_in(name: str) -> Client:
        client = Client(headers={"X-Forwarded-Proto": "https"})
        client.force_login(User.objects.get(pk=cast[name].user_id))
        client.cookies["django_language"] = "en"
        return client

    return sign_in


@pytest.fixture
def narges(as_staff: Callable[[str], Client]) -> Client:
    """The clerk of Shahriar."""
    return as_staff("narges")
