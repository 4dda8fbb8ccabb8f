"""Appointments: booked, moved, cancelled; each one function, one transaction, one audit row.

A place is taken by one UPDATE whose condition and the database's own constraint say `taken <= capacity`: bookings of
one time queue on its row alone, and no place is sold twice.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, time
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from khedmat.accounts.enums import Purpose
from khedmat.audit.actions import Detail, record
from khedmat.common.actor import Actor
from khedmat.common.constraints import insert_drawn, violated_constraint
from khedmat.common.locks import Turn, take_turn
from khedmat.service import perms
from khedmat.service.enums import BookingState, Channel
from khedmat.service.errors import (
    AlreadyBooked,
    BookingNotFound,
    CodeUnknown,
    ServiceNotAllowed,
    SlotFull,
    SlotNotFound,
)
from khedmat.service.listeners import Event, Happened, tell
from khedmat.service.models import Booking, ClientCode, Slot
from khedmat.service.rules import CODE_ALPHABET, CODE_LENGTH, code_as_typed, may_be_code, moment
from khedmat.service.selectors import live_booking_of, next_free_slots, today_in_tehran
from khedmat.service.subjects import Subject
from khedmat.vault.context import working_context
from khedmat.vault.crypto import blind_index

SUBJECT = "service.booking"
CODE_KIND = "appointment-code"


@dataclass(frozen=True, slots=True)
class Booked:
    """A new appointment. `code` is told once, where none had been handed over; None where one holds already."""

    booking: Booking
    code: str | None


@transaction.atomic
def book(slot_id: UUID, subject: Subject, *, channel: Channel, by: Actor, now: datetime | None = None) -> Booked:
    """Take a place for a subject at the actor's office.

    Errors: SlotFull (with the next free times in `offered`), SlotNotFound, AlreadyBooked, ServiceNotAllowed.
    """
    moment_now = now or timezone.now()
    _require_may_book(subject, by=by)
    _let_past_ones_go(subject, moment_now, by=by)
    slot = take_place(slot_id, by.scope_id, moment_now)
    booking = _write(slot, subject, channel, moment_now, by=by)
    take_turn(Turn.MAKING_CODE, str(subject.id))
    code = None if _live_codes(subject).exists() else _new_code(subject, moment_now, by=by)
    details = {"for": subject.kind, "for_id": str(subject.id), "slot": str(slot.pk), "channel": channel.value}
    _record("appointment.booked", booking, by=by, details={**details, "new_code": code is not None})
    tell(Event.BOOKED, replace(happened(booking, slot), code=code or ""), by=by)
    return Booked(booking, code)


@transaction.atomic
def move_booking(
    booking_id: UUID, slot_id: UUID, *, channel: Channel, by: Actor, now: datetime | None = None
) -> Booking:
    """Give an appointment another time; its old place is free again. The code stays.

    Errors: BookingNotFound, SlotFull, SlotNotFound, ServiceNotAllowed.
    """
    moment_now = now or timezone.now()
    booking = _locked(booking_id, by=by, beside=slot_id)
    if booking.slot_id == slot_id:
        raise AlreadyBooked
    slot = take_place(slot_id, by.scope_id, moment_now)
    moved = replace_booking(booking, slot, channel, moment_now, is_to_tell=False, by=by)
    _record("appointment.moved", moved, by=by, details={"from": str(booking.slot_id), "to": str(slot.pk)})
    tell(Event.MOVED, happened(moved, slot), by=by)
    return moved


@transaction.atomic
def cancel_booking(booking_id: UUID, *, by: Actor, now: datetime | None = None) -> Booking:
    """Give an appointment up; its place is free again, and a new one can be booked at once. Errors: BookingNotFound."""
    booking = _cancelled(booking_id, now or timezone.now(), by=by)
    tell(Event.CANCELLED, happened(booking, booking.slot), by=by)
    return booking


def release_appointment(subject_kind: str, subject_id: UUID, *, by: Actor) -> None:
    """Cancel the appointment of a subject that needs none any more, where one stands; its code ends too.

    No listener is told: whoever ends the subject knows.
    Whoever locks the subject itself calls this before: an arrival locks in this order.
    """
    now = timezone.now()
    subject = Subject(subject_kind, subject_id, "")
    _live_codes(subject).update(ended_at=now, ended_by=by.user_id)
    booking = live_booking_of(subject, now=now)
    if booking is not None:
        _cancelled(booking.pk, now, by=by)


def release_elsewhere(subject_kind: str, case_id: UUID) -> int:
    """End the appointment and the code of a case at every office but the one that has it now. Answers how many.

    Errors: RecordNotVisible where the case is not the actor's place's.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT guard.end_appointments_elsewhere(%s, %s)", [subject_kind, case_id])
        (ended,) = cursor.fetchone()
    return int(ended)


