"""Stored files: what is known of each; the sealed contents lie in the files folder."""

import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

from khedmat.vault.rls import personal, scoped, system


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("places", "0001_initial"),
        # The policies call guard.granted_households().
        ("accounts", "0002_guard_grants"),
    ]

    operations = [
        migrations.CreateModel(
            name="Blob",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("size", models.PositiveIntegerField()),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=models.Q(("size__gt", 0)), name="blob_is_not_empty")],
            },
        ),
        migrations.CreateModel(
            name="ScopedFile",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "kind",
                    models.CharField(choices=[("print_batch", "Batch of cards for printing")], max_length=16),
                ),
                (
                    "media_type",
                    models.CharField(
                        choices=[
                            ("image/jpeg", "JPEG picture"),
                            ("image/png", "PNG picture"),
                            ("image/webp", "WebP picture"),
                            ("application/pdf", "PDF document"),
                        ],
                        max_length=32,
                    ),
                ),
                ("digest", models.BinaryField(max_length=32)),
                ("size", models.PositiveIntegerField()),
                (
                    "retention",
                    models.CharField(
                        choices=[
                            ("case", "As long as the case is kept"),
                            ("register", "As long as the person is in the register"),
                            ("print", "Until the card is handed over"),
                        ],
                        max_length=16,
                    ),
                ),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("created_by", models.UUIDField()),
                (
                    "blob",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="files.blob"
                    ),
                ),
                (
                    "scope",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="places.scope"),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["print_batch"])), name="known_kind_of_scoped_file"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("media_type__in", ["image/jpeg", "image/png", "image/webp", "application/pdf"])
                        ),
                        name="known_format_of_scoped_file",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("retention__in", ["case", "register", "print"])),
                        name="known_retention_of_scoped_file",
                    ),
                    models.CheckConstraint(condition=models.Q(("size__gt", 0)), name="scoped_file_is_not_empty"),
                    models.UniqueConstraint(fields=("id", "scope"), name="file_of_place"),
                ],
            },
        ),
        migrations.CreateModel(
            name="StoredFile",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("household_id", models.UUIDField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("paper", "Paper"),
                            ("portrait", "Portrait"),
                            ("card_pdf", "Card for printing"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "media_type",
                    models.CharField(
                        choices=[
                            ("image/jpeg", "JPEG picture"),
                            ("image/png", "PNG picture"),
                            ("image/webp", "WebP picture"),
                            ("application/pdf", "PDF document"),
                        ],
                        max_length=32,
                    ),
                ),
                ("digest", models.BinaryField(max_length=32)),
                ("size", models.PositiveIntegerField()),
                (
                    "retention",
                    models.CharField(
                        choices=[
                            ("case", "As long as the case is kept"),
                            ("register", "As long as the person is in the register"),
                            ("print", "Until the card is handed over"),
                        ],
                        max_length=16,
                    ),
                ),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("created_by", models.UUIDField()),
                (
                    "blob",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="files.blob"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["household_id", "created_at"], name="files_of_household")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["paper", "portrait", "card_pdf"])),
                        name="known_kind_of_file",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("media_type__in", ["image/jpeg", "image/png", "image/webp", "application/pdf"])
                        ),
                        name="known_format_of_file",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("retention__in", ["case", "register", "print"])),
                        name="known_retention_of_file",
                    ),
                    models.CheckConstraint(condition=models.Q(("size__gt", 0)), name="file_is_not_empty"),
                    models.UniqueConstraint(fields=("id", "household_id"), name="file_of_household"),
                ],
            },
        ),
        # Written once: the app may neither change nor remove a row.
        *system("files_blob", "SELECT, INSERT"),
        *scoped("files_scopedfile", "scope_id", grants="SELECT, INSERT"),
        *personal("files_storedfile", "household_id", grants="SELECT, INSERT"),
    ]
