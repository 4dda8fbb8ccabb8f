"""Texts of letters, letters as they were sent, messages on their way out, and slips. Households by their ids alone."""

from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from khedmat.common.rows import PersonalField, RowClass
from khedmat.notices.composing import TemplateText
from khedmat.notices.enums import Channel, Failure, Language, LetterKind, MessageKind, MessageState, TemplateState
from khedmat.places.models import Scope
from khedmat.vault.fields import SealedTextField

LETTER = "case: 10 years after closing"
MESSAGE = "message: 1 year"
SLIP = "slip: until it ends"


class LetterTemplate(models.Model):
    """The text of one kind of letter in one language. Published ones never change (database trigger)."""

    row_class: ClassVar = RowClass.REFERENCE

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    kind = models.CharField(max_length=24, choices=LetterKind.choices)
    version = models.PositiveSmallIntegerField()
    language = models.CharField(max_length=3, choices=Language.choices)
    title = models.CharField(max_length=160)
    body = models.TextField()
    is_reviewed = models.BooleanField(default=False)
    state = models.CharField(max_length=12, choices=TemplateState.choices, default=TemplateState.DRAFT)
    published_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "version", "language"], name="one_letter_text_for_each_language"),
            models.CheckConstraint(condition=Q(kind__in=LetterKind.values), name="known_kind_of_template"),
            models.CheckConstraint(condition=Q(language__in=Language.values), name="known_language_of_template"),
            models.CheckConstraint(
                condition=Q(state=TemplateState.PUBLISHED, published_at__isnull=False)
                | Q(state=TemplateState.DRAFT, published_at__isnull=True),
                name="template_published_at",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} v{self.version} {self.language}"

    def text(self) -> TemplateText:
        """The template as `composing` takes it."""
        return TemplateText(
            LetterKind(self.kind), self.version, Language(self.language), self.title, self.body, self.is_reviewed
        )


class Letter(models.Model):
    """A letter to a family: the file's copy in Persian, and the family's in its language, as they were sent.

    `key` names what happened that the letter tells of, once for ever (`decision:<id>`); empty for one that somebody
    asked for. `texts` is JSON of language → composed letter; `content` the values it was made from, so that it can be
    made again in another language. `subject_kind`, `subject_id` and `subject_number` name what it is about, as those
    of a charge do.
    """

    row_class: ClassVar = RowClass.PERSONAL
    personal_fields: ClassVar = {
        "kind": PersonalField("what the family was told", LETTER),
        "template_version": PersonalField("what the family was told", LETTER),
        "subject_kind": PersonalField("which case the letter belongs to", LETTER),
        "subject_id": PersonalField("which case the letter belongs to", LETTER),
        "subject_number": PersonalField("which case the letter belongs to", LETTER),
        "serial": PersonalField("name the letter", LETTER),
        "key": PersonalField("tell the family once of what happened, not twice", LETTER),
        "print_count": PersonalField("how often it was handed out", LETTER),
        "language": PersonalField("the language the family asked for", LETTER),
        "content": PersonalField("make the letter again in another language", LETTER),
        "texts": PersonalField("what the family was told, word by word", LETTER),
    }

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    household_id = models.UUIDField()
    kind = models.CharField(max_length=24, choices=LetterKind.choices)
    template_version = models.PositiveSmallIntegerField()
    subject_kind = models.CharField(max_length=40)
    subject_id = models.UUIDField()
    subject_number = models.CharField(max_length=40)
    serial = models.PositiveSmallIntegerField()
    key = models.CharField(max_length=80, blank=True, default="")
    language = models.CharField(max_length=3, choices=Language.choices)
    content = SealedTextField(max_length=100_000)
    texts = SealedTextField(max_length=200_000)
    made_at = models.DateTimeField(db_default=Now())
    made_by = models.UUIDField()
    print_count = models.PositiveIntegerField(default=0)
    printed_at = models.DateTimeField(null=True)
    printed_by = models.UUIDField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["subject_kind", "subject_id", "serial"], name="one_letter_for_each_number"),
            models.UniqueConstraint(fields=["key"], condition=~Q(key=""), name="one_letter_for_each_event"),
            models.CheckConstraint(condition=Q(kind__in=LetterKind.values), name="known_kind_of_letter"),
            models.CheckConstraint(condition=Q(language__in=Language.values), name="known_language_of_letter"),
            models.CheckConstraint(condition=Q(serial__gte=1), name="letters_count_from_one"),
            models.CheckConstraint(
                condition=Q(print_count=0, printed_at__isnull=True, printed_by__isnull=True)
                | Q(print_count__gt=0, printed_at__isnull=False, printed_by__isnull=False),
                name="letter_printed_at_and_by",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["household_id", "-made_at"], name="notices_letter_household")]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """The case's number, and which of its letters this is."""
        return f"{self.subject_number}/{self.serial}"


