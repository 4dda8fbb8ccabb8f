"""Appointments: booked, moved, cancelled, come and gone; by staff and by whoever holds the code."""

from datetime import timedelta
from typing import Any

import pytest

from khedmat.audit.models import Entry
from khedmat.casework.models import Case
from khedmat.common.actor import Actor
from khedmat.rounds.booking import pre_register, subject_of
from khedmat.service.booking import (
    at_the_door,
    book,
    cancel_booking,
    client_with,
    make_code,
    move_booking,
)
from khedmat.service.enums import BookingState, Channel
from khedmat.service.errors import AlreadyBooked, CodeUnknown, ServiceNotAllowed, SlotFull, SlotNotFound
from khedmat.service.hall import give_number
from khedmat.service.models import Booking, ClientCode, Slot
from khedmat.service.selectors import last_booking_of, live_booking_of
from khedmat.vault.context import working_context
from tests import line
from tests.cast import Cast
from tests.service.opened import DAY, MORNING, a_subject, at, opened, slots


@pytest.fixture
def clerk(cast: Cast) -> Actor:
    """Narges, at an office that is open on one Sunday: four times of two places each."""
    opened(cast["shirin"])
    return cast["narges"]


def taken(cast: Cast) -> list[int]:
    return [one.taken for one in slots(cast["shirin"])]


def test_booking_takes_a_place_and_tells_a_code_once(cast: Cast, clerk: Actor) -> None:
    subject = a_subject()
    first, second, *_rest = slots(cast["shirin"])
    with working_context(clerk):
        booked = book(first.pk, subject, channel=Channel.PHONE, by=clerk, now=MORNING)
        cancel_booking(booked.booking.pk, by=clerk, now=MORNING)
        again = book(second.pk, subject, channel=Channel.PHONE, by=clerk, now=MORNING)
        kept = ClientCode.objects.get()
        entry = Entry.objects.filter(action="appointment.booked").first()
    assert booked.code is not None
    assert again.code is None
    assert booked.code.encode() not in bytes(kept.code_index)
    assert entry is not None
    assert booked.code not in str(entry.details)
    assert taken(cast) == [0, 1, 0, 0]


