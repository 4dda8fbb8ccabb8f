"""A round in earnest: dated data, texts for clients, the briefing; written on screen, published by two people."""

import json
import uuid

import django.db.models.deletion
from django.db import migrations, models

from khedmat.common.database_roles import app_role
from khedmat.vault.rls import APPEND_ONLY, protected

BY_ROUND_MANAGERS = "(SELECT guard.role()) = 'round_manager'"
IN_A_CONTEXT = "(SELECT guard.user_id()) IS NOT NULL"
OLD_PARTS = {"rules": "rounds_roundrule", "documents": "rounds_requireddocument", "tariff": "rounds_tariffline"}
NEW_PARTS = {
    "exemptions": "rounds_exemption",
    "instalments": "rounds_instalmentplan",
    "windows": "rounds_roundwindow",
    "cohort": "rounds_roundcohort",
    "capacity": "rounds_officeplaces",
    "standards": "rounds_servicestandard",
    "briefing": "rounds_briefing",
    "texts": "rounds_clienttext",
}

# A draft that changes is another one than was proposed, so that the proposal falls with any change.
TWO_PEOPLE = """
CREATE OR REPLACE FUNCTION guard.round_version_is_immutable() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  standing text[] := ARRAY['state', 'proposed_at', 'proposed_by', 'published_at', 'published_by'];
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.state = 'draft' AND NEW.proposed_by IS NULL THEN RETURN NEW; END IF;
    RAISE EXCEPTION 'a version begins as a draft' USING ERRCODE = 'check_violation';
  END IF;
  IF OLD.state = 'published' THEN
    RAISE EXCEPTION 'version % is published and never changes', OLD.id USING ERRCODE = 'check_violation';
  END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  IF to_jsonb(NEW) - standing IS DISTINCT FROM to_jsonb(OLD) - standing THEN
    NEW.proposed_at := NULL;
    NEW.proposed_by := NULL;
  END IF;
  IF NEW.state = 'published' AND (OLD.proposed_by IS NULL OR NEW.proposed_by IS DISTINCT FROM OLD.proposed_by) THEN
    RAISE EXCEPTION 'version % is proposed before it is published', OLD.id USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION guard.round_content_is_immutable() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  of_version uuid := CASE WHEN TG_OP = 'INSERT' THEN NEW.version_id ELSE OLD.version_id END;
BEGIN
  PERFORM guard.refuse_published(of_version);
  IF TG_OP = 'UPDATE' THEN
    PERFORM guard.refuse_published(NEW.version_id);
  END IF;
  UPDATE rounds_roundversion SET proposed_at = NULL, proposed_by = NULL
    WHERE id = of_version AND proposed_by IS NOT NULL;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  RETURN NEW;
END $$;
"""

# The app may delete no row of what everybody reads; a part of a draft is taken out as a whole, to be written anew.
CLEAR_PART = f"""
CREATE FUNCTION guard.clear_part_of_draft(of_version uuid, part text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  parts jsonb := '{json.dumps(OLD_PARTS | NEW_PARTS)}';
BEGIN
  IF guard.role() IS DISTINCT FROM 'round_manager' THEN
    RAISE EXCEPTION 'only a round manager writes rounds' USING ERRCODE = 'KH004';
  END IF;
  IF parts ->> part IS NULL THEN
    RAISE EXCEPTION 'a version has no part %', part USING ERRCODE = 'check_violation';
  END IF;
  EXECUTE format('DELETE FROM %I WHERE version_id = $1', parts ->> part) USING of_version;
END $$;
REVOKE ALL ON FUNCTION guard.clear_part_of_draft(uuid, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION guard.clear_part_of_draft(uuid, text) TO {app_role()};
"""

IMMUTABLE = "".join(
    f"CREATE TRIGGER round_content_is_immutable BEFORE INSERT OR UPDATE OR DELETE ON {table} "
    "FOR EACH ROW EXECUTE FUNCTION guard.round_content_is_immutable();"
    for table in NEW_PARTS.values()
)

