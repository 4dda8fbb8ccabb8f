"""Messages say nothing of a person, go out once, and never at night."""

import string
from dataclasses import fields, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as trials
from hypothesis import strategies as st
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django.fixtures import Settings

from khedmat.accounts.errors import PermissionMissing, RecordNotVisible
from khedmat.common.jalali import TEHRAN
from khedmat.notices import sending
from khedmat.notices.enums import Channel, Language, MessageKind, MessageState
from khedmat.notices.errors import ChannelNotOffered
from khedmat.notices.gateways import DemoGateway, DestinationRefused, GatewayUnreachable, Outgoing
from khedmat.notices.messages import (
    MessageValues,
    UnfitMessage,
    compose_message,
    message_texts,
    same_code_texts,
    slots_of,
)
from khedmat.notices.models import DemoDelivery, Message
from khedmat.notices.rules import MOST_TRIES, QuietTimes, next_allowed
from khedmat.notices.selectors import message_counts
from khedmat.notices.sending import queue_message, quiet_times, send_due_messages, send_message
from khedmat.offices.holidays import add_holiday
from khedmat.places.enums import HolidayCertainty
from khedmat.registry.models import Household
from khedmat.vault.context import working_context
from tests.cast import Cast
from tests.notices.conftest import entries

NIGHT_AND_FRIDAY = QuietTimes(time(21), time(8), frozenset({4}))
VALUES = {"day": date(2026, 12, 5), "time": time(9, 30), "code": "4821-7739"}


# ---------- what a message says ----------


@pytest.mark.parametrize("kind", MessageKind)
def test_a_message_has_no_slot_for_anything_about_a_person(kind: MessageKind) -> None:
    for language in Language:
        used = {name for _, name, _, _ in string.Formatter().parse(message_texts()[kind][language]) if name}
        assert used == slots_of(kind) | {"office"}
        assert used <= {"office", "day", "time", "code"}


def test_the_values_of_a_message_are_these_four() -> None:
    assert [one.name for one in fields(MessageValues)] == ["office", "day", "time", "code"]


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("kind", MessageKind)
def test_a_message_fits_three_short_ones(kind: MessageKind, language: Language) -> None:
    values = MessageValues("دفتر کفالت شهریار", **{name: VALUES[name] for name in slots_of(kind)})  # type: ignore[arg-type]
    assert len(compose_message(kind, values, language)) <= 3 * 67


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("kind", same_code_texts())
def test_a_message_to_who_holds_a_code_says_all_but_the_code(kind: str, language: Language) -> None:
    needed = slots_of(MessageKind(kind)) - {"code"}
    used = {name for _, name, _, _ in string.Formatter().parse(same_code_texts()[kind][language]) if name}
    assert used == needed | {"office"}
    values = MessageValues("دفتر کفالت شهریار", **{name: VALUES[name] for name in needed})  # type: ignore[arg-type]
    assert len(compose_message(MessageKind(kind), values, language)) <= 3 * 67


def test_a_message_in_persian_is_said_whole() -> None:
    values = MessageValues("دفتر شهریار", date(2026, 12, 5), time(9, 30), "4821-7739")
    assert compose_message(MessageKind.APPOINTMENT, values, "fa") == (
        "دفتر شهریار: نوبت شما شنبه ۱۴ آذر ۱۴۰۵ ساعت ۹:۳۰. کد نوبت: \u2066۴۸۲۱-۷۷۳۹\u2069"
    )


@pytest.mark.parametrize("code", ["رضایی", "refused", "4821 7739", "x" * 30, "0912-1234567890"])
def test_what_is_no_code_is_refused(code: str) -> None:
    with pytest.raises(UnfitMessage):
        compose_message(MessageKind.LETTER_WAITING, MessageValues("دفتر", code=code), "fa")


def test_a_message_with_too_much_or_too_little_is_refused() -> None:
    with pytest.raises(UnfitMessage):
        compose_message(MessageKind.LETTER_WAITING, MessageValues("دفتر", day=date(2026, 12, 5), code="12-34"), "fa")
    with pytest.raises(UnfitMessage):
        compose_message(MessageKind.APPOINTMENT, MessageValues("دفتر", code="12-34"), "fa")


# ---------- when it goes out ----------


