"""Cases. The case row itself holds no name: an office's queue is read from it; all else needs a grant."""

from typing import ClassVar
from uuid import uuid4

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from khedmat.casework.enums import CaseStep, MemberStep, Outcome, Reached, StopReason
from khedmat.common.rows import PersonalField, RowClass
from khedmat.files.models import StoredFile
from khedmat.places.models import Scope
from khedmat.registry.models import Household, Person
from khedmat.vault.fields import SealedTextField

CASE = "case: 10 years after closing"


class Case(models.Model):
    """A household's request to one programme, at one office.

    `case_type`, `series` and `series_version` (enrolment, amayesh-18, 1) are the programme's words; the engine does
    not read them. `version` grows with every change: two people never overwrite each other.

    The time of service: `clock_from` is the day from whose end `standard_days` working days count, `due_on` the last
    of them, moved by the days for which the clock stood (`ClockStop`); `max_on` is never moved. `stopped_at` and
    `stop_reason` say of the present stop what a queue may show. `decided_at`: nobody waits for a decision any more.
    """

    row_class: ClassVar = RowClass.SCOPED

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    number = models.CharField(max_length=24, unique=True)
    case_type = models.CharField(max_length=24)
    series = models.CharField(max_length=24)
    series_version = models.PositiveSmallIntegerField()
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="cases")
    scope = models.ForeignKey(Scope, on_delete=models.PROTECT, related_name="+")
    province = models.ForeignKey(Scope, on_delete=models.PROTECT, related_name="+")
    step = models.CharField(max_length=24, choices=CaseStep.choices, default=CaseStep.PRE_REGISTERED)
    step_since_at = models.DateTimeField(db_default=Now())
    member_count = models.PositiveSmallIntegerField()
    version = models.PositiveIntegerField(default=1)
    officer_id = models.UUIDField(null=True)
    is_for_director = models.BooleanField(default=False)
    opened_at = models.DateTimeField(db_default=Now())
    opened_by = models.UUIDField()
    clock_from = models.DateField(null=True)
    standard_days = models.PositiveSmallIntegerField(null=True)
    due_on = models.DateField(null=True)
    max_on = models.DateField(null=True)
    stopped_at = models.DateTimeField(null=True)
    stop_reason = models.CharField(max_length=16, choices=StopReason.choices, blank=True, default="", db_default="")
    decided_at = models.DateTimeField(null=True)
    # For whom the counter waits: so many members have a card there, so many were sent back for something.
    ready_members = models.PositiveSmallIntegerField(default=0, db_default=0)
    returned_members = models.PositiveSmallIntegerField(default=0, db_default=0)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.UUIDField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["household", "series"],
                condition=~Q(step=CaseStep.WITHDRAWN),
                name="one_case_for_each_household_and_round",
            ),
            models.UniqueConstraint(fields=["id", "household"], name="case_of_household"),
            models.CheckConstraint(condition=Q(step__in=CaseStep.values), name="known_case_step"),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, closed_by__isnull=True)
                | Q(closed_at__isnull=False, closed_by__isnull=False),
                name="case_closed_at_and_by",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=False, step__in=["closed", "withdrawn"])
                | (Q(closed_at__isnull=True) & ~Q(step__in=["closed", "withdrawn"])),
                name="case_ends_when_closed",
            ),
            models.CheckConstraint(
                condition=Q(
                    clock_from__isnull=True, standard_days__isnull=True, due_on__isnull=True, max_on__isnull=True
                )
                | Q(clock_from__isnull=False, standard_days__isnull=False, due_on__isnull=False, max_on__isnull=False),
                name="case_clock_is_whole",
            ),
            models.CheckConstraint(
                condition=~Q(step__in=["submitted", "under_review"]) | Q(due_on__isnull=False),
                name="case_in_the_province_has_a_due_date",
            ),
            models.CheckConstraint(
                condition=Q(stopped_at__isnull=True, stop_reason="")
                | Q(stopped_at__isnull=False, stop_reason__in=StopReason.values),
                name="case_stopped_at_and_why",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["scope", "step", "step_since_at"], name="casework_office_queue"),
            models.Index(fields=["province", "step", "step_since_at"], name="casework_province_queue"),
            models.Index(
                fields=["province", "due_on", "number"],
                condition=Q(step__in=["submitted", "under_review"], decided_at__isnull=True),
                name="casework_open_by_due",
            ),
            models.Index(
                fields=["scope", "step_since_at"], condition=Q(ready_members__gt=0), name="casework_ready_cards"
            ),
            models.Index(
                fields=["scope", "step_since_at"], condition=Q(returned_members__gt=0), name="casework_returned"
            ),
        ]

    def __str__(self) -> str:
        return self.number


