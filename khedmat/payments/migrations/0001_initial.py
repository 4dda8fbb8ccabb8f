"""Charges, attempts and the ledger: scoped rows, composite keys, and the balance checked at commit."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

from khedmat.common.database_roles import app_role
from khedmat.vault.rls import APPEND_ONLY, scoped

# Foreign keys bypass row-level security: these tie each row to its parent's own place.
SAME_PLACE = [
    ("payments_paymentattempt", "charge_id", "payments_charge"),
    ("payments_gatewaycallback", "attempt_id", "payments_paymentattempt"),
    ("payments_journalentry", "charge_id", "payments_charge"),
    ("payments_journalentry", "attempt_id", "payments_paymentattempt"),
    ("payments_posting", "entry_id", "payments_journalentry"),
    ("payments_posting", "account_id", "payments_ledgeraccount"),
]
KEYS = "".join(
    f"ALTER TABLE {table} ADD CONSTRAINT {table}_{column}_same_place "
    f"FOREIGN KEY ({column}, scope_id) REFERENCES {parent} (id, scope_id) DEFERRABLE INITIALLY DEFERRED;"
    for table, column, parent in SAME_PLACE
)

BALANCE = """
CREATE FUNCTION guard.entry_is_balanced() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  entry uuid;
  postings int;
  total numeric;
BEGIN
  IF TG_TABLE_NAME = 'payments_journalentry' THEN
    entry := NEW.id;
  ELSIF TG_OP = 'DELETE' THEN
    entry := OLD.entry_id;
  ELSE
    entry := NEW.entry_id;
  END IF;
  IF NOT EXISTS (SELECT 1 FROM payments_journalentry WHERE id = entry) THEN RETURN NULL; END IF;
  SELECT count(*), coalesce(sum(amount_rial), 0) INTO postings, total FROM payments_posting WHERE entry_id = entry;
  IF postings < 2 OR total <> 0 THEN
    RAISE EXCEPTION 'entry % has % postings that sum to % rial', entry, postings, total
      USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_is_balanced';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER entry_is_balanced AFTER INSERT ON payments_journalentry
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION guard.entry_is_balanced();
CREATE CONSTRAINT TRIGGER entry_is_balanced AFTER INSERT OR UPDATE OR DELETE ON payments_posting
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION guard.entry_is_balanced();
"""

# A call-back comes without context: the random reference alone tells on whose behalf it works.
STARTED = f"""
CREATE FUNCTION guard.payment_started(wanted text, OUT user_id uuid, OUT role text, OUT scope_id int)
RETURNS SETOF record LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT started_by, started_role::text, attempt.scope_id FROM payments_paymentattempt attempt
  WHERE reference = wanted AND wanted ~ '^[0-9a-f]{{32}}$'
