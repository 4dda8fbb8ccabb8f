"""Places that roles, policies and offices point to."""

from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language

from khedmat.common.rows import RowClass
from khedmat.places.enums import HolidayCertainty, ScopeKind


class Scope(models.Model):
    """One place. `path` is `/1/102/20145/`: the ids from the nation down to this place."""

    row_class: ClassVar = RowClass.REFERENCE

    id = models.IntegerField(primary_key=True)
    kind = models.CharField(max_length=8, choices=ScopeKind.choices)
    code = models.CharField(max_length=16)
    name_fa = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120, blank=True)
    sort_key = models.BinaryField()
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="children")
    path = models.CharField(max_length=80)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "code"], name="one_place_for_each_code"),
            models.UniqueConstraint(fields=["path"], name="one_place_for_each_path"),
            models.CheckConstraint(condition=models.Q(kind__in=ScopeKind.values), name="known_kind_of_place"),
        ]
        indexes: ClassVar = [models.Index(fields=["path"], name="places_path", opclasses=["text_pattern_ops"])]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """Name in the reader's language; the Persian one where no other is recorded."""
        return self.name_en if get_language() == "en" and self.name_en else self.name_fa


class Holiday(models.Model):
    """A day on which a place's offices are closed, with the source that says so. Fridays are no rows.

    `recorded_by` is empty for the fixed days that came with the installation; the audit says when another was added.
    Nothing is deleted: a day that turns out to be a working day is withdrawn.
    """

    row_class: ClassVar = RowClass.REFERENCE

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    scope = models.ForeignKey(Scope, on_delete=models.PROTECT, related_name="holidays")
    on = models.DateField(db_column="free_on")
    title_fa = models.CharField(max_length=120)
    title_en = models.CharField(max_length=120, blank=True)
    source_fa = models.CharField(max_length=240)
    source_en = models.CharField(max_length=240, blank=True)
    certainty = models.CharField(max_length=8, choices=HolidayCertainty.choices)
    recorded_by = models.UUIDField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.UUIDField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["scope", "on"], condition=Q(withdrawn_at__isnull=True), name="one_holiday_for_each_day"
            ),
            models.CheckConstraint(condition=Q(certainty__in=HolidayCertainty.values), name="holiday_certainty_known"),
            models.CheckConstraint(
                condition=~Q(title_fa="") & ~Q(source_fa=""), name="holiday_has_a_title_and_a_source"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_by__isnull=True)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="holiday_withdrawn_at_and_by",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["on"], name="places_holiday_on")]

    def __str__(self) -> str:
        return f"{self.on} @ {self.scope_id}"

    @property
    def title(self) -> str:
        """Name in the reader's language; the Persian one where no other is recorded."""
        return self.title_en if get_language() == "en" and self.title_en else self.title_fa

    @property
    def source(self) -> str:
        """Source in the reader's language; the Persian one where no other is recorded."""
        return self.source_en if get_language() == "en" and self.source_en else self.source_fa
