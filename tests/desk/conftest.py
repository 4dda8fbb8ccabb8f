"""The staff's own pages through Django's test client."""

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def _plain_pages(settings: Any, tmp_path: Path) -> None:
    """Signed in without a second factor, static files without hashed names."""
    settings.KHEDMAT_REQUIRE_SECOND_FACTOR = False
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
