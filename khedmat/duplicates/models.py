"""Searches, the pairs they find, what humans say of them, and the links that follow. Nothing is ever merged."""

from typing import ClassVar
from uuid import uuid4

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from khedmat.common.rows import PersonalField, RowClass
from khedmat.duplicates.enums import PairState, RunState, Strength, Verdict
from khedmat.places.models import Scope
from khedmat.registry.models import Person
from khedmat.vault.fields import SealedTextField

COMPARISON = "comparison: while both people are registered, then 10 years"


class Run(models.Model):
    """One search of a province: by hand, or each night."""

    row_class: ClassVar = RowClass.SCOPED

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    scope = models.ForeignKey(Scope, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, choices=RunState.choices, default=RunState.WAITING)
    people = models.PositiveIntegerField(null=True)
    found = models.PositiveIntegerField(null=True)
    fresh = models.PositiveIntegerField(null=True)
    asked_at = models.DateTimeField(db_default=Now())
    asked_by = models.UUIDField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["scope"],
                condition=Q(state__in=[RunState.WAITING, RunState.RUNNING]),
                name="one_search_of_a_province_at_a_time",
            ),
            models.UniqueConstraint(fields=["id", "scope"], name="search_of_place"),
            models.CheckConstraint(condition=Q(state__in=RunState.values), name="known_search_state"),
            models.CheckConstraint(
                condition=~Q(state=RunState.DONE)
                | Q(people__isnull=False, found__isnull=False, fresh__isnull=False, ended_at__isnull=False),
                name="ended_search_has_counts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.asked_at}"


class DuplicatePair(models.Model):
    """Two people who are likely one. Ids and codes alone: whoever compares them opens both families, counted.

    `compared` changes when anything that was compared changes; `answered_on` is its value at the last answer.
    """

    row_class: ClassVar = RowClass.PERSONAL
    personal_fields: ClassVar = {
        "scope": PersonalField("which province's keeper compares them", COMPARISON),
        "number": PersonalField("speak of the pair without a name", COMPARISON),
        "person_a": PersonalField("find a person who was written twice", COMPARISON),
        "person_b": PersonalField("find a person who was written twice", COMPARISON),
        "strength": PersonalField("compare the likeliest first", COMPARISON),
        "likenesses": PersonalField("say why the two may be one", COMPARISON),
        "compared": PersonalField("not to ask twice about the same data", COMPARISON),
        "answered_on": PersonalField("not to ask twice about the same data", COMPARISON),
        "state": PersonalField("what is to be done", COMPARISON),
        "is_current": PersonalField("leave alone what the last search no longer found", COMPARISON),
        "run": PersonalField("which search found it", COMPARISON),
    }

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    scope = models.ForeignKey(Scope, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    person_a = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    person_b = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    strength = models.CharField(max_length=12, choices=Strength.choices)
    likenesses = ArrayField(models.CharField(max_length=24), size=12)
    compared = models.CharField(max_length=32)
    answered_on = models.CharField(max_length=32, blank=True)
    state = models.CharField(max_length=10, choices=PairState.choices, default=PairState.OPEN)
    is_current = models.BooleanField(default=True)
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="pairs")
    found_at = models.DateTimeField(db_default=Now())
    state_since_at = models.DateTimeField(db_default=Now())
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(person_a__lt=F("person_b")), name="pair_in_order"),
            models.UniqueConstraint(fields=["scope", "person_a", "person_b"], name="pair_once_in_a_province"),
            models.UniqueConstraint(fields=["scope", "number"], name="pair_number_once_in_a_province"),
            models.UniqueConstraint(fields=["id", "scope"], name="pair_of_place"),
            models.CheckConstraint(condition=Q(state__in=PairState.values), name="known_pair_state"),
            models.CheckConstraint(condition=Q(strength__in=Strength.values), name="known_strength"),
            models.CheckConstraint(
                condition=Q(state=PairState.OPEN) | ~Q(answered_on=""), name="answered_pair_knows_on_what"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["scope", "state", "state_since_at"], name="duplicates_queue"),
            models.Index(fields=["person_b"], name="duplicates_person_b"),
        ]

    def __str__(self) -> str:
        return f"pair {self.number}"


class Answer(models.Model):
    """What a human said of a pair, and why. Answers stay; a later one stands beside them."""

    row_class: ClassVar = RowClass.PERSONAL
    personal_fields: ClassVar = {
        "scope": PersonalField("which province's keeper answered", COMPARISON),
        "pair": PersonalField("of whom it was said", COMPARISON),
        "verdict": PersonalField("what was said", COMPARISON),
        "reason": PersonalField("why it was said", COMPARISON),
    }

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    scope = models.ForeignKey(Scope, on_delete=models.PROTECT, related_name="+")
    pair = models.ForeignKey(DuplicatePair, on_delete=models.PROTECT, related_name="answers")
    verdict = models.CharField(max_length=16, choices=Verdict.choices)
    reason = SealedTextField(max_length=1000)
    answered_at = models.DateTimeField(db_default=Now())
    answered_by = models.UUIDField()

    class Meta:
        ordering: ClassVar = ["answered_at"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(verdict__in=Verdict.values), name="known_verdict"),
        ]

    def __str__(self) -> str:
        return f"{self.verdict} {self.answered_at}"


class PersonLink(models.Model):
    """That two records are one person, until a human takes the link away, with a reason."""

    row_class: ClassVar = RowClass.PERSONAL
    personal_fields: ClassVar = {
        "scope": PersonalField("which province's keeper linked them", COMPARISON),
        "pair": PersonalField("from which comparison it follows", COMPARISON),
        "person_a": PersonalField("know that two records are one person", COMPARISON),
        "person_b": PersonalField("know that two records are one person", COMPARISON),
        "unlinking_reason": PersonalField("why the link was wrong", COMPARISON),
    }

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    scope = models.ForeignKey(Scope, on_delete=models.PROTECT, related_name="+")
    pair = models.ForeignKey(DuplicatePair, on_delete=models.PROTECT, related_name="links")
    person_a = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    person_b = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    linked_at = models.DateTimeField(db_default=Now())
    linked_by = models.UUIDField()
    removed_at = models.DateTimeField(null=True)
    removed_by = models.UUIDField(null=True)
    unlinking_reason = SealedTextField(max_length=1000)

    class Meta:
        ordering: ClassVar = ["linked_at"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(person_a__lt=F("person_b")), name="link_in_order"),
            models.UniqueConstraint(
                fields=["scope", "person_a", "person_b"],
                condition=Q(removed_at__isnull=True),
                name="one_live_link_of_two_people",
            ),
            models.CheckConstraint(
                condition=Q(removed_at__isnull=True, removed_by__isnull=True)
                | Q(removed_at__isnull=False, removed_by__isnull=False),
                name="removed_link_names_who",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_a_id} is {self.person_b_id}"
