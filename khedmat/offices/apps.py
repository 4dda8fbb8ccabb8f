"""Offices and their licences."""

from django.apps import AppConfig


class OfficesConfig(AppConfig):
    """An office is a place of kind `office`, with a licence."""

    name = "khedmat.offices"
    label = "offices"
