"""Cases that an officer sees one by one and decides together."""

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import khedmat.vault.fields
from khedmat.vault.rls import personal, scoped

KEYS = """
ALTER TABLE casework_bulksight ADD CONSTRAINT sight_of_own_case
  FOREIGN KEY (case_id, household_id) REFERENCES casework_case (id, household_id) DEFERRABLE INITIALLY DEFERRED;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("casework", "0006_clocks_and_covers"),
        ("places", "0002_holidays"),
    ]

    operations = [
        migrations.CreateModel(
            name="Bulk",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("case_ids", django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)),
                ("chosen_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("chosen_by", models.UUIDField()),
                ("done_at", models.DateTimeField(null=True)),
                ("results", models.JSONField(db_default={}, default=dict)),
                (
                    "scope",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="places.scope"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="BulkSight",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("household_id", models.UUIDField(editable=False)),
                ("version", models.PositiveIntegerField()),
                ("seen_at", models.DateTimeField()),
                ("drafts", khedmat.vault.fields.SealedTextField(max_length=200000)),
                (
                    "bulk",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="sights", to="casework.bulk"
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="casework.case"
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="bulk",
            constraint=models.CheckConstraint(
                condition=models.Q(("case_ids__len__gte", 1), ("case_ids__len__lte", 50)),
                name="bulk_of_one_to_fifty_cases",
            ),
        ),
        migrations.AddConstraint(
            model_name="bulksight",
            constraint=models.UniqueConstraint(fields=("bulk", "case"), name="case_seen_once_in_a_bulk"),
        ),
        migrations.RunSQL(KEYS, migrations.RunSQL.noop),
        *scoped("casework_bulk", grants="SELECT, INSERT, UPDATE (done_at, results)"),
        *personal("casework_bulksight"),
    ]
