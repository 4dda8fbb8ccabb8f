"""A person may go to another household later: the row points to the membership, and stays true."""

from django.db import migrations

BY_MEMBERSHIP = """
ALTER TABLE cards_card DROP CONSTRAINT card_of_own_person;
ALTER TABLE cards_card ADD CONSTRAINT card_of_own_person FOREIGN KEY (person_id, household_id)
  REFERENCES registry_membership (person_id, household_id) DEFERRABLE INITIALLY DEFERRED;
"""


class Migration(migrations.Migration):
    dependencies = [("cards", "0003_find_cards"), ("registry", "0004_kept_right")]
    operations = [migrations.RunSQL(BY_MEMBERSHIP, migrations.RunSQL.noop)]
