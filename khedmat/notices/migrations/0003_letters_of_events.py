"""A letter that comes into being by itself names what happened, once for ever."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("notices", "0002_guard_notices")]

    operations = [
        migrations.AddField("letter", "key", models.CharField(blank=True, default="", max_length=80)),
        migrations.AddConstraint(
            "letter",
            models.UniqueConstraint(condition=~Q(key=""), fields=("key",), name="one_letter_for_each_event"),
        ),
    ]
