"""Older charges get their one part; the books are checked whole at commit; a counted day takes no more cash."""

from django.db import migrations

from khedmat.common.database_roles import app_role
from khedmat.vault.rls import APPEND_ONLY, scoped

# Every charge has parts from here on, the whole of it where nothing is split.
BACKFILL = """
INSERT INTO payments_instalment (id, scope_id, charge_id, number, amount_rial, due_on, state, paid_at, paid_by)
SELECT gen_random_uuid(), scope_id, id, 1, amount_rial, (raised_at AT TIME ZONE 'Asia/Tehran')::date, state,
  paid_at, paid_by
FROM payments_charge WHERE amount_rial > 0;
UPDATE payments_charge SET settled_rial = amount_rial WHERE state = 'paid';
UPDATE payments_paymentattempt a SET instalment_id = i.id FROM payments_instalment i WHERE i.charge_id = a.charge_id;
UPDATE payments_journalentry e SET drawer_of = e.posted_by FROM payments_paymentattempt a
  WHERE a.id = e.attempt_id AND a.method IN ('counter-cash', 'counter-terminal');
"""

# Foreign keys bypass row-level security: these tie each row to its parent's own place, and to its own charge.
SAME_PLACE = [
    ("payments_waiver", "charge_id", "payments_charge"),
    ("payments_instalment", "charge_id", "payments_charge"),
    ("payments_paymentattempt", "instalment_id", "payments_instalment"),
    ("payments_refund", "charge_id", "payments_charge"),
    ("payments_refund", "attempt_id", "payments_paymentattempt"),
    ("payments_journalentry", "refund_id", "payments_refund"),
    ("payments_receiptprint", "attempt_id", "payments_paymentattempt"),
    ("payments_receiptprint", "refund_id", "payments_refund"),
]
KEYS = (
    "".join(
        f"ALTER TABLE {table} ADD CONSTRAINT {table}_{column}_same_place "
        f"FOREIGN KEY ({column}, scope_id) REFERENCES {parent} (id, scope_id) DEFERRABLE INITIALLY DEFERRED;"
        for table, column, parent in SAME_PLACE
    )
    + "ALTER TABLE payments_paymentattempt ADD CONSTRAINT attempt_at_a_part_of_its_charge "
    "FOREIGN KEY (instalment_id, charge_id) REFERENCES payments_instalment (id, charge_id) "
    "DEFERRABLE INITIALLY DEFERRED;"
)

