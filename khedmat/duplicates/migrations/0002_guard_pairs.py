"""Protection of pairs, and what the matcher's own database role may read.

A definer function and not a view: a view with its owner's rights would be a leak by the house's rules, and one
with its reader's rights would need table privileges for the matcher, which then could leave the view aside. The
function is also a fence: no condition of the caller's runs on the rows of other provinces.
"""

from django.db import migrations

from khedmat.common.database_roles import app_role, matcher_role, migrator_role
from khedmat.vault.rls import APPEND_ONLY, protected, scoped

ROLE_IS_THERE = f"""
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{matcher_role()}') THEN
    RAISE EXCEPTION 'role {matcher_role()} is missing'
      USING HINT = 'Run the SQL of khedmat db roles as a database administrator, then khedmat migrate again.';
  END IF;
END $$;
"""

# Foreign keys bypass row-level security: composite keys tie each row to the place of its pair.
KEYS = """
ALTER TABLE duplicates_duplicatepair ADD CONSTRAINT pair_of_own_search
  FOREIGN KEY (run_id, scope_id) REFERENCES duplicates_run (id, scope_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE duplicates_answer ADD CONSTRAINT answer_of_own_pair
  FOREIGN KEY (pair_id, scope_id) REFERENCES duplicates_duplicatepair (id, scope_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE duplicates_personlink ADD CONSTRAINT link_of_own_pair
  FOREIGN KEY (pair_id, scope_id) REFERENCES duplicates_duplicatepair (id, scope_id) DEFERRABLE INITIALLY DEFERRED;
"""

HERE = "scope_id = (SELECT guard.province_id())"
KEEPER = f"{HERE} AND (SELECT guard.role()) = 'register_keeper'"
KEEPER_OR_SEARCH = f"{HERE} AND (SELECT guard.role()) = ANY (ARRAY['register_keeper', 'matcher'])"
SEARCH = f"{HERE} AND (SELECT guard.role()) = 'matcher'"

# Only a search makes pairs: whoever made one by hand could open any two families with it.
PAIRS = f"""
ALTER TABLE duplicates_duplicatepair ENABLE ROW LEVEL SECURITY;
ALTER TABLE duplicates_duplicatepair FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_migrates ON duplicates_duplicatepair TO {migrator_role()} USING (true) WITH CHECK (true);
CREATE POLICY keeper_sees ON duplicates_duplicatepair FOR SELECT TO {app_role()} USING ({KEEPER_OR_SEARCH});
CREATE POLICY search_finds ON duplicates_duplicatepair FOR INSERT TO {app_role()} WITH CHECK ({SEARCH});
CREATE POLICY keeper_answers ON duplicates_duplicatepair FOR UPDATE TO {app_role()}
  USING ({KEEPER_OR_SEARCH}) WITH CHECK ({KEEPER_OR_SEARCH});
REVOKE ALL ON duplicates_duplicatepair FROM PUBLIC;
GRANT SELECT, INSERT ON duplicates_duplicatepair TO {app_role()};
GRANT UPDATE (strength, likenesses, compared, answered_on, state, is_current, run_id, state_since_at, version)
  ON duplicates_duplicatepair TO {app_role()};
"""

FUNCTIONS = f"""
-- What is compared of the people of the signed context's province: no address, no phone, no nationality, no number
-- of a document. Eight bytes of a number's keyed index, and none of a document that relatives share.
CREATE FUNCTION guard.people_to_match() RETURNS TABLE (
  person_id uuid, household_id uuid, given_name text, family_name text, father_name text, sex text, birth_on date,
  documents bigint[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  WITH here AS MATERIALIZED (
    SELECT h.id FROM registry_household h
    WHERE h.province_id = (SELECT guard.province_id()) AND (SELECT guard.role()) = 'matcher'
  ), papers AS MATERIALIZED (
    SELECT d.household_id, d.number_index, min(d.person_id::text)::uuid AS person_id
    FROM registry_persondocument d JOIN here ON here.id = d.household_id
    GROUP BY d.household_id, d.number_index HAVING count(DISTINCT d.person_id) = 1
  ), kept AS (
    SELECT person_id,
      array_agg(DISTINCT ('x' || encode(substring(number_index FOR 8), 'hex'))::bit(64)::bigint) AS documents
    FROM papers GROUP BY person_id
  )
  SELECT p.id, p.household_id, p.given_name::text, p.family_name::text, p.father_name::text, p.sex::text, p.birth_on,
    coalesce(kept.documents, '{{}}')
  FROM registry_person p JOIN here ON here.id = p.household_id LEFT JOIN kept ON kept.person_id = p.id
$$;
GRANT USAGE ON SCHEMA guard TO {matcher_role()};
GRANT EXECUTE ON FUNCTION guard.people_to_match() TO {matcher_role()};

-- Opens both families of a pair to the province's keeper of the register, each counted and recorded.
CREATE FUNCTION guard.open_pair(of_pair uuid) RETURNS TABLE (person_id uuid, household_id uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  held record;
  opened int := 0;
BEGIN
  IF guard.role() IS DISTINCT FROM 'register_keeper' THEN RAISE EXCEPTION 'not yours' USING ERRCODE = 'KH002'; END IF;
  FOR held IN
    SELECT p.id, p.household_id FROM duplicates_duplicatepair d
    JOIN registry_person p ON p.id IN (d.person_a_id, d.person_b_id)
    JOIN registry_household h ON h.id = p.household_id AND h.province_id = d.scope_id
    WHERE d.id = of_pair AND d.scope_id = guard.province_id() ORDER BY p.household_id
  LOOP
    PERFORM guard.open_grant(held.household_id, NULL, 'duplicates');
    opened := opened + 1;
    person_id := held.id;
    household_id := held.household_id;
    RETURN NEXT;
  END LOOP;
  -- One of the two has gone to another province, or there is no such pair here.
  IF opened <> 2 THEN RAISE EXCEPTION 'not yours' USING ERRCODE = 'KH002'; END IF;
END $$;

-- For those who have the family open: whose papers the keeper of the register asks for. The other family is not named.
CREATE FUNCTION guard.papers_asked_of(of_household uuid) RETURNS TABLE (person_id uuid, asked_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT p.id, min(d.state_since_at) FROM registry_person p
  JOIN duplicates_duplicatepair d ON p.id IN (d.person_a_id, d.person_b_id)
  WHERE p.household_id = of_household AND of_household = ANY (guard.granted_households())
    AND d.state = 'papers' AND d.is_current AND d.scope_id = guard.province_id()
  GROUP BY p.id
$$;
GRANT EXECUTE ON FUNCTION guard.open_pair(uuid), guard.papers_asked_of(uuid) TO {app_role()};
"""

UNDO = """
DROP FUNCTION guard.people_to_match();
DROP FUNCTION guard.open_pair(uuid);
DROP FUNCTION guard.papers_asked_of(uuid);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("duplicates", "0001_initial"),
        ("accounts", "0003_register_keeper"),
        ("casework", "0003_by_membership"),
    ]
    operations = [
        migrations.RunSQL(ROLE_IS_THERE, migrations.RunSQL.noop),
        migrations.RunSQL(KEYS, migrations.RunSQL.noop),
        *scoped("duplicates_run"),
        migrations.RunSQL(PAIRS, migrations.RunSQL.noop),
        *protected("duplicates_answer", KEEPER, grants=APPEND_ONLY),
        *protected(
            "duplicates_personlink", KEEPER, grants="SELECT, INSERT, UPDATE (removed_at, removed_by, unlinking_reason)"
        ),
        migrations.RunSQL(FUNCTIONS, UNDO),
    ]
