"""Migration operations that protect a table by its row class (khedmat.common.rows).

Each returns operations to splice into a migration. `khedmat_app` gets the named privileges and no
more; row-level security is forced, so that the owner too needs the policy it is given here.
"""

from django.db.migrations.operations import RunSQL
from django.db.migrations.operations.base import Operation

from khedmat.common.database_roles import app_role, migrator_role

APPEND_ONLY = "SELECT, INSERT"


def reference(table: str, grants: str = "SELECT") -> list[Operation]:
    """Readable without context: places, published rounds, offices."""
    return [RunSQL(_grant(table, grants), RunSQL.noop)]


def system(table: str, grants: str) -> list[Operation]:
    """Sign-in, sessions, jobs: granted narrowly to the role that needs it."""
    return [RunSQL(_grant(table, grants), RunSQL.noop)]


def scoped(table: str, scope_column: str = "scope_id", grants: str = "SELECT, INSERT, UPDATE") -> list[Operation]:
    """Seen and written from the place it belongs to, and from the places above."""
    return protected(table, f"{scope_column} = ANY ((SELECT guard.visible_scopes())::int[])", grants=grants)


def personal(
    table: str, household_column: str = "household_id", grants: str = "SELECT, INSERT, UPDATE"
) -> list[Operation]:
    """Seen and written only under a live grant for the household."""
    return protected(table, f"{household_column} = ANY ((SELECT guard.granted_households())::uuid[])", grants=grants)


def protected(table: str, condition: str, *, grants: str, check: str | None = None) -> list[Operation]:
    """Forced row-level security with one condition for reading and writing (`check` for writing)."""
    sql = f"""
    ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
    ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
    CREATE POLICY owner_migrates ON {table} TO {migrator_role()} USING (true) WITH CHECK (true);
    CREATE POLICY app_sees ON {table} TO {app_role()} USING ({condition}) WITH CHECK ({check or condition});
    """
    return [RunSQL(sql + _grant(table, grants), RunSQL.noop)]


def _grant(table: str, grants: str) -> str:
    sql = f"REVOKE ALL ON {table} FROM PUBLIC; GRANT {grants} ON {table} TO {app_role()};"
    return (
        sql
        + f"""
    DO $$ BEGIN
      IF pg_get_serial_sequence('{table}', 'id') IS NOT NULL THEN
        EXECUTE format('GRANT USAGE ON SEQUENCE %s TO {app_role()}', pg_get_serial_sequence('{table}', 'id'));
      END IF;
    EXCEPTION WHEN undefined_column THEN NULL;
    END $$;
    """
    )
