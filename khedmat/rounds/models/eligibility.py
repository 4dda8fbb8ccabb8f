"""What a version asks of people: rules and papers."""

from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.db.models import Q

from khedmat.common.rows import RowClass
from khedmat.rounds.enums import Certainty, Each, OnUnmet
from khedmat.rounds.models.versions import RoundVersion, in_readers_language
from khedmat.rounds.rules import Bilingual, DocumentSpec, RuleSpec


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
    remedy_fa = models.TextField(default="")
    remedy_en = models.TextField(default="")
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
            remedy=Bilingual(self.remedy_fa, self.remedy_en),
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
        return in_readers_language(Bilingual(self.title_fa, self.title_en))

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
