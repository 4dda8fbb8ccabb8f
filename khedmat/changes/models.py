"""Requests for a change of a family's record, and the fields that each asks for."""

from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from khedmat.changes.enums import ChangeField, ChangeKind, ChangeState, Decider
from khedmat.common.rows import PersonalField, RowClass
from khedmat.files.models import StoredFile
from khedmat.places.models import Scope
from khedmat.registry.models import Household
from khedmat.vault.fields import SealedTextField

_REQUEST = "change request: 10 years after its end"
_UNDECIDED = [ChangeState.OPEN, ChangeState.AWAITING_OTHER_PROVINCE]
_DECIDED = [ChangeState.APPROVED, ChangeState.REFUSED]
_BY_PAPER = [
    ChangeKind.NAMES,
    ChangeKind.PARTICULARS,
    ChangeKind.BIRTH,
    ChangeKind.DEATH,
    ChangeKind.MARRIAGE,
    ChangeKind.DIVORCE,
]


class ChangeRequest(models.Model):
    """What a family asks to have changed, who asked at the counter, and how it was decided.

    `other_household_id`: the family that is joined, or from which a spouse comes; after a split the household that
    was founded. `details` is JSON (khedmat.changes.wishes): what does not fit into fields.
    """

    row_class: ClassVar = RowClass.PERSONAL
    personal_fields: ClassVar = {
        "number": PersonalField("name the request without naming anybody", _REQUEST),
        "household": PersonalField("whose record it is", _REQUEST),
        "kind": PersonalField("what is asked for", _REQUEST),
        "decider": PersonalField("whose work the decision is", _REQUEST),
        "state": PersonalField("where the request stands", _REQUEST),
        "scope": PersonalField("which office asked", _REQUEST),
        "other_household_id": PersonalField("which other family it concerns", _REQUEST),
        "other_province": PersonalField("which province is asked to receive the family", _REQUEST),
        "details": PersonalField("what is asked for", _REQUEST),
        "note": PersonalField("what the family said", _REQUEST),
        "paper": PersonalField("what proves the change", _REQUEST),
        "reason": PersonalField("the family's right to know why", _REQUEST),
    }

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    number = models.CharField(max_length=24, unique=True)
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="changes")
    kind = models.CharField(max_length=12, choices=ChangeKind.choices)
    decider = models.CharField(max_length=16, choices=Decider.choices)
    state = models.CharField(max_length=24, choices=ChangeState.choices, default=ChangeState.OPEN)
    scope = models.ForeignKey(Scope, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(db_default=Now())
    asked_by = models.UUIDField()
    other_household_id = models.UUIDField(null=True)
    other_province = models.ForeignKey(Scope, on_delete=models.PROTECT, null=True, related_name="+")
    details = SealedTextField(max_length=20_000)
    note = SealedTextField(max_length=1000)
    paper = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")
    reason = SealedTextField(max_length=2000)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.UUIDField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.UUIDField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering: ClassVar = ["asked_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["id", "household"], name="change_of_household"),
            models.CheckConstraint(condition=Q(kind__in=ChangeKind.values), name="known_kind_of_change"),
            models.CheckConstraint(condition=Q(state__in=ChangeState.values), name="known_state_of_change"),
            models.CheckConstraint(condition=Q(decider__in=Decider.values), name="known_decider_of_change"),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("asked_by")), name="nobody_decides_their_own"
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=_DECIDED, decided_at__isnull=False, decided_by__isnull=False, reason__isnull=False
                )
                | (~Q(state__in=_DECIDED) & Q(decided_at__isnull=True, decided_by__isnull=True, reason__isnull=True)),
                name="change_decided_at_and_by",
            ),
            models.CheckConstraint(
                condition=Q(state=ChangeState.WITHDRAWN, withdrawn_at__isnull=False, withdrawn_by__isnull=False)
                | (~Q(state=ChangeState.WITHDRAWN) & Q(withdrawn_at__isnull=True, withdrawn_by__isnull=True)),
                name="change_withdrawn_at_and_by",
            ),
            models.CheckConstraint(
                condition=Q(kind=ChangeKind.MOVE, other_province__isnull=False, decider=Decider.OTHER_PROVINCE)
                & ~Q(state=ChangeState.OPEN)
                | ~Q(kind=ChangeKind.MOVE)
                & Q(other_province__isnull=True)
                & ~Q(decider=Decider.OTHER_PROVINCE)
                & ~Q(state=ChangeState.AWAITING_OTHER_PROVINCE),
                name="other_province_receives_a_move",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=_BY_PAPER) | Q(paper__isnull=False), name="change_is_proved_by_its_paper"
            ),
            models.CheckConstraint(
                condition=Q(kind=ChangeKind.CONTACT) | ~Q(decider=Decider.OFFICE), name="office_decides_contact_alone"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["household", "asked_at"], name="changes_of_household"),
            models.Index(fields=["scope", "asked_at"], name="changes_of_office"),
            models.Index(fields=["state", "asked_at"], condition=Q(state__in=_UNDECIDED), name="changes_waiting"),
        ]

    def __str__(self) -> str:
        return self.number


class ChangeItem(models.Model):
    """One field that a request asks for: what stood when it was asked, and what is asked. At most one open."""

    row_class: ClassVar = RowClass.PERSONAL
    personal_fields: ClassVar = {
        "request": PersonalField("which request asks for it", _REQUEST),
        "person_id": PersonalField("about whom it is", _REQUEST),
        "document_id": PersonalField("about which document it is", _REQUEST),
        "field": PersonalField("what is asked for", _REQUEST),
        "old": PersonalField("tell whether somebody changed it meanwhile", _REQUEST),
        "new": PersonalField("what is asked for", _REQUEST),
        "is_open": PersonalField("one open request on a field", _REQUEST),
    }

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    household_id = models.UUIDField(editable=False)
    request = models.ForeignKey(ChangeRequest, on_delete=models.PROTECT, related_name="items")
    person_id = models.UUIDField(null=True)
    document_id = models.UUIDField(null=True)
    field = models.CharField(max_length=24, choices=ChangeField.choices)
    old = SealedTextField(max_length=400)
    new = SealedTextField(max_length=400)
    position = models.PositiveSmallIntegerField()
    is_open = models.BooleanField(default=True)

    class Meta:
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["household_id", "person_id", "field", "document_id"],
                condition=Q(is_open=True),
                nulls_distinct=False,
                name="one_open_request_on_a_field",
            ),
            models.UniqueConstraint(fields=["request", "position"], name="one_item_at_each_position"),
            models.CheckConstraint(condition=Q(field__in=ChangeField.values), name="known_field_of_change"),
        ]

    def __str__(self) -> str:
        return self.field
