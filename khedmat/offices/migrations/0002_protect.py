"""Offices are reference data; opening one writes beneath one's own place."""

from django.db import migrations

from khedmat.vault.rls import protected


class Migration(migrations.Migration):
    dependencies = [("offices", "0001_initial"), ("accounts", "0002_guard_grants")]
    operations = [
        *protected(
            "offices_office",
            "true",
            grants="SELECT, INSERT",
            check="scope_id = ANY ((SELECT guard.visible_scopes())::int[])",
        )
    ]
