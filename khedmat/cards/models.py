"""Cards, their print batches, their public status, and extensions of validity."""

from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from khedmat.cards.enums import BatchState, CardKind, CardState, StatusCode
from khedmat.casework.models import Case, CaseMember
from khedmat.common.rows import PersonalField, RowClass
from khedmat.files.models import ScopedFile, StoredFile
from khedmat.places.models import Scope
from khedmat.registry.models import Person
from khedmat.vault.fields import SealedTextField

CARD = "card: 10 years after its end"


class PrintBatch(models.Model):
    """Cards of one province printed in one go (at most 100): one PDF, front and back."""

    row_class: ClassVar = RowClass.SCOPED

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    scope = models.ForeignKey(Scope, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=BatchState.choices, default=BatchState.QUEUED)
    card_count = models.PositiveSmallIntegerField()
    pdf = models.ForeignKey(ScopedFile, on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(db_default=Now())
    made_by = models.UUIDField()
    printed_at = models.DateTimeField(null=True)
    printed_by = models.UUIDField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state__in=BatchState.values), name="known_batch_state"),
            models.CheckConstraint(
                condition=Q(printed_at__isnull=True, printed_by__isnull=True)
                | Q(printed_at__isnull=False, printed_by__isnull=False),
                name="batch_printed_at_and_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.card_count} cards"


class Card(models.Model):
    """One card of one person in one series (round). Its token is what the QR carries."""

    row_class: ClassVar = RowClass.PERSONAL
    personal_fields: ClassVar = {
        "person": PersonalField("whose card it is", CARD),
        "case": PersonalField("which decision it follows from", CARD),
        "case_member": PersonalField("which decision it follows from", CARD),
        "kind": PersonalField("what the card is", CARD),
        "series": PersonalField("which round issued it", CARD),
        "number": PersonalField("identify the card", CARD),
        "number_index": PersonalField("exact look-up of a presented card", CARD),
        "token": PersonalField("reprint the same card", CARD),
        "status_index": PersonalField("tell a revoked card from a valid one", CARD),
        "valid_from": PersonalField("validity", CARD),
        "valid_until": PersonalField("validity", CARD),
        "state": PersonalField("where the card stands", CARD),
        "portrait": PersonalField("printed on the card", CARD),
        "revocation_reason": PersonalField("the family's right to know why", CARD),
    }

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    household_id = models.UUIDField(editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="cards")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="cards")
    case_member = models.ForeignKey(CaseMember, on_delete=models.PROTECT, related_name="cards")
    kind = models.CharField(max_length=16, choices=CardKind.choices)
    series = models.CharField(max_length=24)
    number = SealedTextField(max_length=24)
    number_index = models.BinaryField(unique=True)
    token = SealedTextField(max_length=4000)
    status_index = models.PositiveIntegerField(unique=True)
    valid_from = models.DateField()
    valid_until = models.DateField()
    portrait = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=12, choices=CardState.choices, default=CardState.IN_PRINT)
    batch = models.ForeignKey(PrintBatch, on_delete=models.PROTECT, related_name="cards")
    issued_at = models.DateTimeField(db_default=Now())
    issued_by = models.UUIDField()
    handed_over_at = models.DateTimeField(null=True)
    handed_over_by = models.UUIDField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.UUIDField(null=True)
    revocation_reason = SealedTextField(max_length=1000)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person", "kind", "series"],
                condition=Q(revoked_at__isnull=True),
                name="one_live_card_for_each_person_and_round",
            ),
            models.CheckConstraint(condition=Q(kind__in=CardKind.values), name="known_card_kind"),
            models.CheckConstraint(condition=Q(state__in=CardState.values), name="known_card_state"),
            models.CheckConstraint(condition=Q(valid_until__gte=F("valid_from")), name="card_ends_after_it_begins"),
            models.CheckConstraint(
                condition=Q(handed_over_at__isnull=True, handed_over_by__isnull=True)
                | Q(handed_over_at__isnull=False, handed_over_by__isnull=False),
                name="card_handed_over_at_and_by",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True, revoked_by__isnull=True)
                | Q(revoked_at__isnull=False, revoked_by__isnull=False, revocation_reason__isnull=False),
                name="card_revoked_at_by_and_why",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class PublicStatus(models.Model):
    """Public status by random index: says nothing on whose card it is.

    The index is drawn at random, so that neighbours in the list are not neighbours in an office.
    """

    row_class: ClassVar = RowClass.SYSTEM

    index = models.PositiveIntegerField(primary_key=True)
    status = models.PositiveSmallIntegerField(choices=StatusCode.choices, default=StatusCode.VALID)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(status__in=StatusCode.values), name="known_status"),
            models.CheckConstraint(condition=Q(index__lt=2**19), name="index_in_the_list"),
        ]

    def __str__(self) -> str:
        return f"{self.index}: {self.status}"


class ValidityExtension(models.Model):
    """Cards of a series stay valid until a new date, by a notice. The printed date is never edited."""

    row_class: ClassVar = RowClass.REFERENCE

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    series = models.CharField(max_length=24)
    until_on = models.DateField()
    notice_number = models.CharField(max_length=40)
    noticed_on = models.DateField()
    made_at = models.DateTimeField(db_default=Now())
    made_by = models.UUIDField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["series", "notice_number"], name="one_extension_for_each_notice")
        ]

    def __str__(self) -> str:
        return f"{self.series} until {self.until_on}"
