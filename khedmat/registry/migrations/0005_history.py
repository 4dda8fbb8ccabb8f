"""History of the register, written by triggers."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("registry", "0004_kept_right")]
    operations = []
