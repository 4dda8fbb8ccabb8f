"""Appeals against refusals: another officer decides, which the database itself holds."""

import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import khedmat.vault.fields
from khedmat.common.database_roles import app_role
from khedmat.vault.rls import personal

GRANTS = "SELECT, INSERT, UPDATE (officer_id, state, reason, ended_at, ended_by)"

# Foreign keys bypass row-level security: composite keys tie an appeal to its household, and its officer to who
# decided, so that the check against deciding on one's own decision cannot be told a wrong name.
KEYS = """
ALTER TABLE casework_decision ADD CONSTRAINT decision_of_household UNIQUE (id, household_id);
ALTER TABLE casework_decision ADD CONSTRAINT decision_of_officer UNIQUE (id, member_id, decided_by);
ALTER TABLE casework_appeal ADD CONSTRAINT appeal_of_own_case
  FOREIGN KEY (case_id, household_id) REFERENCES casework_case (id, household_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE casework_appeal ADD CONSTRAINT appeal_of_own_member
  FOREIGN KEY (member_id, household_id) REFERENCES casework_casemember (id, household_id)
  DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE casework_appeal ADD CONSTRAINT appeal_of_own_decision
  FOREIGN KEY (decision_id, household_id) REFERENCES casework_decision (id, household_id)
  DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE casework_appeal ADD CONSTRAINT appeal_names_who_decided
  FOREIGN KEY (decision_id, member_id, appealed_officer_id)
  REFERENCES casework_decision (id, member_id, decided_by) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE casework_appeal ADD CONSTRAINT appeal_paper_of_own_household
  FOREIGN KEY (paper_id, household_id) REFERENCES files_storedfile (id, household_id)
  DEFERRABLE INITIALLY DEFERRED;
"""

POLICIES = f"""
CREATE POLICY lodged_by_who_lodges ON casework_appeal AS RESTRICTIVE FOR INSERT TO {app_role()}
  WITH CHECK (lodged_by = (SELECT guard.user_id()) AND state = 'open' AND officer_id IS NULL);
CREATE POLICY ended_by_who_ends ON casework_appeal AS RESTRICTIVE FOR UPDATE TO {app_role()}
  USING (state = 'open' AND (SELECT guard.user_id()) IS NOT NULL)
  WITH CHECK (CASE WHEN state = 'open' THEN officer_id ELSE ended_by END = (SELECT guard.user_id()));
"""

FUNCTIONS = f"""
-- Opens an appeal's family: to the office while it is open and 30 days after, to those who decide. Answers it.
-- Not to be taken, one in nobody's hand stays closed to those who could take it: null.
CREATE FUNCTION guard.open_appeal(of_appeal uuid, is_taken boolean) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  me guard.working := guard.ctx();
  found casework_appeal;
BEGIN
  SELECT a.* INTO found FROM casework_appeal a JOIN casework_case c ON c.id = a.case_id
    WHERE a.id = of_appeal AND c.scope_id = ANY (guard.visible_scopes())
      AND (a.state = 'open' OR a.ended_at > clock_timestamp() - interval '30 days')
      AND me.role IN ('clerk', 'case_officer', 'director_general');
  IF found.id IS NULL THEN RAISE EXCEPTION 'not yours' USING ERRCODE = 'KH002'; END IF;
  IF NOT is_taken AND me.role <> 'clerk' AND found.state = 'open' AND found.officer_id IS NULL
      AND found.appealed_officer_id <> me.user_id THEN
    RETURN NULL;
  END IF;
  PERFORM guard.open_grant(found.household_id, found.case_id, 'case');
  RETURN found.household_id;
END $$;

-- Appeals that wait in reach of those who decide, by the case's number: nobody's name.
CREATE FUNCTION guard.appeals_in_reach() RETURNS TABLE (appeal_id uuid, case_id uuid, number text, scope_id int,
  lodged_on date, due_on date, officer_id uuid, is_late boolean, is_for_director boolean, is_against_me boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT a.id, a.case_id, c.number, c.scope_id, a.lodged_on, a.due_on, a.officer_id, a.is_late, a.is_for_director,
    a.appealed_officer_id = guard.user_id()
  FROM casework_appeal a JOIN casework_case c ON c.id = a.case_id
  WHERE a.state = 'open' AND c.scope_id = ANY (guard.visible_scopes())
    AND guard.role() IN ('case_officer', 'director_general')
  ORDER BY a.due_on, c.number
$$;

GRANT EXECUTE ON FUNCTION guard.open_appeal(uuid, boolean), guard.appeals_in_reach() TO {app_role()};
"""


class Migration(migrations.Migration):
    dependencies = [("casework", "0010_referrals"), ("files", "0002_tables")]

    operations = [
        migrations.CreateModel(
            name="Appeal",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("household_id", models.UUIDField(editable=False)),
                ("appealed_officer_id", models.UUIDField()),
                ("grounds", khedmat.vault.fields.SealedTextField(max_length=2000)),
                ("is_late", models.BooleanField(default=False)),
                ("is_for_director", models.BooleanField(default=False)),
                ("lodged_on", models.DateField()),
                ("due_on", models.DateField()),
                ("lodged_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("lodged_by", models.UUIDField()),
                ("officer_id", models.UUIDField(null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Waits for a decision on the appeal"),
                            ("upheld", "Upheld: the decision is changed"),
                            ("dismissed", "Dismissed: the decision stands"),
                            ("withdrawn", "The appeal was withdrawn"),
                        ],
                        default="open",
                        max_length=12,
                    ),
                ),
                ("reason", khedmat.vault.fields.SealedTextField(max_length=2000)),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_by", models.UUIDField(null=True)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="appeals", to="casework.case"
                    ),
                ),
                (
                    "decision",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="appeals", to="casework.decision"
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="appeals", to="casework.casemember"
                    ),
                ),
                (
                    "paper",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="files.storedfile"
                    ),
                ),
            ],
            options={
                "ordering": ["lodged_at"],
                "indexes": [
                    models.Index(condition=models.Q(("state", "open")), fields=["due_on"], name="casework_appeals_due")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "open")),
                        fields=("member",),
                        name="one_open_appeal_for_each_member",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["open", "upheld", "dismissed", "withdrawn"])),
                        name="known_state_of_appeal",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("grounds__isnull", False)), name="appeal_has_its_grounds"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("due_on__gte", models.F("lodged_on"))), name="appeal_is_due_after_it_came"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["upheld", "dismissed"]), _negated=True),
                            ("reason__isnull", False),
                            _connector="OR",
                        ),
                        name="decided_appeal_has_a_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at__isnull", True), ("ended_by__isnull", True), ("state", "open")),
                            models.Q(
                                models.Q(("state", "open"), _negated=True),
                                ("ended_at__isnull", False),
                                ("ended_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="appeal_ended_at_and_by",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["upheld", "dismissed"]), _negated=True),
                            models.Q(("ended_by", models.F("appealed_officer_id")), _negated=True),
                            _connector="OR",
                        ),
                        name="another_officer_decides_the_appeal",
                    ),
                ],
            },
        ),
        *personal("casework_appeal", grants=GRANTS),
        migrations.RunSQL(KEYS, migrations.RunSQL.noop),
        migrations.RunSQL(POLICIES, migrations.RunSQL.noop),
        migrations.RunSQL(FUNCTIONS, migrations.RunSQL.noop),
    ]
