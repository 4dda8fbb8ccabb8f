"""Addresses of the public pages."""

from django.urls import path

from khedmat.portal.web import views

app_name = "portal"

urlpatterns = [path("", views.landing, name="landing")]
