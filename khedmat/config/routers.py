"""The schema belongs to the migrator; pages and jobs use the `default` alias, which owns nothing."""


class MigratorOwnsTheSchema:
    """Lets `migrate` run on the alias `migrator` alone."""

    def allow_migrate(self, db: str, app_label: str, **hints: object) -> bool:
        return db == "migrator"
