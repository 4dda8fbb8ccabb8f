"""Counted steps of cases and of their members, and those of the cases that are there, as the record tells them."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

from khedmat.vault.rls import APPEND_ONLY, scoped

# The day is Tehran's, whoever writes the row.
DAY = """
ALTER TABLE casework_milestone ADD CONSTRAINT milestone_on_its_day_in_tehran
  CHECK (reached_on = (at AT TIME ZONE 'Asia/Tehran')::date);
"""
# What was recorded of each case and member says when it first reached a step; nothing is guessed.
BACKFILL = """
INSERT INTO casework_milestone (id, case_id, case_type, series, scope_id, step, members, reached_on, at)
SELECT gen_random_uuid(), c.id, c.case_type, c.series, c.scope_id, told.step, 0,
  (min(e.at) AT TIME ZONE 'Asia/Tehran')::date, min(e.at)
FROM audit_entry e JOIN casework_case c ON c.id = e.case_id JOIN (VALUES
  ('case.booked', 'booked'), ('case.arrived', 'arrived'), ('case.photographed', 'photographed'),
  ('case.paid', 'paid'), ('case.submitted', 'submitted'), ('case.withdrawn', 'withdrawn')
) AS told (action, step) ON told.action = e.action
GROUP BY c.id, told.step;

CREATE TEMPORARY TABLE reached_before ON COMMIT DROP AS
SELECT m.id AS member_id, m.case_id, told.step, told.place, min(e.at) AS at
FROM audit_entry e JOIN (VALUES
  ('member.approved', 'decided', 1), ('member.refused', 'decided', 1), ('member.card-ready', 'printed', 2),
  ('member.card-handed-over', 'handed_over', 3)
) AS told (action, step, place) ON told.action = e.action
JOIN casework_casemember m ON m.id::text = e.details->>'member' AND m.case_id = e.case_id
GROUP BY m.id, told.step, told.place;

INSERT INTO casework_milestone (id, case_id, case_type, series, scope_id, step, members, reached_on, at)
SELECT gen_random_uuid(), c.id, c.case_type, c.series, c.scope_id, b.step, 1,
  (b.at AT TIME ZONE 'Asia/Tehran')::date, b.at
FROM reached_before b JOIN casework_case c ON c.id = b.case_id;

UPDATE casework_casemember m SET reached = furthest.step
FROM (SELECT DISTINCT ON (member_id) member_id, step FROM reached_before ORDER BY member_id, place DESC) furthest
WHERE furthest.member_id = m.id;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("casework", "0004_office_manager"),
        ("files", "0002_tables"),
        ("places", "0002_holidays"),
        ("registry", "0009_import_functions_as_now"),
    ]

    operations = [
        migrations.CreateModel(
            name="Milestone",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("case_id", models.UUIDField()),
                ("case_type", models.CharField(max_length=24)),
                ("series", models.CharField(max_length=24)),
                (
                    "step",
                    models.CharField(
                        choices=[
                            ("booked", "Booked"),
                            ("arrived", "Arrived"),
                            ("photographed", "Photographed"),
                            ("paid", "Paid"),
                            ("submitted", "Submitted"),
                            ("decided", "Decided"),
                            ("printed", "Printed"),
                            ("handed_over", "Handed over"),
                            ("withdrawn", "Withdrawn by the client"),
                        ],
                        max_length=12,
                    ),
                ),
                ("members", models.PositiveSmallIntegerField(default=0)),
                ("on", models.DateField(db_column="reached_on")),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name="casemember",
            name="reached",
            field=models.CharField(blank=True, db_default="", default="", max_length=12),
        ),
        migrations.AddConstraint(
            model_name="casemember",
            constraint=models.CheckConstraint(
                condition=models.Q(("reached__in", ["", "decided", "printed", "handed_over"])),
                name="known_reached_of_member",
            ),
        ),
        migrations.AddField(
            model_name="milestone",
            name="scope",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="places.scope"),
        ),
        migrations.AddIndex(
            model_name="milestone",
            index=models.Index(fields=["series", "scope", "step", "on"], name="casework_milestone_count"),
        ),
        migrations.AddIndex(
            model_name="milestone",
            index=models.Index(fields=["case_id"], name="casework_milestone_case"),
        ),
        migrations.AddConstraint(
            model_name="milestone",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "step__in",
                        [
                            "booked",
                            "arrived",
                            "photographed",
                            "paid",
                            "submitted",
                            "decided",
                            "printed",
                            "handed_over",
                            "withdrawn",
                        ],
                    )
                ),
                name="known_milestone",
            ),
        ),
        migrations.AddConstraint(
            model_name="milestone",
            constraint=models.UniqueConstraint(
                condition=models.Q(("members", 0)), fields=("case_id", "step"), name="case_reaches_each_step_once"
            ),
        ),
        migrations.RunSQL(DAY, migrations.RunSQL.noop),
        *scoped("casework_milestone", grants=APPEND_ONLY),
        migrations.RunSQL(BACKFILL, migrations.RunSQL.noop),
    ]
