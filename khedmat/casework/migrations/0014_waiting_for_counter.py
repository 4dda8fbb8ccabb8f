"""How many members of a case wait for the counter, kept with the case: no list need count members anew."""

from django.db import migrations, models

from khedmat.common.database_roles import app_role

COUNTED = """
UPDATE casework_case c SET ready_members = m.ready, returned_members = m.returned
FROM (SELECT case_id, count(*) FILTER (WHERE step = 'ready') AS ready,
             count(*) FILTER (WHERE step = 'returned') AS returned FROM casework_casemember GROUP BY case_id) m
WHERE m.case_id = c.id AND m.ready + m.returned > 0;
"""


class Migration(migrations.Migration):
    dependencies = [("casework", "0013_drafts_of_bulks_expire")]

    operations = [
        migrations.AddField("case", "ready_members", models.PositiveSmallIntegerField(db_default=0, default=0)),
        migrations.AddField("case", "returned_members", models.PositiveSmallIntegerField(db_default=0, default=0)),
        migrations.RunSQL(
            f"GRANT UPDATE (ready_members, returned_members) ON casework_case TO {app_role()};",
            migrations.RunSQL.noop,
        ),
        migrations.AddIndex(
            "case",
            models.Index(
                condition=models.Q(("ready_members__gt", 0)),
                fields=["scope", "step_since_at"],
                name="casework_ready_cards",
            ),
        ),
        migrations.AddIndex(
            "case",
            models.Index(
                condition=models.Q(("returned_members__gt", 0)),
                fields=["scope", "step_since_at"],
                name="casework_returned",
            ),
        ),
        migrations.RunSQL(COUNTED, migrations.RunSQL.noop),
    ]