class CaseMember(models.Model):
    """One member in a case: portrait, step and decision are the member's own."""

    row_class: ClassVar = RowClass.PERSONAL
    personal_fields: ClassVar = {
        "person": PersonalField("who asks for a card", CASE),
        "step": PersonalField("where the member's request stands", CASE),
        "portrait": PersonalField("printed on the card", CASE),
        "needs_director": PersonalField("a rule asks for the director general's review", CASE),
        "reached": PersonalField("count each member once at each step of the round", CASE),
    }

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    household_id = models.UUIDField(editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="members")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="case_members")
    step = models.CharField(max_length=24, choices=MemberStep.choices, default=MemberStep.ENROLLED)
    portrait = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")
    needs_director = models.BooleanField(default=False)
    # The furthest counted step, empty before any: a member who is decided or printed anew is not counted twice.
    reached = models.CharField(max_length=12, blank=True, default="", db_default="")

    class Meta:
        ordering: ClassVar = ["person__position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "person"], name="member_once_in_a_case"),
            models.UniqueConstraint(fields=["id", "household_id"], name="case_member_of_household"),
            models.CheckConstraint(condition=Q(step__in=MemberStep.values), name="known_member_step"),
            models.CheckConstraint(
                condition=Q(reached__in=["", Reached.DECIDED, Reached.PRINTED, Reached.HANDED_OVER]),
                name="known_reached_of_member",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class PaperCheck(models.Model):
    """A required paper, seen at the counter; with a picture of it where the round asks for one."""

    row_class: ClassVar = RowClass.PERSONAL
    personal_fields: ClassVar = {
        "member": PersonalField("whose paper it is", CASE),
        "document_code": PersonalField("which paper was seen", CASE),
        "file": PersonalField("what was seen, for the decision", CASE),
    }

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    household_id = models.UUIDField(editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="papers")
    member = models.ForeignKey(CaseMember, on_delete=models.PROTECT, null=True, related_name="papers")
    document_code = models.CharField(max_length=40)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")
    checked_at = models.DateTimeField(db_default=Now())
    checked_by = models.UUIDField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["case", "member", "document_code"], nulls_distinct=False, name="paper_checked_once"
            )
        ]

    def __str__(self) -> str:
        return self.document_code


class Decision(models.Model):
    """What a person decided about a member, why, and what the rules said then. Append-only."""

    row_class: ClassVar = RowClass.PERSONAL
    personal_fields: ClassVar = {
        "member": PersonalField("about whom the decision is", CASE),
        "outcome": PersonalField("the decision", CASE),
        "reason": PersonalField("the family's right to know why", CASE),
        "rule_outcomes": PersonalField("trace the decision to the rules", CASE),
    }

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    household_id = models.UUIDField(editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="decisions")
    member = models.ForeignKey(CaseMember, on_delete=models.PROTECT, related_name="decisions")
    outcome = models.CharField(max_length=8, choices=Outcome.choices)
    reason = SealedTextField(max_length=2000)
    rule_outcomes = models.JSONField(default=dict)
    decided_at = models.DateTimeField(db_default=Now())
    decided_by = models.UUIDField()

    class Meta:
        ordering: ClassVar = ["decided_at"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(outcome__in=Outcome.values), name="known_outcome"),
            models.CheckConstraint(condition=Q(reason__isnull=False), name="decision_has_a_reason"),
        ]

    def __str__(self) -> str:
        return self.outcome


class Milestone(models.Model):
    """A case, or so many members of it, reached a step on a day. Append-only; counts, nobody's name.

    The contract of what is counted, once for each case (`members` 0) or member, whatever follows:

    - `booked`: an appointment was made before the family came; one for a later visit is not counted.
    - `arrived`: the family is at the office. `photographed`: papers seen, everybody photographed, the amount set.
    - `paid`: nothing is left to pay, or the first part is paid: the case goes on from then. How much money came in is
      the ledger's to say; later parts, refunds and exemptions change nothing here.
    - `submitted`: sent to the province. `withdrawn`: by the family, which takes back nothing that was counted before.
    - `decided`, by member: first approved or refused; sent to the director or returned is not decided.
    - `printed`, `handed_over`, by member: the first card.

    Each counts at the office that had the case when it happened (`scope`), and stays there when the case is referred:
    an office may hand over cards of members who were decided elsewhere. `case_id` is no key, so that what is counted
    leads to no family. tests/rounds/counting.py counts the same from the other tables.
    """

    row_class: ClassVar = RowClass.SCOPED

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    case_id = models.UUIDField()
    case_type = models.CharField(max_length=24)
    series = models.CharField(max_length=24)
    scope = models.ForeignKey(Scope, on_delete=models.PROTECT, related_name="+")
    step = models.CharField(max_length=12, choices=Reached.choices)
    members = models.PositiveSmallIntegerField(default=0)
    on = models.DateField(db_column="reached_on")
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(step__in=Reached.values), name="known_milestone"),
            models.UniqueConstraint(
                fields=["case_id", "step"], condition=Q(members=0), name="case_reaches_each_step_once"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["series", "scope", "step", "on"], name="casework_milestone_count"),
            models.Index(fields=["case_id"], name="casework_milestone_case"),
        ]

    def __str__(self) -> str:
        return f"{self.step} {self.on}"


