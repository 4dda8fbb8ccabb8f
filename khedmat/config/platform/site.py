"""Django, loaded only when a step needs it: its settings read what earlier steps wrote."""

import os
from typing import Any

SETTINGS = "khedmat.config.settings"


def load_django() -> None:
    """Load settings and apps; safe to call twice."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS)
    django.setup()


def manage(name: str, *arguments: str, **options: Any) -> None:
    """Run one of Django's management commands in this process."""
    load_django()
    from django.core.management import call_command

    call_command(name, *arguments, **options)


def migrate(*, verbosity: int = 1) -> None:
    """Bring the schema up to date, as the migrator."""
    manage("migrate", database="migrator", interactive=False, verbosity=verbosity)


def collect_static() -> None:
    """Gather the static files under hashed names."""
    manage("collectstatic", interactive=False, clear=True, verbosity=0)


def pending_migrations() -> list[str]:
    """The migrations that the database lacks, as `app.name`."""
    load_django()
    from django.db import connections
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connections["migrator"])
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _backwards in plan]
