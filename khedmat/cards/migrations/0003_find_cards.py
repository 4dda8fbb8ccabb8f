"""Finding the case of a presented card, and counting a batch, without opening a family."""

from django.db import migrations

from khedmat.common.database_roles import app_role

FUNCTIONS = f"""
-- A card that lies on the counter leads its own office to the case, and to nobody's name: opening the family
-- is a step of its own, counted and recorded (guard.open_case).
CREATE FUNCTION guard.case_of_card(of_number bytea) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT c.case_id FROM cards_card c JOIN casework_case k ON k.id = c.case_id
  WHERE c.number_index = of_number AND k.scope_id = guard.scope_id() AND guard.role() = 'clerk'
$$;

-- How the cards of visible batches stand: numbers alone.
CREATE FUNCTION guard.batch_cards(of_batches uuid[]) RETURNS TABLE (batch_id uuid, state text, cards int)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT c.batch_id, c.state, count(*)::int FROM cards_card c JOIN cards_printbatch b ON b.id = c.batch_id
  WHERE b.id = ANY (of_batches) AND b.scope_id = ANY (guard.visible_scopes()) AND guard.role() = 'card_printer'
  GROUP BY c.batch_id, c.state
$$;

REVOKE ALL ON FUNCTION guard.case_of_card(bytea), guard.batch_cards(uuid[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION guard.case_of_card(bytea), guard.batch_cards(uuid[]) TO {app_role()};
"""


class Migration(migrations.Migration):
    dependencies = [("cards", "0002_guard_cards")]
    operations = [migrations.RunSQL(FUNCTIONS, migrations.RunSQL.noop)]
