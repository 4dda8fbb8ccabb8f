"""Free days by nation or province. The fixed days of the Iranian calendar come with the installation."""

import uuid

import django.db.models.deletion
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from khedmat.places.fixed_holidays import fixed_holidays
from khedmat.places.official import NATION_ID
from khedmat.vault.rls import protected

KEPT_BY = """scope_id = (SELECT guard.scope_id())
  AND (SELECT guard.role()) IN ('round_manager', 'director_general')"""


def load_fixed_holidays(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    holiday = apps.get_model("places", "Holiday")
    rows = (
        holiday(
            scope_id=NATION_ID,
            on=day.on,
            title_fa=day.title_fa,
            title_en=day.title_en,
            source_fa=day.source_fa,
            source_en=day.source_en,
            certainty=day.certainty,
        )
        for day in fixed_holidays()
    )
    holiday.objects.using(schema_editor.connection.alias).bulk_create(rows)


class Migration(migrations.Migration):
    dependencies = [
        ("places", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Holiday",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("on", models.DateField(db_column="free_on")),
                ("title_fa", models.CharField(max_length=120)),
                ("title_en", models.CharField(blank=True, max_length=120)),
                ("source_fa", models.CharField(max_length=240)),
                ("source_en", models.CharField(blank=True, max_length=240)),
                (
                    "certainty",
                    models.CharField(
                        choices=[
                            ("source", "A source says so"),
                            ("inferred", "Inferred from a source"),
                            ("expected", "Expected, not announced yet"),
                        ],
                        max_length=8,
                    ),
                ),
                ("recorded_by", models.UUIDField(null=True)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                ("withdrawn_by", models.UUIDField(null=True)),
                (
                    "scope",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="holidays", to="places.scope"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["on"], name="places_holiday_on")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("withdrawn_at__isnull", True)),
                        fields=("scope", "on"),
                        name="one_holiday_for_each_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("certainty__in", ["source", "inferred", "expected"])),
                        name="holiday_certainty_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("title_fa", ""), _negated=True), models.Q(("source_fa", ""), _negated=True)
                        ),
                        name="holiday_has_a_title_and_a_source",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("withdrawn_at__isnull", True), ("withdrawn_by__isnull", True)),
                            models.Q(("withdrawn_at__isnull", False), ("withdrawn_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="holiday_withdrawn_at_and_by",
                    ),
                ],
            },
        ),
        migrations.RunPython(load_fixed_holidays, migrations.RunPython.noop),
        # Deferred key checks of the rows just loaded would block the ALTER TABLE below.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED;", migrations.RunSQL.noop),
        # Everybody reads them; the nation's are kept by a round manager, a province's by its director general.
        *protected(
            "places_holiday",
            "true",
            grants="SELECT, INSERT, UPDATE (withdrawn_at, withdrawn_by)",
            check=KEPT_BY,
        ),
    ]
