"""Change requests."""

from django.apps import AppConfig


class ChangesConfig(AppConfig):
    """A family's record is kept right by requests that somebody else decides, never by overwriting."""

    name = "khedmat.changes"
    label = "changes"

    def ready(self) -> None:
        from khedmat.changes.web.panel import changes_panel
        from khedmat.changes.web.questions import questions_panel
        from khedmat.registry.panels import register_panel

        register_panel(questions_panel)
        register_panel(changes_panel)
