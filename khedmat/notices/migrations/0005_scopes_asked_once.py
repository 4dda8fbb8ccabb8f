"""Who asks is verified once for each call, not for each row: a function in a sub-select is asked once."""

from django.db import migrations

FUNCTION = """
CREATE OR REPLACE FUNCTION guard.count_messages(since date) RETURNS TABLE (office_id int, on_day date, channel text, kind text, state text,
  failure text, messages int)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT m.office_id, (m.queued_at AT TIME ZONE 'Asia/Tehran')::date, m.channel, m.kind, m.state, m.failure,
    count(*)::int
  FROM notices_message m
  WHERE m.office_id = ANY ((SELECT guard.visible_scopes())::int[])
    AND (SELECT guard.role()) IN ('office_manager', 'round_manager')
    AND m.queued_at >= since::timestamp AT TIME ZONE 'Asia/Tehran'
  GROUP BY 1, 2, 3, 4, 5, 6
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("notices", "0004_told_without_sight")]

    operations = [migrations.RunSQL(FUNCTION, migrations.RunSQL.noop)]