class Message(models.Model):
    """A short message to a family. What it says is chosen from fixed texts; where it goes is sealed.

    `destination` is empty for one that goes to the family's telephone, whichever that is when the message goes out.
    `key` is the caller's: the same thing is said once. A gateway gets it too, so that a second try is no second
    message. Written once; from then on the guard functions of sending alone change it.
    """

    row_class: ClassVar = RowClass.PERSONAL
    personal_fields: ClassVar = {
        "office": PersonalField("who tells the family", MESSAGE),
        "channel": PersonalField("by which way the family is told", MESSAGE),
        "key": PersonalField("tell the family once, not twice", MESSAGE),
        "state": PersonalField("whether the family was told", MESSAGE),
        "failure": PersonalField("why the family was not told", MESSAGE),
        "tries": PersonalField("when to try again", MESSAGE),
        "kind": PersonalField("what the family was told", MESSAGE),
        "language": PersonalField("the language the family asked for", MESSAGE),
        "destination": PersonalField("where the message goes", MESSAGE),
        "code": PersonalField("what the family says at the office", MESSAGE),
        "expected_on": PersonalField("when the family is expected", MESSAGE),
        "expected_time": PersonalField("when the family is expected", MESSAGE),
    }

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    household_id = models.UUIDField()
    office = models.ForeignKey(Scope, on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(max_length=8, choices=Channel.choices)
    kind = models.CharField(max_length=24, choices=MessageKind.choices)
    language = models.CharField(max_length=3, choices=Language.choices)
    destination = SealedTextField(max_length=254)
    code = SealedTextField(max_length=24)
    expected_on = models.DateField(null=True)
    expected_time = models.TimeField(null=True)
    key = models.CharField(max_length=120)
    state = models.CharField(max_length=10, choices=MessageState.choices, default=MessageState.QUEUED)
    failure = models.CharField(max_length=16, choices=Failure.choices, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField()
    queued_at = models.DateTimeField(db_default=Now())
    queued_by = models.UUIDField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["key"], name="one_message_for_each_key"),
            models.CheckConstraint(condition=Q(channel__in=Channel.values), name="known_channel"),
            models.CheckConstraint(condition=Q(kind__in=MessageKind.values), name="known_kind_of_message"),
            models.CheckConstraint(condition=Q(language__in=Language.values), name="known_language_of_message"),
            models.CheckConstraint(
                condition=Q(state=MessageState.QUEUED, ended_at__isnull=True, failure="")
                | Q(state=MessageState.SENT, ended_at__isnull=False, failure="")
                | Q(
                    state__in=[MessageState.FAILED, MessageState.GIVEN_UP],
                    ended_at__isnull=False,
                    failure__in=Failure.values,
                ),
                name="message_ended_when_not_queued",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["next_try_at"], condition=Q(state="queued"), name="notices_message_due"),
            models.Index(fields=["office", "queued_at"], name="notices_message_office"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class DemoDelivery(models.Model):
    """What the demo's gateways took: one row for each key, as a real gateway keeps it. `tail`: two last characters."""

    row_class: ClassVar = RowClass.SYSTEM

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    key = models.CharField(max_length=120, unique=True)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    tail = models.CharField(max_length=2)
    text = SealedTextField(max_length=1000)
    taken_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name_plural = "demo deliveries"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(channel__in=Channel.values), name="known_channel_of_delivery"),
        ]

    def __str__(self) -> str:
        return self.key


class Slip(models.Model):
    """A code on paper for a family without a phone: whoever shows it at a counter has their case opened there.

    The code itself is not kept, only its keyed digest.
    """

    row_class: ClassVar = RowClass.PERSONAL
    personal_fields: ClassVar = {
        "subject_kind": PersonalField("what the code stands for", SLIP),
        "subject_id": PersonalField("what the code stands for", SLIP),
        "code_digest": PersonalField("find what the code stands for", SLIP),
    }

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    household_id = models.UUIDField()
    subject_kind = models.CharField(max_length=40)
    subject_id = models.UUIDField()
    code_digest = models.BinaryField(max_length=32, unique=True)
    made_at = models.DateTimeField(db_default=Now())
    made_by = models.UUIDField()
    expires_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("made_at")), name="slip_ends_after_it_begins"),
        ]

    def __str__(self) -> str:
        return str(self.id)
