"""Names of the database roles, as migrations grant to them. Settings fill them from the connections."""

import re

from django.conf import settings

_SAFE = re.compile(r"[a-z_][a-z0-9_]{0,62}")


def app_role() -> str:
    """Serves pages and jobs; owns nothing."""
    return _checked(settings.KHEDMAT_DATABASE_ROLES.app)


def migrator_role() -> str:
    """Owns every table; runs migrations; not a superuser, does not bypass row-level security."""
    return _checked(settings.KHEDMAT_DATABASE_ROLES.migrator)


def matcher_role() -> str:
    """Looks for likely duplicates: may call one function of schema guard, and nothing else."""
    return _checked(settings.KHEDMAT_DATABASE_ROLES.matcher)


def _checked(name: str) -> str:
    if not _SAFE.fullmatch(name):
        raise ValueError(f"the database role {name!r} needs a plain name: small letters, digits, underscores")
    return name
