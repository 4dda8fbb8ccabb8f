"""Protection of the register, and the one definer function that finds a family."""

from django.db import migrations

from khedmat.common.database_roles import app_role
from khedmat.vault.rls import personal, protected

# Foreign keys bypass row-level security: composite keys tie each row to its own household.
KEYS = """
ALTER TABLE registry_persondocument ADD CONSTRAINT document_of_own_household
  FOREIGN KEY (person_id, household_id) REFERENCES registry_person (id, household_id)
  ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED;
"""

FUNCTIONS = f"""
CREATE FUNCTION guard.masked(name text) RETURNS text LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp AS $$
  SELECT regexp_replace(trim(name), '(\\S)\\S*', '\\1…', 'g')
$$;

-- A presented document's number (blind index), or name tokens and birth date: at most five masked hits,
-- counted and recorded, of the working place's province alone.
CREATE FUNCTION guard.look_up(document bytea, tokens text[], born date) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  me guard.working := guard.ctx();
  allowed int;
  made int;
  found uuid[];
  way text := CASE WHEN document IS NOT NULL THEN 'document' ELSE 'name' END;
  look_up_id uuid := gen_random_uuid();
BEGIN
  IF me.user_id IS NULL THEN RAISE EXCEPTION 'no context' USING ERRCODE = 'KH002'; END IF;
  IF document IS NULL AND (coalesce(cardinality(tokens), 0) = 0 OR born IS NULL) THEN
    RAISE EXCEPTION 'nothing to look up' USING ERRCODE = 'KH002';
  END IF;
  PERFORM pg_advisory_xact_lock(7240502, hashtext(me.user_id::text));
  SELECT look_ups_a_day INTO allowed FROM accounts_readbudget WHERE role = me.role;
  IF coalesce(allowed, 0) = 0 THEN RAISE EXCEPTION 'role looks nobody up' USING ERRCODE = 'KH003'; END IF;
  SELECT count(*) INTO made FROM registry_lookup WHERE user_id = me.user_id AND at >= guard.start_of_day();
  IF made >= allowed THEN RAISE EXCEPTION 'budget spent' USING ERRCODE = 'KH001'; END IF;

  IF document IS NOT NULL THEN
    SELECT array_agg(id) INTO found FROM (
      SELECT DISTINCT h.id FROM registry_persondocument d JOIN registry_household h ON h.id = d.household_id
      WHERE d.number_index = document AND h.province_id = guard.province_id() LIMIT 5) hits;
  ELSE
    SELECT array_agg(id) INTO found FROM (
      SELECT DISTINCT h.id FROM registry_person p JOIN registry_household h ON h.id = p.household_id
      WHERE p.birth_on = born AND p.name_tokens::text[] @> tokens AND h.province_id = guard.province_id() LIMIT 5) hits;
  END IF;
  found := coalesce(found, '{{}}');
  INSERT INTO registry_lookup (id, user_id, scope_id, by, households, at)
    VALUES (look_up_id, me.user_id, me.scope_id, way, found, clock_timestamp());
  PERFORM guard.note('register.looked-up', 'registry.lookup', look_up_id::text, NULL, NULL,
                     jsonb_build_object('by', way, 'hits', cardinality(found)));
  RETURN jsonb_build_object('id', look_up_id, 'hits', coalesce((
    SELECT jsonb_agg(jsonb_build_object(
      'position', hit.position,
      'head', guard.masked(head.given_name || ' ' || head.family_name),
      'birth_year', extract(year FROM head.birth_on)::int,
      'members', (SELECT count(*) FROM registry_person m WHERE m.household_id = hit.household)
    ) ORDER BY hit.position)
    FROM unnest(found) WITH ORDINALITY AS hit(household, position)
    JOIN registry_person head ON head.household_id = hit.household AND head.relation = 'head'), '[]'));
END $$;

-- Opens one hit of one's own fresh look-up. Answers the household.
CREATE FUNCTION guard.open_hit(of_look_up uuid, at_position int) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE found uuid;
BEGIN
  SELECT households[at_position] INTO found FROM registry_lookup
  WHERE id = of_look_up AND user_id = guard.user_id() AND scope_id = guard.scope_id()
    AND at > clock_timestamp() - interval '15 minutes';
  IF found IS NULL THEN RAISE EXCEPTION 'no such hit' USING ERRCODE = 'KH002'; END IF;
  PERFORM guard.open_grant(found, NULL, 'look-up');
  RETURN found;
END $$;

-- Leave to write a household that does not exist yet.
CREATE FUNCTION guard.begin_household(new_id uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF guard.province_id() IS NULL OR EXISTS (SELECT 1 FROM registry_household WHERE id = new_id)
     OR EXISTS (SELECT 1 FROM registry_person WHERE household_id = new_id) THEN
    RAISE EXCEPTION 'not new' USING ERRCODE = 'KH002';
  END IF;
  PERFORM guard.open_grant(new_id, NULL, 'new');
END $$;

GRANT EXECUTE ON FUNCTION guard.look_up(bytea, text[], date), guard.open_hit(uuid, int), guard.begin_household(uuid)
  TO {app_role()};
"""


class Migration(migrations.Migration):
    dependencies = [("registry", "0001_initial"), ("accounts", "0002_guard_grants")]
    operations = [
        migrations.RunSQL(KEYS, migrations.RunSQL.noop),
        *protected(
            "registry_household",
            "id = ANY ((SELECT guard.granted_households())::uuid[])",
            grants="SELECT, INSERT, UPDATE",
            check="id = ANY ((SELECT guard.granted_households())::uuid[]) "
            "AND province_id = (SELECT guard.province_id())",
        ),
        *personal("registry_person"),
        *personal("registry_persondocument"),
        *protected("registry_lookup", "user_id = (SELECT guard.user_id())", grants="SELECT", check="false"),
        migrations.RunSQL(FUNCTIONS, migrations.RunSQL.noop),
    ]
