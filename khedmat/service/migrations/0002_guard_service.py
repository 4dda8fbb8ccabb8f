"""Rows of the hall belong to their office; a code and a display's address each open their own place and no more."""

from django.db import migrations

from khedmat.common.database_roles import app_role
from khedmat.vault.rls import scoped

# Foreign keys bypass row-level security: these tie each row to its parent's own place.
SAME_PLACE = [
    ("service_slot", "opening_day_id", "service_openingday"),
    ("service_booking", "slot_id", "service_slot"),
    ("service_booking", "moved_from_id", "service_booking"),
    ("service_ticket", "booking_id", "service_booking"),
    ("service_ticket", "counter_id", "service_counter"),
]
KEYS = "".join(
    f"ALTER TABLE {table} ADD CONSTRAINT {table}_{column}_same_place "
    f"FOREIGN KEY ({column}, scope_id) REFERENCES {parent} (id, scope_id) DEFERRABLE INITIALLY DEFERRED;"
    for table, column, parent in SAME_PLACE
)

# Both come without sign-in, so without context: the random code or id alone tells for which place it holds.
DOORS = f"""
CREATE FUNCTION guard.client_code(
  wanted bytea, OUT id uuid, OUT scope_id int, OUT subject_kind text, OUT subject_id uuid, OUT subject_number text
) RETURNS SETOF record LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT c.id, c.scope_id, c.subject_kind::text, c.subject_id, c.subject_number::text FROM service_clientcode c
  WHERE c.code_index = wanted AND c.ended_at IS NULL AND length(wanted) = 32
$$;
CREATE FUNCTION guard.hall_link(wanted uuid) RETURNS int
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT l.scope_id FROM service_halllink l WHERE l.id = wanted AND l.revoked_at IS NULL
$$;
GRANT EXECUTE ON FUNCTION guard.client_code(bytea), guard.hall_link(uuid) TO {app_role()};
"""

GRANTS = {
    "service_counter": "SELECT, INSERT, UPDATE (closed_at, closed_by)",
    "service_openingday": "SELECT, INSERT, UPDATE (counters_open, note, state, version, closed_reason, closed_at, closed_by)",
    "service_slot": "SELECT, INSERT, UPDATE (capacity, taken, is_closed)",
    "service_clientcode": "SELECT, INSERT, UPDATE (ended_at, ended_by)",
    "service_booking": "SELECT, INSERT, UPDATE (state, state_since_at, state_since_by, is_to_tell)",
    "service_ticket": "SELECT, INSERT, UPDATE (counter_kind, state, turn_at, counter_id, called_at, called_by, "
    "last_called_at, served_at, left_at)",
    "service_halllink": "SELECT, INSERT, UPDATE (revoked_at, revoked_by)",
}


class Migration(migrations.Migration):
    dependencies = [("service", "0001_initial"), ("accounts", "0005_office_manager")]
    operations = [
        migrations.RunSQL(KEYS, migrations.RunSQL.noop),
        migrations.RunSQL(DOORS, migrations.RunSQL.noop),
        *(operation for table, grants in GRANTS.items() for operation in scoped(table, grants=grants)),
    ]
