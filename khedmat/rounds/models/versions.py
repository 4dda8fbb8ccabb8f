"""Rounds and their versions: written, proposed by one person, published by another, then unchangeable."""

from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language

from khedmat.common.rows import RowClass
from khedmat.rounds.enums import PaymentOrder, Programme, VersionState
from khedmat.rounds.rules import Bilingual
from khedmat.rounds.rules.specs import DEFAULT_PLACES


def in_readers_language(text: Bilingual) -> str:
    """A text of the round in the reader's language."""
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
        return in_readers_language(Bilingual(self.title_fa, self.title_en))


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
    renews = models.JSONField(default=list)
    places_per_counter_day = models.PositiveSmallIntegerField(default=DEFAULT_PLACES)
    payment_order = models.CharField(
        max_length=20, choices=PaymentOrder.choices, default=PaymentOrder.BEFORE_SUBMISSION
    )
    # Counts the changes of a draft, so that two who write at once see each other.
    revision = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    created_by = models.UUIDField()
    proposed_at = models.DateTimeField(null=True)
    proposed_by = models.UUIDField(null=True)
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
            models.CheckConstraint(
                condition=Q(proposed_at__isnull=True, proposed_by__isnull=True)
                | Q(proposed_at__isnull=False, proposed_by__isnull=False),
                name="version_proposed_at_and_by",
            ),
            models.CheckConstraint(
                condition=Q(proposed_by__isnull=True)
                | Q(published_by__isnull=True)
                | ~Q(proposed_by=F("published_by")),
                name="two_people_publish_a_version",
            ),
            models.CheckConstraint(condition=Q(payment_order__in=PaymentOrder.values), name="known_order_of_payment"),
            models.CheckConstraint(
                condition=Q(places_per_counter_day__gte=1, places_per_counter_day__lte=500),
                name="places_of_a_counter_make_sense",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round_id} v{self.version}"

    @property
    def is_proposed(self) -> bool:
        """Whether a draft waits for a second person to publish it."""
        return self.state == VersionState.DRAFT and self.proposed_at is not None

    @property
    def circular_source(self) -> Bilingual:
        """Where the content comes from."""
        return Bilingual(self.circular_source_fa, self.circular_source_en)