@pytest.mark.parametrize(
    ("moment", "allowed"),
    [
        ("2026-12-05 08:00", "2026-12-05 08:00"),
        ("2026-12-05 20:59", "2026-12-05 20:59"),
        ("2026-12-05 21:00", "2026-12-06 08:00"),
        ("2026-12-06 00:00", "2026-12-06 08:00"),
        ("2026-12-06 07:59", "2026-12-06 08:00"),
        # Thursday night: over Friday, and over Friday's night.
        ("2026-12-03 21:30", "2026-12-05 08:00"),
        ("2026-12-04 12:00", "2026-12-05 08:00"),
        ("2026-12-04 23:59", "2026-12-05 08:00"),
        # Nowruz 1406 and the night before; the leap day of 1403, a Thursday, whose next day is a Friday.
        ("2027-03-20 23:30", "2027-03-21 08:00"),
        ("2027-03-21 00:00", "2027-03-21 08:00"),
        ("2025-03-20 22:00", "2025-03-22 08:00"),
    ],
)
def test_next_allowed(moment: str, allowed: str) -> None:
    at, then = (datetime.fromisoformat(one).replace(tzinfo=TEHRAN) for one in (moment, allowed))
    assert next_allowed(at, NIGHT_AND_FRIDAY) == then
    assert next_allowed(at.astimezone(UTC), NIGHT_AND_FRIDAY) == then


def test_a_holiday_of_the_office_s_place_is_quiet() -> None:
    quiet = replace(NIGHT_AND_FRIDAY, holidays=frozenset({date(2026, 12, 5), date(2026, 12, 6)}))
    thursday_night = datetime(2026, 12, 3, 22, tzinfo=TEHRAN)
    assert next_allowed(thursday_night, quiet) == datetime(2026, 12, 7, 8, tzinfo=TEHRAN)


def test_quiet_times_know_the_holidays_of_the_province(cast: Cast) -> None:
    before = quiet_times(cast.places["shahriar"].pk).holidays
    with working_context(cast["director"]):
        add_holiday(
            date(2026, 12, 9), title="آلودگی هوا", source="استانداری", certainty=HolidayCertainty.SOURCE,
            by=cast["director"],
        )  # fmt: skip
    assert quiet_times(cast.places["shahriar"].pk).holidays == before | {date(2026, 12, 9)}
    assert date(2026, 12, 9) not in quiet_times(cast.places["mashhad"].pk).holidays


# The first time of day that is drawn imports much, which a busy machine takes seconds for.
@trials(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.times(), st.times(), st.frozensets(st.integers(0, 6), max_size=6),
)  # fmt: skip
def test_next_allowed_is_allowed_and_never_earlier(moment: datetime, begins: time, ends: time, days: Any) -> None:
    quiet = QuietTimes(begins, ends, days)
    then = next_allowed(moment, quiet)
    assert then >= moment
    assert next_allowed(then, quiet) == then
    assert then.weekday() not in days


def test_a_week_without_a_day_to_send_on_is_refused() -> None:
    with pytest.raises(ValueError, match="some day"):
        QuietTimes(time(21), time(8), frozenset(range(7)))


# ---------- how it goes out ----------


class Unreachable(DemoGateway):
    """A gateway that gives no answer."""

    def send(self, message: Outgoing) -> None:
        raise GatewayUnreachable


class Refusing(DemoGateway):
    """A gateway that knows no such number."""

    def send(self, message: Outgoing) -> None:
        raise DestinationRefused


class Broken(DemoGateway):
    """A gateway whose library quotes the number in its error."""

    def send(self, message: Outgoing) -> None:
        raise RuntimeError(message.destination)


def through(settings: Settings, gateway: type) -> None:
    settings.NOTICE_GATEWAYS = {"sms": f"{gateway.__module__}.{gateway.__qualname__}"}


def queue(
    cast: Cast, household: Household, acting: Any, *, key: str = "letter:1", by: str = "narges"
) -> Message | None:
    with acting(cast[by]):
        return queue_message(
            MessageKind.LETTER_WAITING, household.pk, cast.places["shahriar"], channel=Channel.SMS,
            destination="+989121234567", language="fa", key="letter:1", code="4821-7739", by=cast[by],
        )  # fmt: skip


def stored(cast: Cast, message: Message, acting: Any) -> Message:
    with acting(cast["narges"]):
        return Message.objects.get(pk=message.pk)


def test_queue_message_defers_a_job_of_its_id_alone(cast: Cast, household: Household, acting: Any) -> None:
    message = queue(cast, household, acting)
    assert message is not None
    job = ProcrastinateJob.objects.get(task_name="notices.send")
    assert job.args == {"message_id": str(message.pk)}
    assert job.scheduled_at == message.next_try_at
    with acting(cast["narges"]):
        assert len(entries(household.pk, "message.queued")) == 1


def test_the_same_key_is_queued_once(cast: Cast, household: Household, acting: Any) -> None:
    assert queue(cast, household, acting) is not None
    assert queue(cast, household, acting) is None
    assert ProcrastinateJob.objects.filter(task_name="notices.send").count() == 1


