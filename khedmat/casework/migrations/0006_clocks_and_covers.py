"""Due dates, stopped clocks and covers; what is under way gets the due date that its sending says."""

import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

import khedmat.vault.fields
from khedmat.common.database_roles import app_role
from khedmat.places.calendar import add_working_days
from khedmat.vault.rls import personal, scoped

STANDARD_DAYS, MAX_DAYS = 15, 45
# The day on which a case was sent to the province; where no record tells it, the day since which it stands there.
SENT = """
SELECT c.id, c.scope_id, (coalesce(min(e.at), c.step_since_at) AT TIME ZONE 'Asia/Tehran')::date
FROM casework_case c LEFT JOIN audit_entry e ON e.case_id = c.id AND e.action = 'case.submitted'
WHERE c.step IN ('submitted', 'under_review', 'closed') GROUP BY c.id
"""
FREE = """
SELECT h.free_on FROM places_holiday h JOIN places_scope above ON above.id = h.scope_id
JOIN places_scope here ON here.path LIKE above.path || '%%' WHERE here.id = %s AND h.withdrawn_at IS NULL
"""
DECIDED = """
UPDATE casework_case c SET decided_at = (SELECT max(d.decided_at) FROM casework_decision d WHERE d.case_id = c.id)
WHERE c.step IN ('under_review', 'closed') AND NOT EXISTS (SELECT 1 FROM casework_casemember m
  WHERE m.case_id = c.id AND m.step IN ('enrolled', 'member_under_review', 'returned'));
"""
# A member who is with the office keeps the clock standing since the decision that returned them.
RETURNED = """
INSERT INTO casework_clockstop (id, household_id, case_id, reason, stopped_at, stopped_by)
SELECT DISTINCT ON (d.case_id) gen_random_uuid(), d.household_id, d.case_id, 'returned', d.decided_at, d.decided_by
FROM casework_decision d JOIN casework_casemember m ON m.id = d.member_id AND m.step = 'returned'
JOIN casework_case c ON c.id = d.case_id AND c.step = 'under_review'
WHERE d.outcome = 'return' ORDER BY d.case_id, d.decided_at DESC;
UPDATE casework_case c SET stopped_at = s.stopped_at, stop_reason = s.reason
FROM casework_clockstop s WHERE s.case_id = c.id AND s.resumed_at IS NULL;
"""
KEYS = f"""
ALTER TABLE casework_clockstop ADD CONSTRAINT stop_of_own_case
  FOREIGN KEY (case_id, household_id) REFERENCES casework_case (id, household_id) DEFERRABLE INITIALLY DEFERRED;
-- An officer's id is no range: its digest is made one, so that the constraint needs no extension.
ALTER TABLE casework_cover ADD CONSTRAINT one_cover_for_each_day EXCLUDE USING gist (
  int8range(hashtextextended(officer_id::text, 0), hashtextextended(officer_id::text, 0), '[]') WITH &&,
  daterange(away_from, away_until, '[]') WITH &&) WHERE (ended_at IS NULL);
GRANT UPDATE (clock_from, standard_days, due_on, max_on, stopped_at, stop_reason, decided_at) ON casework_case
  TO {app_role()};
"""