@transaction.atomic
def mark_told(booking_id: UUID, *, by: Actor) -> Booking:
    """The counter has called the family about a time that the office changed. Errors: BookingNotFound."""
    booking = _locked(booking_id, by=by)
    if not booking.is_to_tell:
        raise BookingNotFound
    booking.is_to_tell = False
    booking.save(update_fields=["is_to_tell"])
    _record("appointment.told", booking, by=by)
    return booking


@transaction.atomic
def make_code(subject: Subject, *, by: Actor, now: datetime | None = None) -> str:
    """A code to hand over: with it the client books, moves and cancels. An older one of the subject ends."""
    moment_now = now or timezone.now()
    if not perms.can_receive(by, by.scope_id):
        raise ServiceNotAllowed
    # Two slips at once: the later one's code holds.
    take_turn(Turn.MAKING_CODE, str(subject.id))
    _live_codes(subject).update(ended_at=moment_now, ended_by=by.user_id)
    code = _new_code(subject, moment_now, by=by)
    record("appointment.code-made", by=by, subject=subject.kind, subject_id=subject.id)
    return code


@dataclass(frozen=True, slots=True)
class AtTheDoor:
    """A client who came with a code: who acts, for which subject. Nothing else of theirs is known here."""

    actor: Actor
    subject: Subject


def client_with(code: str) -> AtTheDoor:
    """Who a code opens the door to. Needs no context. Errors: CodeUnknown."""
    if not may_be_code(code):
        raise CodeUnknown
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, scope_id, subject_kind, subject_id, subject_number FROM guard.client_code(%s)",
            [_digest(code)],
        )
        row = cursor.fetchone()
    if row is None:
        raise CodeUnknown
    code_id, scope_id, kind, subject_id, number = row
    actor = Actor(code_id, perms.CLIENT, scope_id, Purpose.BOOK_APPOINTMENT.value)
    return AtTheDoor(actor, Subject(kind, subject_id, number))


@contextmanager
def at_the_door(code: str) -> Iterator[AtTheDoor]:
    """Work in the client's own context, which sees one office and may book for one subject. Errors: CodeUnknown."""
    client = client_with(code)
    with working_context(client.actor):
        yield client


def take_place(slot_id: UUID, office: int, now: datetime) -> Slot:
    """Take one place of a time, or say which times come next. Errors: SlotFull, SlotNotFound."""
    slots = Slot.objects.filter(pk=slot_id, scope_id=office)
    # Its own columns alone: PostgreSQL looks at them again after waiting for whoever took a place just before.
    is_taken = slots.filter(is_closed=False, starts_at__gt=now, taken__lt=F("capacity")).update(taken=F("taken") + 1)
    slot = slots.first()
    if slot is None or slot.is_closed:
        raise SlotNotFound
    if not is_taken:
        raise SlotFull(next_free_slots(office, max(now, slot.starts_at), quiet=slot.is_quiet))
    return slot


def replace_booking(
    booking: Booking, slot: Slot, channel: str, now: datetime, *, is_to_tell: bool, by: Actor
) -> Booking:
    """The same appointment at another time, whose place is taken already."""
    is_over = booking.slot.starts_at < moment(today_in_tehran(now), time.min)
    _leave(booking, BookingState.PASSED if is_over else BookingState.MOVED, now, by=by)
    subject = Subject(booking.subject_kind, booking.subject_id, booking.subject_number)
    return _write(slot, subject, channel, now, by=by, moved_from=booking, is_to_tell=is_to_tell)


def happened(booking: Booking, slot: Slot) -> Happened:
    """What listeners are told of an appointment."""
    return Happened(
        booking.subject_kind,
        booking.subject_id,
        booking.subject_number,
        booking.scope_id,
        slot.starts_at,
        booking.pk,
    )


