"""History of the register, written by triggers."""

from django.db import migrations, models

import khedmat.vault.fields
from khedmat.common.database_roles import app_role
from khedmat.vault.rls import personal

TABLES = ("registry_household", "registry_person", "registry_persondocument")

# What of a row is kept: no version, no index made for a search.
COLUMNS = {
    "registry_household": "province_id, county_id, phone, address, postal_code, code",
    "registry_person": "given_name, family_name, latin_name, father_name, grandfather_name, sex, birth_on, birth_place, "
    "nationality, deceased_on, relation, position",
    "registry_persondocument": "person_id, kind, number, series, issuer, issued_on, valid_until",
}

# One statement for however many rows: imports write many. What explains the change is only said by the app; who
# changed it comes from the signed context.
FUNCTION = """
CREATE FUNCTION guard.keep_<table>() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  me guard.working := guard.ctx();
  said text := coalesce(current_setting('khedmat.because', true), '');
  said_way text;
  said_reference uuid;
  -- Taken when the rows are locked already: of one record, later rows have later moments.
  replaced_now timestamptz := clock_timestamp();
BEGIN
  IF said ~ '^(counter|import|change)(:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})?$' THEN
    said_way := split_part(said, ':', 1);
    said_reference := nullif(split_part(said, ':', 2), '')::uuid;
  END IF;
  IF TG_OP = 'UPDATE' THEN
    INSERT INTO <table>_history (record_id, household_id, created_at, created_by, replaced_at, actor_id, role,
        scope_id, way, reference, ending, <columns>)
      SELECT b.id, b.<household>, b.created_at, b.created_by, replaced_now, me.user_id, coalesce(me.role, ''),
        me.scope_id, coalesce(said_way, ''), said_reference,
        CASE WHEN a.id IS NULL THEN 'removed' WHEN a.<household> <> b.<household> THEN 'moved' ELSE 'changed' END,
        <before>
      FROM before_rows b LEFT JOIN after_rows a ON a.id = b.id
      WHERE (a.<household>, <after>) IS DISTINCT FROM (b.<household>, <before>);
  ELSE
    INSERT INTO <table>_history (record_id, household_id, created_at, created_by, replaced_at, actor_id, role,
        scope_id, way, reference, ending, <columns>)
      SELECT b.id, b.<household>, b.created_at, b.created_by, replaced_now, me.user_id, coalesce(me.role, ''),
        me.scope_id, coalesce(said_way, ''), said_reference, 'removed', <before>
      FROM before_rows b;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER history_of_changed AFTER UPDATE ON <table>
  REFERENCING OLD TABLE AS before_rows NEW TABLE AS after_rows
  FOR EACH STATEMENT EXECUTE FUNCTION guard.keep_<table>();
CREATE TRIGGER history_of_removed AFTER DELETE ON <table>
  REFERENCING OLD TABLE AS before_rows FOR EACH STATEMENT EXECUTE FUNCTION guard.keep_<table>();
-- The app draws no numbers here: it writes no row.
REVOKE ALL ON SEQUENCE <table>_history_id_seq FROM <app>;
"""


def keeping(table: str) -> str:
    """The function that keeps a table's replaced rows, and its triggers."""
    columns = COLUMNS[table].split(", ")
    parts = {
        "table": table,
        "household": "id" if table == "registry_household" else "household_id",
        "columns": ", ".join(columns),
        "before": ", ".join(f"b.{column}" for column in columns),
        "after": ", ".join(f"a.{column}" for column in columns),
        "app": app_role(),
    }
    written = FUNCTION
    for name, text in parts.items():
        written = written.replace(f"<{name}>", text)
    return written


