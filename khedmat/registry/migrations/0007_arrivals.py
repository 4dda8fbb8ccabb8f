"""Where each value came from; what an import writes."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("registry", "0006_search")]
    operations = []
