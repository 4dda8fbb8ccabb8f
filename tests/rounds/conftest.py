"""Pages of the rounds through Django's test client."""

import pytest


@pytest.fixture(autouse=True)
def _plain_pages(unhashed_static: None) -> None:
    """Every test here."""