def _require_may_book(subject: Subject, *, by: Actor) -> None:
    if not perms.can_book(by, by.scope_id):
        raise ServiceNotAllowed
    # A code opens the door to its own subject, whatever a post may name.
    if by.role == perms.CLIENT and not _live_codes(subject).filter(pk=by.user_id).exists():
        raise ServiceNotAllowed


def _write(
    slot: Slot,
    subject: Subject,
    channel: str,
    now: datetime,
    *,
    by: Actor,
    moved_from: Booking | None = None,
    is_to_tell: bool = False,
) -> Booking:
    booking = Booking(
        scope_id=slot.scope_id,
        slot=slot,
        subject_kind=subject.kind,
        subject_id=subject.id,
        subject_number=subject.number,
        channel=channel,
        moved_from=moved_from,
        is_to_tell=is_to_tell,
        state_since_at=now,
        state_since_by=by.user_id,
        booked_at=now,
        booked_by=by.user_id,
    )
    try:
        with transaction.atomic():
            booking.save(force_insert=True)
    except IntegrityError as error:
        if violated_constraint(error) == "one_live_booking_for_each_subject":
            raise AlreadyBooked from error
        raise
    return booking


def _locked(booking_id: UUID, *, by: Actor, beside: UUID | None = None) -> Booking:
    """An appointment that stands, locked after its time (and after the one that it moves to, `beside`).

    Times before appointments, the earlier time first: so locks whoever closes a day, and two families who change
    places never wait for each other.
    """
    of_booking = Booking.objects.filter(pk=booking_id).values("slot_id")
    times = Slot.objects.filter(Q(pk__in=of_booking) | Q(pk=beside))
    list(times.order_by("starts_at").select_for_update(no_key=True))
    found = Booking.objects.select_for_update(of=("self",)).select_related("slot").filter(pk=booking_id).first()
    if found is None or found.state != BookingState.BOOKED:
        raise BookingNotFound
    if not perms.can_book(by, found.scope_id):
        raise ServiceNotAllowed
    _require_may_book(Subject(found.subject_kind, found.subject_id, found.subject_number), by=by)
    return found


def _cancelled(booking_id: UUID, now: datetime, *, by: Actor) -> Booking:
    booking = _locked(booking_id, by=by)
    _leave(booking, BookingState.CANCELLED, now, by=by)
    _record("appointment.cancelled", booking, by=by)
    return booking


def _leave(booking: Booking, state: BookingState, now: datetime, *, by: Actor) -> None:
    Slot.objects.filter(pk=booking.slot_id).update(taken=F("taken") - 1)
    booking.state, booking.state_since_at, booking.state_since_by = state, now, by.user_id
    booking.is_to_tell = False
    booking.save(update_fields=["state", "state_since_at", "state_since_by", "is_to_tell"])


def _let_past_ones_go(subject: Subject, now: datetime, *, by: Actor) -> None:
    """An appointment whose day went by stands in nobody's way: it may be booked anew, as if for the first time."""
    if live_booking_of(subject, now=now) is not None:
        raise AlreadyBooked
    Booking.objects.filter(
        subject_kind=subject.kind,
        subject_id=subject.id,
        state=BookingState.BOOKED,
        slot__starts_at__lt=moment(today_in_tehran(now), time.min),
    ).update(state=BookingState.PASSED, state_since_at=now, state_since_by=by.user_id, is_to_tell=False)


def _live_codes(subject: Subject) -> QuerySet[ClientCode]:
    return ClientCode.objects.filter(subject_kind=subject.kind, subject_id=subject.id, ended_at__isnull=True)


def _new_code(subject: Subject, now: datetime, *, by: Actor) -> str:
    def row_with(code: str) -> ClientCode:
        return ClientCode(
            scope_id=by.scope_id,
            subject_kind=subject.kind,
            subject_id=subject.id,
            subject_number=subject.number,
            code_index=_digest(code),
            made_at=now,
            made_by=by.user_id,
        )

    _row, code = insert_drawn(_draw_code, row_with, "one_client_code_for_each_digest")
    return code


def _draw_code() -> str:
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))


def _digest(code: str) -> bytes:
    return blind_index(CODE_KIND, code_as_typed(code))


def _record(action: str, booking: Booking, *, by: Actor, details: dict[str, Detail] | None = None) -> None:
    record(action, by=by, subject=SUBJECT, subject_id=booking.pk, details=details)
