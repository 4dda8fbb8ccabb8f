"""An office's manager opens the families of its own cases: somebody must look at an exemption's or a refund's papers."""

from django.db import migrations

OPEN_CASE = """
CREATE OR REPLACE FUNCTION guard.open_case(of_case uuid) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  me guard.working := guard.ctx();
  found casework_case;
  is_mine boolean;
BEGIN
  SELECT * INTO found FROM casework_case WHERE id = of_case AND scope_id = ANY (guard.visible_scopes());
  is_mine := CASE me.role
    WHEN 'clerk' THEN found.scope_id = me.scope_id
      AND (found.closed_at IS NULL OR found.closed_at > clock_timestamp() - interval '30 days')
    WHEN 'office_manager' THEN found.scope_id = me.scope_id
      AND (found.closed_at IS NULL OR found.closed_at > clock_timestamp() - interval '30 days')
    WHEN 'case_officer' THEN found.step IN ('submitted', 'under_review', 'closed')
    WHEN 'director_general' THEN found.step IN ('submitted', 'under_review', 'closed')
    WHEN 'card_printer' THEN EXISTS (SELECT 1 FROM casework_casemember m WHERE m.case_id = found.id
      AND m.step IN ('approved', 'in_print', 'ready'))
    ELSE false END;
  IF found.id IS NULL OR is_mine IS NOT TRUE THEN RAISE EXCEPTION 'not yours' USING ERRCODE = 'KH002'; END IF;
  PERFORM guard.open_grant(found.household_id, found.id, 'case');
  RETURN found.household_id;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("casework", "0003_by_membership"), ("accounts", "0005_office_manager")]
    operations = [migrations.RunSQL(OPEN_CASE, migrations.RunSQL.noop)]
