"""Look-ups answer the head's birth year in the Iranian calendar: the app never gets the day itself."""

from django.db import migrations

# A leap year every fourth or fifth year of a 33-year cycle: exact for 1178 to 1633, well beyond
# `birth_not_before_1880` and any day of work. Anchored at 1 Farvardin 1405.
JALALI_YEAR = """
CREATE FUNCTION guard.jalali_year(day date) RETURNS int LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp AS $$
  SELECT CASE
    WHEN day < date '2026-03-21' + 365 * (year - 1405) + (8 * year + 21) / 33 - (8 * 1405 + 21) / 33 THEN year - 1
    ELSE year
  END
  FROM (SELECT extract(year FROM day)::int - 621 AS year) AS begun_in_spring
$$;
"""

# The body of guard.look_up of 0002 with this one expression in place of the other.
LOOK_UP = """
DO $$
DECLARE
  written text := pg_get_functiondef('guard.look_up(bytea, text[], date)'::regprocedure);
  changed text := replace(written, '{before}', '{after}');
BEGIN
  IF changed = written THEN RAISE EXCEPTION 'guard.look_up is not as it was'; END IF;
  EXECUTE changed;
END $$;
"""
GREGORIAN = "extract(year FROM head.birth_on)::int"
JALALI = "guard.jalali_year(head.birth_on)"


class Migration(migrations.Migration):
    dependencies = [("registry", "0002_guard_lookup")]
    operations = [
        migrations.RunSQL(JALALI_YEAR, "DROP FUNCTION guard.jalali_year(date)"),
        migrations.RunSQL(
            LOOK_UP.format(before=GREGORIAN, after=JALALI), LOOK_UP.format(before=JALALI, after=GREGORIAN)
        ),
    ]
