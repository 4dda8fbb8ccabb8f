"""Where files come from, each file's run, and its rows while they wait. All belong to one province."""

from typing import ClassVar
from uuid import uuid4

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from khedmat.common.rows import RowClass
from khedmat.files.models import ScopedFile
from khedmat.imports.enums import RowOutcome, RunState
from khedmat.places.models import Scope


class Source(models.Model):
    """Whose files these are (an office, an old system), with what was once said about their headings.

    `columns`: folded heading → field code, empty for a column that is left out.
    `date_orders`: field code → `year_first` or `day_first`, where somebody chose it.
    """

    row_class: ClassVar = RowClass.SCOPED

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    scope = models.ForeignKey(Scope, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=24)
    name = models.CharField(max_length=80)
    name_key = models.CharField(max_length=80)
    columns = models.JSONField(default=dict)
    date_orders = models.JSONField(default=dict)
    created_at = models.DateTimeField(db_default=Now())
    created_by = models.UUIDField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["scope", "kind", "name_key"], name="one_source_of_a_name"),
            models.UniqueConstraint(fields=["id", "scope"], name="source_of_place"),
        ]

    def __str__(self) -> str:
        return self.name


class Run(models.Model):
    """One file on its way in. The counts are of the check, and follow the import while it goes on.

    `options` are the kind's own (for people: the round whose cards the file lists). `notes`: code of a
    problem or note → how many rows. `rows_done` counts rows already imported or found unchanged.
    """

    row_class: ClassVar = RowClass.SCOPED

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    scope = models.ForeignKey(Scope, on_delete=models.PROTECT, related_name="+")
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="runs")
    kind = models.CharField(max_length=24)
    file = models.ForeignKey(ScopedFile, on_delete=models.SET_NULL, null=True, related_name="+")
    file_name = models.CharField(max_length=120)
    file_digest = models.BinaryField(max_length=32)
    sheet = models.CharField(max_length=80, blank=True)
    options = models.JSONField(default=dict)
    headings = models.JSONField(default=list)
    columns = models.JSONField(default=dict)
    date_orders = models.JSONField(default=dict)
    state = models.CharField(max_length=12, choices=RunState.choices, default=RunState.UPLOADED)
    failure = models.CharField(max_length=40, blank=True)
    rows_read = models.PositiveIntegerField(default=0)
    rows_new = models.PositiveIntegerField(default=0)
    rows_changed = models.PositiveIntegerField(default=0)
    rows_unchanged = models.PositiveIntegerField(default=0)
    rows_refused = models.PositiveIntegerField(default=0)
    rows_done = models.PositiveIntegerField(default=0)
    groups = models.PositiveIntegerField(default=0)
    groups_done = models.PositiveIntegerField(default=0)
    questions = models.PositiveIntegerField(default=0)
    notes = models.JSONField(default=dict)
    created_at = models.DateTimeField(db_default=Now())
    created_by = models.UUIDField()
    changed_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)
    ended_by = models.UUIDField(null=True)

    class Meta:
        ordering: ClassVar = ["-created_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["id", "scope"], name="run_of_place"),
            models.CheckConstraint(condition=Q(state__in=RunState.values), name="known_state_of_run"),
            models.CheckConstraint(
                condition=Q(
                    rows_read=F("rows_new") + F("rows_changed") + F("rows_unchanged") + F("rows_refused"),
                ),
                name="every_row_read_is_accounted_for",
            ),
            models.CheckConstraint(
                condition=Q(groups_done__lte=F("groups"), rows_done__lte=F("rows_read")), name="no_more_done_than_read"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by__isnull=True)
                | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="run_ended_at_and_by",
            ),
            models.UniqueConstraint(
                fields=["scope", "kind"],
                condition=Q(state__in=[RunState.IMPORTING, RunState.PAUSED]),
                name="one_import_at_a_time",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["scope", "-created_at"], name="imports_run_latest")]

    def __str__(self) -> str:
        return self.file_name


class StagedRow(models.Model):
    """One row of a file while it waits, sealed. Ends seven days after its run.

    `payload` is the sealed JSON of what was read; `group_number` numbers the rows that come in or stay out together
    (a household); `keys` and `key_kinds`, side by side, find the record again; `group_key` finds its household.
    `is_leading`: the row of the group's head. `problem` is what stands against the row beyond its own cells, with
    the other rows concerned.
    """

    row_class: ClassVar = RowClass.SCOPED

    pk = models.CompositePrimaryKey("run_id", "number")
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="staged", db_index=False)
    number = models.PositiveIntegerField()
    scope_id = models.IntegerField()
    group_number = models.PositiveIntegerField()
    group_key = models.BinaryField(null=True)
    keys = ArrayField(models.BinaryField(), default=list)
    key_kinds = ArrayField(models.CharField(max_length=24), default=list)
    is_leading = models.BooleanField()
    payload = models.BinaryField()
    outcome = models.CharField(max_length=9, choices=RowOutcome.choices)
    problem = models.CharField(max_length=40, blank=True)
    problem_rows = ArrayField(models.PositiveIntegerField(), default=list)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(outcome__in=RowOutcome.values), name="known_outcome_of_row"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["run", "group_number"], name="imports_staged_group"),
            models.Index(fields=["run", "number"], condition=Q(outcome="refused"), name="imports_staged_refused"),
        ]

    def __str__(self) -> str:
        return f"row {self.number}"
