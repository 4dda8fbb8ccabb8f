"""Schema `guard`: the keys of the signed context, and the functions that read it."""

from django.db import migrations

from khedmat.common.database_roles import app_role

SQL = f"""
CREATE SCHEMA guard;
REVOKE ALL ON SCHEMA guard FROM PUBLIC;
GRANT USAGE ON SCHEMA guard TO {app_role()};
ALTER DEFAULT PRIVILEGES IN SCHEMA guard REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

CREATE TABLE guard.context_key (
  kid text PRIMARY KEY CHECK (kid ~ '^[0-9a-f]{{8}}$'),
  inner_pad bytea NOT NULL CHECK (length(inner_pad) = 64),
  outer_pad bytea NOT NULL CHECK (length(outer_pad) = 64),
  made_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
REVOKE ALL ON guard.context_key FROM PUBLIC;

CREATE TYPE guard.working AS (user_id uuid, role text, scope_id int, purpose text);

-- NULL for no token, a forged, an expired or a mutated one: every policy then shows no row.
CREATE FUNCTION guard.ctx() RETURNS guard.working
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  token text := nullif(current_setting('khedmat.context', true), '');
  parts text[];
  pads guard.context_key;
  signed text;
  mac bytea;
BEGIN
  IF token IS NULL OR length(token) > 400 THEN RETURN NULL; END IF;
  parts := string_to_array(token, '|');
  IF array_length(parts, 1) IS DISTINCT FROM 8 OR parts[1] <> 'v1' THEN RETURN NULL; END IF;
  SELECT * INTO pads FROM guard.context_key WHERE kid = parts[2];
  IF NOT FOUND THEN RETURN NULL; END IF;
  signed := left(token, length(token) - length(parts[8]) - 1);
  mac := sha256(pads.outer_pad || sha256(pads.inner_pad || convert_to(signed, 'UTF8')));
  -- Comparing digests of both sides leaves nothing to learn from the time it takes.
  IF sha256(convert_to(encode(mac, 'hex'), 'UTF8')) <> sha256(convert_to(parts[8], 'UTF8')) THEN RETURN NULL; END IF;
  IF parts[7]::bigint < extract(epoch FROM clock_timestamp()) THEN RETURN NULL; END IF;
  RETURN ROW(parts[3]::uuid, parts[4], parts[5]::int, parts[6])::guard.working;
END $$;

CREATE FUNCTION guard.user_id() RETURNS uuid LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$ SELECT (guard.ctx()).user_id $$;
CREATE FUNCTION guard.role() RETURNS text LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$ SELECT (guard.ctx()).role $$;
CREATE FUNCTION guard.scope_id() RETURNS int LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$ SELECT (guard.ctx()).scope_id $$;
CREATE FUNCTION guard.purpose() RETURNS text LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$ SELECT (guard.ctx()).purpose $$;

GRANT EXECUTE ON FUNCTION guard.ctx(), guard.user_id(), guard.role(), guard.scope_id(), guard.purpose()
  TO {app_role()};
"""

UNDO = "DROP SCHEMA guard CASCADE;"


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [migrations.RunSQL(SQL, UNDO)]
