"""Rounds as dated data. A published version and all that belongs to it never change (database triggers)."""

from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language

from khedmat.common.rows import RowClass
from khedmat.rounds.enums import Certainty, Each, OnUnmet, Programme, VersionState
from khedmat.rounds.rules import Bilingual, DocumentSpec, RuleSpec, TariffSpec


def _in_readers_language(text: Bilingual) -> str:
    return text.in_language(get_language() or "fa")


class Round(models.Model):
    """One round of a programme, as `amayesh-18`. Amayesh N runs beside Hoviat N-1."""

    row_class: ClassVar = RowClass.REFERENCE

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    code = models.SlugField(max_length=40, unique=True)
    programme = models.CharField(max_length=12, choices=Programme.choices)
    number = models.PositiveSmallIntegerField()
    title_fa = models.CharField(max_length=120)
    title_en = models.CharField(max_length=120)
    sort = models.PositiveIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["sort", "code"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["programme", "number"], name="one_round_for_each_number"),
            models.CheckConstraint(condition=Q(programme__in=Programme.values), name="known_programme"),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def title(self) -> str:
        """The round's name in the reader's language."""
        return _in_readers_language(Bilingual(self.title_fa, self.title_en))


class RoundVersion(models.Model):
    """The content of a round, in force once published, until a later version takes its place."""

    row_class: ClassVar = RowClass.REFERENCE

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="versions")
    version = models.PositiveIntegerField()
    state = models.CharField(max_length=12, choices=VersionState.choices, default=VersionState.DRAFT)
    opens_on = models.DateField()
    closes_on = models.DateField()
    card_valid_from = models.DateField()
    card_valid_until = models.DateField()
    circular_number = models.CharField(max_length=80, blank=True)
    circular_on = models.DateField(null=True)
    circular_source_fa = models.TextField()
    circular_source_en = models.TextField()
    examples = models.JSONField(default=list)
    created_at = models.DateTimeField()
    created_by = models.UUIDField()
    published_at = models.DateTimeField(null=True)
    published_by = models.UUIDField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["round", "version"], name="one_content_for_each_version"),
            models.CheckConstraint(condition=Q(state__in=VersionState.values), name="known_state_of_version"),
            models.CheckConstraint(
                condition=Q(opens_on__lte=F("closes_on"))
                & Q(card_valid_from__lte=F("card_valid_until"))
                & Q(opens_on__lte=F("card_valid_until")),
                name="round_dates_in_order",
            ),
            models.CheckConstraint(
                condition=Q(state=VersionState.PUBLISHED, published_at__isnull=False, published_by__isnull=False)
                | Q(state=VersionState.DRAFT, published_at__isnull=True, published_by__isnull=True),
                name="version_published_at_and_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round_id} v{self.version}"

    @property
    def circular_source(self) -> Bilingual:
        """Where the content comes from."""
        return Bilingual(self.circular_source_fa, self.circular_source_en)


class RoundRule(models.Model):
    """A rule of eligibility: an expression over MemberFacts and its sentences."""

    row_class: ClassVar = RowClass.REFERENCE

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    version = models.ForeignKey(RoundVersion, on_delete=models.PROTECT, related_name="rules")
    code = models.SlugField(max_length=60)
    order = models.PositiveSmallIntegerField()
    expression = models.TextField()
    applies_when = models.TextField(blank=True)
    title_fa = models.CharField(max_length=160)
    title_en = models.CharField(max_length=160)
    sentence_met_fa = models.TextField()
    sentence_met_en = models.TextField()
    sentence_unmet_fa = models.TextField()
    sentence_unmet_en = models.TextField()
    on_unmet = models.CharField(max_length=20, choices=OnUnmet.choices)
    source_fa = models.TextField()
    source_en = models.TextField()
    certainty = models.CharField(max_length=12, choices=Certainty.choices)

    class Meta:
        ordering: ClassVar = ["order", "code"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["version", "code"], name="one_rule_for_each_code"),
            models.CheckConstraint(condition=Q(on_unmet__in=OnUnmet.values), name="known_way_on_when_unmet"),
            models.CheckConstraint(condition=Q(certainty__in=Certainty.values), name="rule_certainty_known"),
        ]

    def __str__(self) -> str:
        return self.code

    def spec(self) -> RuleSpec:
        """The rule as `khedmat.rounds.rules` takes it."""
        return RuleSpec(
            code=self.code,
            title=Bilingual(self.title_fa, self.title_en),
            expression=self.expression,
            sentence_met=Bilingual(self.sentence_met_fa, self.sentence_met_en),
            sentence_unmet=Bilingual(self.sentence_unmet_fa, self.sentence_unmet_en),
            on_unmet=OnUnmet(self.on_unmet),
            source=Bilingual(self.source_fa, self.source_en),
            certainty=Certainty(self.certainty),
            applies_when=self.applies_when,
        )


class RequiredDocument(models.Model):
    """A paper that the round asks for; `required_when` empty: always."""

    row_class: ClassVar = RowClass.REFERENCE

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    version = models.ForeignKey(RoundVersion, on_delete=models.PROTECT, related_name="documents")
    code = models.SlugField(max_length=60)
    order = models.PositiveSmallIntegerField()
    title_fa = models.CharField(max_length=160)
    title_en = models.CharField(max_length=160)
    kind = models.CharField(max_length=40)
    each = models.CharField(max_length=12, choices=Each.choices)
    required_when = models.TextField(blank=True)
    source_fa = models.TextField()
    source_en = models.TextField()
    certainty = models.CharField(max_length=12, choices=Certainty.choices)

    class Meta:
        ordering: ClassVar = ["order", "code"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["version", "code"], name="one_document_for_each_code"),
            models.CheckConstraint(condition=Q(each__in=Each.values), name="paper_of_member_or_household"),
            models.CheckConstraint(condition=Q(certainty__in=Certainty.values), name="paper_certainty_known"),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def title(self) -> str:
        """The paper's name in the reader's language."""
        return _in_readers_language(Bilingual(self.title_fa, self.title_en))

    def spec(self) -> DocumentSpec:
        """The document as `khedmat.rounds.rules` takes it."""
        return DocumentSpec(
            code=self.code,
            title=Bilingual(self.title_fa, self.title_en),
            kind=self.kind,
            each=Each(self.each),
            source=Bilingual(self.source_fa, self.source_en),
            certainty=Certainty(self.certainty),
            required_when=self.required_when,
        )


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


# Its table is a family's own: kept apart, found by Django from here.
from khedmat.rounds.relief_models import ReliefRequest  # noqa: E402, F401
