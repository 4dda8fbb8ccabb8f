"""What a version costs: fees, exemptions, payment in parts."""

from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.db.models import F, Q

from khedmat.common.rows import RowClass
from khedmat.rounds.enums import Certainty, Each
from khedmat.rounds.models.versions import RoundVersion
from khedmat.rounds.rules import Bilingual, ExemptionSpec, InstalmentSpec, TariffSpec


class TariffLine(models.Model):
    """A fee in rial; lines of one kind exclude each other by household size and age."""

    row_class: ClassVar = RowClass.REFERENCE

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    version = models.ForeignKey(RoundVersion, on_delete=models.PROTECT, related_name="tariff")
    code = models.SlugField(max_length=60)
    order = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=40)
    title_fa = models.CharField(max_length=160)
    title_en = models.CharField(max_length=160)
    each = models.CharField(max_length=12, choices=Each.choices)
    min_members = models.PositiveSmallIntegerField(default=1)
    max_members = models.PositiveSmallIntegerField(null=True)
    min_age = models.PositiveSmallIntegerField(null=True)
    max_age = models.PositiveSmallIntegerField(null=True)
    amount_rial = models.BigIntegerField()
    source_fa = models.TextField()
    source_en = models.TextField()
    certainty = models.CharField(max_length=12, choices=Certainty.choices)

    class Meta:
        ordering: ClassVar = ["order", "code"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["version", "code"], name="one_fee_for_each_code"),
            models.CheckConstraint(condition=Q(each__in=Each.values), name="fee_of_member_or_household"),
            models.CheckConstraint(condition=Q(amount_rial__gte=0), name="fee_is_not_negative"),
            models.CheckConstraint(condition=Q(certainty__in=Certainty.values), name="fee_certainty_known"),
            models.CheckConstraint(
                condition=Q(max_members__isnull=True) | Q(max_members__gte=F("min_members")),
                name="fee_members_in_order",
            ),
            models.CheckConstraint(
                condition=Q(max_age__isnull=True) | Q(min_age__isnull=True) | Q(max_age__gte=F("min_age")),
                name="fee_ages_in_order",
            ),
        ]

    def __str__(self) -> str:
        return self.code

    def spec(self) -> TariffSpec:
        """The line as `khedmat.rounds.rules` takes it."""
        return TariffSpec(
            code=self.code,
            kind=self.kind,
            title=Bilingual(self.title_fa, self.title_en),
            each=Each(self.each),
            amount_rial=self.amount_rial,
            source=Bilingual(self.source_fa, self.source_en),
            certainty=Certainty(self.certainty),
            min_members=self.min_members,
            max_members=self.max_members,
            min_age=self.min_age,
            max_age=self.max_age,
        )


class Exemption(models.Model):
    """Who pays less of one kind of fee, and which papers show it."""

    row_class: ClassVar = RowClass.REFERENCE

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    version = models.ForeignKey(RoundVersion, on_delete=models.PROTECT, related_name="exemptions")
    code = models.SlugField(max_length=60)
    order = models.PositiveSmallIntegerField()
    title_fa = models.CharField(max_length=160)
    title_en = models.CharField(max_length=160)
    tariff_kind = models.CharField(max_length=40)
    percent = models.PositiveSmallIntegerField()
    papers = models.JSONField(default=list)
    source_fa = models.TextField()
    source_en = models.TextField()
    certainty = models.CharField(max_length=12, choices=Certainty.choices)

    class Meta:
        ordering: ClassVar = ["order", "code"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["version", "code"], name="one_exemption_for_each_code"),
            models.CheckConstraint(condition=Q(percent__gte=1, percent__lte=100), name="exemption_percent_in_range"),
            models.CheckConstraint(condition=Q(certainty__in=Certainty.values), name="exemption_certainty_known"),
        ]

    def __str__(self) -> str:
        return self.code

    def spec(self) -> ExemptionSpec:
        """The exemption as `khedmat.rounds.rules` takes it."""
        return ExemptionSpec(
            code=self.code,
            title=Bilingual(self.title_fa, self.title_en),
            tariff_kind=self.tariff_kind,
            percent=self.percent,
            papers=tuple(self.papers),
            source=Bilingual(self.source_fa, self.source_en),
            certainty=Certainty(self.certainty),
        )


class InstalmentPlan(models.Model):
    """How an amount of some size may be paid in parts."""

    row_class: ClassVar = RowClass.REFERENCE

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    version = models.ForeignKey(RoundVersion, on_delete=models.PROTECT, related_name="instalments")
    code = models.SlugField(max_length=60)
    order = models.PositiveSmallIntegerField()
    title_fa = models.CharField(max_length=160)
    title_en = models.CharField(max_length=160)
    least_rial = models.BigIntegerField()
    count = models.PositiveSmallIntegerField()
    interval_days = models.PositiveSmallIntegerField()
    first_percent = models.PositiveSmallIntegerField()
    source_fa = models.TextField()
    source_en = models.TextField()
    certainty = models.CharField(max_length=12, choices=Certainty.choices)

    class Meta:
        ordering: ClassVar = ["order", "code"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["version", "code"], name="one_plan_for_each_code"),
            models.UniqueConstraint(fields=["version", "least_rial"], name="one_plan_for_each_least_amount"),
            models.CheckConstraint(
                condition=Q(
                    least_rial__gte=0,
                    count__gte=2,
                    count__lte=24,
                    interval_days__gte=1,
                    interval_days__lte=365,
                    first_percent__gte=1,
                    first_percent__lte=99,
                ),
                name="plan_can_be_kept",
            ),
            models.CheckConstraint(condition=Q(certainty__in=Certainty.values), name="plan_certainty_known"),
        ]

    def __str__(self) -> str:
        return self.code

    def spec(self) -> InstalmentSpec:
        """The plan as `khedmat.rounds.rules` takes it."""
        return InstalmentSpec(
            code=self.code,
            title=Bilingual(self.title_fa, self.title_en),
            least_rial=self.least_rial,
            count=self.count,
            interval_days=self.interval_days,
            first_percent=self.first_percent,
            source=Bilingual(self.source_fa, self.source_en),
            certainty=Certainty(self.certainty),
        )
