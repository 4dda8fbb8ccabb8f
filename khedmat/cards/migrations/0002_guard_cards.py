"""Protection of cards."""

from django.db import migrations

from khedmat.common.database_roles import app_role
from khedmat.vault.rls import APPEND_ONLY, personal, protected, scoped

KEYS = """
ALTER TABLE cards_card ADD CONSTRAINT card_of_own_person
  FOREIGN KEY (person_id, household_id) REFERENCES registry_person (id, household_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE cards_card ADD CONSTRAINT portrait_of_own_household
  FOREIGN KEY (portrait_id, household_id) REFERENCES files_storedfile (id, household_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE cards_printbatch ADD CONSTRAINT sheet_of_own_place
  FOREIGN KEY (pdf_id, scope_id) REFERENCES files_scopedfile (id, scope_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE cards_card ADD CONSTRAINT card_of_own_case
  FOREIGN KEY (case_id, household_id) REFERENCES casework_case (id, household_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE cards_card ADD CONSTRAINT card_of_own_member FOREIGN KEY (case_member_id, household_id)
  REFERENCES casework_casemember (id, household_id) DEFERRABLE INITIALLY DEFERRED;
"""

# A batch opens again on another day, when the grants of the day it was made have ended.
FUNCTIONS = f"""
CREATE FUNCTION guard.open_batch(of_batch uuid) RETURNS SETOF uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE held record;
BEGIN
  IF guard.role() <> 'card_printer' OR NOT EXISTS (SELECT 1 FROM cards_printbatch b
      WHERE b.id = of_batch AND b.scope_id = ANY (guard.visible_scopes())) THEN
    RAISE EXCEPTION 'not yours' USING ERRCODE = 'KH002';
  END IF;
  FOR held IN SELECT DISTINCT c.case_id, c.household_id FROM cards_card c WHERE c.batch_id = of_batch LOOP
    PERFORM guard.open_grant(held.household_id, held.case_id, 'batch');
    RETURN NEXT held.case_id;
  END LOOP;
END $$;
GRANT EXECUTE ON FUNCTION guard.open_batch(uuid) TO {app_role()};
"""


class Migration(migrations.Migration):
    dependencies = [("cards", "0001_initial"), ("casework", "0002_guard_cases")]
    operations = [
        migrations.RunSQL(KEYS, migrations.RunSQL.noop),
        *scoped("cards_printbatch"),
        *personal("cards_card"),
        # Public to read; a status is set by somebody at work, never from outside a context.
        *protected(
            "cards_publicstatus",
            "true",
            grants="SELECT, INSERT, UPDATE",
            check="(SELECT guard.user_id()) IS NOT NULL",
        ),
        migrations.RunSQL(FUNCTIONS, migrations.RunSQL.noop),
        # Everybody reads extensions, also without a context; one lengthens every card of a round.
        *protected(
            "cards_validityextension",
            "true",
            grants=APPEND_ONLY,
            check="(SELECT guard.role()) = 'round_manager'",
        ),
    ]
