"""A case goes to another office or province: asked, answered, taken back; the guard moves the case."""

import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import khedmat.vault.fields
from khedmat.common.database_roles import app_role
from khedmat.vault.rls import protected

BOTH_PLACES = (
    "from_scope_id = ANY ((SELECT guard.visible_scopes())::int[]) "
    "OR to_scope_id = ANY ((SELECT guard.visible_scopes())::int[])"
)
GRANTS = "SELECT, INSERT, UPDATE (state, answer, answered_at, answered_by)"

# The case's own place asks and takes back, the place asked returns; accepting is the guard's alone, since it moves
# the case. What has ended is never written again.
POLICIES = f"""
CREATE POLICY asked_by_its_place ON casework_referral AS RESTRICTIVE FOR INSERT TO {app_role()}
  WITH CHECK (asked_by = (SELECT guard.user_id()) AND state = 'open'
    AND from_scope_id = ANY ((SELECT guard.visible_scopes())::int[])
    AND EXISTS (SELECT 1 FROM casework_case c WHERE c.id = case_id AND c.scope_id = from_scope_id
      AND c.number = case_number AND c.member_count = casework_referral.member_count));
CREATE POLICY answered_by_who_answers ON casework_referral AS RESTRICTIVE FOR UPDATE TO {app_role()}
  USING (state = 'open' AND (SELECT guard.user_id()) IS NOT NULL)
  WITH CHECK (answered_by = (SELECT guard.user_id())
    AND (state = 'revoked' AND from_scope_id = ANY ((SELECT guard.visible_scopes())::int[])
      OR state = 'returned' AND to_scope_id = (SELECT guard.scope_id())));
"""

