"""An appeal against a refusal, decided by another officer than the one who refused."""

from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from khedmat.casework.enums import AppealState
from khedmat.common.rows import PersonalField, RowClass
from khedmat.files.models import StoredFile
from khedmat.vault.fields import SealedTextField

_APPEAL = "case: 10 years after closing"
_DECIDED = [AppealState.UPHELD, AppealState.DISMISSED]


class Appeal(models.Model):
    """Lodged at the counter for one member, against one decision. A member has one open appeal at a time.

    `appealed_officer_id` is the decision's `decided_by`, which a composite key holds: nobody decides against
    their own decision. `is_late`: lodged after the last day; taken in all the same. `is_for_director`: whether the
    director general alone decides it.
    """

    row_class: ClassVar = RowClass.PERSONAL
    personal_fields: ClassVar = {
        "member": PersonalField("whose refusal is appealed", _APPEAL),
        "decision": PersonalField("which decision is appealed", _APPEAL),
        "grounds": PersonalField("what the member says against the decision", _APPEAL),
        "paper": PersonalField("what supports the appeal", _APPEAL),
        "appealed_officer_id": PersonalField("another officer decides", _APPEAL),
        "officer_id": PersonalField("in whose hand the appeal is", _APPEAL),
        "is_late": PersonalField("who decides the appeal", _APPEAL),
        "is_for_director": PersonalField("who decides the appeal", _APPEAL),
        "lodged_on": PersonalField("whether the appeal came in time", _APPEAL),
        "due_on": PersonalField("until when the family may expect the answer", _APPEAL),
        "state": PersonalField("where the appeal stands", _APPEAL),
        "reason": PersonalField("the family's right to know why", _APPEAL),
    }

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    household_id = models.UUIDField(editable=False)
    case = models.ForeignKey("casework.Case", on_delete=models.PROTECT, related_name="appeals")
    member = models.ForeignKey("casework.CaseMember", on_delete=models.PROTECT, related_name="appeals")
    decision = models.ForeignKey("casework.Decision", on_delete=models.PROTECT, related_name="appeals")
    appealed_officer_id = models.UUIDField()
    grounds = SealedTextField(max_length=2000)
    paper = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")
    is_late = models.BooleanField(default=False)
    is_for_director = models.BooleanField(default=False)
    lodged_on = models.DateField()
    due_on = models.DateField()
    lodged_at = models.DateTimeField(db_default=Now())
    lodged_by = models.UUIDField()
    officer_id = models.UUIDField(null=True)
    state = models.CharField(max_length=12, choices=AppealState.choices, default=AppealState.OPEN)
    reason = SealedTextField(max_length=2000)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.UUIDField(null=True)

    class Meta:
        ordering: ClassVar = ["lodged_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["member"], condition=Q(state=AppealState.OPEN), name="one_open_appeal_for_each_member"
            ),
            models.CheckConstraint(condition=Q(state__in=AppealState.values), name="known_state_of_appeal"),
            models.CheckConstraint(condition=Q(grounds__isnull=False), name="appeal_has_its_grounds"),
            models.CheckConstraint(condition=Q(due_on__gte=F("lodged_on")), name="appeal_is_due_after_it_came"),
            models.CheckConstraint(
                condition=~Q(state__in=_DECIDED) | Q(reason__isnull=False), name="decided_appeal_has_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(state=AppealState.OPEN, ended_at__isnull=True, ended_by__isnull=True)
                | (~Q(state=AppealState.OPEN) & Q(ended_at__isnull=False, ended_by__isnull=False)),
                name="appeal_ended_at_and_by",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=_DECIDED) | ~Q(ended_by=F("appealed_officer_id")),
                name="another_officer_decides_the_appeal",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["due_on"], condition=Q(state="open"), name="casework_appeals_due")]

    def __str__(self) -> str:
        return str(self.id)
