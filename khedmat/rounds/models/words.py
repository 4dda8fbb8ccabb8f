"""Words of a version: texts for clients in their languages, instructions for offices, questions and answers."""

from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.db.models import Q

from khedmat.common.rows import RowClass
from khedmat.places.models import Scope
from khedmat.rounds.enums import TextKind, TextLanguage
from khedmat.rounds.models.versions import RoundVersion
from khedmat.rounds.rules import Bilingual, BriefingSpec, ClientTextSpec
from khedmat.rounds.rules.specs import TEXT_FIELDS


class ClientText(models.Model):
    """A text for clients in Dari, Pashto or Arabic. Persian and English stand in the rule or paper itself."""

    row_class: ClassVar = RowClass.REFERENCE

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    version = models.ForeignKey(RoundVersion, on_delete=models.PROTECT, related_name="texts")
    order = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=12, choices=TextKind.choices)
    code = models.SlugField(max_length=60)
    field = models.CharField(max_length=12)
    language = models.CharField(max_length=3, choices=TextLanguage.choices)
    text = models.TextField()
    is_reviewed = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["order", "code"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["version", "kind", "code", "field", "language"], name="one_text_for_each_language"
            ),
            models.CheckConstraint(
                condition=Q(kind=TextKind.RULE, field__in=TEXT_FIELDS[TextKind.RULE])
                | Q(kind=TextKind.DOCUMENT, field__in=TEXT_FIELDS[TextKind.DOCUMENT])
                | Q(kind=TextKind.REMEDY, field__in=TEXT_FIELDS[TextKind.REMEDY]),
                name="text_of_a_known_field",
            ),
            models.CheckConstraint(condition=Q(language__in=TextLanguage.values), name="text_in_a_known_language"),
            models.CheckConstraint(condition=~Q(text=""), name="text_says_something"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.code} {self.field} {self.language}"

    def spec(self) -> ClientTextSpec:
        """The text as `khedmat.rounds.rules` takes it."""
        return ClientTextSpec(
            kind=TextKind(self.kind),
            code=self.code,
            field=self.field,
            language=TextLanguage(self.language),
            text=self.text,
            is_reviewed=self.is_reviewed,
        )


class Briefing(models.Model):
    """One paragraph of a version's instructions for offices."""

    row_class: ClassVar = RowClass.REFERENCE

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    version = models.ForeignKey(RoundVersion, on_delete=models.PROTECT, related_name="briefing")
    code = models.SlugField(max_length=60)
    order = models.PositiveSmallIntegerField()
    title_fa = models.CharField(max_length=160)
    title_en = models.CharField(max_length=160)
    text_fa = models.TextField()
    text_en = models.TextField()

    class Meta:
        ordering: ClassVar = ["order", "code"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["version", "code"], name="one_paragraph_for_each_code"),
        ]

    def __str__(self) -> str:
        return self.code

    def spec(self) -> BriefingSpec:
        """The paragraph as `khedmat.rounds.rules` takes it."""
        return BriefingSpec(
            code=self.code,
            title=Bilingual(self.title_fa, self.title_en),
            text=Bilingual(self.text_fa, self.text_en),
        )


class BriefingQuestion(models.Model):
    """What an office asks about the instructions of a published version. Rows are only added."""

    row_class: ClassVar = RowClass.REFERENCE

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    version = models.ForeignKey(RoundVersion, on_delete=models.PROTECT, related_name="questions")
    asked_from = models.ForeignKey(Scope, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    asked_at = models.DateTimeField()
    asked_by = models.UUIDField()

    class Meta:
        ordering: ClassVar = ["asked_at", "id"]
        constraints: ClassVar = [models.CheckConstraint(condition=~Q(text=""), name="question_says_something")]

    def __str__(self) -> str:
        return f"{self.version_id} {self.asked_at:%Y-%m-%d}"


class BriefingAnswer(models.Model):
    """What a round manager answers, for all offices. Rows are only added: a later answer stands beside the first."""

    row_class: ClassVar = RowClass.REFERENCE

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    question = models.ForeignKey(BriefingQuestion, on_delete=models.PROTECT, related_name="answers")
    text = models.TextField()
    answered_at = models.DateTimeField()
    answered_by = models.UUIDField()

    class Meta:
        ordering: ClassVar = ["answered_at", "id"]
        constraints: ClassVar = [models.CheckConstraint(condition=~Q(text=""), name="answer_says_something")]

    def __str__(self) -> str:
        return f"{self.question_id} {self.answered_at:%Y-%m-%d}"
