"""The note of a move says what became of the amount too. No column changes."""

from django.db import migrations

import khedmat.vault.fields


class Migration(migrations.Migration):
    dependencies = [("rounds", "0013_tell_families")]

    operations = [
        migrations.AlterField("versionmove", "note", khedmat.vault.fields.SealedTextField(max_length=1400)),
    ]
