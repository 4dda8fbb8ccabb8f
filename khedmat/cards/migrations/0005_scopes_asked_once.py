"""Who asks is verified once for each call, not for each row: a function in a sub-select is asked once."""

from django.db import migrations

FUNCTION = """
CREATE OR REPLACE FUNCTION guard.batch_cards(of_batches uuid[]) RETURNS TABLE (batch_id uuid, state text, cards int)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT c.batch_id, c.state, count(*)::int FROM cards_card c JOIN cards_printbatch b ON b.id = c.batch_id
  WHERE b.id = ANY (of_batches) AND b.scope_id = ANY ((SELECT guard.visible_scopes())::int[])
    AND (SELECT guard.role()) = 'card_printer'
  GROUP BY c.batch_id, c.state
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("cards", "0004_by_membership")]

    operations = [migrations.RunSQL(FUNCTION, migrations.RunSQL.noop)]
