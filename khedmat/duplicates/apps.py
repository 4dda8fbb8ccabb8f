"""Likely duplicates."""

from django.apps import AppConfig


class DuplicatesConfig(AppConfig):
    """Likely duplicates are found by a job and answered by a human; nothing is ever merged."""

    name = "khedmat.duplicates"
    label = "duplicates"

    def ready(self) -> None:
        """Say on a family's page that papers are asked for."""
        from khedmat.duplicates.web.panel import papers_panel
        from khedmat.registry.panels import register_panel

        register_panel(papers_panel)
