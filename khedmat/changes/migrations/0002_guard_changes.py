"""Protection of change requests: who opens a family by one, and how sight of a family ends."""

from django.db import migrations

from khedmat.common.database_roles import app_role
from khedmat.vault.rls import personal

# Foreign keys bypass row-level security: composite keys tie every row to the household of its request. Items point
# to the membership, which stays true when the person goes to another household.
KEYS = """
ALTER TABLE changes_changerequest ADD CONSTRAINT paper_of_own_household
  FOREIGN KEY (paper_id, household_id) REFERENCES files_storedfile (id, household_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE changes_changeitem ADD CONSTRAINT item_of_own_request
  FOREIGN KEY (request_id, household_id) REFERENCES changes_changerequest (id, household_id)
  DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE changes_changeitem ADD CONSTRAINT item_of_own_person
  FOREIGN KEY (person_id, household_id) REFERENCES registry_membership (person_id, household_id)
  DEFERRABLE INITIALLY DEFERRED;
"""

# The signed user asks and decides, whatever the statement says; what has ended is never written again.
POLICIES = f"""
CREATE POLICY asked_by_who_asks ON changes_changerequest AS RESTRICTIVE FOR INSERT TO {app_role()}
  WITH CHECK (asked_by = (SELECT guard.user_id()) AND scope_id = (SELECT guard.scope_id())
    AND state IN ('open', 'awaiting_other_province')
    AND (other_household_id IS NULL OR other_household_id = ANY ((SELECT guard.granted_households())::uuid[])));
CREATE POLICY decided_by_who_decides ON changes_changerequest AS RESTRICTIVE FOR UPDATE TO {app_role()}
  USING (state IN ('open', 'awaiting_other_province') AND (SELECT guard.user_id()) IS NOT NULL)
  WITH CHECK (coalesce(decided_by, withdrawn_by) = (SELECT guard.user_id())
    AND (other_household_id IS NULL OR other_household_id = ANY ((SELECT guard.granted_households())::uuid[])));
"""

FUNCTIONS = f"""
CREATE SEQUENCE changes_number_seq;
GRANT USAGE ON SEQUENCE changes_number_seq TO {app_role()};

-- How a request opens its family to the acting user: 'move' to the province that is asked to receive it, 'change'
-- to whom it concerns in its own; null where it is not theirs. Not for the app.
CREATE FUNCTION guard.way_of_change(of_request uuid) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT CASE
    WHEN guard.role() IN ('case_officer', 'director_general') AND r.state = 'awaiting_other_province'
      AND r.other_province_id = guard.province_id() THEN 'move'
    WHEN h.province_id IS DISTINCT FROM guard.province_id() THEN NULL
    WHEN coalesce(r.decided_at, r.withdrawn_at) < clock_timestamp() - interval '30 days' THEN NULL
    WHEN guard.role() = 'clerk' AND r.scope_id = guard.scope_id() THEN 'change'
    WHEN guard.role() IN ('case_officer', 'director_general') AND r.state <> 'awaiting_other_province' THEN 'change'
    END
  FROM changes_changerequest r JOIN registry_household h ON h.id = r.household_id WHERE r.id = of_request
$$;

-- Opens a request's family, and the other family it concerns while that is in this province. Answers the first.
CREATE FUNCTION guard.open_change(of_request uuid) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  way text := guard.way_of_change(of_request);
  found changes_changerequest;
BEGIN
  IF way IS NULL THEN RAISE EXCEPTION 'not yours' USING ERRCODE = 'KH002'; END IF;
  SELECT * INTO found FROM changes_changerequest WHERE id = of_request;
  PERFORM guard.open_grant(found.household_id, NULL, way);
  IF EXISTS (SELECT 1 FROM registry_household h WHERE h.id = found.other_household_id
      AND h.province_id = guard.province_id()) THEN
    PERFORM guard.open_grant(found.other_household_id, NULL, 'change');
  END IF;
  RETURN found.household_id;
END $$;

-- Requests in reach, by number: for queues and desks, nobody's name. What waits, and for an office what ended lately.
CREATE FUNCTION guard.changes_in_reach() RETURNS TABLE (request_id uuid, number text, kind text, state text,
  decider text, asked_at timestamptz, ended_at timestamptz, scope_id int, is_to_decide boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT r.id, r.number, r.kind, r.state, r.decider, r.asked_at, coalesce(r.decided_at, r.withdrawn_at), r.scope_id,
    r.state IN ('open', 'awaiting_other_province') AND r.asked_by <> me.user_id
      AND (me.role <> 'clerk' OR r.decider = 'office')
  FROM guard.ctx() me, changes_changerequest r JOIN registry_household h ON h.id = r.household_id
  WHERE CASE
    WHEN me.role = 'clerk' THEN r.scope_id = me.scope_id AND (r.state IN ('open', 'awaiting_other_province')
      OR coalesce(r.decided_at, r.withdrawn_at) > clock_timestamp() - interval '30 days')
    WHEN me.role IN ('case_officer', 'director_general') THEN
      (r.state = 'open' AND h.province_id = guard.province_id())
      OR (r.state = 'awaiting_other_province' AND r.other_province_id = guard.province_id())
    ELSE false END
$$;

-- Whether a case of an opened family is open, at whichever office.
CREATE FUNCTION guard.has_open_case(of_household uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF NOT coalesce(of_household = ANY (guard.granted_households()), false) THEN
    RAISE EXCEPTION 'not yours' USING ERRCODE = 'KH002';
  END IF;
  RETURN EXISTS (SELECT 1 FROM casework_case c WHERE c.household_id = of_household AND c.closed_at IS NULL);
END $$;

-- After one's own decision: approved, everybody else opens the families anew, if they may; refused to receive a
-- family, one's own sight of it ends.
CREATE FUNCTION guard.end_grants_of_change(of_request uuid) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  me guard.working := guard.ctx();
  found changes_changerequest;
  ended int;
BEGIN
  SELECT * INTO found FROM changes_changerequest WHERE id = of_request AND decided_by = me.user_id;
  IF found.id IS NULL THEN RAISE EXCEPTION 'not yours' USING ERRCODE = 'KH002'; END IF;
  UPDATE accounts_grant g SET expires_at = clock_timestamp()
  WHERE g.household_id IN (found.household_id, found.other_household_id) AND g.expires_at > clock_timestamp()
    AND (g.user_id = me.user_id AND g.scope_id = me.scope_id) = (found.state = 'refused');
  GET DIAGNOSTICS ended = ROW_COUNT;
  RETURN ended;
END $$;

GRANT EXECUTE ON FUNCTION guard.open_change(uuid), guard.changes_in_reach(), guard.has_open_case(uuid),
  guard.end_grants_of_change(uuid) TO {app_role()};
"""

