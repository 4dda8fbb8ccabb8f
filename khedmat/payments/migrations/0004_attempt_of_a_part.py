"""Every try at paying is for a part, now that the older ones have theirs."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("payments", "0003_guard_parts")]

    operations = [
        migrations.AlterField(
            model_name="paymentattempt",
            name="instalment",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="attempts", to="payments.instalment"
            ),
        ),
    ]
