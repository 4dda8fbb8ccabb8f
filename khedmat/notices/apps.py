"""Letters and messages: what an office says, in the reader's language, and whether it arrived."""

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    """Start-up of the app."""

    name = "khedmat.notices"
    label = "notices"

    def ready(self) -> None:
        from khedmat.notices import checks  # noqa: F401  # registers itself
