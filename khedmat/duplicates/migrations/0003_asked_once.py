"""Who asks is verified once for each call, not for each row: a function in a sub-select is asked once."""

from django.db import migrations

FUNCTION = """
CREATE OR REPLACE FUNCTION guard.papers_asked_of(of_household uuid) RETURNS TABLE (person_id uuid, asked_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT p.id, min(d.state_since_at) FROM registry_person p
  JOIN duplicates_duplicatepair d ON p.id IN (d.person_a_id, d.person_b_id)
  WHERE p.household_id = of_household AND of_household = ANY ((SELECT guard.granted_households())::uuid[])
    AND d.state = 'papers' AND d.is_current AND d.scope_id = (SELECT guard.province_id())
  GROUP BY p.id
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("duplicates", "0002_guard_pairs")]

    operations = [migrations.RunSQL(FUNCTION, migrations.RunSQL.noop)]
