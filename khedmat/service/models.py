"""The office's day: opening days, their times, appointments, tickets. Every row belongs to one office.

No table here holds anything of a person: numbers are called, never names. What is booked is a subject
(`subject_kind`, `subject_id`), copied without a key, as a charge's is. A client's code is kept as a keyed digest.
"""

from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.db.models import F, Q

from khedmat.common.rows import RowClass
from khedmat.places.models import Scope
from khedmat.service.enums import BookingState, Channel, CounterKind, DayState, TicketKind, TicketState


def _paired(at: str, by: str) -> Q:
    return Q(**{f"{at}__isnull": True, f"{by}__isnull": True}) | Q(**{f"{at}__isnull": False, f"{by}__isnull": False})


class Counter(models.Model):
    """A numbered counter of an office, until it is given up."""

    row_class: ClassVar = RowClass.SCOPED

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    scope = models.ForeignKey(Scope, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=12, choices=CounterKind.choices)
    opened_at = models.DateTimeField()
    opened_by = models.UUIDField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.UUIDField(null=True)

    class Meta:
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["scope", "number"], condition=Q(closed_at__isnull=True), name="one_counter_for_each_number"
            ),
            models.UniqueConstraint(fields=["id", "scope"], name="counter_with_its_place"),
            models.CheckConstraint(condition=Q(kind__in=CounterKind.values), name="known_kind_of_counter"),
            models.CheckConstraint(condition=Q(number__gte=1), name="counter_number_from_one"),
            models.CheckConstraint(condition=_paired("closed_at", "closed_by"), name="counter_closed_at_and_by"),
        ]

    def __str__(self) -> str:
        return str(self.number)


class OpeningDay(models.Model):
    """One day on which an office receives. `opens` and `closes` are hours in Tehran."""

    row_class: ClassVar = RowClass.SCOPED

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    scope = models.ForeignKey(Scope, on_delete=models.PROTECT, related_name="+")
    open_on = models.DateField()
    opens = models.TimeField()
    closes = models.TimeField()
    slot_minutes = models.PositiveSmallIntegerField()
    counters_open = models.PositiveSmallIntegerField()
    note = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=8, choices=DayState.choices, default=DayState.OPEN)
    version = models.PositiveIntegerField(default=1)
    made_at = models.DateTimeField()
    made_by = models.UUIDField()
    closed_reason = models.CharField(max_length=200, blank=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.UUIDField(null=True)

    class Meta:
        ordering: ClassVar = ["open_on"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["scope", "open_on"], name="one_opening_for_each_day"),
            models.UniqueConstraint(fields=["id", "scope"], name="opening_day_with_its_place"),
            models.CheckConstraint(condition=Q(state__in=DayState.values), name="known_state_of_day"),
            models.CheckConstraint(condition=Q(opens__lt=F("closes")), name="day_closes_after_it_opens"),
            models.CheckConstraint(condition=Q(slot_minutes__gte=5), name="appointment_of_some_minutes"),
            models.CheckConstraint(
                condition=Q(state=DayState.CLOSED, closed_at__isnull=False, closed_by__isnull=False)
                & ~Q(closed_reason="")
                | Q(state=DayState.OPEN, closed_at__isnull=True, closed_by__isnull=True, closed_reason=""),
                name="day_closed_at_and_by_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return str(self.open_on)


class Slot(models.Model):
    """One time of an opening day. `taken <= capacity` is the database's own promise: no place is sold twice."""

    row_class: ClassVar = RowClass.SCOPED

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    scope = models.ForeignKey(Scope, on_delete=models.PROTECT, related_name="+")
    opening_day = models.ForeignKey(OpeningDay, on_delete=models.PROTECT, related_name="slots")
    starts_at = models.DateTimeField()
    capacity = models.PositiveSmallIntegerField()
    taken = models.PositiveSmallIntegerField(default=0)
    is_quiet = models.BooleanField(default=False)
    is_closed = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["starts_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["scope", "starts_at"], name="one_slot_for_each_time"),
            models.UniqueConstraint(fields=["id", "scope"], name="slot_with_its_place"),
            models.CheckConstraint(condition=Q(taken__lte=F("capacity")), name="no_place_sold_twice"),
        ]

    def __str__(self) -> str:
        return self.starts_at.isoformat()

    @property
    def free(self) -> int:
        """Places that can still be taken."""
        return 0 if self.is_closed else self.capacity - self.taken


class ClientCode(models.Model):
    """The code by which a client finds, books, moves and cancels without signing in: its keyed digest alone."""

    row_class: ClassVar = RowClass.SCOPED

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    scope = models.ForeignKey(Scope, on_delete=models.PROTECT, related_name="+")
    subject_kind = models.CharField(max_length=40)
    subject_id = models.UUIDField()
    subject_number = models.CharField(max_length=40)
    code_index = models.BinaryField(max_length=32)
    made_at = models.DateTimeField()
    made_by = models.UUIDField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.UUIDField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["code_index"], name="one_client_code_for_each_digest"),
            models.UniqueConstraint(
                fields=["subject_kind", "subject_id"],
                condition=Q(ended_at__isnull=True),
                name="one_live_code_for_each_subject",
            ),
            models.CheckConstraint(condition=_paired("ended_at", "ended_by"), name="client_code_ended_at_and_by"),
        ]

    def __str__(self) -> str:
        return self.subject_number


