"""Texts, letters, messages and slips."""

import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import khedmat.vault.fields


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("places", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="DemoDelivery",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("key", models.CharField(max_length=120, unique=True)),
                ("channel", models.CharField(choices=[("sms", "SMS"), ("email", "E-mail")], max_length=8)),
                ("tail", models.CharField(max_length=2)),
                ("text", khedmat.vault.fields.SealedTextField(max_length=1000)),
                ("taken_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "verbose_name_plural": "demo deliveries",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("channel__in", ["sms", "email"])), name="known_channel_of_delivery"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Letter",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("household_id", models.UUIDField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("decision", "Decision on the request"),
                            ("missing_papers", "Missing papers"),
                            ("appointment", "Appointment"),
                            ("receipt", "Receipt of the payment"),
                            ("extension", "Extension of validity"),
                            ("appeal", "Answer to an appeal"),
                            ("referral", "Referral to another office"),
                        ],
                        max_length=24,
                    ),
                ),
                ("template_version", models.PositiveSmallIntegerField()),
                ("subject_kind", models.CharField(max_length=40)),
                ("subject_id", models.UUIDField()),
                ("subject_number", models.CharField(max_length=40)),
                ("serial", models.PositiveSmallIntegerField()),
                (
                    "language",
                    models.CharField(
                        choices=[
                            ("fa", "Persian"),
                            ("prs", "Dari"),
                            ("ps", "Pashto"),
                            ("ar", "Arabic"),
                            ("en", "English"),
                        ],
                        max_length=3,
                    ),
                ),
                ("content", khedmat.vault.fields.SealedTextField(max_length=100000)),
                ("texts", khedmat.vault.fields.SealedTextField(max_length=200000)),
                ("made_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("made_by", models.UUIDField()),
                ("print_count", models.PositiveIntegerField(default=0)),
                ("printed_at", models.DateTimeField(null=True)),
                ("printed_by", models.UUIDField(null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["household_id", "-made_at"], name="notices_letter_household")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("subject_kind", "subject_id", "serial"), name="one_letter_for_each_number"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "decision",
                                    "missing_papers",
                                    "appointment",
                                    "receipt",
                                    "extension",
                                    "appeal",
                                    "referral",
                                ],
                            )
                        ),
                        name="known_kind_of_letter",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("language__in", ["fa", "prs", "ps", "ar", "en"])),
                        name="known_language_of_letter",
                    ),
                    models.CheckConstraint(condition=models.Q(("serial__gte", 1)), name="letters_count_from_one"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("print_count", 0), ("printed_at__isnull", True), ("printed_by__isnull", True)),
                            models.Q(
                                ("print_count__gt", 0), ("printed_at__isnull", False), ("printed_by__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="letter_printed_at_and_by",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LetterTemplate",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("decision", "Decision on the request"),
                            ("missing_papers", "Missing papers"),
                            ("appointment", "Appointment"),
                            ("receipt", "Receipt of the payment"),
                            ("extension", "Extension of validity"),
                            ("appeal", "Answer to an appeal"),
                            ("referral", "Referral to another office"),
                        ],
                        max_length=24,
                    ),
                ),
                ("version", models.PositiveSmallIntegerField()),
                (
                    "language",
                    models.CharField(
                        choices=[
                            ("fa", "Persian"),
                            ("prs", "Dari"),
                            ("ps", "Pashto"),
                            ("ar", "Arabic"),
                            ("en", "English"),
                        ],
                        max_length=3,
                    ),
                ),
                ("title", models.CharField(max_length=160)),
                ("body", models.TextField()),
                ("is_reviewed", models.BooleanField(default=False)),
                (
                    "state",
                    models.CharField(
                        choices=[("draft", "Draft"), ("published", "Published")], default="draft", max_length=12
                    ),
                ),
                ("published_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("kind", "version", "language"), name="one_letter_text_for_each_language"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "decision",
                                    "missing_papers",
                                    "appointment",
                                    "receipt",
                                    "extension",
                                    "appeal",
                                    "referral",
                                ],
                            )
                        ),
                        name="known_kind_of_template",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("language__in", ["fa", "prs", "ps", "ar", "en"])),
                        name="known_language_of_template",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("published_at__isnull", False), ("state", "published")),
                            models.Q(("published_at__isnull", True), ("state", "draft")),
                            _connector="OR",
                        ),
                        name="template_published_at",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Slip",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("household_id", models.UUIDField()),
                ("subject_kind", models.CharField(max_length=40)),
                ("subject_id", models.UUIDField()),
                ("code_digest", models.BinaryField(max_length=32, unique=True)),
                ("made_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("made_by", models.UUIDField()),
                ("expires_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("expires_at__gt", models.F("made_at"))), name="slip_ends_after_it_begins"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Message",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("household_id", models.UUIDField()),
                ("channel", models.CharField(choices=[("sms", "SMS"), ("email", "E-mail")], max_length=8)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("appointment", "Appointment"),
                            ("appointment_moved", "Appointment moved"),
                            ("appointment_cancelled", "Appointment cancelled"),
                            ("appointment_reminder", "Reminder of an appointment"),
                            ("letter_waiting", "A letter waits at the office"),
                        ],
                        max_length=24,
                    ),
                ),
                (
                    "language",
                    models.CharField(
                        choices=[
                            ("fa", "Persian"),
                            ("prs", "Dari"),
                            ("ps", "Pashto"),
                            ("ar", "Arabic"),
                            ("en", "English"),
                        ],
                        max_length=3,
                    ),
                ),
                ("destination", khedmat.vault.fields.SealedTextField(max_length=254)),
                ("code", khedmat.vault.fields.SealedTextField(max_length=24)),
                ("expected_on", models.DateField(null=True)),
                ("expected_time", models.TimeField(null=True)),
                ("key", models.CharField(max_length=120)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Waits to go out"),
                            ("sent", "Went out"),
                            ("failed", "Not taken"),
                            ("given_up", "Tried in vain"),
                        ],
                        default="queued",
                        max_length=10,
                    ),
                ),
                (
                    "failure",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("destination", "The number or address does not exist"),
                            ("unreachable", "The gateway did not answer"),
                            ("no_gateway", "No gateway is set up for it any more"),
                        ],
                        max_length=16,
                    ),
                ),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("next_try_at", models.DateTimeField()),
                ("queued_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("queued_by", models.UUIDField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "office",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="places.scope"),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "queued")), fields=["next_try_at"], name="notices_message_due"
                    ),
                    models.Index(fields=["office", "queued_at"], name="notices_message_office"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("key",), name="one_message_for_each_key"),
                    models.CheckConstraint(condition=models.Q(("channel__in", ["sms", "email"])), name="known_channel"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "appointment",
                                    "appointment_moved",
                                    "appointment_cancelled",
                                    "appointment_reminder",
                                    "letter_waiting",
                                ],
                            )
                        ),
                        name="known_kind_of_message",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("language__in", ["fa", "prs", "ps", "ar", "en"])),
                        name="known_language_of_message",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at__isnull", True), ("failure", ""), ("state", "queued")),
                            models.Q(("ended_at__isnull", False), ("failure", ""), ("state", "sent")),
                            models.Q(
                                ("ended_at__isnull", False),
                                ("failure__in", ["destination", "unreachable", "no_gateway"]),
                                ("state__in", ["failed", "given_up"]),
                            ),
                            _connector="OR",
                        ),
                        name="message_ended_when_not_queued",
                    ),
                ],
            },
        ),
    ]
