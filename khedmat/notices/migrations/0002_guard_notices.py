"""Protection of letters, messages and slips; sending, which needs no leave to see people; the first texts."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.utils import timezone

from khedmat.common.database_roles import app_role
from khedmat.notices.shipped import shipped_letters
from khedmat.vault.rls import APPEND_ONLY, personal, reference, system

IMMUTABLE = """
CREATE FUNCTION guard.letter_template_is_immutable() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.state = 'draft' THEN RETURN NEW; END IF;
    RAISE EXCEPTION 'a text begins as a draft' USING ERRCODE = 'check_violation';
  END IF;
  IF OLD.state = 'published' THEN
    RAISE EXCEPTION 'text % is published and never changes', OLD.id USING ERRCODE = 'check_violation';
  END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER letter_template_is_immutable BEFORE INSERT OR UPDATE OR DELETE ON notices_lettertemplate
  FOR EACH ROW EXECUTE FUNCTION guard.letter_template_is_immutable();
"""

# The signed user writes in their own name; a message begins as one that nobody has tried to send.
POLICIES = f"""
CREATE POLICY made_by_who_makes ON notices_letter AS RESTRICTIVE FOR INSERT TO {app_role()}
  WITH CHECK (made_by = (SELECT guard.user_id()) AND print_count = 0);
CREATE POLICY printed_by_who_prints ON notices_letter AS RESTRICTIVE FOR UPDATE TO {app_role()}
  USING ((SELECT guard.user_id()) IS NOT NULL) WITH CHECK (printed_by = (SELECT guard.user_id()));
CREATE POLICY made_by_who_makes ON notices_slip AS RESTRICTIVE FOR INSERT TO {app_role()}
  WITH CHECK (made_by = (SELECT guard.user_id()));
CREATE POLICY queued_by_who_queues ON notices_message AS RESTRICTIVE FOR INSERT TO {app_role()}
  WITH CHECK (queued_by = (SELECT guard.user_id()) AND state = 'queued' AND tries = 0);
"""

# Sending is nobody's work in particular: these functions hand out one waiting message by its id, sealed as it lies,
# and note what came of it. They take nothing else, and change nothing that has ended.
SENDING = f"""
-- Taking a message puts its next try off, so that whoever dies with it in hand holds it up for a while only.
CREATE FUNCTION guard.take_message(of_message uuid, at timestamptz) RETURNS TABLE (channel text, kind text,
  language text, destination bytea, code bytea, office_id int, on_day date, at_time time, key text, tries int)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  UPDATE notices_message m SET tries = m.tries + 1, next_try_at = at + interval '5 minutes' * power(4, m.tries)
  WHERE m.id = of_message AND m.state = 'queued' AND m.next_try_at <= at
  RETURNING m.channel, m.kind, m.language, m.destination, m.code, m.office_id, m.expected_on, m.expected_time, m.key, m.tries::int
$$;

CREATE FUNCTION guard.postpone_message(of_message uuid, until timestamptz) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  UPDATE notices_message m SET next_try_at = until WHERE m.id = of_message AND m.state = 'queued'
$$;

CREATE FUNCTION guard.end_message(of_message uuid, as_state text, why text, at timestamptz) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  ended notices_message;
BEGIN
  UPDATE notices_message m SET state = as_state, failure = why, ended_at = at
    WHERE m.id = of_message AND m.state = 'queued' AND as_state <> 'queued' RETURNING * INTO ended;
  IF ended.id IS NULL THEN RETURN false; END IF;
  INSERT INTO audit_entry (action, role, scope_id, purpose, subject, subject_id, household_id, details)
    VALUES ('message.' || replace(as_state, '_', '-'), 'system', ended.office_id, 'daily_work', 'notices.message',
            ended.id::text, ended.household_id,
            jsonb_build_object('kind', ended.kind, 'channel', ended.channel, 'tries', ended.tries, 'failure', why));
  RETURN true;
END $$;

CREATE FUNCTION guard.due_messages(at timestamptz, how_many int) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT m.id FROM notices_message m WHERE m.state = 'queued' AND m.next_try_at <= at
  ORDER BY m.next_try_at LIMIT how_many
$$;

