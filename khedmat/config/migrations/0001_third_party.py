"""Privileges on the tables and functions that come with packages (khedmat.config.row_classes)."""

from django.db import migrations

from khedmat.common.database_roles import app_role
from khedmat.config.row_classes import THIRD_PARTY
from khedmat.vault.rls import system

JOBS = f"""
DO $$ DECLARE f record; s record; BEGIN
  FOR f IN SELECT p.oid::regprocedure AS name FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE n.nspname = 'public' AND p.proname LIKE 'procrastinate%'
  LOOP EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO {app_role()}', f.name); END LOOP;
  FOR s IN SELECT c.oid::regclass AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind = 'S' AND (c.relname LIKE 'procrastinate%' OR c.relname LIKE 'mfa%')
  LOOP EXECUTE format('GRANT USAGE ON SEQUENCE %s TO {app_role()}', s.name); END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = [
        ("accounts", "0002_guard_grants"),
        ("sessions", "0001_initial"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("account", "0009_emailaddress_unique_primary_email"),
        ("mfa", "0003_authenticator_type_uniq"),
        ("procrastinate", "0041_post_retry_failed_job"),
    ]
    operations = [
        *(operation for table, (_row_class, grants) in THIRD_PARTY.items() for operation in system(table, grants)),
        migrations.RunSQL(JOBS, migrations.RunSQL.noop),
    ]
