"""Places beneath a place are a range of an index, not a look at every place: each statement of the site asks for them."""

from django.db import migrations

FUNCTIONS = """
-- A path is digits between slashes, and a colon follows both in the order of bytes.
CREATE INDEX places_scope_by_path ON places_scope (path COLLATE "C");
CREATE OR REPLACE FUNCTION guard.visible_scopes() RETURNS int[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT coalesce(array_agg(below.id), '{}')
  FROM (SELECT path COLLATE "C" AS path FROM places_scope WHERE id = (SELECT guard.scope_id())) here
  JOIN places_scope below ON below.path COLLATE "C" >= here.path AND below.path COLLATE "C" < here.path || ':'
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("places", "0002_holidays")]

    operations = [migrations.RunSQL(FUNCTIONS, migrations.RunSQL.noop)]
