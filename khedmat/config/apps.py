"""Settings, root urls, start-up."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """Its migration grants the third-party tables; its checks fail the build on an unprotected model."""

    name = "khedmat.config"
    label = "config"

    def ready(self) -> None:
        from khedmat.config import checks  # noqa: F401