# One look at a charge, whatever of it changed: bill, exemptions, parts, entries and refunds say the same.
ADDS_UP = """
CREATE FUNCTION guard.charge_faults(of_charge uuid) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  WITH parts AS (
    SELECT coalesce(sum(amount_rial) FILTER (WHERE state <> 'cancelled'), 0) AS live,
      coalesce(sum(amount_rial) FILTER (WHERE state = 'open'), 0) AS open,
      coalesce(sum(amount_rial) FILTER (WHERE state = 'paid'), 0) AS paid
    FROM payments_instalment WHERE charge_id = of_charge
  ), waived AS (
    SELECT coalesce(sum(amount_rial - owed_back_rial), 0) AS owed FROM payments_waiver WHERE charge_id = of_charge
  ), taken AS (
    SELECT coalesce(sum(a.amount_rial) FILTER (WHERE e.kind = 'payment'), 0) AS settled,
      coalesce(sum(a.amount_rial), 0) AS whole
    FROM payments_journalentry e JOIN payments_paymentattempt a ON a.id = e.attempt_id WHERE e.charge_id = of_charge
  ), booked AS (
    SELECT coalesce(sum(p.amount_rial) FILTER (WHERE l.code = 'receivable'), 0) AS receivable,
      coalesce(sum(p.amount_rial) FILTER (WHERE l.code = 'overpaid'), 0) AS overpaid
    FROM payments_journalentry e JOIN payments_posting p ON p.entry_id = e.id
      JOIN payments_ledgeraccount l ON l.id = p.account_id WHERE e.charge_id = of_charge
  ), back AS (
    SELECT coalesce(sum(r.amount_rial) FILTER (WHERE r.state <> 'declined'), 0) AS asked,
      count(*) FILTER (WHERE (r.state = 'paid') <> EXISTS
        (SELECT 1 FROM payments_journalentry e WHERE e.refund_id = r.id)) AS unbooked
    FROM payments_refund r WHERE r.charge_id = of_charge
  )
  SELECT concat_ws('; ',
    CASE WHEN c.state <> 'cancelled' AND parts.live <> c.amount_rial - c.waived_rial
      THEN 'its parts do not sum to what is owed' END,
    CASE WHEN (c.state = 'open') <> (parts.open > 0) THEN 'its state does not fit its parts' END,
    CASE WHEN parts.paid <> c.settled_rial OR taken.settled <> c.settled_rial
      THEN 'what is settled is not what was taken' END,
    CASE WHEN waived.owed <> c.waived_rial THEN 'its exemptions do not sum up' END,
    CASE WHEN booked.receivable <> parts.open THEN 'the ledger owes another sum than the parts' END,
    CASE WHEN booked.overpaid > 0 THEN 'more was given back than was owed back' END,
    CASE WHEN back.asked > taken.whole THEN 'more is given back than was taken' END,
    CASE WHEN back.unbooked > 0 THEN 'a refund and the ledger differ' END)
  FROM payments_charge c, parts, waived, taken, booked, back WHERE c.id = of_charge
$$;
REVOKE ALL ON FUNCTION guard.charge_faults(uuid) FROM PUBLIC;

CREATE FUNCTION guard.charge_adds_up() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  faults text;
BEGIN
  faults := guard.charge_faults(CASE WHEN TG_TABLE_NAME = 'payments_charge' THEN (to_jsonb(NEW)->>'id')::uuid
    ELSE (to_jsonb(NEW)->>'charge_id')::uuid END);
  IF faults <> '' THEN
    RAISE EXCEPTION 'a charge does not add up: %', faults
      USING ERRCODE = 'check_violation', CONSTRAINT = 'charge_adds_up';
  END IF;
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION guard.charge_adds_up() FROM PUBLIC;
""" + "".join(
    # Its name comes after that of the balance: an entry that does not balance is told as such.
    f"CREATE CONSTRAINT TRIGGER the_charge_adds_up AFTER INSERT OR UPDATE ON payments_{table} "
    "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION guard.charge_adds_up();\n"
    for table in ("charge", "instalment", "waiver", "journalentry", "refund")
)

# What the code asks before, the database holds: a counted day takes nothing more, and is counted by the books.
DAYS = """
CREATE FUNCTION guard.drawer_is_open() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM payments_dayend d WHERE d.scope_id = NEW.scope_id AND d.counted_by = NEW.drawer_of
             AND d.counted_on = (NEW.posted_at AT TIME ZONE 'Asia/Tehran')::date) THEN
    RAISE EXCEPTION 'the day is counted' USING ERRCODE = 'check_violation', CONSTRAINT = 'drawer_is_open';
  END IF;
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION guard.drawer_is_open() FROM PUBLIC;
CREATE TRIGGER drawer_is_open AFTER INSERT ON payments_journalentry
  FOR EACH ROW WHEN (NEW.drawer_of IS NOT NULL) EXECUTE FUNCTION guard.drawer_is_open();

CREATE FUNCTION guard.day_is_of_the_books() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  cash bigint;
  terminal bigint;
BEGIN
  SELECT coalesce(sum(p.amount_rial) FILTER (WHERE l.code = 'counter-cash'), 0),
    coalesce(sum(p.amount_rial) FILTER (WHERE l.code = 'counter-terminal'), 0) INTO cash, terminal
  FROM payments_journalentry e JOIN payments_posting p ON p.entry_id = e.id
    JOIN payments_ledgeraccount l ON l.id = p.account_id
  WHERE e.scope_id = NEW.scope_id AND e.drawer_of = NEW.counted_by
    AND e.posted_at >= NEW.counted_on::timestamp AT TIME ZONE 'Asia/Tehran'
    AND e.posted_at < (NEW.counted_on + 1)::timestamp AT TIME ZONE 'Asia/Tehran';
  IF (cash, terminal) IS DISTINCT FROM (NEW.expected_cash_rial, NEW.expected_terminal_rial) THEN
    RAISE EXCEPTION 'the books say another sum for the day'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'day_is_of_the_books';
  END IF;
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION guard.day_is_of_the_books() FROM PUBLIC;
CREATE TRIGGER day_is_of_the_books AFTER INSERT ON payments_dayend
  FOR EACH ROW EXECUTE FUNCTION guard.day_is_of_the_books();
"""

