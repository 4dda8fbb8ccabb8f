"""A round is closed by two people; from then on no case begins in it."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

from khedmat.vault.rls import APPEND_ONLY, protected

BY_ITSELF = "by = (SELECT guard.user_id()) AND (SELECT guard.role()) = 'round_manager'"
# A closing tells the truth about whose proposal it answers, in the same round.
KEYS = """
ALTER TABLE rounds_roundclosing ADD CONSTRAINT closing_of_its_person UNIQUE (id, round_id, by);
ALTER TABLE rounds_roundclosing ADD CONSTRAINT answers_that_persons_proposal
  FOREIGN KEY (proposal_id, round_id, proposed_by) REFERENCES rounds_roundclosing (id, round_id, by)
  DEFERRABLE INITIALLY DEFERRED;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("rounds", "0011_moved_cases"),
    ]

    operations = [
        migrations.CreateModel(
            name="RoundClosing",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "step",
                    models.CharField(
                        choices=[
                            ("proposed", "Closing proposed"),
                            ("confirmed", "Closing confirmed"),
                            ("taken_back", "Proposal taken back"),
                        ],
                        max_length=12,
                    ),
                ),
                ("note", models.TextField(blank=True)),
                ("at", models.DateTimeField()),
                ("by", models.UUIDField()),
                ("proposed_by", models.UUIDField(null=True)),
                (
                    "proposal",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answers",
                        to="rounds.roundclosing",
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="closings", to="rounds.round"
                    ),
                ),
            ],
            options={
                "ordering": ["at", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("step__in", ["proposed", "confirmed", "taken_back"])),
                        name="known_step_of_closing",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("proposal__isnull", True), ("proposed_by__isnull", True), ("step", "proposed")),
                            models.Q(
                                models.Q(("step", "proposed"), _negated=True),
                                ("proposal__isnull", False),
                                ("proposed_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="closing_answers_a_proposal",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("step", "confirmed"), _negated=True),
                            models.Q(("by", models.F("proposed_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="two_people_close_a_round",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("step", "confirmed")), fields=("round",), name="round_is_closed_once"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("proposal__isnull", False)),
                        fields=("proposal",),
                        name="proposal_is_answered_once",
                    ),
                ],
            },
        ),
        migrations.RunSQL(KEYS, migrations.RunSQL.noop),
        *protected("rounds_roundclosing", "true", grants=APPEND_ONLY, check=BY_ITSELF),
    ]