class Migration(migrations.Migration):
    dependencies = [("registry", "0004_kept_right")]

    operations = [
        migrations.CreateModel(
            name="HouseholdHistory",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("record_id", models.UUIDField()),
                ("household_id", models.UUIDField()),
                ("created_at", models.DateTimeField()),
                ("created_by", models.UUIDField()),
                ("replaced_at", models.DateTimeField()),
                ("actor_id", models.UUIDField(null=True)),
                ("role", models.CharField(blank=True, max_length=32)),
                ("scope_id", models.IntegerField(null=True)),
                (
                    "way",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("counter", "at the counter"),
                            ("import", "from a file"),
                            ("change", "by a change request"),
                        ],
                        max_length=8,
                    ),
                ),
                ("reference", models.UUIDField(null=True)),
                (
                    "ending",
                    models.CharField(
                        choices=[("changed", "Changed"), ("moved", "Moved"), ("removed", "Removed")], max_length=8
                    ),
                ),
                ("province_id", models.IntegerField()),
                ("county_id", models.IntegerField(null=True)),
                (
                    "phone",
                    khedmat.vault.fields.SealedTextField(
                        max_length=20, sealed_for="record_id", sealed_in="registry_household"
                    ),
                ),
                (
                    "address",
                    khedmat.vault.fields.SealedTextField(
                        max_length=400, sealed_for="record_id", sealed_in="registry_household"
                    ),
                ),
                (
                    "postal_code",
                    khedmat.vault.fields.SealedTextField(
                        max_length=10, sealed_for="record_id", sealed_in="registry_household"
                    ),
                ),
                (
                    "code",
                    khedmat.vault.fields.SealedTextField(
                        max_length=40, sealed_for="record_id", sealed_in="registry_household"
                    ),
                ),
            ],
            options={
                "db_table": "registry_household_history",
                "indexes": [models.Index(fields=["household_id", "-replaced_at"], name="registry_household_was")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ending__in", ["changed", "moved", "removed"])),
                        name="known_ending_of_household_row",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PersonDocumentHistory",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("record_id", models.UUIDField()),
                ("household_id", models.UUIDField()),
                ("created_at", models.DateTimeField()),
                ("created_by", models.UUIDField()),
                ("replaced_at", models.DateTimeField()),
                ("actor_id", models.UUIDField(null=True)),
                ("role", models.CharField(blank=True, max_length=32)),
                ("scope_id", models.IntegerField(null=True)),
                (
                    "way",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("counter", "at the counter"),
                            ("import", "from a file"),
                            ("change", "by a change request"),
                        ],
                        max_length=8,
                    ),
                ),
                ("reference", models.UUIDField(null=True)),
                (
                    "ending",
                    models.CharField(
                        choices=[("changed", "Changed"), ("moved", "Moved"), ("removed", "Removed")], max_length=8
                    ),
                ),
                ("person_id", models.UUIDField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("amayesh_card", "Amayesh card"),
                            ("hoviat_card", "Hoviat card"),
                            ("refugee_booklet", "Refugee booklet"),
                            ("household_passport", "Household passport"),
                            ("passport", "Passport with residence"),
                            ("residence_booklet", "Residence booklet"),
                            ("headcount_slip", "Headcount slip"),
                            ("laissez_passer", "Laissez-passer"),
                            ("smart_card", "Smart identity card"),
                            ("tazkira", "Tazkira"),
                            ("birth_certificate", "Birth certificate"),
                            ("fida_code", "Foreign national's unique code (FIDA)"),
                        ],
                        max_length=24,
                    ),
                ),
                (
                    "number",
                    khedmat.vault.fields.SealedTextField(
                        max_length=40, sealed_for="record_id", sealed_in="registry_persondocument"
                    ),
                ),
                ("series", models.CharField(blank=True, max_length=24)),
                ("issuer", models.CharField(blank=True, max_length=80)),
                ("issued_on", models.DateField(null=True)),
                ("valid_until", models.DateField(null=True)),
            ],
            options={
                "db_table": "registry_persondocument_history",
                "indexes": [models.Index(fields=["household_id", "-replaced_at"], name="registry_document_was")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ending__in", ["changed", "moved", "removed"])),
                        name="known_ending_of_document_row",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PersonHistory",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("record_id", models.UUIDField()),
                ("household_id", models.UUIDField()),
                ("created_at", models.DateTimeField()),
                ("created_by", models.UUIDField()),
                ("replaced_at", models.DateTimeField()),
                ("actor_id", models.UUIDField(null=True)),
                ("role", models.CharField(blank=True, max_length=32)),
                ("scope_id", models.IntegerField(null=True)),
                (
                    "way",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("counter", "at the counter"),
                            ("import", "from a file"),
                            ("change", "by a change request"),
                        ],
                        max_length=8,
                    ),
                ),
                ("reference", models.UUIDField(null=True)),
                (
                    "ending",
                    models.CharField(
                        choices=[("changed", "Changed"), ("moved", "Moved"), ("removed", "Removed")], max_length=8
                    ),
                ),
                ("given_name", models.CharField(max_length=80)),
                ("family_name", models.CharField(blank=True, max_length=80)),
                ("latin_name", models.CharField(blank=True, max_length=120)),
                ("father_name", models.CharField(max_length=80)),
                ("grandfather_name", models.CharField(blank=True, max_length=80)),
                ("sex", models.CharField(choices=[("female", "Female"), ("male", "Male")], max_length=6)),
                ("birth_on", models.DateField()),
                (
                    "birth_place",
                    khedmat.vault.fields.SealedTextField(
                        max_length=80, sealed_for="record_id", sealed_in="registry_person"
                    ),
                ),
                (
                    "nationality",
                    khedmat.vault.fields.SealedTextField(
                        max_length=3, sealed_for="record_id", sealed_in="registry_person"
                    ),
                ),
                ("deceased_on", models.DateField(null=True)),
                (
                    "relation",
                    models.CharField(
                        choices=[
                            ("head", "Head of household"),
                            ("spouse", "Spouse"),
                            ("daughter", "Daughter"),
                            ("son", "Son"),
                            ("mother", "Mother"),
                            ("father", "Father"),
                            ("sister", "Sister"),
                            ("brother", "Brother"),
                            ("grandchild", "Grandchild"),
                            ("other", "Other relative"),
                        ],
                        max_length=12,
                    ),
                ),
                ("position", models.PositiveSmallIntegerField()),
            ],
            options={
                "db_table": "registry_person_history",
                "indexes": [models.Index(fields=["household_id", "-replaced_at"], name="registry_person_was")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ending__in", ["changed", "moved", "removed"])),
                        name="known_ending_of_person_row",
                    )
                ],
            },
        ),
        *[operation for table in TABLES for operation in personal(f"{table}_history", grants="SELECT")],
        migrations.RunSQL([keeping(table) for table in TABLES], migrations.RunSQL.noop),
    ]
