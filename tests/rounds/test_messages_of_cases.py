"""SMS that are queued with what they tell: by people who do not see the family, once, and with nothing of it."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from khedmat.accounts.errors import RecordNotVisible
from khedmat.casework.models import Case
from khedmat.common.actor import Actor
from khedmat.common.jalali import TEHRAN
from khedmat.notices.enums import MessageKind, MessageState
from khedmat.notices.models import DemoDelivery, Message
from khedmat.notices.sending import send_message
from khedmat.registry.models import Household
from khedmat.rounds import telling
from khedmat.rounds.booking import pre_register, subject_of
from khedmat.rounds.enrolment import withdraw_enrolment
from khedmat.service.booking import at_the_door, book, cancel_booking, move_booking
from khedmat.service.enums import Channel
from khedmat.service.models import OpeningDay, Slot
from khedmat.service.opening import close_day, open_days, reopen_day
from khedmat.service.selectors import today_in_tehran
from khedmat.vault.context import working_context
from tests import line
from tests.cast import Cast
from tests.service.opened import PLAN

LATER = datetime(2030, 1, 1, 10, tzinfo=TEHRAN)


@pytest.fixture
def case(cast: Cast) -> Case:
    """A family that is to be booked, at an office that opens tomorrow and the day after."""
    line.open_round(cast)
    clerk, manager = cast["narges"], cast["shirin"]
    tomorrow = today_in_tehran() + timedelta(days=1)
    with working_context(manager):
        open_days(tomorrow, tomorrow + timedelta(days=1), PLAN, with_free_days=True, by=manager)
    household = line.register(cast, size=1)
    with working_context(clerk):
        return pre_register(household.pk, line.ROUND, by=clerk)


def times() -> list[Slot]:
    return list(Slot.objects.order_by("starts_at"))


def booked(case: Case, by: Actor) -> UUID:
    return book(times()[0].pk, subject_of(case), channel=Channel.PHONE, by=by).booking.pk


def messages(case: Case, cast: Cast) -> list[str]:
    """Kinds of what was queued for the family, in order."""
    with working_context(cast["narges"]):
        Household.objects.get(pk=case.household_id)
        return list(Message.objects.order_by("queued_at").values_list("kind", flat=True))


def test_an_appointment_is_said_with_its_new_code(cast: Cast, case: Case, acting: Any) -> None:
    with acting(cast["narges"]):
        booked(case, cast["narges"])
        message = Message.objects.get()
        assert (message.kind, message.destination, message.language) == (MessageKind.APPOINTMENT, "", "fa")
        assert len(message.code) == 9
        assert message.expected_on == today_in_tehran() + timedelta(days=1)


def test_one_moved_and_cancelled_is_said_without_the_code_that_nobody_knows_any_more(
    cast: Cast, case: Case, acting: Any
) -> None:
    with acting(cast["narges"]):
        moved = move_booking(booked(case, cast["narges"]), times()[1].pk, channel=Channel.PHONE, by=cast["narges"])
        cancel_booking(moved.pk, by=cast["narges"])
    assert messages(case, cast) == ["appointment", "appointment_moved", "appointment_cancelled"]
    with acting(cast["narges"]):
        assert [one.code for one in Message.objects.exclude(kind="appointment")] == ["", ""]


def test_a_client_who_moves_is_told_and_one_who_cancels_is_not(cast: Cast, case: Case, acting: Any) -> None:
    with acting(cast["narges"]):
        made = book(times()[0].pk, subject_of(case), channel=Channel.PHONE, by=cast["narges"])
    with at_the_door(made.code or "") as client:
        moved = move_booking(made.booking.pk, times()[1].pk, channel=Channel.CLIENT, by=client.actor)
        cancel_booking(moved.pk, by=client.actor)
    assert messages(case, cast) == ["appointment", "appointment_moved"]


@pytest.mark.parametrize(("is_moving", "kind"), [(True, "appointment_moved"), (False, "day_closed")])
def test_a_manager_who_closes_a_day_tells_families_that_they_do_not_see(
    cast: Cast, case: Case, acting: Any, is_moving: bool, kind: str
) -> None:
    with acting(cast["narges"]):
        booked(case, cast["narges"])
    with acting(cast["shirin"]):
        day = OpeningDay.objects.order_by("open_on")[0]
        close_day(day.pk, "برف", day.version, is_moving=is_moving, by=cast["shirin"])
        assert not Household.objects.exists()
    assert messages(case, cast) == ["appointment", kind]


def test_a_day_that_is_closed_and_opened_twice_is_told_each_time(cast: Cast, case: Case, acting: Any) -> None:
    with acting(cast["narges"]):
        booked(case, cast["narges"])
    with acting(cast["shirin"]):
        day = OpeningDay.objects.order_by("open_on")[0]
        for _turn in range(2):
            day = close_day(day.pk, "برف", day.version, is_moving=False, by=cast["shirin"])
            day = reopen_day(day.pk, day.version, by=cast["shirin"])
    assert messages(case, cast) == ["appointment", "day_closed", "appointment", "day_closed", "appointment"]


def test_a_family_that_withdraws_is_not_told_that_its_appointment_ended(cast: Cast, case: Case, acting: Any) -> None:
    with acting(cast["narges"]):
        booked(case, cast["narges"])
        withdraw_enrolment(case.pk, Case.objects.get(pk=case.pk).version, by=cast["narges"])
    assert messages(case, cast) == ["appointment"]


def test_a_family_without_a_telephone_is_sent_nothing(cast: Cast, case: Case, acting: Any) -> None:
    with acting(cast["narges"]):
        household = Household.objects.get(pk=case.household_id)
        household.phone = ""
        household.save()
        booked(case, cast["narges"])
    assert messages(case, cast) == []


def test_the_telephone_is_looked_up_when_the_message_goes_out(
    cast: Cast, case: Case, acting: Any, always_open: None
) -> None:
    with acting(cast["narges"]):
        booked(case, cast["narges"])
        household = Household.objects.get(pk=case.household_id)
        household.phone = "+989350000042"
        household.save()
        message = Message.objects.get()
    assert send_message(message.pk, now=LATER) == MessageState.SENT
    assert DemoDelivery.objects.get().tail == "42"


def test_whoever_takes_the_telephone_back_is_told_nothing(
    cast: Cast, case: Case, acting: Any, always_open: None
) -> None:
    with acting(cast["narges"]):
        booked(case, cast["narges"])
        Household.objects.get(pk=case.household_id)
        message = Message.objects.get()
        household = Household.objects.get(pk=case.household_id)
        household.phone = ""
        household.save()
    assert send_message(message.pk, now=LATER) == MessageState.FAILED
    assert not DemoDelivery.objects.exists()


def test_another_office_tells_nobody_of_this_one_s_cases(cast: Cast, case: Case, acting: Any) -> None:
    with pytest.raises(RecordNotVisible), acting(cast["omid"]):
        telling.tell_of_cards(case, cast["omid"])


def test_a_decision_and_ready_cards_are_news_said_once(cast: Cast, acting: Any) -> None:
    line.open_round(cast)
    case = line.whole_line(cast)
    with acting(cast["printer"]):
        telling.tell_of_cards(case, cast["printer"])
    assert messages(case, cast) == ["letter_waiting", "news"]
