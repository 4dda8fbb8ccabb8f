"""Entries (append-only), their leaf hashes, and the chain over them."""

import django.db.models.functions.datetime
from django.db import migrations, models
from django.db.models import Func

from khedmat.common.database_roles import app_role
from khedmat.vault.rls import protected, system

BEFORE = """
CREATE FUNCTION guard.leaf_hash(
  at timestamptz, action text, actor_id uuid, role text, scope_id int, purpose text,
  subject text, subject_id text, household_id uuid, case_id uuid, details jsonb
) RETURNS bytea LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT sha256('\\x00'::bytea || convert_to(jsonb_build_array(
    (extract(epoch FROM at) * 1000000)::bigint, action, actor_id, role, scope_id, purpose,
    subject, subject_id, household_id, case_id, details)::text, 'UTF8'))
$$;
"""
GRANT_HASH = f"""GRANT EXECUTE ON FUNCTION guard.leaf_hash(timestamptz, text, uuid, text, int, text,
  text, text, uuid, uuid, jsonb) TO {app_role()};"""

LINKER = f"""
-- The only way to write an entry: who acts comes from the signed context. Answers the actor.
-- A family's log takes an entry only from somebody who has the family, or its case, in hand: guard.may_note
-- is made where grants and cases are known (casework).
CREATE FUNCTION guard.note(
  what text, of_subject text, of_id text, of_household uuid, of_case uuid, more jsonb
) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE me guard.working := guard.ctx();
BEGIN
  IF me.user_id IS NULL THEN RAISE EXCEPTION 'no context' USING ERRCODE = 'KH002'; END IF;
  IF NOT guard.may_note(of_household, of_case) THEN RAISE EXCEPTION 'not yours' USING ERRCODE = 'KH002'; END IF;
  INSERT INTO audit_entry
    (action, actor_id, role, scope_id, purpose, subject, subject_id, household_id, case_id, details)
  VALUES (what, me.user_id, me.role, me.scope_id, me.purpose, of_subject, of_id, of_household, of_case, more);
  RETURN me.user_id;
END $$;
GRANT EXECUTE ON FUNCTION guard.note(text, text, text, uuid, uuid, jsonb) TO {app_role()};

CREATE FUNCTION guard.link_audit_entries(how_many int) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  last_position bigint;
  last_hash bytea;
  entry record;
  linked int := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(7240501);
  SELECT position, chain_hash INTO last_position, last_hash FROM audit_link ORDER BY position DESC LIMIT 1;
  last_position := coalesce(last_position, 0);
  last_hash := coalesce(last_hash, sha256('khedmat audit chain'::bytea));
  FOR entry IN
    SELECT e.id, e.leaf_hash FROM audit_entry e
    WHERE NOT EXISTS (SELECT 1 FROM audit_link l WHERE l.entry_id = e.id) ORDER BY e.id LIMIT how_many
  LOOP
    last_position := last_position + 1;
    last_hash := sha256(last_hash || entry.leaf_hash);
    INSERT INTO audit_link (position, entry_id, leaf_hash, chain_hash)
      VALUES (last_position, entry.id, entry.leaf_hash, last_hash);
    linked := linked + 1;
  END LOOP;
  RETURN linked;
END $$;
GRANT EXECUTE ON FUNCTION guard.link_audit_entries(int) TO {app_role()};
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = [("vault", "0001_guard")]
    operations = [
        migrations.RunSQL(BEFORE + GRANT_HASH, migrations.RunSQL.noop),
        migrations.CreateModel(
            name="Entry",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("action", models.CharField(max_length=64)),
                ("actor_id", models.UUIDField(null=True)),
                ("role", models.CharField(max_length=32)),
                ("scope_id", models.IntegerField()),
                ("purpose", models.CharField(max_length=32)),
                ("subject", models.CharField(max_length=64)),
                ("subject_id", models.CharField(max_length=64)),
                ("household_id", models.UUIDField(null=True)),
                ("case_id", models.UUIDField(null=True)),
                ("details", models.JSONField(default=dict)),
                (
                    "leaf_hash",
                    models.GeneratedField(
                        db_persist=True,
                        expression=Func(
                            "at",
                            "action",
                            "actor_id",
                            "role",
                            "scope_id",
                            "purpose",
                            "subject",
                            "subject_id",
                            "household_id",
                            "case_id",
                            "details",
                            function="guard.leaf_hash",
                        ),
                        output_field=models.BinaryField(),
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["household_id", "id"], name="audit_household"),
                    models.Index(fields=["case_id", "id"], name="audit_case"),
                    models.Index(fields=["actor_id", "at"], name="audit_actor"),
                ]
            },
        ),
        migrations.CreateModel(
            name="Link",
            fields=[
                ("position", models.BigIntegerField(primary_key=True, serialize=False)),
                ("entry_id", models.BigIntegerField(unique=True)),
                ("leaf_hash", models.BinaryField()),
                ("chain_hash", models.BinaryField()),
            ],
        ),
        # Reading is opened in accounts, where grants and oversight roles are known.
        *protected("audit_entry", "false", grants="SELECT"),
        *system("audit_link", "SELECT"),
        migrations.RunSQL(LINKER, migrations.RunSQL.noop),
    ]
