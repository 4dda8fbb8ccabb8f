"""Grants: who sees a family, how they are opened and counted. Also opens reading of the audit log."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from khedmat.common.database_roles import app_role
from khedmat.vault.rls import protected, reference, system

# (role, households a day, look-ups a day): configuration, not law; offices change it in the table.
BUDGETS = [
    ("clerk", 120, 200),
    ("cashier", 0, 0),
    ("case_officer", 200, 0),
    ("director_general", 200, 0),
    ("card_printer", 600, 0),
    ("round_manager", 0, 0),
    ("protection_officer", 0, 0),
]

FUNCTIONS = f"""
CREATE FUNCTION guard.granted_households() RETURNS uuid[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT coalesce(array_agg(DISTINCT g.household_id), '{{}}') FROM accounts_grant g
  WHERE g.user_id = guard.user_id() AND g.scope_id = guard.scope_id() AND g.role = guard.role()
    AND g.expires_at > clock_timestamp()
$$;

CREATE FUNCTION guard.start_of_day() RETURNS timestamptz LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $$
  SELECT date_trunc('day', clock_timestamp() AT TIME ZONE 'Asia/Tehran') AT TIME ZONE 'Asia/Tehran'
$$;

CREATE FUNCTION guard.households_opened_today() RETURNS int
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT count(DISTINCT household_id)::int FROM accounts_grant
  WHERE user_id = guard.user_id() AND opened_at >= guard.start_of_day()
$$;

-- Not for the app: definer functions above it decide whether a grant may be opened.
CREATE FUNCTION guard.open_grant(of_household uuid, of_case uuid, by_way text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  me guard.working := guard.ctx();
  allowed int;
  opened int;
BEGIN
  IF me.user_id IS NULL THEN RAISE EXCEPTION 'no context' USING ERRCODE = 'KH002'; END IF;
  -- One user's openings queue behind each other, or two at once could both take the last place.
  PERFORM pg_advisory_xact_lock(7240502, hashtext(me.user_id::text));
  IF EXISTS (SELECT 1 FROM accounts_grant g WHERE g.user_id = me.user_id AND g.scope_id = me.scope_id
      AND g.role = me.role AND g.household_id = of_household AND g.case_id IS NOT DISTINCT FROM of_case AND g.purpose = me.purpose
      AND g.expires_at > clock_timestamp() + interval '30 minutes') THEN
    RETURN;
  END IF;
  SELECT households_a_day INTO allowed FROM accounts_readbudget WHERE role = me.role;
  IF coalesce(allowed, 0) = 0 THEN RAISE EXCEPTION 'role opens no files' USING ERRCODE = 'KH003'; END IF;
  SELECT count(DISTINCT household_id) INTO opened FROM accounts_grant
    WHERE user_id = me.user_id AND opened_at >= guard.start_of_day() AND household_id <> of_household;
  IF opened >= allowed THEN RAISE EXCEPTION 'budget spent' USING ERRCODE = 'KH001'; END IF;
  INSERT INTO accounts_grant (id, user_id, scope_id, household_id, case_id, role, purpose, way, opened_at, expires_at)
  VALUES (gen_random_uuid(), me.user_id, me.scope_id, of_household, of_case, me.role, me.purpose, by_way,
          clock_timestamp(), clock_timestamp() + interval '8 hours');
  PERFORM guard.note('household.opened', 'registry.household', of_household::text, of_household, of_case,
                     jsonb_build_object('way', by_way));
END $$;

GRANT EXECUTE ON FUNCTION guard.granted_households(), guard.households_opened_today(), guard.start_of_day()
  TO {app_role()};

-- The family's own log for those who have the family open; all of a place for those who oversee.
DROP POLICY app_sees ON audit_entry;
CREATE POLICY family_log ON audit_entry FOR SELECT TO {app_role()}
  USING (household_id = ANY ((SELECT guard.granted_households())::uuid[]));
CREATE POLICY oversight ON audit_entry FOR SELECT TO {app_role()}
  USING ((SELECT guard.role()) = 'protection_officer' AND scope_id = ANY ((SELECT guard.visible_scopes())::int[]));
CREATE POLICY own_entries ON audit_entry FOR SELECT TO {app_role()}
  USING (actor_id = (SELECT guard.user_id()) AND household_id IS NULL);
"""

CACHE_TABLE = """
CREATE TABLE config_cache (cache_key varchar(255) PRIMARY KEY, value text NOT NULL, expires timestamptz NOT NULL);
CREATE INDEX config_cache_expires ON config_cache (expires);
"""


def load_budgets(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    budget = apps.get_model("accounts", "ReadBudget")
    for role, households, look_ups in BUDGETS:
        budget.objects.using(schema_editor.connection.alias).create(
            role=role, households_a_day=households, look_ups_a_day=look_ups
        )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial"), ("audit", "0001_initial"), ("places", "0001_initial")]
    operations = [
        *system("accounts_user", "SELECT, INSERT, UPDATE"),
        *system("accounts_roleholding", "SELECT, INSERT, UPDATE"),
        *reference("accounts_readbudget"),
        migrations.RunPython(load_budgets, migrations.RunPython.noop),
        migrations.RunSQL(FUNCTIONS, migrations.RunSQL.noop),
        *protected("accounts_grant", "user_id = (SELECT guard.user_id())", grants="SELECT", check="false"),
        migrations.RunSQL(CACHE_TABLE, "DROP TABLE config_cache;"),
        *system("config_cache", "SELECT, INSERT, UPDATE, DELETE"),
    ]
