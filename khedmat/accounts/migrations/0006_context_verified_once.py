"""The signed context is verified once for each look at one's grants, not twice for each grant; and an index leads to
those of today, however many days a clerk has worked: a volatile function leads nowhere, a sub-select does.
"""

from django.db import migrations, models

FUNCTION = """
CREATE OR REPLACE FUNCTION guard.granted_households() RETURNS uuid[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT coalesce(array_agg(DISTINCT g.household_id), '{}') FROM guard.ctx() me
  JOIN accounts_grant g ON g.user_id = me.user_id AND g.scope_id = me.scope_id AND g.role = me.role
  WHERE g.expires_at > (SELECT clock_timestamp())
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_office_manager")]

    operations = [
        migrations.AddIndex("grant", models.Index(fields=["user_id", "opened_at"], name="accounts_grant_opened")),
        migrations.RunSQL(FUNCTION, migrations.RunSQL.noop),
    ]