class ClockStop(models.Model):
    """A time in which a case waits for something that is not in the officer's hand. One open stop for each case.

    Personal, since a note may name somebody; what a queue shows of it stands on the case's own row.
    """

    row_class: ClassVar = RowClass.PERSONAL
    personal_fields: ClassVar = {
        "case": PersonalField("what waits", CASE),
        "reason": PersonalField("why the time of service stood still", CASE),
        "note": PersonalField("what exactly is waited for", CASE),
    }

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    household_id = models.UUIDField(editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="stops")
    reason = models.CharField(max_length=16, choices=StopReason.choices)
    note = SealedTextField(max_length=300)
    stopped_at = models.DateTimeField()
    stopped_by = models.UUIDField()
    resumed_at = models.DateTimeField(null=True)
    resumed_by = models.UUIDField(null=True)

    class Meta:
        ordering: ClassVar = ["stopped_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(resumed_at__isnull=True), name="one_open_stop_for_each_case"
            ),
            models.CheckConstraint(condition=Q(reason__in=StopReason.values), name="known_stop_reason"),
            models.CheckConstraint(
                condition=Q(resumed_at__isnull=True, resumed_by__isnull=True)
                | Q(resumed_at__isnull=False, resumed_by__isnull=False, resumed_at__gte=F("stopped_at")),
                name="stop_resumed_at_and_by",
            ),
        ]

    def __str__(self) -> str:
        return self.reason


class Cover(models.Model):
    """While an officer is away, another one works on their cases too. Both days included; an officer has one at a time.

    Never deleted: one that is not needed any more is ended.
    """

    row_class: ClassVar = RowClass.SCOPED

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    scope = models.ForeignKey(Scope, on_delete=models.PROTECT, related_name="+")
    officer_id = models.UUIDField()
    substitute_id = models.UUIDField()
    away_from = models.DateField()
    away_until = models.DateField()
    made_at = models.DateTimeField(db_default=Now())
    made_by = models.UUIDField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.UUIDField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(officer_id=F("substitute_id")), name="nobody_covers_themselves"),
            models.CheckConstraint(condition=Q(away_until__gte=F("away_from")), name="cover_days_in_order"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by__isnull=True)
                | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="cover_ended_at_and_by",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["scope", "away_until"], name="casework_cover_live")]

    def __str__(self) -> str:
        return f"{self.away_from} {self.away_until}"


class Bulk(models.Model):
    """At most fifty cases that an officer chose to look at one by one and to decide together afterwards.

    `results` says of each case, by the text of its id, what came of it: `decided`, or the code of what stopped it.
    """

    row_class: ClassVar = RowClass.SCOPED

    MOST: ClassVar = 50

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    scope = models.ForeignKey(Scope, on_delete=models.PROTECT, related_name="+")
    case_ids = ArrayField(models.UUIDField())
    chosen_at = models.DateTimeField(db_default=Now())
    chosen_by = models.UUIDField()
    done_at = models.DateTimeField(null=True)
    results = models.JSONField(default=dict, db_default={})

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(case_ids__len__gte=1, case_ids__len__lte=50), name="bulk_of_one_to_fifty_cases"
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class BulkSight(models.Model):
    """A case of a bulk, seen by its officer since it was chosen; what they mean to decide waits here, sealed.

    Once the bulk is decided the drafts are emptied: the decisions themselves say everything. Those of a bulk that is
    never decided are emptied after seven days, as every draft.
    """

    row_class: ClassVar = RowClass.PERSONAL
    personal_fields: ClassVar = {
        "bulk": PersonalField("with which other cases it is decided", CASE),
        "case": PersonalField("which case was looked at before it was decided", CASE),
        "drafts": PersonalField("decisions of members until they are kept together", "until decided, or 7 days"),
    }

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    household_id = models.UUIDField(editable=False)
    bulk = models.ForeignKey(Bulk, on_delete=models.PROTECT, related_name="sights")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField()
    seen_at = models.DateTimeField()
    drafts = SealedTextField(max_length=200_000)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["bulk", "case"], name="case_seen_once_in_a_bulk")]

    def __str__(self) -> str:
        return str(self.id)


# Django finds models through this module alone.
from khedmat.casework.appeal_models import Appeal  # noqa: E402
from khedmat.casework.draft_models import Draft  # noqa: E402
from khedmat.casework.referral_models import Referral  # noqa: E402

__all__ = [
    "Appeal",
    "Bulk",
    "BulkSight",
    "Case",
    "CaseMember",
    "ClockStop",
    "Cover",
    "Decision",
    "Draft",
    "Milestone",
    "PaperCheck",
    "Referral",
]
