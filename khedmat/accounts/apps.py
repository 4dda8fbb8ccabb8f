"""Sign-in, roles, purposes, grants."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Also maps the guard functions' refusals to domain errors."""

    name = "khedmat.accounts"
    label = "accounts"

    def ready(self) -> None:
        from khedmat.accounts import signals  # noqa: F401
        from khedmat.accounts.errors import RecordNotVisible, RoleMayNotOpen, SpentReadBudget
        from khedmat.vault.context import register_database_error

        register_database_error("KH001", SpentReadBudget)
        register_database_error("KH002", RecordNotVisible)
        register_database_error("KH003", RoleMayNotOpen)
        register_database_error("42501", RecordNotVisible)
