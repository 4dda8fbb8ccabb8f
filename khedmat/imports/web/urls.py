"""Addresses of the imports; included at the root of the site."""

from django.urls import path

from khedmat.imports.web import columns, views

app_name = "imports"

urlpatterns = [
    path("imports/", views.runs, name="list"),
    path("imports/<uuid:run_id>/", views.run, name="run"),
    path("imports/<uuid:run_id>/columns/", columns.name_columns, name="columns"),
    path("imports/<uuid:run_id>/refused.xlsx", views.refused, name="refused"),
]
