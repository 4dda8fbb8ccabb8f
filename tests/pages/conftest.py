"""A running site and a real browser for the page tests."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import override_settings
from playwright.sync_api import Browser, Page, Playwright, sync_playwright
from pytest_django.live_server_helper import LiveServer

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="module")
def _plain_http_site(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None) -> Iterator[LiveServer]:
    """The site over plain http, as in the demo, with static files straight from static-built/."""
    static = Path(settings.BASE_DIR) / "static-built"
    assert static.is_dir(), "static-built/ is missing: run `khedmat static`"
    plain: dict[str, Any] = {
        "SECURE_SSL_REDIRECT": False,
        "SESSION_COOKIE_SECURE": False,
        "CSRF_COOKIE_SECURE": False,
        "LANGUAGE_COOKIE_SECURE": False,
        "STATICFILES_DIRS": [static],
        "STATIC_ROOT": tmp_path_factory.mktemp("static"),
        "STORAGES": settings.STORAGES
        | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}},
    }
    with override_settings(**plain), pytest.MonkeyPatch.context() as patch:
        # Playwright keeps an event loop in the tests' thread, in which Django would refuse its database.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        server = LiveServer("127.0.0.1")
        yield server
        server.stop()


@pytest.fixture
def live_site(transactional_db: None, _plain_http_site: LiveServer) -> LiveServer:
    """The running site; `live_site.url` is its address. The database is emptied after each test."""
    return _plain_http_site


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """One driver for each module."""
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="module")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """Headless Chromium of the system; missing, the test fails: nothing is skipped."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    assert found, "Chromium is missing: install it (`khedmat doctor` says how)"
    browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
    yield browser
    browser.close()


@pytest.fixture
def page(chromium: Browser, live_site: LiveServer) -> Iterator[Page]:
    """A new browser window on the running site: `page.goto("/")` opens its first page."""
    context = chromium.new_context(base_url=live_site.url)
    yield context.new_page()
    context.close()
