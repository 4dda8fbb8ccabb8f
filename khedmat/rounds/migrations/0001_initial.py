"""Rounds, published versions of which never change; only round managers write."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

from khedmat.vault.rls import APPEND_ONLY, protected

CHILDREN = ["rounds_roundrule", "rounds_requireddocument", "rounds_tariffline"]

IMMUTABLE = """
CREATE FUNCTION guard.round_version_is_immutable() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.state = 'draft' THEN RETURN NEW; END IF;
    RAISE EXCEPTION 'a version begins as a draft' USING ERRCODE = 'check_violation';
  END IF;
  IF OLD.state = 'published' THEN
    RAISE EXCEPTION 'version % is published and never changes', OLD.id USING ERRCODE = 'check_violation';
  END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER round_version_is_immutable BEFORE INSERT OR UPDATE OR DELETE ON rounds_roundversion
  FOR EACH ROW EXECUTE FUNCTION guard.round_version_is_immutable();

-- FOR SHARE makes a publication and a late child wait for each other.
CREATE FUNCTION guard.round_content_is_immutable() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN
    PERFORM guard.refuse_published(OLD.version_id);
  END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  PERFORM guard.refuse_published(NEW.version_id);
  RETURN NEW;
END $$;
CREATE FUNCTION guard.refuse_published(of_version uuid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  found_state text;
BEGIN
  SELECT state INTO found_state FROM rounds_roundversion WHERE id = of_version FOR SHARE;
  IF found_state = 'published' THEN
    RAISE EXCEPTION 'version % is published and never changes', of_version USING ERRCODE = 'check_violation';
  END IF;
END $$;
""" + "".join(
    f"CREATE TRIGGER round_content_is_immutable BEFORE INSERT OR UPDATE OR DELETE ON {table} "
    "FOR EACH ROW EXECUTE FUNCTION guard.round_content_is_immutable();"
    for table in CHILDREN
)

BY_ROUND_MANAGERS = "(SELECT guard.role()) = 'round_manager'"


class Migration(migrations.Migration):
    initial = True

    dependencies = [("places", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Round",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("code", models.SlugField(max_length=40, unique=True)),
                (
                    "programme",
                    models.CharField(choices=[("amayesh", "Amayesh"), ("hoviat", "Hoviat")], max_length=12),
                ),
                ("number", models.PositiveSmallIntegerField()),
                ("title_fa", models.CharField(max_length=120)),
                ("title_en", models.CharField(max_length=120)),
                ("sort", models.PositiveIntegerField(default=0)),
            ],
            options={
                "ordering": ["sort", "code"],
                "constraints": [
                    models.UniqueConstraint(fields=("programme", "number"), name="one_round_for_each_number"),
                    models.CheckConstraint(
                        condition=models.Q(("programme__in", ["amayesh", "hoviat"])), name="known_programme"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RoundVersion",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("version", models.PositiveIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[("draft", "Draft"), ("published", "Published")],
                        default="draft",
                        max_length=12,
                    ),
                ),
                ("opens_on", models.DateField()),
                ("closes_on", models.DateField()),
                ("card_valid_from", models.DateField()),
                ("card_valid_until", models.DateField()),
                ("circular_number", models.CharField(blank=True, max_length=80)),
                ("circular_on", models.DateField(null=True)),
                ("circular_source_fa", models.TextField()),
                ("circular_source_en", models.TextField()),
                ("examples", models.JSONField(default=list)),
                ("created_at", models.DateTimeField()),
                ("created_by", models.UUIDField()),
                ("published_at", models.DateTimeField(null=True)),
                ("published_by", models.UUIDField(null=True)),
                (
                    "round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="rounds.round",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RoundRule",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("code", models.SlugField(max_length=60)),
                ("order", models.PositiveSmallIntegerField()),
                ("expression", models.TextField()),
                ("applies_when", models.TextField(blank=True)),
                ("title_fa", models.CharField(max_length=160)),
                ("title_en", models.CharField(max_length=160)),
                ("sentence_met_fa", models.TextField()),
                ("sentence_met_en", models.TextField()),
                ("sentence_unmet_fa", models.TextField()),
                ("sentence_unmet_en", models.TextField()),
                (
                    "on_unmet",
                    models.CharField(
                        choices=[
                            ("ask_paper", "The office asks for a paper"),
                            ("ask_review", "A case officer looks at it"),
                            ("director_general", "The director general looks at it"),
                        ],
                        max_length=20,
                    ),
                ),
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
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rules",
                        to="rounds.roundversion",
                    ),
                ),
            ],
            options={
                "ordering": ["order", "code"],
            },
        ),
        migrations.CreateModel(
            name="RequiredDocument",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("code", models.SlugField(max_length=60)),
                ("order", models.PositiveSmallIntegerField()),
                ("title_fa", models.CharField(max_length=160)),
                ("title_en", models.CharField(max_length=160)),
                ("kind", models.CharField(max_length=40)),
                (
                    "each",
                    models.CharField(
                        choices=[("member", "each member"), ("household", "the household")], max_length=12
                    ),
                ),
                ("required_when", models.TextField(blank=True)),
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
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="documents",
                        to="rounds.roundversion",
                    ),
                ),
            ],
            options={
                "ordering": ["order", "code"],
            },
        ),
        migrations.CreateModel(
            name="TariffLine",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("code", models.SlugField(max_length=60)),
                ("order", models.PositiveSmallIntegerField()),
                ("kind", models.CharField(max_length=40)),
                ("title_fa", models.CharField(max_length=160)),
                ("title_en", models.CharField(max_length=160)),
                (
                    "each",
                    models.CharField(
                        choices=[("member", "each member"), ("household", "the household")], max_length=12
                    ),
                ),
                ("min_members", models.PositiveSmallIntegerField(default=1)),
                ("max_members", models.PositiveSmallIntegerField(null=True)),
                ("min_age", models.PositiveSmallIntegerField(null=True)),
                ("max_age", models.PositiveSmallIntegerField(null=True)),
                ("amount_rial", models.BigIntegerField()),
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
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tariff",
                        to="rounds.roundversion",
                    ),
                ),
            ],
            options={
                "ordering": ["order", "code"],
            },
        ),
        migrations.AddConstraint(
            model_name="roundversion",
            constraint=models.UniqueConstraint(fields=("round", "version"), name="one_content_for_each_version"),
        ),
        migrations.AddConstraint(
            model_name="roundversion",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["draft", "published"])), name="known_state_of_version"
            ),
        ),
        migrations.AddConstraint(
            model_name="roundversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("opens_on__lte", models.F("closes_on")),
                    ("card_valid_from__lte", models.F("card_valid_until")),
                    ("opens_on__lte", models.F("card_valid_until")),
                ),
                name="round_dates_in_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="roundversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("published_at__isnull", False),
                        ("published_by__isnull", False),
                        ("state", "published"),
                    ),
                    models.Q(("published_at__isnull", True), ("published_by__isnull", True), ("state", "draft")),
                    _connector="OR",
                ),
                name="version_published_at_and_by",
            ),
        ),
        migrations.AddConstraint(
            model_name="roundrule",
            constraint=models.UniqueConstraint(fields=("version", "code"), name="one_rule_for_each_code"),
        ),
        migrations.AddConstraint(
            model_name="roundrule",
            constraint=models.CheckConstraint(
                condition=models.Q(("on_unmet__in", ["ask_paper", "ask_review", "director_general"])),
                name="known_way_on_when_unmet",
            ),
        ),
        migrations.AddConstraint(
            model_name="roundrule",
            constraint=models.CheckConstraint(
                condition=models.Q(("certainty__in", ["source", "inferred", "conflicting", "demo"])),
                name="rule_certainty_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="requireddocument",
            constraint=models.UniqueConstraint(fields=("version", "code"), name="one_document_for_each_code"),
        ),
        migrations.AddConstraint(
            model_name="requireddocument",
            constraint=models.CheckConstraint(
                condition=models.Q(("each__in", ["member", "household"])), name="paper_of_member_or_household"
            ),
        ),
        migrations.AddConstraint(
            model_name="requireddocument",
            constraint=models.CheckConstraint(
                condition=models.Q(("certainty__in", ["source", "inferred", "conflicting", "demo"])),
                name="paper_certainty_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="tariffline",
            constraint=models.UniqueConstraint(fields=("version", "code"), name="one_fee_for_each_code"),
        ),
        migrations.AddConstraint(
            model_name="tariffline",
            constraint=models.CheckConstraint(
                condition=models.Q(("each__in", ["member", "household"])), name="fee_of_member_or_household"
            ),
        ),
        migrations.AddConstraint(
            model_name="tariffline",
            constraint=models.CheckConstraint(condition=models.Q(("amount_rial__gte", 0)), name="fee_is_not_negative"),
        ),
        migrations.AddConstraint(
            model_name="tariffline",
            constraint=models.CheckConstraint(
                condition=models.Q(("certainty__in", ["source", "inferred", "conflicting", "demo"])),
                name="fee_certainty_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="tariffline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("max_members__isnull", True),
                    ("max_members__gte", models.F("min_members")),
                    _connector="OR",
                ),
                name="fee_members_in_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="tariffline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("max_age__isnull", True),
                    ("min_age__isnull", True),
                    ("max_age__gte", models.F("min_age")),
                    _connector="OR",
                ),
                name="fee_ages_in_order",
            ),
        ),
        migrations.RunSQL(IMMUTABLE, migrations.RunSQL.noop),
        *protected("rounds_round", "true", grants=APPEND_ONLY, check=BY_ROUND_MANAGERS),
        *protected(
            "rounds_roundversion",
            "true",
            grants="SELECT, INSERT, UPDATE (state, published_at, published_by)",
            check=BY_ROUND_MANAGERS,
        ),
        *protected("rounds_roundrule", "true", grants=APPEND_ONLY, check=BY_ROUND_MANAGERS),
        *protected("rounds_requireddocument", "true", grants=APPEND_ONLY, check=BY_ROUND_MANAGERS),
        *protected("rounds_tariffline", "true", grants=APPEND_ONLY, check=BY_ROUND_MANAGERS),
    ]
