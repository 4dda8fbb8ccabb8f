"""Pages of the register through Django's test client, as somebody of the cast."""

import pytest
from django.test import Client

from tests.browsers import SignIn


@pytest.fixture(autouse=True)
def _plain_pages(unhashed_static: None, in_english: None) -> None:
    """Every test here."""


@pytest.fixture
def narges(as_staff: SignIn) -> Client:
    """The clerk of Shahriar."""
    return as_staff("narges")
