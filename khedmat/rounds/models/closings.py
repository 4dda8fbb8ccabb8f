"""The end of a round: proposed by one round manager, confirmed by another. Rows are only added."""

from datetime import date
from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.db.models import F, Q

from khedmat.common.jalali import tehran_date
from khedmat.common.rows import RowClass
from khedmat.rounds.enums import ClosingStep
from khedmat.rounds.models.versions import Round


class RoundClosing(models.Model):
    """One step towards a round's end. What confirms or takes back names the proposal that it answers."""

    row_class: ClassVar = RowClass.REFERENCE

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="closings")
    step = models.CharField(max_length=12, choices=ClosingStep.choices)
    note = models.TextField(blank=True)
    at = models.DateTimeField()
    by = models.UUIDField()
    proposal = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="answers")
    # Whose proposal it was: a key of the database holds it true, so that the check below can compare two people.
    proposed_by = models.UUIDField(null=True)

    class Meta:
        ordering: ClassVar = ["at", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(step__in=ClosingStep.values), name="known_step_of_closing"),
            models.CheckConstraint(
                condition=Q(step=ClosingStep.PROPOSED, proposal__isnull=True, proposed_by__isnull=True)
                | (~Q(step=ClosingStep.PROPOSED) & Q(proposal__isnull=False, proposed_by__isnull=False)),
                name="closing_answers_a_proposal",
            ),
            models.CheckConstraint(
                condition=~Q(step=ClosingStep.CONFIRMED) | ~Q(by=F("proposed_by")), name="two_people_close_a_round"
            ),
            models.UniqueConstraint(
                fields=["round"], condition=Q(step=ClosingStep.CONFIRMED), name="round_is_closed_once"
            ),
            models.UniqueConstraint(
                fields=["proposal"], condition=Q(proposal__isnull=False), name="proposal_is_answered_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round_id} {self.step} {self.at:%Y-%m-%d}"

    @property
    def on(self) -> date:
        """The day in Tehran."""
        return tehran_date(self.at)
