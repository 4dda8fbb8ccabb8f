"""Drafts of forms about a case: written by who types, kept for seven days."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

import khedmat.vault.fields
from khedmat.common.database_roles import app_role
from khedmat.vault.rls import personal

# Foreign keys bypass row-level security: the composite key ties the row to the household of its case.
KEYS = """
ALTER TABLE casework_draft ADD CONSTRAINT draft_of_own_case
  FOREIGN KEY (case_id, household_id) REFERENCES casework_case (id, household_id) DEFERRABLE INITIALLY DEFERRED;
"""

POLICIES = f"""
CREATE POLICY kept_by_who_types ON casework_draft AS RESTRICTIVE FOR INSERT TO {app_role()}
  WITH CHECK (user_id = (SELECT guard.user_id()));
CREATE POLICY changed_by_who_types ON casework_draft AS RESTRICTIVE FOR UPDATE TO {app_role()}
  USING (user_id = (SELECT guard.user_id()));
"""

# Whoever calls it, it deletes only what has expired: it needs no context, and lets nobody delete by choice.
EXPIRY = f"""
CREATE FUNCTION guard.expire_drafts() RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  gone int;
BEGIN
  DELETE FROM casework_draft d WHERE d.saved_at < now() - interval '7 days';
  GET DIAGNOSTICS gone = ROW_COUNT;
  RETURN gone;
END $$;
REVOKE ALL ON FUNCTION guard.expire_drafts() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION guard.expire_drafts() TO {app_role()};
"""


class Migration(migrations.Migration):
    dependencies = [("casework", "0011_appeals")]

    operations = [
        migrations.CreateModel(
            name="Draft",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("household_id", models.UUIDField(editable=False)),
                ("user_id", models.UUIDField(editable=False)),
                ("form", models.SlugField(max_length=20)),
                ("content", khedmat.vault.fields.SealedTextField(max_length=20000)),
                ("saved_at", models.DateTimeField()),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="drafts", to="casework.case"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["saved_at"], name="casework_drafts_by_age")],
                "constraints": [
                    models.UniqueConstraint(fields=("user_id", "case", "form"), name="one_draft_for_each_form")
                ],
            },
        ),
        migrations.RunSQL(KEYS, migrations.RunSQL.noop),
        *personal("casework_draft", grants="SELECT, INSERT, UPDATE (content, saved_at)"),
        migrations.RunSQL(POLICIES, migrations.RunSQL.noop),
        migrations.RunSQL(EXPIRY, migrations.RunSQL.noop),
    ]
