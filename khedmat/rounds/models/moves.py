"""A running case that was put under another version of its round, on purpose."""

from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.db.models import F, Q

from khedmat.casework.models import CASE, Case
from khedmat.common.rows import PersonalField, RowClass
from khedmat.vault.fields import SealedTextField


class VersionMove(models.Model):
    """From which version to which, by whom, and why; rows are only added."""

    row_class: ClassVar = RowClass.PERSONAL
    personal_fields: ClassVar = {
        "from_version": PersonalField("under which rules the case stood", CASE),
        "to_version": PersonalField("under which rules it stands", CASE),
        "note": PersonalField("why other rules hold for the family", CASE),
    }

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    household_id = models.UUIDField(editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="version_moves")
    from_version = models.PositiveSmallIntegerField()
    to_version = models.PositiveSmallIntegerField()
    # The officer's, and what became of the amount.
    note = SealedTextField(max_length=1400)
    moved_at = models.DateTimeField()
    moved_by = models.UUIDField()

    class Meta:
        ordering: ClassVar = ["moved_at"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(from_version=F("to_version")), name="moved_to_another_version"),
            models.CheckConstraint(condition=Q(note__isnull=False), name="move_has_a_note"),
        ]

    def __str__(self) -> str:
        return f"{self.from_version} → {self.to_version}"
