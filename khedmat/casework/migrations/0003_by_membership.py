"""A person may go to another household later: the row points to the membership, and stays true."""

from django.db import migrations

BY_MEMBERSHIP = """
ALTER TABLE casework_casemember DROP CONSTRAINT member_of_own_household;
ALTER TABLE casework_casemember ADD CONSTRAINT member_of_own_household FOREIGN KEY (person_id, household_id)
  REFERENCES registry_membership (person_id, household_id) DEFERRABLE INITIALLY DEFERRED;
"""


class Migration(migrations.Migration):
    dependencies = [("casework", "0002_guard_cases"), ("registry", "0004_kept_right")]
    operations = [migrations.RunSQL(BY_MEMBERSHIP, migrations.RunSQL.noop)]
