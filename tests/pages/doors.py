"""A browser in which one of the cast is signed in. The page of the sign-in itself has tests of its own."""

from django.test import Client
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from khedmat.accounts.models import User
from tests.cast import Cast


def sign_in(page: Page, site: LiveServer, cast: Cast, name: str) -> Page:
    """The browser as one of the cast, in the language and look it had, without the way through the sign-in page."""
    client = Client()
    client.force_login(User.objects.get(pk=cast[name].user_id))
    session = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": site.url}])
    return page