# Policies stand since 0001: round managers alone write.
WRITE_DRAFTS = f"""
GRANT UPDATE (opens_on, closes_on, card_valid_from, card_valid_until, circular_number, circular_on, circular_source_fa,
  circular_source_en, examples, renews, places_per_counter_day, payment_order, revision, proposed_at, proposed_by)
  ON rounds_roundversion TO {app_role()};
"""


class Migration(migrations.Migration):
    dependencies = [
        ("places", "0001_initial"),
        ("rounds", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Briefing",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("code", models.SlugField(max_length=60)),
                ("order", models.PositiveSmallIntegerField()),
                ("title_fa", models.CharField(max_length=160)),
                ("title_en", models.CharField(max_length=160)),
                ("text_fa", models.TextField()),
                ("text_en", models.TextField()),
            ],
            options={
                "ordering": ["order", "code"],
            },
        ),
        migrations.CreateModel(
            name="BriefingAnswer",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("text", models.TextField()),
                ("answered_at", models.DateTimeField()),
                ("answered_by", models.UUIDField()),
            ],
            options={
                "ordering": ["answered_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="BriefingQuestion",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("text", models.TextField()),
                ("asked_at", models.DateTimeField()),
                ("asked_by", models.UUIDField()),
            ],
            options={
                "ordering": ["asked_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="ClientText",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("order", models.PositiveSmallIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[("rule", "Rule"), ("document", "Paper"), ("remedy", "What to do")], max_length=12
                    ),
                ),
                ("code", models.SlugField(max_length=60)),
                ("field", models.CharField(max_length=12)),
                (
                    "language",
                    models.CharField(choices=[("prs", "Dari"), ("ps", "Pashto"), ("ar", "Arabic")], max_length=3),
                ),
                ("text", models.TextField()),
                ("is_reviewed", models.BooleanField(default=False)),
            ],
            options={
                "ordering": ["order", "code"],
            },
        ),
        migrations.CreateModel(
            name="Exemption",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("code", models.SlugField(max_length=60)),
                ("order", models.PositiveSmallIntegerField()),
                ("title_fa", models.CharField(max_length=160)),
                ("title_en", models.CharField(max_length=160)),
                ("tariff_kind", models.CharField(max_length=40)),
                ("percent", models.PositiveSmallIntegerField()),
                ("papers", models.JSONField(default=list)),
                ("source_fa", models.TextField()),
                ("source_en", models.TextField()),
                (
                    "certainty",
                    models.CharField(
                        choices=[
                            ("source", "A source says so"),
                            ("inferred", "Inferred from sources"),
                            ("conflicting", "Sources disagree"),
                            ("demo", "Demonstration only"),
                        ],
                        max_length=12,
                    ),
                ),
            ],
            options={
                "ordering": ["order", "code"],
            },
        ),
        migrations.CreateModel(
            name="InstalmentPlan",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("code", models.SlugField(max_length=60)),
                ("order", models.PositiveSmallIntegerField()),
                ("title_fa", models.CharField(max_length=160)),
                ("title_en", models.CharField(max_length=160)),
                ("least_rial", models.BigIntegerField()),
                ("count", models.PositiveSmallIntegerField()),
                ("interval_days", models.PositiveSmallIntegerField()),
                ("first_percent", models.PositiveSmallIntegerField()),
                ("source_fa", models.TextField()),
                ("source_en", models.TextField()),
                (
                    "certainty",
                    models.CharField(
                        choices=[
                            ("source", "A source says so"),
                            ("inferred", "Inferred from sources"),
                            ("conflicting", "Sources disagree"),
                            ("demo", "Demonstration only"),
                        ],
                        max_length=12,
                    ),
                ),
            ],
            options={
                "ordering": ["order", "code"],
            },
        ),
        migrations.CreateModel(
            name="OfficePlaces",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("code", models.CharField(max_length=16)),
                ("order", models.PositiveSmallIntegerField()),
                ("places", models.PositiveSmallIntegerField()),
            ],
            options={
                "ordering": ["order", "code"],
            },
        ),
        migrations.CreateModel(
            name="RoundCohort",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("code", models.CharField(max_length=16)),
                ("order", models.PositiveSmallIntegerField()),
                ("households", models.PositiveIntegerField()),
                ("members", models.PositiveIntegerField()),
                ("source_fa", models.TextField()),
                ("source_en", models.TextField()),
                (
                    "certainty",
                    models.CharField(
                        choices=[
                            ("source", "A source says so"),
                            ("inferred", "Inferred from sources"),
                            ("conflicting", "Sources disagree"),
                            ("demo", "Demonstration only"),
                        ],
                        max_length=12,
                    ),
                ),
            ],
            options={
                "ordering": ["order", "code"],
            },
        ),
        migrations.CreateModel(
            name="RoundWindow",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("code", models.CharField(max_length=16)),
                ("order", models.PositiveSmallIntegerField()),
                ("opens_on", models.DateField()),
                ("closes_on", models.DateField()),
                ("source_fa", models.TextField()),
                ("source_en", models.TextField()),
                (
                    "certainty",
                    models.CharField(
                        choices=[
                            ("source", "A source says so"),
                            ("inferred", "Inferred from sources"),
                            ("conflicting", "Sources disagree"),
                            ("demo", "Demonstration only"),
                        ],
                        max_length=12,
                    ),
                ),
            ],
            options={
                "ordering": ["order", "code"],
            },
        ),
        migrations.CreateModel(
            name="ServiceStandard",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "code",
                    models.CharField(
                        choices=[
                            ("service", "Until the decision, as a rule"),
                            ("maximum", "Until the decision, at the longest"),
                            ("paper_time", "The family's time to bring a paper"),
                            ("appeal_time", "The family's time to appeal"),
                            ("appeal", "Until an appeal is decided"),
                        ],
                        max_length=20,
                    ),
                ),
                ("order", models.PositiveSmallIntegerField()),
                ("days", models.PositiveSmallIntegerField()),
                ("source_fa", models.TextField()),
                ("source_en", models.TextField()),
                (
                    "certainty",
                    models.CharField(
                        choices=[
                            ("source", "A source says so"),
                            ("inferred", "Inferred from sources"),
                            ("conflicting", "Sources disagree"),
                            ("demo", "Demonstration only"),
                        ],
                        max_length=12,
                    ),
                ),
            ],
            options={
                "ordering": ["order", "code"],
            },
        ),
        migrations.AddField(
            model_name="roundrule",
            name="remedy_en",
            field=models.TextField(default=""),
        ),
        migrations.AddField(
            model_name="roundrule",
            name="remedy_fa",
            field=models.TextField(default=""),
        ),
        migrations.AddField(
            model_name="roundversion",
            name="payment_order",
            field=models.CharField(
                choices=[
                    ("before_submission", "Paid before the case is sent"),
                    ("after_submission", "Paid after the case is sent"),
                ],
                default="before_submission",
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="roundversion",
            name="places_per_counter_day",
            field=models.PositiveSmallIntegerField(default=24),
        ),
        migrations.AddField(
            model_name="roundversion",
            name="proposed_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="roundversion",
            name="proposed_by",
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name="roundversion",
            name="renews",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="roundversion",
            name="revision",
            field=models.PositiveIntegerField(default=1),
        ),
        migrations.AddConstraint(
            model_name="roundversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("proposed_at__isnull", True), ("proposed_by__isnull", True)),
                    models.Q(("proposed_at__isnull", False), ("proposed_by__isnull", False)),
                    _connector="OR",
                ),
                name="version_proposed_at_and_by",
            ),
        ),
        migrations.AddConstraint(
            model_name="roundversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("proposed_by__isnull", True),
                    ("published_by__isnull", True),
                    models.Q(("proposed_by", models.F("published_by")), _negated=True),
                    _connector="OR",
                ),
                name="two_people_publish_a_version",
            ),
        ),
        migrations.AddConstraint(
            model_name="roundversion",
            constraint=models.CheckConstraint(
                condition=models.Q(("payment_order__in", ["before_submission", "after_submission"])),
                name="known_order_of_payment",
            ),
        ),
        migrations.AddConstraint(
            model_name="roundversion",
            constraint=models.CheckConstraint(
                condition=models.Q(("places_per_counter_day__gte", 1), ("places_per_counter_day__lte", 500)),
                name="places_of_a_counter_make_sense",
            ),
        ),
        migrations.AddField(
            model_name="briefing",
            name="version",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="briefing", to="rounds.roundversion"
            ),
        ),
        migrations.AddField(
            model_name="briefingquestion",
            name="asked_from",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="places.scope"),
        ),
        migrations.AddField(
            model_name="briefingquestion",
            name="version",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="questions", to="rounds.roundversion"
            ),
        ),
        migrations.AddField(
            model_name="briefinganswer",
            name="question",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="answers", to="rounds.briefingquestion"
            ),
        ),
        migrations.AddField(
            model_name="clienttext",
            name="version",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="texts", to="rounds.roundversion"
            ),
        ),
        migrations.AddField(
            model_name="exemption",
            name="version",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="exemptions", to="rounds.roundversion"
            ),
        ),
        migrations.AddField(
            model_name="instalmentplan",
            name="version",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="instalments", to="rounds.roundversion"
            ),
        ),
        migrations.AddField(
            model_name="officeplaces",
            name="version",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="capacity", to="rounds.roundversion"
            ),
        ),
        migrations.AddField(
            model_name="roundcohort",
            name="version",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="cohort", to="rounds.roundversion"
            ),
        ),
        migrations.AddField(
            model_name="roundwindow",
            name="version",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="windows", to="rounds.roundversion"
            ),
        ),
        migrations.AddField(
            model_name="servicestandard",
            name="version",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="standards", to="rounds.roundversion"
            ),
        ),
        migrations.AddConstraint(
            model_name="briefing",
            constraint=models.UniqueConstraint(fields=("version", "code"), name="one_paragraph_for_each_code"),
        ),
        migrations.AddConstraint(
            model_name="briefingquestion",
            constraint=models.CheckConstraint(
                condition=models.Q(("text", ""), _negated=True), name="question_says_something"
            ),
        ),
        migrations.AddConstraint(
            model_name="briefinganswer",
            constraint=models.CheckConstraint(
                condition=models.Q(("text", ""), _negated=True), name="answer_says_something"
            ),
        ),
        migrations.AddConstraint(
            model_name="clienttext",
            constraint=models.UniqueConstraint(
                fields=("version", "kind", "code", "field", "language"), name="one_text_for_each_language"
            ),
        ),
        migrations.AddConstraint(
            model_name="clienttext",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("field__in", ("title", "met", "unmet")), ("kind", "rule")),
                    models.Q(("field__in", ("title",)), ("kind", "document")),
                    models.Q(("field__in", ("text",)), ("kind", "remedy")),
                    _connector="OR",
                ),
                name="text_of_a_known_field",
            ),
        ),
        migrations.AddConstraint(
            model_name="clienttext",
            constraint=models.CheckConstraint(
                condition=models.Q(("language__in", ["prs", "ps", "ar"])), name="text_in_a_known_language"
            ),
        ),
        migrations.AddConstraint(
            model_name="clienttext",
            constraint=models.CheckConstraint(
                condition=models.Q(("text", ""), _negated=True), name="text_says_something"
            ),
        ),
        migrations.AddConstraint(
            model_name="exemption",
            constraint=models.UniqueConstraint(fields=("version", "code"), name="one_exemption_for_each_code"),
        ),
        migrations.AddConstraint(
            model_name="exemption",
            constraint=models.CheckConstraint(
                condition=models.Q(("percent__gte", 1), ("percent__lte", 100)), name="exemption_percent_in_range"
            ),
        ),
        migrations.AddConstraint(
            model_name="exemption",
            constraint=models.CheckConstraint(
                condition=models.Q(("certainty__in", ["source", "inferred", "conflicting", "demo"])),
                name="exemption_certainty_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="instalmentplan",
            constraint=models.UniqueConstraint(fields=("version", "code"), name="one_plan_for_each_code"),
        ),
        migrations.AddConstraint(
            model_name="instalmentplan",
            constraint=models.UniqueConstraint(fields=("version", "least_rial"), name="one_plan_for_each_least_amount"),
        ),
        migrations.AddConstraint(
            model_name="instalmentplan",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("count__gte", 2),
                    ("count__lte", 24),
                    ("first_percent__gte", 1),
                    ("first_percent__lte", 99),
                    ("interval_days__gte", 1),
                    ("interval_days__lte", 365),
                    ("least_rial__gte", 0),
                ),
                name="plan_can_be_kept",
            ),
        ),
        migrations.AddConstraint(
            model_name="instalmentplan",
            constraint=models.CheckConstraint(
                condition=models.Q(("certainty__in", ["source", "inferred", "conflicting", "demo"])),
                name="plan_certainty_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="officeplaces",
            constraint=models.UniqueConstraint(fields=("version", "code"), name="one_capacity_for_each_office"),
        ),
        migrations.AddConstraint(
            model_name="officeplaces",
            constraint=models.CheckConstraint(
                condition=models.Q(("places__gte", 1), ("places__lte", 500)), name="places_of_office_make_sense"
            ),
        ),
        migrations.AddConstraint(
            model_name="roundcohort",
            constraint=models.UniqueConstraint(fields=("version", "code"), name="one_cohort_for_each_province"),
        ),
        migrations.AddConstraint(
            model_name="roundcohort",
            constraint=models.CheckConstraint(
                condition=models.Q(("members__gte", models.F("households"))), name="cohort_has_members"
            ),
        ),
        migrations.AddConstraint(
            model_name="roundcohort",
            constraint=models.CheckConstraint(
                condition=models.Q(("certainty__in", ["source", "inferred", "conflicting", "demo"])),
                name="cohort_certainty_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="roundwindow",
            constraint=models.UniqueConstraint(fields=("version", "code"), name="one_window_for_each_province"),
        ),
        migrations.AddConstraint(
            model_name="roundwindow",
            constraint=models.CheckConstraint(
                condition=models.Q(("opens_on__lte", models.F("closes_on"))), name="window_dates_in_order"
            ),
        ),
        migrations.AddConstraint(
            model_name="roundwindow",
            constraint=models.CheckConstraint(
                condition=models.Q(("certainty__in", ["source", "inferred", "conflicting", "demo"])),
                name="window_certainty_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="servicestandard",
            constraint=models.UniqueConstraint(fields=("version", "code"), name="one_time_for_each_standard"),
        ),
        migrations.AddConstraint(
            model_name="servicestandard",
            constraint=models.CheckConstraint(
                condition=models.Q(("code__in", ["service", "maximum", "paper_time", "appeal_time", "appeal"])),
                name="known_standard",
            ),
        ),
        migrations.AddConstraint(
            model_name="servicestandard",
            constraint=models.CheckConstraint(
                condition=models.Q(("days__gte", 1), ("days__lte", 365)), name="standard_days_make_sense"
            ),
        ),
        migrations.AddConstraint(
            model_name="servicestandard",
            constraint=models.CheckConstraint(
                condition=models.Q(("certainty__in", ["source", "inferred", "conflicting", "demo"])),
                name="standard_certainty_known",
            ),
        ),
        migrations.RunSQL(TWO_PEOPLE, migrations.RunSQL.noop),
        migrations.RunSQL(CLEAR_PART, migrations.RunSQL.noop),
        migrations.RunSQL(IMMUTABLE, migrations.RunSQL.noop),
        migrations.RunSQL(WRITE_DRAFTS, migrations.RunSQL.noop),
        *(
            operation
            for table in NEW_PARTS.values()
            for operation in protected(table, "true", grants=APPEND_ONLY, check=BY_ROUND_MANAGERS)
        ),
        *protected(
            "rounds_briefingquestion",
            IN_A_CONTEXT,
            grants=APPEND_ONLY,
            check="asked_by = (SELECT guard.user_id()) AND asked_from_id = (SELECT guard.scope_id())",
        ),
        *protected(
            "rounds_briefinganswer",
            IN_A_CONTEXT,
            grants=APPEND_ONLY,
            check=f"answered_by = (SELECT guard.user_id()) AND {BY_ROUND_MANAGERS}",
        ),
    ]
