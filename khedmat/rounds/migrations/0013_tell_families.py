"""A family is told of its case by those who act on the case and do not see the family: by the case's id alone."""

from django.db import migrations

from khedmat.common.database_roles import app_role

# The office's staff and those above it; a client for the case of their own code. Answers whether a message waits now:
# not where the family left no telephone, or was told under this key before.
TELL = f"""
CREATE FUNCTION guard.tell_family(of_case uuid, as_message uuid, of_kind text, of_key text, sealed_code bytea,
  on_day date, at_time time, due timestamptz) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  me guard.working := guard.ctx();
  held casework_case;
BEGIN
  IF me.user_id IS NULL THEN RAISE EXCEPTION 'no context' USING ERRCODE = 'KH002'; END IF;
  SELECT * INTO held FROM casework_case c WHERE c.id = of_case AND c.scope_id = ANY (guard.visible_scopes());
  IF held.id IS NULL OR me.role = 'client' AND NOT EXISTS (SELECT 1 FROM service_clientcode k
      WHERE k.id = me.user_id AND k.subject_id = of_case AND k.ended_at IS NULL) THEN
    RAISE EXCEPTION 'not yours' USING ERRCODE = 'KH002';
  END IF;
  IF NOT EXISTS (SELECT 1 FROM registry_household h WHERE h.id = held.household_id AND h.phone IS NOT NULL) THEN
    RETURN false;
  END IF;
  INSERT INTO notices_message (id, household_id, office_id, channel, kind, language, code, expected_on, expected_time,
      key, state, failure, tries, next_try_at, queued_by)
    VALUES (as_message, held.household_id, held.scope_id, 'sms', of_kind, coalesce((SELECT l.language
        FROM notices_letter l WHERE l.household_id = held.household_id ORDER BY l.made_at DESC LIMIT 1), 'fa'),
      sealed_code, on_day, at_time, of_key, 'queued', '', 0, due, me.user_id)
    ON CONFLICT (key) DO NOTHING;
  IF NOT FOUND THEN RETURN false; END IF;
  INSERT INTO audit_entry (action, actor_id, role, scope_id, purpose, subject, subject_id, household_id, details)
    VALUES ('message.queued', me.user_id, me.role, me.scope_id, me.purpose, 'notices.message', as_message::text,
      held.household_id, jsonb_build_object('kind', of_kind, 'channel', 'sms'));
  RETURN true;
END $$;
GRANT EXECUTE ON FUNCTION guard.tell_family(uuid, uuid, text, text, bytea, date, time, timestamptz) TO {app_role()};
"""


class Migration(migrations.Migration):
    dependencies = [
        ("rounds", "0012_closing"),
        ("notices", "0004_told_without_sight"),
        ("casework", "0012_drafts"),
        ("registry", "0001_initial"),
        ("service", "0001_initial"),
    ]

    operations = [migrations.RunSQL(TELL, migrations.RunSQL.noop)]
