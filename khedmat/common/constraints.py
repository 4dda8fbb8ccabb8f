"""Which constraint the database found violated, so that an action tells the one fact it expects and hides no other."""

from django.db import IntegrityError


def violated_constraint(error: IntegrityError) -> str:
    """Name of the violated constraint; empty where PostgreSQL names none."""
    diagnosis = getattr(error.__cause__, "diag", None)
    return getattr(diagnosis, "constraint_name", None) or ""
