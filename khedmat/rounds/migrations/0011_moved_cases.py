"""A running case put under another version of its round: on purpose, with a note."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

import khedmat.vault.fields
from khedmat.common.database_roles import app_role
from khedmat.vault.rls import APPEND_ONLY, personal

# Foreign keys bypass row-level security: the composite key ties the row to the household of its case.
KEYS = """
ALTER TABLE rounds_versionmove ADD CONSTRAINT move_of_own_case
  FOREIGN KEY (case_id, household_id) REFERENCES casework_case (id, household_id) DEFERRABLE INITIALLY DEFERRED;
"""
# The one column of the case engine's table that a programme changes here; the policy of the place holds for it too.
MOVE = f"GRANT UPDATE (series_version) ON casework_case TO {app_role()};"


class Migration(migrations.Migration):
    dependencies = [
        ("casework", "0005_milestones"),
        ("rounds", "0010_relief"),
    ]

    operations = [
        migrations.CreateModel(
            name="VersionMove",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("household_id", models.UUIDField(editable=False)),
                ("from_version", models.PositiveSmallIntegerField()),
                ("to_version", models.PositiveSmallIntegerField()),
                ("note", khedmat.vault.fields.SealedTextField(max_length=1000)),
                ("moved_at", models.DateTimeField()),
                ("moved_by", models.UUIDField()),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="version_moves", to="casework.case"
                    ),
                ),
            ],
            options={
                "ordering": ["moved_at"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("from_version", models.F("to_version")), _negated=True),
                        name="moved_to_another_version",
                    ),
                    models.CheckConstraint(condition=models.Q(("note__isnull", False)), name="move_has_a_note"),
                ],
            },
        ),
        migrations.RunSQL(KEYS, migrations.RunSQL.noop),
        *personal("rounds_versionmove", grants=APPEND_ONLY),
        migrations.RunSQL(MOVE, migrations.RunSQL.noop),
    ]
