"""Where each value came from, and what files ask that people had decided."""

import uuid

import django.contrib.postgres.fields
import django.db.models.functions.datetime
from django.db import migrations, models

import khedmat.vault.fields
from khedmat.vault.rls import APPEND_ONLY, personal

KEYS = """
ALTER TABLE registry_provenance ADD CONSTRAINT provenance_of_own_household
  FOREIGN KEY (person_id, household_id) REFERENCES registry_person (id, household_id)
  ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE registry_provenance ADD CONSTRAINT provenance_of_household
  FOREIGN KEY (household_id) REFERENCES registry_household (id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE registry_question ADD CONSTRAINT question_of_own_household
  FOREIGN KEY (person_id, household_id) REFERENCES registry_person (id, household_id)
  ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE registry_question ADD CONSTRAINT question_of_household
  FOREIGN KEY (household_id) REFERENCES registry_household (id) DEFERRABLE INITIALLY DEFERRED;
CREATE INDEX registry_person_of_household ON registry_person (household_id);
"""


class Migration(migrations.Migration):
    dependencies = [("registry", "0006_search")]
    operations = [
        migrations.CreateModel(
            name="Provenance",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("household_id", models.UUIDField()),
                ("person_id", models.UUIDField(null=True)),
                (
                    "way",
                    models.CharField(
                        choices=[
                            ("counter", "at the counter"),
                            ("import", "from a file"),
                            ("change", "by a change request"),
                        ],
                        max_length=8,
                    ),
                ),
                ("reference", models.UUIDField(null=True)),
                ("source", models.CharField(blank=True, max_length=80)),
                ("row", models.PositiveIntegerField(null=True)),
                (
                    "fields",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=48), size=None),
                ),
                ("digests", models.BinaryField()),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("by", models.UUIDField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["person_id", "-id"], name="registry_provenance_person"),
                    models.Index(
                        condition=models.Q(("person_id__isnull", True)),
                        fields=["household_id", "-id"],
                        name="registry_provenance_family",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("way__in", ["counter", "import", "change"])), name="known_way_of_writing"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Question",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("household_id", models.UUIDField()),
                ("person_id", models.UUIDField(null=True)),
                ("field", models.CharField(max_length=48)),
                ("asked", khedmat.vault.fields.SealedTextField(max_length=400)),
                ("digest", models.BinaryField()),
                ("run_id", models.UUIDField()),
                ("source", models.CharField(max_length=80)),
                ("row", models.PositiveIntegerField()),
                ("asked_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "answer",
                    models.CharField(
                        blank=True,
                        choices=[("keep", "The register stays as it is"), ("change", "A change was asked for")],
                        max_length=8,
                    ),
                ),
                ("answered_at", models.DateTimeField(null=True)),
                ("answered_by", models.UUIDField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("household_id", "person_id", "field", "digest"),
                        name="same_value_asked_once",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answer", ""), ("answered_at__isnull", True), ("answered_by__isnull", True)),
                            models.Q(
                                ("answered_at__isnull", False),
                                ("answered_by__isnull", False),
                                models.Q(("answer", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="question_answered_at_and_by",
                    ),
                ],
            },
        ),
        *personal("registry_provenance", grants=APPEND_ONLY),
        *personal("registry_question", grants="SELECT, UPDATE"),
        migrations.RunSQL(KEYS, migrations.RunSQL.noop),
    ]
