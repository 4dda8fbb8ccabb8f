"""Change requests."""

from django.apps import AppConfig


class ChangesConfig(AppConfig):
    """A family's record is kept right by requests that somebody else decides, never by overwriting."""

    name = "khedmat.changes"
    label = "changes"