def test_send_message_hands_it_to_the_gateway_once(
    cast: Cast, household: Household, acting: Any, always_open: None
) -> None:
    message = queue(cast, household, acting)
    assert message is not None
    assert send_message(message.pk) == MessageState.SENT
    assert send_message(message.pk, now=datetime.now(UTC) + timedelta(days=2)) is None
    (taken,) = DemoDelivery.objects.all()
    assert (taken.tail, taken.key) == ("67", "letter:1")
    assert "نامه‌ای برای شما آماده است" in taken.text
    assert stored(cast, message, acting).state == MessageState.SENT
    with acting(cast["narges"]):
        assert len(entries(household.pk, "message.sent")) == 1


def test_whoever_dies_after_the_gateway_took_it_sends_it_no_second_time(
    cast: Cast, household: Household, acting: Any, always_open: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = queue(cast, household, acting)
    assert message is not None
    real = sending._call

    def killed(statement: str, *values: Any) -> Any:
        if "end_message" in statement:
            raise SystemExit
        return real(statement, *values)

    with monkeypatch.context() as dying:
        dying.setattr(sending, "_call", killed)
        with pytest.raises(SystemExit):
            send_message(message.pk)
    assert send_due_messages() == 0
    later = datetime.now(UTC) + timedelta(minutes=6)
    assert send_due_messages(now=later) == 1
    assert DemoDelivery.objects.count() == 1
    assert stored(cast, message, acting).state == MessageState.SENT


def test_an_unreachable_gateway_is_tried_again_later_and_later_and_then_given_up(
    cast: Cast, household: Household, acting: Any, always_open: None, settings: Settings
) -> None:
    message = queue(cast, household, acting)
    assert message is not None
    through(settings, Unreachable)
    now, waits = datetime.now(UTC), []
    for _ in range(MOST_TRIES):
        send_message(message.pk, now=now)
        kept = stored(cast, message, acting)
        waits.append(kept.next_try_at - now)
        now = kept.next_try_at
    assert waits == [timedelta(minutes=5 * 4**tries) for tries in range(MOST_TRIES)]
    assert (kept.state, kept.failure) == (MessageState.GIVEN_UP, "unreachable")


def test_a_refused_number_is_not_tried_again(
    cast: Cast, household: Household, acting: Any, always_open: None, settings: Settings
) -> None:
    message = queue(cast, household, acting)
    assert message is not None
    through(settings, Refusing)
    assert send_message(message.pk) == MessageState.FAILED
    assert stored(cast, message, acting).failure == "destination"


def test_what_a_gateway_s_library_raises_is_logged_without_its_words(
    cast: Cast,
    household: Household,
    acting: Any,
    always_open: None,
    settings: Settings,
    caplog: pytest.LogCaptureFixture,
) -> None:
    message = queue(cast, household, acting)
    assert message is not None
    through(settings, Broken)
    assert send_message(message.pk) == MessageState.QUEUED
    assert "RuntimeError" in caplog.text
    assert "989121234567" not in caplog.text


def test_at_night_a_message_is_put_off_and_counts_no_try(cast: Cast, household: Household, acting: Any) -> None:
    message = queue(cast, household, acting)
    assert message is not None
    night = datetime(2026, 12, 5, 23, 0, tzinfo=TEHRAN)
    assert send_message(message.pk, now=night) == MessageState.QUEUED
    kept = stored(cast, message, acting)
    assert (kept.next_try_at, kept.tries) == (datetime(2026, 12, 6, 8, 0, tzinfo=TEHRAN), 0)
    assert send_due_messages(now=night) == 0


def test_a_site_without_a_gateway_queues_nothing(
    cast: Cast, household: Household, acting: Any, settings: Settings
) -> None:
    settings.NOTICE_GATEWAYS = {}
    with pytest.raises(ChannelNotOffered):
        queue(cast, household, acting)


def test_a_family_that_is_not_open_gets_no_message(cast: Cast, household: Household, acting: Any) -> None:
    with pytest.raises(RecordNotVisible):
        queue(cast, household, acting, by="mina")
    with pytest.raises(PermissionMissing):
        queue(cast, household, acting, by="kamran")


def test_message_counts_are_for_those_who_look_after_the_outbox(cast: Cast, household: Household, acting: Any) -> None:
    queue(cast, household, acting)
    with acting(cast["manager"]):
        (count,) = message_counts(date(2020, 1, 1))
        assert (count.office_id, count.kind, count.messages) == (cast.places["shahriar"].pk, "letter_waiting", 1)
    with acting(cast["narges"]):
        assert message_counts(date(2020, 1, 1)) == []
