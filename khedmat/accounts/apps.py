"""Sign-in, roles, purposes, grants."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Also maps the database's refusals, and waits that were given up, to domain errors."""

    name = "khedmat.accounts"
    label = "accounts"

    def ready(self) -> None:
        from khedmat.accounts import signals  # noqa: F401
        from khedmat.accounts.errors import (
            PermissionMissing,
            RecordInUse,
            RecordNotVisible,
            RoleMayNotOpen,
            SpentReadBudget,
            TookTooLong,
        )
        from khedmat.vault.context import register_database_error

        register_database_error("KH001", SpentReadBudget)
        register_database_error("KH002", RecordNotVisible)
        register_database_error("KH003", RoleMayNotOpen)
        register_database_error("KH004", PermissionMissing)
        register_database_error("42501", RecordNotVisible)  # a policy refused the row
        register_database_error("55P03", RecordInUse)  # lock_timeout
        register_database_error("40P01", RecordInUse)  # deadlock
        register_database_error("40001", RecordInUse)  # serialization failure
        register_database_error("57014", TookTooLong)  # statement_timeout