-- How messages stand, by office and day: counts for those who look after the outbox, nobody's number or name.
CREATE FUNCTION guard.count_messages(since date) RETURNS TABLE (office_id int, on_day date, channel text, kind text,
  state text, failure text, messages int)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT m.office_id, (m.queued_at AT TIME ZONE 'Asia/Tehran')::date, m.channel, m.kind, m.state, m.failure,
    count(*)::int
  FROM notices_message m
  WHERE m.office_id = ANY (guard.visible_scopes()) AND guard.role() IN ('office_manager', 'round_manager')
    AND m.queued_at >= since::timestamp AT TIME ZONE 'Asia/Tehran'
  GROUP BY 1, 2, 3, 4, 5, 6
$$;
GRANT EXECUTE ON FUNCTION guard.take_message(uuid, timestamptz), guard.postpone_message(uuid, timestamptz),
  guard.end_message(uuid, text, text, timestamptz), guard.due_messages(timestamptz, int),
  guard.count_messages(date) TO {app_role()};
"""

# A slip opens its family as a presented document does. Codes that stand for nothing are noted, and after twenty in a day
# no more are taken from the same person.
SLIPS = f"""
CREATE FUNCTION guard.open_slip(of_digest bytea) RETURNS TABLE (subject_kind text, subject_id uuid, household_id uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  me guard.working := guard.ctx();
  found notices_slip;
BEGIN
  IF me.user_id IS NULL THEN RAISE EXCEPTION 'no context' USING ERRCODE = 'KH002'; END IF;
  IF me.role <> 'clerk' THEN RAISE EXCEPTION 'not at a counter' USING ERRCODE = 'KH003'; END IF;
  IF (SELECT count(*) FROM audit_entry e WHERE e.actor_id = me.user_id AND e.action = 'slip.missed'
      AND e.at >= guard.start_of_day()) >= 20 THEN
    RAISE EXCEPTION 'too many codes' USING ERRCODE = 'KH001';
  END IF;
  SELECT * INTO found FROM notices_slip s WHERE s.code_digest = of_digest AND s.expires_at > clock_timestamp();
  IF found.id IS NULL THEN RETURN; END IF;
  PERFORM guard.open_grant(found.household_id, NULL, 'slip');
  RETURN QUERY SELECT found.subject_kind::text, found.subject_id, found.household_id;
END $$;

-- What a code stands for, and nothing of whom: for the public page of appointments.
CREATE FUNCTION guard.subject_of_slip(of_digest bytea) RETURNS TABLE (subject_kind text, subject_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT s.subject_kind, s.subject_id FROM notices_slip s
  WHERE s.code_digest = of_digest AND s.expires_at > clock_timestamp()
$$;
GRANT EXECUTE ON FUNCTION guard.open_slip(bytea), guard.subject_of_slip(bytea) TO {app_role()};
"""


def load_first_texts(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    template = apps.get_model("notices", "LetterTemplate")
    rows = template.objects.using(schema_editor.connection.alias)
    for text in shipped_letters(1):
        rows.create(
            kind=text.kind.value,
            version=1,
            language=text.language.value,
            title=text.title,
            body=text.body,
            is_reviewed=text.is_reviewed,
        )
    rows.filter(version=1).update(state="published", published_at=timezone.now())


class Migration(migrations.Migration):
    dependencies = [
        ("notices", "0001_letters_and_messages"),
        ("accounts", "0005_office_manager"),
        ("audit", "0001_initial"),
        ("vault", "0001_guard"),
    ]

    operations = [
        migrations.RunSQL(IMMUTABLE, migrations.RunSQL.noop),
        *reference("notices_lettertemplate"),
        *personal("notices_letter", grants="SELECT, INSERT, UPDATE (print_count, printed_at, printed_by)"),
        *personal("notices_message", grants=APPEND_ONLY),
        *personal("notices_slip", grants=APPEND_ONLY),
        *system("notices_demodelivery", APPEND_ONLY),
        migrations.RunSQL(POLICIES, migrations.RunSQL.noop),
        migrations.RunSQL(SENDING, migrations.RunSQL.noop),
        migrations.RunSQL(SLIPS, migrations.RunSQL.noop),
        migrations.RunPython(load_first_texts, migrations.RunPython.noop),
    ]
