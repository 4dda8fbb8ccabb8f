"""The generic case: one household, one request, its members, papers and decisions."""

from django.apps import AppConfig


class CaseworkConfig(AppConfig):
    """An engine: it never knows which programme uses it."""

    name = "khedmat.casework"
    label = "casework"