FUNCTIONS = f"""
-- As before, and for the place that is asked to take a case over: it writes its answer into the family's log unseeing.
CREATE OR REPLACE FUNCTION guard.may_note(of_household uuid, of_case uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT CASE WHEN of_household IS NULL THEN of_case IS NULL
    ELSE of_household = ANY (guard.granted_households()) OR EXISTS (
      SELECT 1 FROM casework_case c WHERE c.id = of_case AND c.household_id = of_household
        AND (c.scope_id = ANY (guard.visible_scopes()) OR EXISTS (SELECT 1 FROM casework_referral r
          WHERE r.case_id = c.id AND r.state = 'open' AND r.to_scope_id = guard.scope_id()))) END
$$;

-- Notes that the place asked sends an open referral back: it knows neither the household nor the case.
CREATE FUNCTION guard.note_referral_returned(of_referral uuid) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE held casework_case;
BEGIN
  SELECT c.* INTO held FROM casework_referral r JOIN casework_case c ON c.id = r.case_id
    WHERE r.id = of_referral AND r.state = 'open' AND r.to_scope_id = guard.scope_id();
  IF held.id IS NULL THEN RAISE EXCEPTION 'not yours' USING ERRCODE = 'KH002'; END IF;
  RETURN guard.note('case.referral-returned', 'casework.referral', of_referral::text, held.household_id, held.id, '{{}}');
END $$;

-- Takes a referred case over: it and its queue change places, and whoever had the family open there opens it anew.
-- Answers 'accepted', or why not: 'ended', 'step' (stands where it cannot go, or nothing is paid of its amount), 'place'.
-- To another province, the family is opened to the actor, who then has it follow (registry.keeping): locks are
-- taken as everywhere, the reader's, the family's, the case's, and what is behind the case.
CREATE FUNCTION guard.accept_referral(of_referral uuid, at_office int) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  me guard.working := guard.ctx();
  found casework_referral;
  held casework_case;
  family uuid;
  is_far boolean;
BEGIN
  SELECT * INTO found FROM casework_referral WHERE id = of_referral AND to_scope_id = me.scope_id;
  is_far := found.kind = 'to_province';
  IF found.id IS NULL OR me.role <> ALL (CASE WHEN is_far THEN ARRAY['case_officer', 'director_general']
      ELSE ARRAY['clerk', 'office_manager'] END) THEN
    RAISE EXCEPTION 'not yours' USING ERRCODE = 'KH002';
  END IF;
  IF NOT is_far AND at_office <> found.to_scope_id OR NOT EXISTS (
      SELECT 1 FROM places_scope o JOIN places_scope p ON o.path LIKE p.path || '%'
      WHERE o.id = at_office AND o.kind = 'office' AND p.id = guard.province_id()) THEN
    RETURN 'place';
  END IF;
  SELECT household_id INTO family FROM casework_case WHERE id = found.case_id;
  IF is_far THEN
    PERFORM guard.open_grant(family, found.case_id, 'move');
    PERFORM pg_advisory_xact_lock(7240506, hashtext(family::text));
    PERFORM 1 FROM registry_household WHERE id = family FOR NO KEY UPDATE;
  END IF;
  SELECT * INTO held FROM casework_case WHERE id = found.case_id FOR UPDATE;
  SELECT * INTO found FROM casework_referral WHERE id = of_referral FOR UPDATE;
  IF found.state <> 'open' OR held.scope_id <> found.from_scope_id THEN RETURN 'ended'; END IF;
  IF held.step NOT IN ('arrived', 'papers_checked', 'paid', 'submitted')
      AND (is_far OR held.step <> 'under_review')
      OR NOT is_far AND held.province_id IS DISTINCT FROM guard.province_id()
      OR EXISTS (SELECT 1 FROM payments_charge g WHERE g.subject_id = held.id AND g.state = 'open'
        AND g.settled_rial = 0) THEN
    RETURN 'step';
  END IF;
  UPDATE casework_case SET scope_id = at_office, province_id = guard.province_id(), version = version + 1,
    officer_id = CASE WHEN is_far THEN NULL ELSE officer_id END WHERE id = held.id;
  UPDATE casework_referral SET state = 'accepted', answered_at = clock_timestamp(), answered_by = me.user_id
    WHERE id = of_referral;
  UPDATE accounts_grant g SET expires_at = clock_timestamp()
    WHERE g.household_id = family AND g.expires_at > clock_timestamp()
      AND CASE WHEN is_far THEN NOT (g.user_id = me.user_id AND g.scope_id = me.scope_id)
        ELSE g.scope_id = found.from_scope_id END;
  RETURN 'accepted';
END $$;

GRANT EXECUTE ON FUNCTION guard.note_referral_returned(uuid), guard.accept_referral(uuid, int) TO {app_role()};
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_office_manager"),
        ("casework", "0007_bulk_decisions"),
        ("places", "0002_holidays"),
    ]

    operations = [
        migrations.CreateModel(
            name="Referral",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("case_number", models.CharField(max_length=24)),
                ("member_count", models.PositiveSmallIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("to_office", "To another office of the province"),
                            ("to_province", "To another province"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("moved", "The family lives there now"),
                            ("cannot_serve", "This office cannot serve the family"),
                            ("asked", "The family asks for it"),
                        ],
                        max_length=12,
                    ),
                ),
                ("note", khedmat.vault.fields.SealedTextField(max_length=500)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Waits for an answer"),
                            ("accepted", "Accepted"),
                            ("returned", "Returned to the office that asked"),
                            ("revoked", "Taken back"),
                        ],
                        default="open",
                        max_length=12,
                    ),
                ),
                ("answer", khedmat.vault.fields.SealedTextField(max_length=500)),
                ("asked_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("asked_by", models.UUIDField()),
                ("answered_at", models.DateTimeField(null=True)),
                ("answered_by", models.UUIDField(null=True)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="referrals", to="casework.case"
                    ),
                ),
                (
                    "from_scope",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="places.scope"),
                ),
                (
                    "to_scope",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="places.scope"),
                ),
            ],
            options={
                "ordering": ["asked_at"],
                "indexes": [
                    models.Index(fields=["to_scope", "state", "asked_at"], name="casework_referred_to"),
                    models.Index(fields=["from_scope", "state", "asked_at"], name="casework_referred_from"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "open")), fields=("case",), name="one_open_referral_for_each_case"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["to_office", "to_province"])), name="known_kind_of_referral"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason__in", ["moved", "cannot_serve", "asked"])),
                        name="known_reason_of_referral",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["open", "accepted", "returned", "revoked"])),
                        name="known_state_of_referral",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("from_scope", models.F("to_scope")), _negated=True),
                        name="referral_goes_elsewhere",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answered_at__isnull", True), ("answered_by__isnull", True), ("state", "open")),
                            models.Q(
                                models.Q(("state", "open"), _negated=True),
                                ("answered_at__isnull", False),
                                ("answered_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="referral_answered_at_and_by",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "returned"), _negated=True), ("answer__isnull", False), _connector="OR"
                        ),
                        name="return_has_a_reason",
                    ),
                ],
            },
        ),
        *protected("casework_referral", BOTH_PLACES, grants=GRANTS),
        migrations.RunSQL(POLICIES, migrations.RunSQL.noop),
        migrations.RunSQL(FUNCTIONS, migrations.RunSQL.noop),
    ]
