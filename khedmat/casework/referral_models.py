"""A case that another place should take over. The row names nobody: it is read at both places."""

from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from khedmat.casework.enums import ReferralKind, ReferralReason, ReferralState
from khedmat.common.rows import RowClass
from khedmat.places.models import Scope
from khedmat.vault.fields import SealedTextField


class Referral(models.Model):
    """Asked by the case's place, answered by the place that it goes to. One open referral for each case.

    Number and size of the case are copied: who is asked sees the case itself only after accepting. `note` and
    `answer` are sealed, since somebody may name a person in them; they are shown with the opened case alone.
    """

    row_class: ClassVar = RowClass.SCOPED

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    case = models.ForeignKey("casework.Case", on_delete=models.PROTECT, related_name="referrals")
    case_number = models.CharField(max_length=24)
    member_count = models.PositiveSmallIntegerField()
    from_scope = models.ForeignKey(Scope, on_delete=models.PROTECT, related_name="+")
    to_scope = models.ForeignKey(Scope, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=ReferralKind.choices)
    reason = models.CharField(max_length=12, choices=ReferralReason.choices)
    note = SealedTextField(max_length=500)
    state = models.CharField(max_length=12, choices=ReferralState.choices, default=ReferralState.OPEN)
    answer = SealedTextField(max_length=500)
    asked_at = models.DateTimeField(db_default=Now())
    asked_by = models.UUIDField()
    answered_at = models.DateTimeField(null=True)
    answered_by = models.UUIDField(null=True)

    class Meta:
        ordering: ClassVar = ["asked_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(state=ReferralState.OPEN), name="one_open_referral_for_each_case"
            ),
            models.CheckConstraint(condition=Q(kind__in=ReferralKind.values), name="known_kind_of_referral"),
            models.CheckConstraint(condition=Q(reason__in=ReferralReason.values), name="known_reason_of_referral"),
            models.CheckConstraint(condition=Q(state__in=ReferralState.values), name="known_state_of_referral"),
            models.CheckConstraint(condition=~Q(from_scope=F("to_scope")), name="referral_goes_elsewhere"),
            models.CheckConstraint(
                condition=Q(state=ReferralState.OPEN, answered_at__isnull=True, answered_by__isnull=True)
                | (~Q(state=ReferralState.OPEN) & Q(answered_at__isnull=False, answered_by__isnull=False)),
                name="referral_answered_at_and_by",
            ),
            models.CheckConstraint(
                condition=~Q(state=ReferralState.RETURNED) | Q(answer__isnull=False), name="return_has_a_reason"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["to_scope", "state", "asked_at"], name="casework_referred_to"),
            models.Index(fields=["from_scope", "state", "asked_at"], name="casework_referred_from"),
        ]

    def __str__(self) -> str:
        return self.case_number
