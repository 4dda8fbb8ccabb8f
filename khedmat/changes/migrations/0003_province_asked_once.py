"""Who asks is verified once for each call, not for each row: a function in a sub-select is asked once."""

from django.db import migrations

FUNCTION = """
CREATE OR REPLACE FUNCTION guard.changes_in_reach() RETURNS TABLE (request_id uuid, number text, kind text, state text, decider text,
  asked_at timestamptz, ended_at timestamptz, scope_id int, is_to_decide boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT r.id, r.number, r.kind, r.state, r.decider, r.asked_at, coalesce(r.decided_at, r.withdrawn_at), r.scope_id,
    r.state IN ('open', 'awaiting_other_province') AND r.asked_by <> me.user_id
      AND (me.role <> 'clerk' OR r.decider = 'office')
  FROM guard.ctx() me, changes_changerequest r JOIN registry_household h ON h.id = r.household_id
  WHERE CASE
    WHEN me.role = 'clerk' THEN r.scope_id = me.scope_id AND (r.state IN ('open', 'awaiting_other_province')
      OR coalesce(r.decided_at, r.withdrawn_at) > clock_timestamp() - interval '30 days')
    WHEN me.role IN ('case_officer', 'director_general') THEN
      (r.state = 'open' AND h.province_id = (SELECT guard.province_id()))
      OR (r.state = 'awaiting_other_province' AND r.other_province_id = (SELECT guard.province_id()))
    ELSE false END
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("changes", "0002_guard_changes")]

    operations = [migrations.RunSQL(FUNCTION, migrations.RunSQL.noop)]
