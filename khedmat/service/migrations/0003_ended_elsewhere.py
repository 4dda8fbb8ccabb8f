"""A case that goes to another office takes no appointment and no code with it: both end where they were made."""

from django.db import migrations

from khedmat.common.database_roles import app_role

# The new place does not see the old one's rows, which would keep it from booking and from handing over a code.
# The case alone says where its subject is now; a past appointment keeps its place, as everywhere.
ELSEWHERE = f"""
CREATE FUNCTION guard.end_appointments_elsewhere(of_kind text, of_case uuid) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  me guard.working := guard.ctx();
  here int;
  found record;
  ended int := 0;
BEGIN
  SELECT c.scope_id INTO here FROM casework_case c
    WHERE c.id = of_case AND c.case_type = of_kind AND c.scope_id = ANY (guard.visible_scopes());
  IF here IS NULL OR me.user_id IS NULL THEN RAISE EXCEPTION 'not yours' USING ERRCODE = 'KH002'; END IF;
  FOR found IN
    SELECT b.id, b.slot_id, s.starts_at > clock_timestamp() AS is_to_come
    FROM service_booking b JOIN service_slot s ON s.id = b.slot_id
    WHERE b.subject_kind = of_kind AND b.subject_id = of_case AND b.state = 'booked' AND b.scope_id <> here
    FOR UPDATE OF b
  LOOP
    IF found.is_to_come THEN UPDATE service_slot SET taken = taken - 1 WHERE id = found.slot_id; END IF;
    UPDATE service_booking SET state = CASE WHEN found.is_to_come THEN 'cancelled' ELSE 'passed' END,
      state_since_at = clock_timestamp(), state_since_by = me.user_id, is_to_tell = false WHERE id = found.id;
    PERFORM guard.note('appointment.cancelled', 'service.booking', found.id::text, NULL, NULL, '{{}}');
    ended := ended + 1;
  END LOOP;
  UPDATE service_clientcode SET ended_at = clock_timestamp(), ended_by = me.user_id
    WHERE subject_kind = of_kind AND subject_id = of_case AND ended_at IS NULL AND scope_id <> here;
  RETURN ended;
END $$;
REVOKE ALL ON FUNCTION guard.end_appointments_elsewhere(text, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION guard.end_appointments_elsewhere(text, uuid) TO {app_role()};
"""


class Migration(migrations.Migration):
    dependencies = [("service", "0002_guard_service"), ("casework", "0012_drafts")]
    operations = [migrations.RunSQL(ELSEWHERE, migrations.RunSQL.noop)]
