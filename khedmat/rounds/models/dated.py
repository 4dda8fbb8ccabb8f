"""What differs by place and what takes how long: windows, cohort, capacity, standards."""

from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.db.models import F, Q

from khedmat.common.rows import RowClass
from khedmat.rounds.enums import Certainty, StandardKind
from khedmat.rounds.models.versions import RoundVersion
from khedmat.rounds.rules import Bilingual, CapacitySpec, CohortSpec, StandardSpec, WindowSpec


class RoundWindow(models.Model):
    """When one province takes applications."""

    row_class: ClassVar = RowClass.REFERENCE

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    version = models.ForeignKey(RoundVersion, on_delete=models.PROTECT, related_name="windows")
    code = models.CharField(max_length=16)  # of the province
    order = models.PositiveSmallIntegerField()
    opens_on = models.DateField()
    closes_on = models.DateField()
    source_fa = models.TextField()
    source_en = models.TextField()
    certainty = models.CharField(max_length=12, choices=Certainty.choices)

    class Meta:
        ordering: ClassVar = ["order", "code"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["version", "code"], name="one_window_for_each_province"),
            models.CheckConstraint(condition=Q(opens_on__lte=F("closes_on")), name="window_dates_in_order"),
            models.CheckConstraint(condition=Q(certainty__in=Certainty.values), name="window_certainty_known"),
        ]

    def __str__(self) -> str:
        return self.code

    def spec(self) -> WindowSpec:
        """The window as `khedmat.rounds.rules` takes it."""
        return WindowSpec(
            province=self.code,
            opens_on=self.opens_on,
            closes_on=self.closes_on,
            source=Bilingual(self.source_fa, self.source_en),
            certainty=Certainty(self.certainty),
        )


class RoundCohort(models.Model):
    """How many households and members a province expects. Numbers: nobody is on a list."""

    row_class: ClassVar = RowClass.REFERENCE

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    version = models.ForeignKey(RoundVersion, on_delete=models.PROTECT, related_name="cohort")
    code = models.CharField(max_length=16)  # of the province
    order = models.PositiveSmallIntegerField()
    households = models.PositiveIntegerField()
    members = models.PositiveIntegerField()
    source_fa = models.TextField()
    source_en = models.TextField()
    certainty = models.CharField(max_length=12, choices=Certainty.choices)

    class Meta:
        ordering: ClassVar = ["order", "code"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["version", "code"], name="one_cohort_for_each_province"),
            models.CheckConstraint(condition=Q(members__gte=F("households")), name="cohort_has_members"),
            models.CheckConstraint(condition=Q(certainty__in=Certainty.values), name="cohort_certainty_known"),
        ]

    def __str__(self) -> str:
        return self.code

    def spec(self) -> CohortSpec:
        """The cohort as `khedmat.rounds.rules` takes it."""
        return CohortSpec(
            province=self.code,
            households=self.households,
            members=self.members,
            source=Bilingual(self.source_fa, self.source_en),
            certainty=Certainty(self.certainty),
        )


class OfficePlaces(models.Model):
    """Families that one counter of one office serves in a day, where it differs from the round's own number."""

    row_class: ClassVar = RowClass.REFERENCE

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    version = models.ForeignKey(RoundVersion, on_delete=models.PROTECT, related_name="capacity")
    code = models.CharField(max_length=16)  # of the office
    order = models.PositiveSmallIntegerField()
    places = models.PositiveSmallIntegerField()

    class Meta:
        ordering: ClassVar = ["order", "code"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["version", "code"], name="one_capacity_for_each_office"),
            models.CheckConstraint(condition=Q(places__gte=1, places__lte=500), name="places_of_office_make_sense"),
        ]

    def __str__(self) -> str:
        return self.code

    def spec(self) -> CapacitySpec:
        """The number as `khedmat.rounds.rules` takes it."""
        return CapacitySpec(office=self.code, places=self.places)


class ServiceStandard(models.Model):
    """A time of service in working days."""

    row_class: ClassVar = RowClass.REFERENCE

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    version = models.ForeignKey(RoundVersion, on_delete=models.PROTECT, related_name="standards")
    code = models.CharField(max_length=20, choices=StandardKind.choices)
    order = models.PositiveSmallIntegerField()
    days = models.PositiveSmallIntegerField()
    source_fa = models.TextField()
    source_en = models.TextField()
    certainty = models.CharField(max_length=12, choices=Certainty.choices)

    class Meta:
        ordering: ClassVar = ["order", "code"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["version", "code"], name="one_time_for_each_standard"),
            models.CheckConstraint(condition=Q(code__in=StandardKind.values), name="known_standard"),
            models.CheckConstraint(condition=Q(days__gte=1, days__lte=365), name="standard_days_make_sense"),
            models.CheckConstraint(condition=Q(certainty__in=Certainty.values), name="standard_certainty_known"),
        ]

    def __str__(self) -> str:
        return self.code

    def spec(self) -> StandardSpec:
        """The standard as `khedmat.rounds.rules` takes it."""
        return StandardSpec(
            kind=StandardKind(self.code),
            days=self.days,
            source=Bilingual(self.source_fa, self.source_en),
            certainty=Certainty(self.certainty),
        )