def test_code_that_another_client_has_is_drawn_anew(cast: Cast, clerk: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    letters = [*"AAAAAAAA", *"AAAAAAAA", *"CCCCCCCC"]
    monkeypatch.setattr("khedmat.service.booking.secrets.choice", lambda _of: letters.pop(0))
    first = slots(cast["shirin"])[0]
    with working_context(clerk):
        codes = [book(first.pk, a_subject(), channel=Channel.PHONE, by=clerk, now=MORNING).code for _place in range(2)]
    assert codes == ["AAAAAAAA", "CCCCCCCC"]


def test_full_time_offers_the_next_ones(cast: Cast, clerk: Actor) -> None:
    first, second, *_rest = slots(cast["shirin"])
    with working_context(clerk):
        for _place in range(2):
            book(first.pk, a_subject(), channel=Channel.COUNTER, by=clerk, now=MORNING)
        with pytest.raises(SlotFull) as refused:
            book(first.pk, a_subject(), channel=Channel.COUNTER, by=clerk, now=MORNING)
        assert refused.value.offered[0] == second
        assert Booking.objects.count() == 2


def test_second_appointment_of_a_subject(cast: Cast, clerk: Actor) -> None:
    subject = a_subject()
    first, second, *_rest = slots(cast["shirin"])
    with working_context(clerk):
        book(first.pk, subject, channel=Channel.PHONE, by=clerk, now=MORNING)
        with pytest.raises(AlreadyBooked):
            book(second.pk, subject, channel=Channel.PHONE, by=clerk, now=MORNING)
    assert taken(cast) == [1, 0, 0, 0]


def test_moving_frees_the_old_place(cast: Cast, clerk: Actor) -> None:
    subject = a_subject()
    first, second, *_rest = slots(cast["shirin"])
    with working_context(clerk):
        booked = book(first.pk, subject, channel=Channel.PHONE, by=clerk, now=MORNING)
        moved = move_booking(booked.booking.pk, second.pk, channel=Channel.PHONE, by=clerk, now=MORNING)
        old = Booking.objects.get(pk=booked.booking.pk)
    assert (old.state, moved.state, moved.moved_from_id) == (BookingState.MOVED, BookingState.BOOKED, old.pk)
    assert taken(cast) == [0, 1, 0, 0]


def test_time_that_has_passed_is_not_booked(cast: Cast, clerk: Actor) -> None:
    first = slots(cast["shirin"])[0]
    with working_context(clerk), pytest.raises(SlotFull):
        book(first.pk, a_subject(), channel=Channel.PHONE, by=clerk, now=at(8, 1))


def test_time_of_another_office_is_not_booked(cast: Cast, clerk: Actor) -> None:
    opened(cast["reza"])
    foreign = slots(cast["reza"])[0]
    with working_context(clerk), pytest.raises(SlotNotFound):
        book(foreign.pk, a_subject(), channel=Channel.PHONE, by=clerk, now=MORNING)


def test_who_missed_a_time_simply_books_again(cast: Cast, clerk: Actor) -> None:
    """Nothing is counted against anybody: the old row says only that its time has passed."""
    subject = a_subject()
    opened(cast["shirin"], since=DAY + timedelta(days=1))
    first, *_rest, later = slots(cast["shirin"])
    with working_context(clerk):
        book(first.pk, subject, channel=Channel.PHONE, by=clerk, now=MORNING)
        next_day = MORNING + timedelta(days=1)
        assert live_booking_of(subject, now=next_day) is None
        again = book(later.pk, subject, channel=Channel.PHONE, by=clerk, now=next_day)
        states = set(Booking.objects.values_list("state", flat=True))
    assert (again.booking.slot, states) == (later, {BookingState.PASSED, BookingState.BOOKED})


def test_cashier_books_nothing(cast: Cast, clerk: Actor) -> None:
    first = slots(cast["shirin"])[0]
    with working_context(cast["kamran"]), pytest.raises(ServiceNotAllowed):
        book(first.pk, a_subject(), channel=Channel.PHONE, by=cast["kamran"], now=MORNING)


# ---------- the client's own code ----------


def test_client_books_moves_and_cancels_by_the_code(cast: Cast, clerk: Actor, raw: Any) -> None:
    subject = a_subject()
    first, second, *_rest = slots(cast["shirin"])
    with working_context(clerk):
        code = make_code(subject, by=clerk)
    with at_the_door(f"{code[:4].lower()} {code[4:]}") as client:
        assert client.subject == subject
        booked = book(first.pk, subject, channel=Channel.CLIENT, by=client.actor, now=MORNING)
        moved = move_booking(booked.booking.pk, second.pk, channel=Channel.CLIENT, by=client.actor, now=MORNING)
        cancel_booking(moved.pk, by=client.actor, now=MORNING)
    assert taken(cast) == [0, 0, 0, 0]


def test_client_books_for_nobody_else(cast: Cast, clerk: Actor) -> None:
    first = slots(cast["shirin"])[0]
    with working_context(clerk):
        code = make_code(a_subject(), by=clerk)
        other = book(first.pk, a_subject(), channel=Channel.PHONE, by=clerk, now=MORNING).booking
    with at_the_door(code) as client:
        with pytest.raises(ServiceNotAllowed):
            book(first.pk, a_subject(), channel=Channel.CLIENT, by=client.actor, now=MORNING)
        with pytest.raises(ServiceNotAllowed):
            cancel_booking(other.pk, by=client.actor, now=MORNING)


def test_client_sees_one_office_and_no_people(cast: Cast, clerk: Actor, raw: Any) -> None:
    line.open_round(cast)
    line.register(cast)
    opened(cast["reza"])
    with working_context(clerk):
        code = make_code(a_subject(), by=clerk)
    with at_the_door(code) as client:
        assert set(Slot.objects.values_list("scope_id", flat=True)) == {client.actor.scope_id}
        raw.execute("SELECT (SELECT count(*) FROM registry_person) + (SELECT count(*) FROM registry_household)")
        assert raw.fetchone() == (0,)


def test_new_code_ends_the_older_one(cast: Cast, clerk: Actor) -> None:
    subject = a_subject()
    with working_context(clerk):
        old, new = make_code(subject, by=clerk), make_code(subject, by=clerk)
    assert client_with(new).subject == subject
    with pytest.raises(CodeUnknown):
        client_with(old)


# ---------- what a booking means to an enrolment ----------


@pytest.fixture
def case(cast: Cast, clerk: Actor) -> Case:
    """A family on the telephone: known, not here."""
    line.open_round(cast)
    household = line.register(cast)
    with working_context(clerk):
        return pre_register(household.pk, line.ROUND, by=clerk)


def test_case_goes_from_pre_registered_to_booked_to_arrived(cast: Cast, clerk: Actor, case: Case) -> None:
    steps = [case.step]
    with working_context(clerk):
        book(slots(cast["shirin"])[0].pk, subject_of(case), channel=Channel.PHONE, by=clerk, now=MORNING)
        steps.append(Case.objects.get(pk=case.pk).step)
        give_number(subject_of(case), by=clerk, now=at(7, 50))
        steps.append(Case.objects.get(pk=case.pk).step)
        last = last_booking_of(subject_of(case))
    assert steps == ["pre_registered", "booked", "arrived"]
    assert last is not None
    assert last.state == BookingState.ARRIVED


def test_client_moves_the_case_too(cast: Cast, clerk: Actor, case: Case) -> None:
    with working_context(clerk):
        code = make_code(subject_of(case), by=clerk)
    with at_the_door(code) as client:
        book(slots(cast["shirin"])[0].pk, client.subject, channel=Channel.CLIENT, by=client.actor, now=MORNING)
    with working_context(clerk):
        assert Case.objects.get(pk=case.pk).step == "booked"


def test_family_without_appointment_arrives_by_its_number(clerk: Actor, case: Case) -> None:
    with working_context(clerk):
        give_number(subject_of(case), by=clerk, now=at(9))
        assert Case.objects.get(pk=case.pk).step == "arrived"


def test_withdrawal_gives_the_place_back(cast: Cast, clerk: Actor, case: Case) -> None:
    from khedmat.rounds.enrolment import withdraw_enrolment

    opened(cast["shirin"], since=DAY + timedelta(days=400), now=MORNING)
    far = slots(cast["shirin"])[-1]
    with working_context(clerk):
        code = book(far.pk, subject_of(case), channel=Channel.PHONE, by=clerk).code
        withdraw_enrolment(case.pk, Case.objects.get(pk=case.pk).version, by=clerk)
    assert slots(cast["shirin"])[-1].taken == 0
    with pytest.raises(CodeUnknown):
        client_with(code or "")