# A family is opened in its own province alone, by whichever way: an old case or look-up of the province that it left
# opens it no more. The one exception is a move that waits to be received. A batch of cards stays openable for the
# others in it. The shared lock makes an opening wait for a move under way, and the move for an opening.
IN_ITS_PROVINCE = """
DO $$
DECLARE
  written text := pg_get_functiondef('guard.open_grant(uuid, uuid, text)'::regprocedure);
  changed text := replace(written, '{before}', '{after}');
BEGIN
  IF changed = written THEN RAISE EXCEPTION 'guard.open_grant is not as it was'; END IF;
  EXECUTE changed;
END $$;
"""
BEFORE = "  SELECT households_a_day INTO allowed"
AFTER = (
    """  IF by_way NOT IN (''new'', ''move'') THEN
    PERFORM pg_advisory_xact_lock_shared(7240506, hashtext(of_household::text));
    IF NOT EXISTS (SELECT 1 FROM registry_household h WHERE h.id = of_household
        AND h.province_id = guard.province_id()) THEN
      IF by_way = ''batch'' THEN RETURN; END IF;
      RAISE EXCEPTION ''not in this province'' USING ERRCODE = ''KH002'';
    END IF;
  END IF;
"""
    + BEFORE
)

REQUEST_GRANTS = (
    "SELECT, INSERT, UPDATE (state, other_household_id, reason, decided_at, decided_by, withdrawn_at, withdrawn_by, "
    "version)"
)


class Migration(migrations.Migration):
    dependencies = [
        ("changes", "0001_initial"),
        ("accounts", "0003_register_keeper"),
        ("casework", "0003_by_membership"),
        ("registry", "0004_kept_right"),
    ]
    operations = [
        migrations.RunSQL(KEYS, migrations.RunSQL.noop),
        *personal("changes_changerequest", grants=REQUEST_GRANTS),
        *personal("changes_changeitem", grants="SELECT, INSERT, UPDATE (is_open)"),
        migrations.RunSQL(POLICIES, migrations.RunSQL.noop),
        migrations.RunSQL(FUNCTIONS, migrations.RunSQL.noop),
        migrations.RunSQL(
            IN_ITS_PROVINCE.format(before=BEFORE, after=AFTER),
            IN_ITS_PROVINCE.format(before=AFTER, after=BEFORE),
        ),
    ]
