"""Likely duplicates."""

from django.apps import AppConfig


class DuplicatesConfig(AppConfig):
    """Likely duplicates are found by a job and answered by a human; nothing is ever merged."""

    name = "khedmat.duplicates"
    label = "duplicates"
