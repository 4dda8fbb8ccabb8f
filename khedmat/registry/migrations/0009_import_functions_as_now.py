"""Databases that ran 0008 before its functions were made quicker get them as they stand there now."""

from importlib import import_module

from django.db import migrations

_FUNCTIONS = import_module("khedmat.registry.migrations.0008_import_functions").FUNCTIONS


class Migration(migrations.Migration):
    dependencies = [("registry", "0008_import_functions")]

    operations = [migrations.RunSQL(_FUNCTIONS, migrations.RunSQL.noop)]