class Booking(models.Model):
    """An appointment of a subject. A moved one stays, and the new time is a row of its own (`moved_from`)."""

    row_class: ClassVar = RowClass.SCOPED

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    scope = models.ForeignKey(Scope, on_delete=models.PROTECT, related_name="+")
    slot = models.ForeignKey(Slot, on_delete=models.PROTECT, related_name="bookings")
    subject_kind = models.CharField(max_length=40)
    subject_id = models.UUIDField()
    subject_number = models.CharField(max_length=40)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    moved_from = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=12, choices=BookingState.choices, default=BookingState.BOOKED)
    state_since_at = models.DateTimeField()
    state_since_by = models.UUIDField()
    is_to_tell = models.BooleanField(default=False, help_text="The office changed the time: the counter calls")
    booked_at = models.DateTimeField()
    booked_by = models.UUIDField(help_text="A member of staff, or the client code with which the client booked")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["subject_kind", "subject_id"],
                condition=Q(state=BookingState.BOOKED),
                name="one_live_booking_for_each_subject",
            ),
            models.UniqueConstraint(fields=["id", "scope"], name="booking_with_its_place"),
            models.CheckConstraint(condition=Q(state__in=BookingState.values), name="known_state_of_booking"),
            models.CheckConstraint(condition=Q(channel__in=Channel.values), name="known_channel_of_booking"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["subject_kind", "subject_id", "booked_at"], name="service_subjects_bookings"),
            models.Index(fields=["scope", "is_to_tell"], condition=Q(is_to_tell=True), name="service_to_tell"),
        ]

    def __str__(self) -> str:
        return self.subject_number


class Ticket(models.Model):
    """A number of the hall, from 1 each day at each office. Waiting is from `issued_at` to the first `called_at`."""

    row_class: ClassVar = RowClass.SCOPED

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    scope = models.ForeignKey(Scope, on_delete=models.PROTECT, related_name="+")
    issued_on = models.DateField(help_text="The day in Tehran")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=8, choices=TicketKind.choices)
    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, null=True, related_name="tickets")
    subject_kind = models.CharField(max_length=40, blank=True)
    subject_id = models.UUIDField(null=True)
    subject_number = models.CharField(max_length=40, blank=True)
    is_calm = models.BooleanField(default=False)
    counter_kind = models.CharField(max_length=12, choices=CounterKind.choices)
    state = models.CharField(max_length=8, choices=TicketState.choices, default=TicketState.WAITING)
    turn_at = models.DateTimeField(help_text="When its turn has come: khedmat.service.rules.turn_of")
    counter = models.ForeignKey(Counter, on_delete=models.PROTECT, null=True, related_name="tickets")
    issued_at = models.DateTimeField()
    issued_by = models.UUIDField()
    called_at = models.DateTimeField(null=True)
    called_by = models.UUIDField(null=True)
    last_called_at = models.DateTimeField(null=True)
    served_at = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["scope", "issued_on", "number"], name="one_ticket_for_each_number"),
            models.UniqueConstraint(
                fields=["counter"], condition=Q(state=TicketState.CALLED), name="one_number_at_a_counter"
            ),
            models.UniqueConstraint(
                fields=["issued_on", "subject_kind", "subject_id"],
                condition=Q(state__in=[TicketState.WAITING, TicketState.CALLED], subject_id__isnull=False),
                name="one_live_ticket_for_each_subject",
            ),
            models.CheckConstraint(condition=Q(kind__in=TicketKind.values), name="known_kind_of_ticket"),
            models.CheckConstraint(condition=Q(counter_kind__in=CounterKind.values), name="ticket_for_known_counter"),
            models.CheckConstraint(condition=Q(state__in=TicketState.values), name="known_state_of_ticket"),
            models.CheckConstraint(condition=_paired("called_at", "called_by"), name="ticket_called_at_and_by"),
            models.CheckConstraint(
                condition=~Q(state=TicketState.CALLED) | Q(counter__isnull=False, last_called_at__isnull=False),
                name="called_to_a_counter",
            ),
            models.CheckConstraint(
                condition=Q(state=TicketState.SERVED, served_at__isnull=False)
                | (~Q(state=TicketState.SERVED) & Q(served_at__isnull=True)),
                name="ticket_served_when_served",
            ),
            models.CheckConstraint(
                condition=Q(state=TicketState.LEFT, left_at__isnull=False)
                | (~Q(state=TicketState.LEFT) & Q(left_at__isnull=True)),
                name="ticket_left_when_left",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["scope", "issued_on", "state", "counter_kind"], name="service_hall"),
        ]

    def __str__(self) -> str:
        return str(self.number)


class HallLink(models.Model):
    """An address of the hall's display that needs no sign-in; it shows numbers, and holds until it is revoked."""

    row_class: ClassVar = RowClass.SCOPED

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    scope = models.ForeignKey(Scope, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    made_by = models.UUIDField()
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.UUIDField(null=True)

    class Meta:
        ordering: ClassVar = ["made_at"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=_paired("revoked_at", "revoked_by"), name="hall_link_revoked_at_and_by"),
        ]

    def __str__(self) -> str:
        return str(self.id)
