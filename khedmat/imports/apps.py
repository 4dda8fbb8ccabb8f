"""Files that come in: read, checked, corrected, imported."""

from django.apps import AppConfig


class ImportsConfig(AppConfig):
    """The engine; what is imported is registered with it by the app whose rows they are."""

    name = "khedmat.imports"
    label = "imports"
