"""The staff's own pages: the desk, and what every page shows of the working role."""

from django.apps import AppConfig


class DeskConfig(AppConfig):
    """Spans programmes; knows their pages by name only."""

    name = "khedmat.desk"
    label = "desk"
