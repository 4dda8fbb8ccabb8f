"""Who asks is verified once for each call, not for each row: a function in a sub-select is asked once."""

from django.db import migrations

FUNCTIONS = """
CREATE OR REPLACE FUNCTION guard.member_steps(of_cases uuid[]) RETURNS TABLE (case_id uuid, step text, members int)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT m.case_id, m.step, count(*)::int FROM casework_casemember m JOIN casework_case c ON c.id = m.case_id
  WHERE c.id = ANY (of_cases) AND c.scope_id = ANY ((SELECT guard.visible_scopes())::int[])
  GROUP BY m.case_id, m.step
$$;
CREATE OR REPLACE FUNCTION guard.cases_awaiting_print() RETURNS TABLE (case_id uuid, cards int)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT m.case_id, count(*)::int FROM casework_casemember m JOIN casework_case c ON c.id = m.case_id
  WHERE m.step = 'approved' AND c.scope_id = ANY ((SELECT guard.visible_scopes())::int[])
    AND (SELECT guard.role()) = 'card_printer'
  GROUP BY m.case_id, c.step_since_at ORDER BY c.step_since_at
$$;
CREATE OR REPLACE FUNCTION guard.appeals_in_reach() RETURNS TABLE (appeal_id uuid, case_id uuid, number text, scope_id int,
  lodged_on date, due_on date, officer_id uuid, is_late boolean, is_for_director boolean, is_against_me boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT a.id, a.case_id, c.number, c.scope_id, a.lodged_on, a.due_on, a.officer_id, a.is_late, a.is_for_director,
    a.appealed_officer_id = (SELECT guard.user_id())
  FROM casework_appeal a JOIN casework_case c ON c.id = a.case_id
  WHERE a.state = 'open' AND c.scope_id = ANY ((SELECT guard.visible_scopes())::int[])
    AND (SELECT guard.role()) IN ('case_officer', 'director_general')
  ORDER BY a.due_on, c.number
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("casework", "0014_waiting_for_counter")]

    operations = [migrations.RunSQL(FUNCTIONS, migrations.RunSQL.noop)]
