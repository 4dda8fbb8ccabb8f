"""Databases that ran 0006 and 0008 before these functions were made quicker get them as they stand there now."""

from importlib import import_module

from django.db import migrations

_KEYS_FIT = import_module("khedmat.registry.migrations.0006_search").KEYS_FIT
_FUNCTIONS = import_module("khedmat.registry.migrations.0008_import_functions").FUNCTIONS


class Migration(migrations.Migration):
    dependencies = [("registry", "0008_import_functions")]
    operations = [
        migrations.RunSQL(_KEYS_FIT, migrations.RunSQL.noop),
        migrations.RunSQL(_FUNCTIONS, migrations.RunSQL.noop),
    ]
