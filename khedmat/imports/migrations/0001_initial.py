"""Sources, runs and staged rows."""

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
from django.db import migrations, models

from khedmat.common.database_roles import app_role
from khedmat.vault.rls import protected, scoped

# Foreign keys bypass row-level security: composite keys tie every row to the place of its run.
KEYS = """
ALTER TABLE imports_run ADD CONSTRAINT source_of_own_place
  FOREIGN KEY (source_id, scope_id) REFERENCES imports_source (id, scope_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE imports_run ADD CONSTRAINT table_of_own_place
  FOREIGN KEY (file_id, scope_id) REFERENCES files_scopedfile (id, scope_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE imports_stagedrow ADD CONSTRAINT row_of_own_place
  FOREIGN KEY (run_id, scope_id) REFERENCES imports_run (id, scope_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
"""
CLEARING = f"""
-- A file that is checked again begins anew: the rows of a run that is being checked, and no other, are deleted.
CREATE FUNCTION guard.clear_staged(of_run uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  DELETE FROM imports_stagedrow s USING imports_run r WHERE s.run_id = of_run AND r.id = of_run AND r.state = 'checking'
    AND r.scope_id = guard.scope_id() AND guard.role() = 'register_keeper';
END $$;
GRANT EXECUTE ON FUNCTION guard.clear_staged(uuid) TO {app_role()};
"""
KEEPERS_OWN = "(SELECT guard.role()) = 'register_keeper' AND scope_id = (SELECT guard.scope_id())"


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("files", "0002_tables"),
        ("vault", "0001_guard"),
        ("places", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Source",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=24)),
                ("name", models.CharField(max_length=80)),
                ("name_key", models.CharField(max_length=80)),
                ("columns", models.JSONField(default=dict)),
                ("date_orders", models.JSONField(default=dict)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("created_by", models.UUIDField()),
                (
                    "scope",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="places.scope"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Run",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=24)),
                ("file_name", models.CharField(max_length=120)),
                ("file_digest", models.BinaryField(max_length=32)),
                ("sheet", models.CharField(blank=True, max_length=80)),
                ("options", models.JSONField(default=dict)),
                ("headings", models.JSONField(default=list)),
                ("columns", models.JSONField(default=dict)),
                ("date_orders", models.JSONField(default=dict)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("uploaded", "Uploaded"),
                            ("checking", "Being checked"),
                            ("checked", "Checked"),
                            ("importing", "Being imported"),
                            ("paused", "Paused"),
                            ("done", "Imported"),
                            ("failed", "Stopped by a fault"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="uploaded",
                        max_length=12,
                    ),
                ),
                ("failure", models.CharField(blank=True, max_length=40)),
                ("rows_read", models.PositiveIntegerField(default=0)),
                ("rows_new", models.PositiveIntegerField(default=0)),
                ("rows_changed", models.PositiveIntegerField(default=0)),
                ("rows_unchanged", models.PositiveIntegerField(default=0)),
                ("rows_refused", models.PositiveIntegerField(default=0)),
                ("rows_done", models.PositiveIntegerField(default=0)),
                ("groups", models.PositiveIntegerField(default=0)),
                ("groups_done", models.PositiveIntegerField(default=0)),
                ("questions", models.PositiveIntegerField(default=0)),
                ("notes", models.JSONField(default=dict)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("created_by", models.UUIDField()),
                ("changed_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_by", models.UUIDField(null=True)),
                (
                    "file",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="files.scopedfile"
                    ),
                ),
                (
                    "scope",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="places.scope"),
                ),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="runs", to="imports.source"
                    ),
                ),
            ],
            options={
                "ordering": ["-created_at"],
            },
        ),
        migrations.CreateModel(
            name="StagedRow",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "run_id", "number", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("scope_id", models.IntegerField()),
                ("group_number", models.PositiveIntegerField()),
                ("group_key", models.BinaryField(null=True)),
                (
                    "keys",
                    django.contrib.postgres.fields.ArrayField(base_field=models.BinaryField(), default=list, size=None),
                ),
                (
                    "key_kinds",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=24), default=list, size=None
                    ),
                ),
                ("is_leading", models.BooleanField()),
                ("payload", models.BinaryField()),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("new", "New"),
                            ("changed", "Changed"),
                            ("unchanged", "Unchanged"),
                            ("refused", "Refused"),
                        ],
                        max_length=9,
                    ),
                ),
                ("problem", models.CharField(blank=True, max_length=40)),
                (
                    "problem_rows",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveIntegerField(), default=list, size=None
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="staged",
                        to="imports.run",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="source",
            constraint=models.UniqueConstraint(fields=("scope", "kind", "name_key"), name="one_source_of_a_name"),
        ),
        migrations.AddConstraint(
            model_name="source",
            constraint=models.UniqueConstraint(fields=("id", "scope"), name="source_of_place"),
        ),
        migrations.AddIndex(
            model_name="run",
            index=models.Index(fields=["scope", "-created_at"], name="imports_run_latest"),
        ),
        migrations.AddConstraint(
            model_name="run",
            constraint=models.UniqueConstraint(fields=("id", "scope"), name="run_of_place"),
        ),
        migrations.AddConstraint(
            model_name="run",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        ["uploaded", "checking", "checked", "importing", "paused", "done", "failed", "cancelled"],
                    )
                ),
                name="known_state_of_run",
            ),
        ),
        migrations.AddConstraint(
            model_name="run",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "rows_read",
                        django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    models.F("rows_new"), "+", models.F("rows_changed")
                                ),
                                "+",
                                models.F("rows_unchanged"),
                            ),
                            "+",
                            models.F("rows_refused"),
                        ),
                    )
                ),
                name="every_row_read_is_accounted_for",
            ),
        ),
        migrations.AddConstraint(
            model_name="run",
            constraint=models.CheckConstraint(
                condition=models.Q(("groups_done__lte", models.F("groups")), ("rows_done__lte", models.F("rows_read"))),
                name="no_more_done_than_read",
            ),
        ),
        migrations.AddConstraint(
            model_name="run",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", True), ("ended_by__isnull", True)),
                    models.Q(("ended_at__isnull", False), ("ended_by__isnull", False)),
                    _connector="OR",
                ),
                name="run_ended_at_and_by",
            ),
        ),
        migrations.AddConstraint(
            model_name="run",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["importing", "paused"])),
                fields=("scope", "kind"),
                name="one_import_at_a_time",
            ),
        ),
        migrations.AddIndex(
            model_name="stagedrow",
            index=models.Index(fields=["run", "group_number"], name="imports_staged_group"),
        ),
        migrations.AddIndex(
            model_name="stagedrow",
            index=models.Index(
                condition=models.Q(("outcome", "refused")), fields=["run", "number"], name="imports_staged_refused"
            ),
        ),
        migrations.AddConstraint(
            model_name="stagedrow",
            constraint=models.CheckConstraint(
                condition=models.Q(("outcome__in", ["new", "changed", "unchanged", "refused"])),
                name="known_outcome_of_row",
            ),
        ),
        *scoped("imports_source"),
        *scoped("imports_run"),
        *protected("imports_stagedrow", KEEPERS_OWN, grants="SELECT, INSERT, UPDATE"),
        migrations.RunSQL(KEYS + CLEARING, migrations.RunSQL.noop),
    ]
