"""Requests about the amount: a family's own rows, and a list for the manager that carries numbers alone."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

import khedmat.vault.fields
from khedmat.common.database_roles import app_role
from khedmat.vault.rls import personal

# Foreign keys bypass row-level security: the composite key ties the row to the household of its case.
KEYS = """
ALTER TABLE rounds_reliefrequest ADD CONSTRAINT relief_of_own_case
  FOREIGN KEY (case_id, household_id) REFERENCES casework_case (id, household_id) DEFERRABLE INITIALLY DEFERRED;
"""

# What waits for an office's manager, by case: numbers and counts, nobody's name.
WAITING = f"""
CREATE FUNCTION guard.relief_waiting() RETURNS TABLE (case_id uuid, number text, waiting int)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT c.id, c.number::text, count(*)::int FROM rounds_reliefrequest r JOIN casework_case c ON c.id = r.case_id
  WHERE r.state = 'open' AND c.closed_at IS NULL AND c.scope_id = guard.scope_id() AND guard.role() = 'office_manager'
  GROUP BY c.id, c.number ORDER BY min(r.asked_at)
$$;
REVOKE ALL ON FUNCTION guard.relief_waiting() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION guard.relief_waiting() TO {app_role()};
"""


class Migration(migrations.Migration):
    dependencies = [
        ("casework", "0004_office_manager"),
        ("rounds", "0002_in_earnest"),
    ]

    operations = [
        migrations.CreateModel(
            name="ReliefRequest",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("household_id", models.UUIDField(editable=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[("exemption", "Exemption"), ("instalments", "Payment in parts")], max_length=12
                    ),
                ),
                ("code", models.SlugField(max_length=60)),
                ("reason", khedmat.vault.fields.SealedTextField(max_length=1000)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Waits for the office manager"),
                            ("granted", "Granted"),
                            ("declined", "Not granted"),
                        ],
                        default="open",
                        max_length=12,
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                ("asked_by", models.UUIDField()),
                ("decided_at", models.DateTimeField(null=True)),
                ("decided_by", models.UUIDField(null=True)),
                ("decision_reason", khedmat.vault.fields.SealedTextField(max_length=1000)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="relief_requests", to="casework.case"
                    ),
                ),
            ],
            options={
                "ordering": ["asked_at"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "declined"), _negated=True),
                        fields=("case", "kind", "code"),
                        name="one_relief_request_for_each_kind",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["exemption", "instalments"])), name="known_kind_of_relief"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["open", "granted", "declined"])), name="known_state_of_relief"
                    ),
                    models.CheckConstraint(condition=models.Q(("reason__isnull", False)), name="relief_has_a_reason"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decided_by__isnull", True),
                            models.Q(("decided_by", models.F("asked_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="relief_asked_and_decided_by_two",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("decided_at__isnull", True),
                                ("decided_by__isnull", True),
                                ("decision_reason__isnull", True),
                                ("state", "open"),
                            ),
                            models.Q(
                                models.Q(("state", "open"), _negated=True),
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", False),
                                ("decision_reason__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="relief_decided_at_and_by",
                    ),
                ],
            },
        ),
        migrations.RunSQL(KEYS, migrations.RunSQL.noop),
        *personal(
            "rounds_reliefrequest",
            grants="SELECT, INSERT, UPDATE (state, decided_at, decided_by, decision_reason)",
        ),
        migrations.RunSQL(WAITING, migrations.RunSQL.noop),
    ]
