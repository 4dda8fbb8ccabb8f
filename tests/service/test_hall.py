"""Numbers of the hall: given from 1 each day, called in turn, by one counter each."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection

from khedmat.common.actor import Actor
from khedmat.service.booking import book
from khedmat.service.enums import Channel, CounterKind, TicketState
from khedmat.service.errors import (
    CounterBusy,
    NobodyWaits,
    ServiceNotAllowed,
    TicketAlreadyGiven,
    TicketNotFound,
)
from khedmat.service.hall import call_again, call_next, give_number, leave, send_to_end, serve, transfer
from khedmat.service.models import Counter, Ticket
from khedmat.service.selectors import Wait, hall_now, waiting_by_day
from khedmat.vault.context import working_context
from tests.cast import Cast, make_cast
from tests.service.opened import DAY, MORNING, a_subject, at, counters, opened, slots

AT_ONCE = 8
Desks = tuple[Counter, Counter, Counter]


@pytest.fixture
def desks(cast: Cast) -> Desks:
    return counters(cast["shirin"])


def give(clerk: Actor, *hours: tuple[int, int]) -> list[Ticket]:
    with working_context(clerk):
        return [give_number(by=clerk, now=at(*hour)) for hour in hours]


def test_numbers_begin_anew_at_midnight_in_tehran(cast: Cast) -> None:
    clerk = cast["narges"]
    with working_context(clerk):
        before = [give_number(by=clerk, now=at(23, 58)), give_number(by=clerk, now=at(23, 59))]
        after = give_number(by=clerk, now=at(0, 1, day=DAY + timedelta(days=1)))
    assert [(one.issued_on, one.number) for one in (*before, after)] == [
        (DAY, 1),
        (DAY, 2),
        (DAY + timedelta(days=1), 1),
    ]


def test_numbers_of_two_offices_do_not_meet(cast: Cast) -> None:
    assert [give(cast[name], (9, 0))[0].number for name in ("narges", "omid")] == [1, 1]


def test_appointment_is_called_at_its_time(cast: Cast, desks: Desks) -> None:
    clerk, subject = cast["narges"], a_subject()
    opened(cast["shirin"])
    give(clerk, (7, 40))
    with working_context(clerk):
        book(slots(cast["shirin"])[1].pk, subject, channel=Channel.PHONE, by=clerk, now=MORNING)
        booked = give_number(subject, by=clerk, now=at(8, 10))
        assert booked.number == 2
        assert call_next(desks[0].pk, by=clerk, now=at(8, 30)).pk == booked.pk


def test_number_that_nobody_came_for_goes_behind_the_others(cast: Cast, desks: Desks) -> None:
    clerk = cast["narges"]
    give(clerk, (9, 0), (9, 1))
    with working_context(clerk):
        first = call_next(desks[0].pk, by=clerk, now=at(9, 5))
        send_to_end(first.pk, by=clerk, now=at(9, 8))
        second = call_next(desks[0].pk, by=clerk, now=at(9, 9))
        serve(second.pk, by=clerk, now=at(9, 20))
        again = call_next(desks[0].pk, by=clerk, now=at(9, 21))
    assert [first.number, second.number, again.number] == [1, 2, 1]


def test_counter_serves_one_at_a_time(cast: Cast, desks: Desks) -> None:
    clerk = cast["narges"]
    give(clerk, (9, 0), (9, 1))
    with working_context(clerk):
        call_next(desks[0].pk, by=clerk, now=at(9, 5))
        with pytest.raises(CounterBusy):
            call_next(desks[0].pk, by=clerk, now=at(9, 6))


def test_empty_hall(cast: Cast, desks: Desks) -> None:
    give(cast["narges"], (9, 0))
    with working_context(cast["narges"]), pytest.raises(NobodyWaits):
        call_next(desks[0].pk, by=cast["narges"], now=at(9, 5, day=DAY + timedelta(days=1)))


def test_transferred_number_is_the_cashiers_at_once(cast: Cast, desks: Desks) -> None:
    clerk, cashier = cast["narges"], cast["kamran"]
    give(clerk, (9, 0))
    with working_context(clerk):
        ticket = call_next(desks[0].pk, by=clerk, now=at(9, 5))
        transfer(ticket.pk, CounterKind.CASHIER, by=clerk, now=at(9, 20))
        with pytest.raises(NobodyWaits):
            call_next(desks[1].pk, by=clerk, now=at(9, 21))
    with working_context(cashier):
        taken = call_next(desks[2].pk, by=cashier, now=at(9, 22))
        assert (taken.pk, taken.called_at) == (ticket.pk, ticket.called_at)


def test_nobody_calls_for_another_role_or_serves_another_counters_number(cast: Cast, desks: Desks) -> None:
    clerk, cashier = cast["narges"], cast["kamran"]
    give(clerk, (9, 0))
    with working_context(cashier), pytest.raises(ServiceNotAllowed):
        call_next(desks[0].pk, by=cashier, now=at(9, 5))
    with working_context(clerk):
        ticket = call_next(desks[0].pk, by=clerk, now=at(9, 5))
    with working_context(cashier), pytest.raises(ServiceNotAllowed):
        serve(ticket.pk, by=cashier)
    with working_context(cast["omid"]), pytest.raises(TicketNotFound):
        serve(ticket.pk, by=cast["omid"])


def test_family_has_one_number_at_a_time(cast: Cast) -> None:
    clerk, subject = cast["narges"], a_subject()
    with working_context(clerk):
        ticket = give_number(subject, by=clerk, now=at(9))
        with pytest.raises(TicketAlreadyGiven):
            give_number(subject, by=clerk, now=at(9, 1))
        leave(ticket.pk, by=clerk, now=at(9, 2))
        assert give_number(subject, by=clerk, now=at(9, 3)).number == 2


def test_display_shows_numbers_the_last_call_first(cast: Cast, desks: Desks) -> None:
    clerk = cast["narges"]
    give(clerk, (9, 0), (9, 1), (9, 2))
    with working_context(clerk):
        first = call_next(desks[0].pk, by=clerk, now=at(9, 5))
        call_next(desks[1].pk, by=clerk, now=at(9, 6))
        assert [(one.number, one.counter) for one in hall_now(clerk.scope_id, at(9, 7)).called] == [(2, 2), (1, 1)]
        call_again(first.pk, by=clerk, now=at(9, 8))
        hall = hall_now(clerk.scope_id, at(9, 9))
    assert ([one.number for one in hall.called], hall.waiting) == ([1, 2], 1)


def test_waiting_is_from_the_ticket_to_the_first_call(cast: Cast, desks: Desks) -> None:
    clerk = cast["narges"]
    give(clerk, (9, 0), (9, 0), (9, 0))
    with working_context(clerk):
        for minute in (10, 20, 50):
            ticket = call_next(desks[0].pk, by=clerk, now=at(9, minute))
            call_again(ticket.pk, by=clerk, now=at(9, 59))
            serve(ticket.pk, by=clerk, now=at(9, 59))
        assert waiting_by_day(clerk.scope_id, DAY, DAY) == {DAY: Wait(called=3, median_minutes=20)}


def _at_once(clerk: Actor, start: Barrier, counter: Counter) -> tuple[int, int]:
    try:
        start.wait(timeout=30)
        with working_context(clerk):
            given = give_number(by=clerk, now=at(10)).number
        start.wait(timeout=30)
        with working_context(clerk):
            return given, call_next(counter.pk, by=clerk, now=at(10, 1)).number
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_numbers_given_and_called_at_once(transactional_db: None) -> None:
    """No number is left out, none is given twice, none is called to two counters."""
    from khedmat.service.opening import open_counter

    cast = make_cast()
    manager, clerk = cast["shirin"], cast["narges"]
    with working_context(manager):
        desks = [open_counter(number, CounterKind.CLERK, by=manager) for number in range(1, AT_ONCE + 1)]
    start = Barrier(AT_ONCE)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(lambda counter: _at_once(clerk, start, counter), desks))
    everyone = list(range(1, AT_ONCE + 1))
    assert sorted(given for given, _called in answers) == everyone
    assert sorted(called for _given, called in answers) == everyone
    with working_context(clerk):
        assert Ticket.objects.filter(state=TicketState.CALLED).count() == AT_ONCE
