"""What somebody typed about a case and has not sent yet."""

from typing import ClassVar
from uuid import uuid4

from django.db import models

from khedmat.common.rows import PersonalField, RowClass
from khedmat.vault.fields import SealedTextField

LONGEST_CONTENT = 20_000


class Draft(models.Model):
    """One form of one user about one case, as typed. Sent or emptied it holds nothing; seven days later it is gone.

    Nothing of the case changes by it, so it leaves no row in the log. `content` is the form's fields as JSON.
    """

    row_class: ClassVar = RowClass.PERSONAL
    personal_fields: ClassVar = {
        "user_id": PersonalField("whose typing it is", "draft: 7 days, or until sent"),
        "form": PersonalField("which form it belongs to", "draft: 7 days, or until sent"),
        "content": PersonalField("so that nothing typed is lost with a connection", "draft: 7 days, or until sent"),
    }

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    household_id = models.UUIDField(editable=False)
    case = models.ForeignKey("casework.Case", on_delete=models.PROTECT, related_name="drafts")
    user_id = models.UUIDField(editable=False)
    form = models.SlugField(max_length=20)
    content = SealedTextField(max_length=LONGEST_CONTENT)
    saved_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user_id", "case", "form"], name="one_draft_for_each_form"),
        ]
        indexes: ClassVar = [models.Index(fields=["saved_at"], name="casework_drafts_by_age")]

    def __str__(self) -> str:
        return self.form
