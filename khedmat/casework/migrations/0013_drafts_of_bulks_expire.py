"""What an officer meant to decide about chosen cases expires as every draft does, where they never kept it."""

from django.db import migrations

EXPIRY = """
CREATE OR REPLACE FUNCTION guard.expire_drafts() RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  gone int;
  emptied int;
BEGIN
  DELETE FROM casework_draft d WHERE d.saved_at < now() - interval '7 days';
  GET DIAGNOSTICS gone = ROW_COUNT;
  UPDATE casework_bulksight s SET drafts = NULL
    WHERE s.drafts IS NOT NULL AND s.seen_at < now() - interval '7 days';
  GET DIAGNOSTICS emptied = ROW_COUNT;
  RETURN gone + emptied;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("casework", "0012_drafts")]

    operations = [migrations.RunSQL(EXPIRY, migrations.RunSQL.noop)]