def tell_due_dates(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    free: dict[int, frozenset[object]] = {}
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(SENT)
        for case_id, scope_id, sent_on in cursor.fetchall():
            if scope_id not in free:
                cursor.execute(FREE, [scope_id])
                free[scope_id] = frozenset(day for (day,) in cursor.fetchall())
            due_on, max_on = (add_working_days(sent_on, days, free[scope_id]) for days in (STANDARD_DAYS, MAX_DAYS))
            cursor.execute(
                "UPDATE casework_case SET clock_from = %s, standard_days = %s, due_on = %s, max_on = %s WHERE id = %s",
                [sent_on, STANDARD_DAYS, due_on, max_on, case_id],
            )


class Migration(migrations.Migration):
    dependencies = [
        ("casework", "0005_milestones"),
        ("places", "0002_holidays"),
        ("registry", "0009_import_functions_as_now"),
    ]

    operations = [
        migrations.CreateModel(
            name="ClockStop",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("household_id", models.UUIDField(editable=False)),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("client_paper", "Waiting for a paper of the family"),
                            ("other_authority", "Waiting for another authority"),
                            ("technical", "A technical fault"),
                            ("returned", "Returned for completion"),
                        ],
                        max_length=16,
                    ),
                ),
                ("note", khedmat.vault.fields.SealedTextField(max_length=300)),
                ("stopped_at", models.DateTimeField()),
                ("stopped_by", models.UUIDField()),
                ("resumed_at", models.DateTimeField(null=True)),
                ("resumed_by", models.UUIDField(null=True)),
            ],
            options={
                "ordering": ["stopped_at"],
            },
        ),
        migrations.CreateModel(
            name="Cover",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("officer_id", models.UUIDField()),
                ("substitute_id", models.UUIDField()),
                ("away_from", models.DateField()),
                ("away_until", models.DateField()),
                ("made_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("made_by", models.UUIDField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_by", models.UUIDField(null=True)),
            ],
        ),
        migrations.AddField(
            model_name="case",
            name="clock_from",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="case",
            name="decided_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="case",
            name="due_on",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="case",
            name="max_on",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="case",
            name="standard_days",
            field=models.PositiveSmallIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="case",
            name="stop_reason",
            field=models.CharField(
                blank=True,
                choices=[
                    ("client_paper", "Waiting for a paper of the family"),
                    ("other_authority", "Waiting for another authority"),
                    ("technical", "A technical fault"),
                    ("returned", "Returned for completion"),
                ],
                db_default="",
                default="",
                max_length=16,
            ),
        ),
        migrations.AddField(
            model_name="case",
            name="stopped_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="clockstop",
            name="case",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="stops", to="casework.case"
            ),
        ),
        migrations.AddField(
            model_name="cover",
            name="scope",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="places.scope"),
        ),
        migrations.RunPython(tell_due_dates, migrations.RunPython.noop),
        migrations.RunSQL(DECIDED + RETURNED, migrations.RunSQL.noop),
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED;", migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("decided_at__isnull", True), ("step__in", ["submitted", "under_review"])),
                fields=["province", "due_on", "number"],
                name="casework_open_by_due",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("clock_from__isnull", True),
                        ("due_on__isnull", True),
                        ("max_on__isnull", True),
                        ("standard_days__isnull", True),
                    ),
                    models.Q(
                        ("clock_from__isnull", False),
                        ("due_on__isnull", False),
                        ("max_on__isnull", False),
                        ("standard_days__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="case_clock_is_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("step__in", ["submitted", "under_review"]), _negated=True),
                    ("due_on__isnull", False),
                    _connector="OR",
                ),
                name="case_in_the_province_has_a_due_date",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("stop_reason", ""), ("stopped_at__isnull", True)),
                    models.Q(
                        ("stop_reason__in", ["client_paper", "other_authority", "technical", "returned"]),
                        ("stopped_at__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="case_stopped_at_and_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="clockstop",
            constraint=models.UniqueConstraint(
                condition=models.Q(("resumed_at__isnull", True)), fields=("case",), name="one_open_stop_for_each_case"
            ),
        ),
        migrations.AddConstraint(
            model_name="clockstop",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason__in", ["client_paper", "other_authority", "technical", "returned"])),
                name="known_stop_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="clockstop",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("resumed_at__isnull", True), ("resumed_by__isnull", True)),
                    models.Q(
                        ("resumed_at__gte", models.F("stopped_at")),
                        ("resumed_at__isnull", False),
                        ("resumed_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="stop_resumed_at_and_by",
            ),
        ),
        migrations.AddIndex(
            model_name="cover",
            index=models.Index(fields=["scope", "away_until"], name="casework_cover_live"),
        ),
        migrations.AddConstraint(
            model_name="cover",
            constraint=models.CheckConstraint(
                condition=models.Q(("officer_id", models.F("substitute_id")), _negated=True),
                name="nobody_covers_themselves",
            ),
        ),
        migrations.AddConstraint(
            model_name="cover",
            constraint=models.CheckConstraint(
                condition=models.Q(("away_until__gte", models.F("away_from"))), name="cover_days_in_order"
            ),
        ),
        migrations.AddConstraint(
            model_name="cover",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", True), ("ended_by__isnull", True)),
                    models.Q(("ended_at__isnull", False), ("ended_by__isnull", False)),
                    _connector="OR",
                ),
                name="cover_ended_at_and_by",
            ),
        ),
        migrations.RunSQL(KEYS, migrations.RunSQL.noop),
        *personal("casework_clockstop"),
        *scoped("casework_cover", grants="SELECT, INSERT, UPDATE (ended_at, ended_by)"),
    ]