$$;
REVOKE ALL ON FUNCTION guard.payment_started(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION guard.payment_started(text) TO {app_role()};
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("places", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Charge",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("subject_kind", models.CharField(max_length=40)),
                ("subject_id", models.UUIDField()),
                ("subject_number", models.CharField(max_length=40)),
                ("amount_rial", models.BigIntegerField()),
                ("bill", models.JSONField()),
                ("tariff_reference", models.CharField(max_length=200)),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "To be paid"), ("paid", "Paid"), ("cancelled", "Cancelled")],
                        default="open",
                        max_length=12,
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                ("raised_at", models.DateTimeField()),
                ("raised_by", models.UUIDField()),
                ("paid_at", models.DateTimeField(null=True)),
                (
                    "paid_by",
                    models.UUIDField(
                        help_text="Who took the money, or who started the payment at a gateway", null=True
                    ),
                ),
                ("cancelled_at", models.DateTimeField(null=True)),
                ("cancelled_by", models.UUIDField(null=True)),
                (
                    "scope",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="places.scope"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="LedgerAccount",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("code", models.CharField(max_length=64)),
                (
                    "kind",
                    models.CharField(
                        choices=[("asset", "Asset"), ("liability", "Liability"), ("income", "Income")],
                        max_length=12,
                    ),
                ),
                (
                    "scope",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="places.scope"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PaymentAttempt",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("method", models.CharField(max_length=40)),
                ("reference", models.CharField(max_length=64)),
                ("amount_rial", models.BigIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("started", "Waiting for the bank"),
                            ("succeeded", "Successful"),
                            ("failed", "Not successful"),
                            ("expired", "Given up"),
                        ],
                        default="started",
                        max_length=12,
                    ),
                ),
                ("started_at", models.DateTimeField()),
                ("started_by", models.UUIDField()),
                ("started_role", models.CharField(max_length=32)),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "charge",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attempts",
                        to="payments.charge",
                    ),
                ),
                (
                    "scope",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="places.scope"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="JournalEntry",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("charge-raised", "Charge raised"),
                            ("charge-cancelled", "Charge cancelled"),
                            ("payment", "Payment"),
                            ("overpayment", "Payment to be returned"),
                        ],
                        max_length=20,
                    ),
                ),
                ("posted_at", models.DateTimeField()),
                ("posted_by", models.UUIDField()),
                (
                    "charge",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="payments.charge",
                    ),
                ),
                (
                    "scope",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="places.scope"),
                ),
                (
                    "attempt",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="payments.paymentattempt",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "journal entries",
            },
        ),
        migrations.CreateModel(
            name="GatewayCallback",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("gateway", models.CharField(max_length=40)),
                ("callback_id", models.CharField(max_length=64)),
                ("payload_hash", models.BinaryField(max_length=32)),
                ("has_succeeded", models.BooleanField()),
                ("received_at", models.DateTimeField()),
                (
                    "scope",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="places.scope"),
                ),
                (
                    "attempt",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="callbacks",
                        to="payments.paymentattempt",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Posting",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("amount_rial", models.BigIntegerField()),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="postings",
                        to="payments.ledgeraccount",
                    ),
                ),
                (
                    "entry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="postings",
                        to="payments.journalentry",
                    ),
                ),
                (
                    "scope",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="places.scope"),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="charge",
            index=models.Index(fields=["scope", "state", "raised_at"], name="payments_waiting"),
        ),
        migrations.AddConstraint(
            model_name="charge",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["open", "paid"])),
                fields=("subject_kind", "subject_id"),
                name="one_live_charge_for_each_subject",
                violation_error_message="An amount is already set for this case. Pay or cancel that one.",
            ),
        ),
        migrations.AddConstraint(
            model_name="charge",
            constraint=models.UniqueConstraint(fields=("id", "scope"), name="charge_with_its_place"),
        ),
        migrations.AddConstraint(
            model_name="charge",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_rial__gte", 0)), name="charge_is_not_negative"
            ),
        ),
        migrations.AddConstraint(
            model_name="charge",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["open", "paid", "cancelled"])), name="known_state_of_charge"
            ),
        ),
        migrations.AddConstraint(
            model_name="charge",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("paid_at__isnull", False), ("paid_by__isnull", False), ("state", "paid")),
                    models.Q(
                        models.Q(("state", "paid"), _negated=True),
                        ("paid_at__isnull", True),
                        ("paid_by__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="charge_paid_at_and_by",
            ),
        ),
        migrations.AddConstraint(
            model_name="charge",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("cancelled_at__isnull", False),
                        ("cancelled_by__isnull", False),
                        ("state", "cancelled"),
                    ),
                    models.Q(
                        models.Q(("state", "cancelled"), _negated=True),
                        ("cancelled_at__isnull", True),
                        ("cancelled_by__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="charge_cancelled_at_and_by",
            ),
        ),
        migrations.AddConstraint(
            model_name="ledgeraccount",
            constraint=models.UniqueConstraint(fields=("scope", "code"), name="one_account_for_each_code"),
        ),
        migrations.AddConstraint(
            model_name="ledgeraccount",
            constraint=models.UniqueConstraint(fields=("id", "scope"), name="account_with_its_place"),
        ),
        migrations.AddConstraint(
            model_name="ledgeraccount",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["asset", "liability", "income"])),
                name="known_kind_of_account",
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentattempt",
            constraint=models.UniqueConstraint(fields=("reference",), name="one_attempt_for_each_reference"),
        ),
        migrations.AddConstraint(
            model_name="paymentattempt",
            constraint=models.UniqueConstraint(fields=("id", "scope"), name="attempt_with_its_place"),
        ),
        migrations.AddConstraint(
            model_name="paymentattempt",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_rial__gt", 0)), name="attempt_is_for_some_money"
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentattempt",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["started", "succeeded", "failed", "expired"])),
                name="known_state_of_attempt",
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentattempt",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("finished_at__isnull", True), ("state", "started")),
                    models.Q(models.Q(("state", "started"), _negated=True), ("finished_at__isnull", False)),
                    _connector="OR",
                ),
                name="attempt_finished_when_not_waiting",
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentattempt",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("finished_at__isnull", True),
                    ("finished_at__gte", models.F("started_at")),
                    _connector="OR",
                ),
                name="attempt_ends_after_it_starts",
            ),
        ),
        migrations.AddConstraint(
            model_name="journalentry",
            constraint=models.UniqueConstraint(fields=("id", "scope"), name="entry_with_its_place"),
        ),
        migrations.AddConstraint(
            model_name="journalentry",
            constraint=models.UniqueConstraint(fields=("attempt",), name="one_entry_for_each_attempt"),
        ),
        migrations.AddConstraint(
            model_name="journalentry",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "overpayment"), _negated=True),
                fields=("charge", "kind"),
                name="one_entry_of_each_kind_for_a_charge",
            ),
        ),
        migrations.AddConstraint(
            model_name="journalentry",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["charge-raised", "charge-cancelled", "payment", "overpayment"])),
                name="known_kind_of_entry",
            ),
        ),
        migrations.AddConstraint(
            model_name="journalentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("attempt__isnull", False), ("kind__in", ["payment", "overpayment"])),
                    models.Q(("attempt__isnull", True), ("kind__in", ["charge-raised", "charge-cancelled"])),
                    _connector="OR",
                ),
                name="entry_of_money_has_its_attempt",
            ),
        ),
        migrations.AddConstraint(
            model_name="gatewaycallback",
            constraint=models.UniqueConstraint(fields=("gateway", "callback_id"), name="one_row_for_each_callback"),
        ),
        migrations.AddConstraint(
            model_name="posting",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_rial", 0), _negated=True), name="posting_is_not_empty"
            ),
        ),
        migrations.RunSQL(KEYS, migrations.RunSQL.noop),
        migrations.RunSQL(BALANCE, migrations.RunSQL.noop),
        migrations.RunSQL(STARTED, migrations.RunSQL.noop),
        *scoped("payments_ledgeraccount", grants=APPEND_ONLY),
        # What is owed, for what and by which bill never changes: only the state may.
        *scoped(
            "payments_charge",
            grants="SELECT, INSERT, UPDATE (state, version, paid_at, paid_by, cancelled_at, cancelled_by)",
        ),
        *scoped("payments_paymentattempt", grants="SELECT, INSERT, UPDATE (state, finished_at)"),
        *scoped("payments_gatewaycallback", grants=APPEND_ONLY),
        *scoped("payments_journalentry", grants=APPEND_ONLY),
        *scoped("payments_posting", grants=APPEND_ONLY),
    ]
