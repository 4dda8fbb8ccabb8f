"""What a family asks of the office about its amount: an exemption of the round's list, or to pay in parts."""

from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.db.models import F, Q

from khedmat.casework.models import CASE, Case
from khedmat.common.rows import PersonalField, RowClass
from khedmat.rounds.enums import ReliefKind, ReliefState
from khedmat.vault.fields import SealedTextField


class ReliefRequest(models.Model):
    """One request; the clerk asks, the office's manager decides. Nothing waits for it: the case goes on without.

    `code` names the exemption, or the plan of parts. A granted request holds for the bill that is raised later too.
    """

    row_class: ClassVar = RowClass.PERSONAL
    personal_fields: ClassVar = {
        "kind": PersonalField("what the family asks for", CASE),
        "code": PersonalField("which exemption or plan of the round", CASE),
        "reason": PersonalField("why the family asks", CASE),
        "state": PersonalField("whether it was granted", CASE),
        "decision_reason": PersonalField("the family's right to know why", CASE),
    }

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    household_id = models.UUIDField(editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="relief_requests")
    kind = models.CharField(max_length=12, choices=ReliefKind.choices)
    code = models.SlugField(max_length=60)
    reason = SealedTextField(max_length=1000)
    state = models.CharField(max_length=12, choices=ReliefState.choices, default=ReliefState.OPEN)
    asked_at = models.DateTimeField()
    asked_by = models.UUIDField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.UUIDField(null=True)
    decision_reason = SealedTextField(max_length=1000)

    class Meta:
        ordering: ClassVar = ["asked_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["case", "kind", "code"],
                condition=~Q(state=ReliefState.DECLINED),
                name="one_relief_request_for_each_kind",
            ),
            models.CheckConstraint(condition=Q(kind__in=ReliefKind.values), name="known_kind_of_relief"),
            models.CheckConstraint(condition=Q(state__in=ReliefState.values), name="known_state_of_relief"),
            models.CheckConstraint(condition=Q(reason__isnull=False), name="relief_has_a_reason"),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("asked_by")),
                name="relief_asked_and_decided_by_two",
            ),
            models.CheckConstraint(
                condition=Q(
                    state=ReliefState.OPEN,
                    decided_at__isnull=True,
                    decided_by__isnull=True,
                    decision_reason__isnull=True,
                )
                | (
                    ~Q(state=ReliefState.OPEN)
                    & Q(decided_at__isnull=False, decided_by__isnull=False, decision_reason__isnull=False)
                ),
                name="relief_decided_at_and_by",
            ),
        ]

    def __str__(self) -> str:
        return self.code
