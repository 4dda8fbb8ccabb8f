"""The end of what waited: rows and files of runs are deleted, by a function that deletes nothing else."""

from django.db import migrations

from khedmat.common.database_roles import app_role

# Whoever calls it, it deletes only what has expired: it needs no context, and lets nobody delete by choice.
EXPIRY = f"""
CREATE FUNCTION guard.expire_imports(how_many int) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  run record;
  of_blob uuid;
  gone int;
  expired int := 0;
BEGIN
  FOR run IN
    SELECT r.id, r.scope_id, r.file_id, r.ended_at, r.rows_done FROM imports_run r
    WHERE CASE WHEN r.ended_at IS NULL THEN r.changed_at < now() - interval '30 days'
               ELSE r.ended_at < now() - interval '7 days'
                    AND (r.file_id IS NOT NULL OR EXISTS (SELECT 1 FROM imports_stagedrow s WHERE s.run_id = r.id)) END
    ORDER BY r.created_at LIMIT how_many FOR UPDATE OF r SKIP LOCKED
  LOOP
    DELETE FROM imports_stagedrow s WHERE s.run_id = run.id;
    GET DIAGNOSTICS gone = ROW_COUNT;
    UPDATE imports_run r SET file_id = NULL WHERE r.id = run.id;
    IF run.ended_at IS NULL THEN
      UPDATE imports_run r SET state = 'cancelled', failure = 'untouched', ended_at = now(), ended_by = r.created_by
        WHERE r.id = run.id;
      INSERT INTO audit_entry (action, role, scope_id, purpose, subject, subject_id, details)
        VALUES ('import.cancelled', 'system', run.scope_id, 'keep_register', 'imports.run', run.id::text,
                jsonb_build_object('rows_done', run.rows_done, 'untouched', true));
    END IF;
    DELETE FROM files_scopedfile f WHERE f.id = run.file_id AND f.kind = 'import' RETURNING f.blob_id INTO of_blob;
    DELETE FROM files_blob b WHERE b.id = of_blob;
    INSERT INTO audit_entry (action, role, scope_id, purpose, subject, subject_id, details)
      VALUES ('import.expired', 'system', run.scope_id, 'keep_register', 'imports.run', run.id::text,
              jsonb_build_object('rows', gone, 'file', coalesce(run.file_id::text, '')));
    expired := expired + 1;
  END LOOP;
  RETURN expired;
END $$;
REVOKE ALL ON FUNCTION guard.expire_imports(int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION guard.expire_imports(int) TO {app_role()};
"""


class Migration(migrations.Migration):
    dependencies = [
        ("imports", "0001_initial"),
        ("audit", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(EXPIRY, "DROP FUNCTION guard.expire_imports(int);"),
    ]
