"""Every route of the site. Staff pages stand behind `@page`, public ones are marked `@public_page`."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("khedmat.portal.web.urls")),
]
