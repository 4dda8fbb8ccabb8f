"""Django's test client as a browser that reads English. The fixture `as_staff` signs one of the cast in."""

from collections.abc import Callable
from typing import Any

from django.test import Client

SignIn = Callable[[str], Client]


def english_browser(**options: Any) -> Client:
    """A browser over https in which nobody is signed in; `options` as Django's `Client` takes them."""
    client = Client(headers={"X-Forwarded-Proto": "https"}, **options)
    client.cookies["django_language"] = "en"
    return client
