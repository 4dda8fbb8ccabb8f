"""The Scope tree, the official divisions, and which places a working context sees."""

import django.db.models.deletion
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from khedmat.common.database_roles import app_role
from khedmat.places.official import official_places
from khedmat.vault.rls import protected

FUNCTIONS = f"""
CREATE SEQUENCE places_office_scope_seq START 1000001;
GRANT USAGE ON SEQUENCE places_office_scope_seq TO {app_role()};

CREATE FUNCTION guard.visible_scopes() RETURNS int[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT coalesce(array_agg(below.id), '{{}}')
  FROM places_scope here JOIN places_scope below ON below.path LIKE here.path || '%'
  WHERE here.id = guard.scope_id()
$$;

CREATE FUNCTION guard.province_id() RETURNS int
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT above.id FROM places_scope here JOIN places_scope above ON here.path LIKE above.path || '%'
  WHERE here.id = guard.scope_id() AND above.kind = 'province'
$$;

GRANT EXECUTE ON FUNCTION guard.visible_scopes(), guard.province_id() TO {app_role()};
"""


def load_official_places(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    scope = apps.get_model("places", "Scope")
    rows = (
        scope(
            id=row.id,
            kind=row.kind,
            code=row.code,
            name_fa=row.name_fa,
            name_en=row.name_en,
            sort_key=row.sort_key,
            parent_id=row.parent_id,
            path=row.path,
        )
        for row in official_places()
    )
    scope.objects.using(schema_editor.connection.alias).bulk_create(rows, batch_size=500)


class Migration(migrations.Migration):
    initial = True
    dependencies = [("vault", "0001_guard"), ("audit", "0001_initial")]
    operations = [
        migrations.CreateModel(
            name="Scope",
            fields=[
                ("id", models.IntegerField(primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("nation", "Country"),
                            ("province", "Province"),
                            ("county", "County"),
                            ("city", "City"),
                            ("office", "Office"),
                        ],
                        max_length=8,
                    ),
                ),
                ("code", models.CharField(max_length=16)),
                ("name_fa", models.CharField(max_length=120)),
                ("name_en", models.CharField(blank=True, max_length=120)),
                ("sort_key", models.BinaryField()),
                (
                    "parent",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="places.scope",
                    ),
                ),
                ("path", models.CharField(max_length=80)),
            ],
            options={
                "indexes": [models.Index(fields=["path"], name="places_path", opclasses=["text_pattern_ops"])],
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "code"), name="one_place_for_each_code"),
                    models.UniqueConstraint(fields=("path",), name="one_place_for_each_path"),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["nation", "province", "county", "city", "office"])),
                        name="known_kind_of_place",
                    ),
                ],
            },
        ),
        migrations.RunPython(load_official_places, migrations.RunPython.noop),
        # Deferred key checks of the rows just loaded would block the ALTER TABLE below.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED;", migrations.RunSQL.noop),
        migrations.RunSQL(FUNCTIONS, migrations.RunSQL.noop),
        *protected(
            "places_scope",
            "true",
            grants="SELECT, INSERT",
            check="kind = 'office' AND parent_id = ANY ((SELECT guard.visible_scopes())::int[])",
        ),
    ]
