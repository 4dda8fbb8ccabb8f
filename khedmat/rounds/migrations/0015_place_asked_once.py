"""Who asks is verified once for each call, not for each row: a function in a sub-select is asked once."""

from django.db import migrations

FUNCTION = """
CREATE OR REPLACE FUNCTION guard.relief_waiting() RETURNS TABLE (case_id uuid, number text, waiting int)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT c.id, c.number::text, count(*)::int FROM rounds_reliefrequest r JOIN casework_case c ON c.id = r.case_id
  WHERE r.state = 'open' AND c.closed_at IS NULL AND c.scope_id = (SELECT guard.scope_id())
    AND (SELECT guard.role()) = 'office_manager'
  GROUP BY c.id, c.number ORDER BY min(r.asked_at)
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("rounds", "0014_longer_note_of_a_move")]

    operations = [migrations.RunSQL(FUNCTION, migrations.RunSQL.noop)]
