"""Protection of cases, and the definer function through which a case opens its family."""

from django.db import migrations

from khedmat.common.database_roles import app_role
from khedmat.vault.rls import personal, protected

# Foreign keys bypass row-level security: composite keys tie every row to the household of its case.
KEYS = """
ALTER TABLE casework_casemember ADD CONSTRAINT member_of_own_case
  FOREIGN KEY (case_id, household_id) REFERENCES casework_case (id, household_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE casework_casemember ADD CONSTRAINT member_of_own_household
  FOREIGN KEY (person_id, household_id) REFERENCES registry_person (id, household_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE casework_casemember ADD CONSTRAINT portrait_of_own_household
  FOREIGN KEY (portrait_id, household_id) REFERENCES files_storedfile (id, household_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE casework_papercheck ADD CONSTRAINT file_of_own_household
  FOREIGN KEY (file_id, household_id) REFERENCES files_storedfile (id, household_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE casework_papercheck ADD CONSTRAINT paper_of_own_case
  FOREIGN KEY (case_id, household_id) REFERENCES casework_case (id, household_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE casework_papercheck ADD CONSTRAINT paper_of_own_member
  FOREIGN KEY (member_id, household_id) REFERENCES casework_casemember (id, household_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE casework_decision ADD CONSTRAINT decision_of_own_case
  FOREIGN KEY (case_id, household_id) REFERENCES casework_case (id, household_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE casework_decision ADD CONSTRAINT decision_of_own_member
  FOREIGN KEY (member_id, household_id) REFERENCES casework_casemember (id, household_id) DEFERRABLE INITIALLY DEFERRED;
"""

FUNCTIONS = f"""
-- Whether the acting user may write into a family's log: the family is open, or its case is visible here.
-- Not for the app: guard.note asks it.
CREATE FUNCTION guard.may_note(of_household uuid, of_case uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT CASE WHEN of_household IS NULL THEN of_case IS NULL
    ELSE of_household = ANY (guard.granted_households()) OR EXISTS (
      SELECT 1 FROM casework_case c WHERE c.id = of_case AND c.household_id = of_household
        AND c.scope_id = ANY (guard.visible_scopes())) END
$$;

CREATE SEQUENCE casework_case_number_seq;
GRANT USAGE ON SEQUENCE casework_case_number_seq TO {app_role()};

-- Opens a case's family to somebody whose work it is at this step. Answers the household.
CREATE FUNCTION guard.open_case(of_case uuid) RETURNS uuid
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
    WHEN 'case_officer' THEN found.step IN ('submitted', 'under_review', 'closed')
    WHEN 'director_general' THEN found.step IN ('submitted', 'under_review', 'closed')
    WHEN 'card_printer' THEN EXISTS (SELECT 1 FROM casework_casemember m WHERE m.case_id = found.id
      AND m.step IN ('approved', 'in_print', 'ready'))
    ELSE false END;
  IF found.id IS NULL OR is_mine IS NOT TRUE THEN RAISE EXCEPTION 'not yours' USING ERRCODE = 'KH002'; END IF;
  PERFORM guard.open_grant(found.household_id, found.id, 'case');
  RETURN found.household_id;
END $$;

-- What waits for a printer, by case: counts and ids of cases, nobody's name.
CREATE FUNCTION guard.cases_awaiting_print() RETURNS TABLE (case_id uuid, cards int)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT m.case_id, count(*)::int FROM casework_casemember m JOIN casework_case c ON c.id = m.case_id
  WHERE m.step = 'approved' AND c.scope_id = ANY (guard.visible_scopes()) AND guard.role() = 'card_printer'
  GROUP BY m.case_id, c.step_since_at ORDER BY c.step_since_at
$$;

-- How members stand in each visible case: for queues, which show numbers and never names.
CREATE FUNCTION guard.member_steps(of_cases uuid[]) RETURNS TABLE (case_id uuid, step text, members int)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT m.case_id, m.step, count(*)::int FROM casework_casemember m JOIN casework_case c ON c.id = m.case_id
  WHERE c.id = ANY (of_cases) AND c.scope_id = ANY (guard.visible_scopes()) GROUP BY m.case_id, m.step
$$;

GRANT EXECUTE ON FUNCTION guard.open_case(uuid), guard.cases_awaiting_print(), guard.member_steps(uuid[])
  TO {app_role()};
"""

GRANTS = "SELECT, INSERT, UPDATE (step, step_since_at, version, officer_id, is_for_director, closed_at, closed_by)"
NEW_CASES = f"""
CREATE POLICY new_cases_of_opened_families ON casework_case AS RESTRICTIVE FOR INSERT TO {app_role()}
  WITH CHECK (household_id = ANY ((SELECT guard.granted_households())::uuid[])
              AND province_id = (SELECT guard.province_id()) AND scope_id = (SELECT guard.scope_id()));
"""
VISIBLE = "scope_id = ANY ((SELECT guard.visible_scopes())::int[])"


class Migration(migrations.Migration):
    dependencies = [("casework", "0001_initial"), ("registry", "0002_guard_lookup")]
    operations = [
        migrations.RunSQL(KEYS, migrations.RunSQL.noop),
        # Reading and moving a case needs the place alone (a cashier's payment moves it on, unseeing); opening
        # one needs the family open, or a forged case would open any family. The household never changes.
        *protected("casework_case", VISIBLE, grants=GRANTS, check=VISIBLE),
        migrations.RunSQL(NEW_CASES, migrations.RunSQL.noop),
        *personal("casework_casemember"),
        *personal("casework_papercheck"),
        *personal("casework_decision", grants="SELECT, INSERT"),
        migrations.RunSQL(FUNCTIONS, migrations.RunSQL.noop),
    ]
