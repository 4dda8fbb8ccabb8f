"""Slips that ended and messages of more than a year are deleted, as their retention rules say."""

from django.db import migrations

from khedmat.common.database_roles import app_role

# Whoever calls it, it deletes only what has expired: it needs no context, and lets nobody delete by choice.
EXPIRY = f"""
CREATE FUNCTION guard.expire_notices() RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  slips int;
  messages int;
BEGIN
  DELETE FROM notices_slip s WHERE s.expires_at < now();
  GET DIAGNOSTICS slips = ROW_COUNT;
  DELETE FROM notices_message m WHERE m.ended_at < now() - interval '1 year';
  GET DIAGNOSTICS messages = ROW_COUNT;
  RETURN slips + messages;
END $$;
REVOKE ALL ON FUNCTION guard.expire_notices() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION guard.expire_notices() TO {app_role()};
"""


class Migration(migrations.Migration):
    dependencies = [("notices", "0005_scopes_asked_once")]

    operations = [migrations.RunSQL(EXPIRY, "DROP FUNCTION guard.expire_notices();")]
