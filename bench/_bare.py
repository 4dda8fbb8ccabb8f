"""The least that Django can serve: one view of a few words, no middleware, no database. For `bench.load` to compare."""

import os

from django.http import HttpRequest, HttpResponse
from django.urls import path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "khedmat.config.settings")


def bare(_request: HttpRequest) -> HttpResponse:
    """A page without anything."""
    return HttpResponse("<!doctype html><title>bare</title><p>bare</p>")


urlpatterns = [path("", bare)]


def _application() -> object:
    import django
    from django.conf import settings
    from django.core.handlers.wsgi import WSGIHandler

    django.setup()
    settings.ROOT_URLCONF = "bench._bare"
    settings.MIDDLEWARE = []
    return WSGIHandler()


if os.environ.get("KHEDMAT_BARE") == "1":
    application = _application()