# For 'khedmat doctor', which works for nobody: two numbers, no row.
BOOKS = f"""
CREATE FUNCTION guard.books(OUT off_rial numeric, OUT faults bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  WITH entries AS (
    SELECT entry_id FROM payments_posting GROUP BY entry_id HAVING sum(amount_rial) <> 0
  ), owed AS (
    SELECT e.charge_id, sum(p.amount_rial) AS rial FROM payments_posting p
      JOIN payments_ledgeraccount l ON l.id = p.account_id AND l.code = 'receivable'
      JOIN payments_journalentry e ON e.id = p.entry_id GROUP BY e.charge_id
  ), open AS (
    SELECT charge_id, sum(amount_rial) AS rial FROM payments_instalment WHERE state = 'open' GROUP BY charge_id
  ), back AS (
    SELECT charge_id, sum(amount_rial) AS rial FROM payments_refund WHERE state = 'paid' GROUP BY charge_id
  ), taken AS (
    SELECT charge_id, sum(amount_rial) AS rial FROM payments_paymentattempt WHERE state = 'succeeded' GROUP BY charge_id
  )
  SELECT (SELECT coalesce(sum(amount_rial), 0) FROM payments_posting),
    (SELECT count(*) FROM entries)
    + (SELECT count(*) FROM owed FULL JOIN open USING (charge_id) WHERE coalesce(owed.rial, 0) <> coalesce(open.rial, 0))
    + (SELECT count(*) FROM back LEFT JOIN taken USING (charge_id) WHERE back.rial > coalesce(taken.rial, 0))
$$;
REVOKE ALL ON FUNCTION guard.books() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION guard.books() TO {app_role()};
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0002_instalments_refunds_days")]

    operations = [
        migrations.RunSQL(BACKFILL, migrations.RunSQL.noop),
        # What waits for the commit is looked at here: a table with waiting checks takes no new key.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.RunSQL(KEYS, migrations.RunSQL.noop),
        migrations.RunSQL(ADDS_UP, migrations.RunSQL.noop),
        migrations.RunSQL(DAYS, migrations.RunSQL.noop),
        migrations.RunSQL(BOOKS, migrations.RunSQL.noop),
        *scoped("payments_waiver", grants=APPEND_ONLY),
        # Amount and day of a part never change: another part takes its place.
        *scoped("payments_instalment", grants="SELECT, INSERT, UPDATE (state, paid_at, paid_by)"),
        *scoped(
            "payments_refund",
            grants="SELECT, INSERT, UPDATE (state, method, attempt_id, reference, paid_at, paid_by, "
            "declined_at, declined_by, declined_reason)",
        ),
        *scoped("payments_dayend", grants="SELECT, INSERT, UPDATE (confirmed_at, confirmed_by)"),
        *scoped("payments_receiptprint", grants=APPEND_ONLY),
        migrations.RunSQL(
            f"GRANT UPDATE (waived_rial, settled_rial) ON payments_charge TO {app_role()};",
            migrations.RunSQL.noop,
        ),
    ]
