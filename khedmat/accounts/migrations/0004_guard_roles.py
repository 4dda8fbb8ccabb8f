"""Staff and their roles are written by definer functions alone; the app keeps the day of the last sign-in."""

from django.db import migrations

from khedmat.common.database_roles import app_role

FUNCTIONS = f"""
-- Who may add staff and give roles: the installation itself (khedmat.accounts.rules.INSTALLER). Nobody can hold
-- that role, so only the server's own key puts it into a context. Not for the app: the functions below ask it.
CREATE FUNCTION guard.require_installer() RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE me guard.working := guard.ctx();
BEGIN
  IF me.user_id IS NULL THEN RAISE EXCEPTION 'no context' USING ERRCODE = 'KH002'; END IF;
  IF me.role IS DISTINCT FROM 'installer' THEN RAISE EXCEPTION 'gives no roles' USING ERRCODE = 'KH004'; END IF;
END $$;

CREATE FUNCTION guard.add_user(
  new_id uuid, new_username text, in_persian text, in_latin text, password_hash text, active boolean
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  PERFORM guard.require_installer();
  INSERT INTO accounts_user (id, username, name_fa, name_en, password, is_active, created_at)
    VALUES (new_id, new_username, in_persian, in_latin, password_hash, active, clock_timestamp());
  PERFORM guard.note('user.added', 'accounts.user', new_id::text, NULL, NULL, '{{}}');
END $$;

CREATE FUNCTION guard.switch_user_off(of_user uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  PERFORM guard.require_installer();
  UPDATE accounts_user SET is_active = false WHERE id = of_user AND is_active;
  IF NOT FOUND THEN RAISE EXCEPTION 'nobody to switch off' USING ERRCODE = 'KH002'; END IF;
  PERFORM guard.note('user.switched-off', 'accounts.user', of_user::text, NULL, NULL, '{{}}');
END $$;

CREATE FUNCTION guard.give_role(
  new_id uuid, to_user uuid, new_role text, at_scope int, from_on date, until_on date
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  PERFORM guard.require_installer();
  INSERT INTO accounts_roleholding (id, user_id, role, scope_id, held_from_on, held_until_on)
    VALUES (new_id, to_user, new_role, at_scope, from_on, until_on);
  PERFORM guard.note('role.given', 'accounts.roleholding', new_id::text, NULL, NULL,
                     jsonb_build_object('role', new_role, 'user', to_user));
END $$;

-- Sets the last day of a role that would be held longer.
CREATE FUNCTION guard.end_role(of_holding uuid, until_on date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE ended accounts_roleholding;
BEGIN
  PERFORM guard.require_installer();
  UPDATE accounts_roleholding SET held_until_on = until_on
    WHERE id = of_holding AND (held_until_on IS NULL OR held_until_on > until_on) RETURNING * INTO ended;
  IF NOT FOUND THEN RAISE EXCEPTION 'no role to end' USING ERRCODE = 'KH002'; END IF;
  PERFORM guard.note('role.ended', 'accounts.roleholding', of_holding::text, NULL, NULL,
                     jsonb_build_object('role', ended.role, 'user', ended.user_id));
END $$;

-- A password is its user's own to change: whose it is comes from the context. It is recorded by the signal that
-- tells of the change (khedmat.accounts.signals); a hash made stronger at sign-in is no change.
CREATE FUNCTION guard.set_own_password(password_hash text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE me guard.working := guard.ctx();
BEGIN
  UPDATE accounts_user SET password = password_hash WHERE id = me.user_id;
  IF NOT FOUND THEN RAISE EXCEPTION 'no context' USING ERRCODE = 'KH002'; END IF;
END $$;

GRANT EXECUTE ON FUNCTION guard.add_user(uuid, text, text, text, text, boolean), guard.switch_user_off(uuid),
  guard.give_role(uuid, uuid, text, int, date, date), guard.end_role(uuid, date), guard.set_own_password(text)
  TO {app_role()};

REVOKE INSERT, UPDATE ON accounts_user FROM {app_role()};
GRANT UPDATE (last_login) ON accounts_user TO {app_role()};
REVOKE INSERT, UPDATE ON accounts_roleholding FROM {app_role()};
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_register_keeper"), ("audit", "0001_initial")]
    operations = [migrations.RunSQL(FUNCTIONS, migrations.RunSQL.noop)]
