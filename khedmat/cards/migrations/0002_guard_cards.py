"""Protection of cards."""

from django.db import migrations

from khedmat.vault.rls import personal, protected, reference, scoped, system

KEYS = """
ALTER TABLE cards_card ADD CONSTRAINT card_of_own_person
  FOREIGN KEY (person_id, household_id) REFERENCES registry_person (id, household_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE cards_card ADD CONSTRAINT card_of_own_case
  FOREIGN KEY (case_id, household_id) REFERENCES casework_case (id, household_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE cards_card ADD CONSTRAINT card_of_own_member FOREIGN KEY (case_member_id, household_id)
  REFERENCES casework_casemember (id, household_id) DEFERRABLE INITIALLY DEFERRED;
"""


class Migration(migrations.Migration):
    dependencies = [("cards", "0001_initial"), ("casework", "0002_guard_cases")]
    operations = [
        migrations.RunSQL(KEYS, migrations.RunSQL.noop),
        *scoped("cards_printbatch"),
        *personal("cards_card"),
        *system("cards_publicstatus", "SELECT, INSERT, UPDATE"),
        *reference("cards_validityextension", "SELECT, INSERT"),
    ]
