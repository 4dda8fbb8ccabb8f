"""The append-only record of what changed and who read what."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Stands low: its rows copy identifiers and point at nothing."""

    name = "khedmat.audit"
    label = "audit"
