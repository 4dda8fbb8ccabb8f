"""Search by a dictionary of name tokens."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("registry", "0005_history")]
    operations = []
