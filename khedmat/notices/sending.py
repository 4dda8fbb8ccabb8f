"""Messages are queued in the transaction that has something to say, and sent later by a job that belongs to nobody.

A message is taken, handed to the gateway and noted as sent in three steps, since a gateway stands outside of every
transaction. Whoever dies between the last two leaves it to be tried again; the gateway knows its key by then.
"""

import logging
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.utils import timezone
from procrastinate.contrib.django import app

from khedmat.accounts.enums import Permission
from khedmat.accounts.errors import PermissionMissing, RecordNotVisible
from khedmat.accounts.jobs import places_of
from khedmat.accounts.rules import role_may
from khedmat.audit.actions import record
from khedmat.common.actor import Actor
from khedmat.common.constraints import violated_constraint
from khedmat.notices.enums import Channel, Failure, Language, MessageKind, MessageState
from khedmat.notices.errors import ChannelNotOffered
from khedmat.notices.gateways import DestinationRefused, GatewayUnreachable, Outgoing, gateway_for, is_offered
from khedmat.notices.messages import MessageValues, check_message, compose_message
from khedmat.notices.models import Message
from khedmat.notices.rules import QuietTimes, is_last_try, next_allowed
from khedmat.places.models import Scope
from khedmat.places.selectors import holidays_for
from khedmat.vault.context import is_refused_by_policy
from khedmat.vault.crypto import open_sealed
from khedmat.vault.fields import associated_data

logger = logging.getLogger(__name__)

SEND_JOB = "notices.send"
ONE_KEY = "one_message_for_each_key"


def quiet_times(office_id: int | None = None) -> QuietTimes:
    """The site's quiet times, from the settings; with an office, the holidays of its place and of those above it."""
    begins, ends = (time.fromisoformat(one) for one in settings.NOTICE_QUIET_HOURS)
    holidays: frozenset[date] = frozenset()
    if office_id is not None and settings.NOTICE_QUIET_HOLIDAYS:
        holidays = holidays_for(office_id)
    return QuietTimes(begins, ends, frozenset(settings.NOTICE_QUIET_WEEKDAYS), holidays)


def next_time(office_id: int) -> datetime:
    """When the next message of an office may go out."""
    return next_allowed(timezone.now(), quiet_times(office_id))


def send_later(message_id: UUID, at: datetime) -> None:
    """Have a queued message sent by a job."""
    # By its name: this module stands below the jobs.
    app.configure_task(SEND_JOB, schedule_at=at).defer(message_id=str(message_id))


@transaction.atomic
def queue_message(
    kind: MessageKind,
    household_id: UUID,
    office: Scope,
    *,
    channel: Channel,
    destination: str,
    language: str,
    key: str,
    by: Actor,
    day: date | None = None,
    at: time | None = None,
    code: str = "",
) -> Message | None:
    """Have a message sent, at the next time at which one may be. None where the same key was queued before.

    `key` names what is said, once for ever: `booking:<id>:moved:2`. Errors: PermissionMissing, ChannelNotOffered,
    RecordNotVisible (the family is not open); UnfitMessage is the caller's fault.
    """
    _require_leave(channel, by=by)
    check_message(kind, MessageValues(office.name_fa, day, at, code))
    message = Message(
        household_id=household_id,
        office=office,
        channel=channel,
        kind=kind,
        language=Language(language),
        destination=destination,
        code=code,
        expected_on=day,
        expected_time=at,
        key=key,
        next_try_at=next_time(office.pk),
        queued_by=by.user_id,
    )
    if not _saved(message):
        return None
    record(
        "message.queued",
        by=by,
        subject="notices.message",
        subject_id=message.pk,
        household_id=household_id,
        details={"kind": kind.value, "channel": channel.value},
    )
    send_later(message.pk, message.next_try_at)
    return message


def _require_leave(channel: Channel, *, by: Actor) -> None:
    if not (role_may(by.role, Permission.BOOK_APPOINTMENT) or role_may(by.role, Permission.READ_LETTER)):
        raise PermissionMissing
    if not is_offered(channel):
        raise ChannelNotOffered


def _saved(message: Message) -> bool:
    """Whether the message is new. Errors: RecordNotVisible."""
    try:
        with transaction.atomic():
            message.save(force_insert=True)
    except IntegrityError as error:
        if violated_constraint(error) == ONE_KEY:
            return False
        raise
    except ProgrammingError as error:
        if is_refused_by_policy(error):
            raise RecordNotVisible from error
        raise
    return True


@dataclass(frozen=True, slots=True)
class Taken:
    """A message in hand: what `guard.take_message` gave out, opened."""

    id: UUID
    outgoing: Outgoing
    tries: int


def send_message(message_id: UUID, *, now: datetime | None = None) -> MessageState | None:
    """Send one message that is due. Needs no working context.

    Answers how it ended; QUEUED where it will be tried again or stands in quiet times, None where it was not due.
    """
    moment = now or timezone.now()
    office_id = _first("SELECT guard.office_of_message(%s)", message_id)
    if office_id is None:
        return None
    allowed = next_allowed(moment, quiet_times(office_id))
    if allowed > moment:
        _call("SELECT guard.postpone_message(%s, %s)", message_id, allowed)
        return MessageState.QUEUED
    taken = _take(message_id, moment)
    if taken is None:
        return None
    state, failure = _hand_over(taken)
    if state != MessageState.QUEUED:
        _call("SELECT guard.end_message(%s, %s, %s, %s)", message_id, state.value, failure, moment)
    return state


def send_due_messages(*, limit: int = 200, now: datetime | None = None) -> int:
    """Try all messages that are due, such as those that failed once; answers how many were in hand."""
    moment = now or timezone.now()
    if next_allowed(moment, quiet_times()) > moment:
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM guard.due_messages(%s, %s)", [moment, limit])
        due = [message_id for (message_id,) in cursor.fetchall()]
    return sum(send_message(message_id, now=moment) is not None for message_id in due)


def _take(message_id: UUID, moment: datetime) -> Taken | None:
    row = _call("SELECT * FROM guard.take_message(%s, %s)", message_id, moment)
    if row is None:
        return None
    channel, kind, language, destination, code, office_id, day, at, key, tries = row
    office = Scope.objects.get(pk=office_id)
    name = office.name_en if language == Language.EN and office.name_en else office.name_fa
    values = MessageValues(name, day, at, _opened("code", message_id, code))
    text = compose_message(MessageKind(kind), values, language)
    to = _opened("destination", message_id, destination) or _telephone_of_family(message_id)
    return Taken(message_id, Outgoing(key, Channel(channel), to, text), tries)


def _telephone_of_family(message_id: UUID) -> str:
    """Where a message goes that names no destination; empty where the family has no telephone any more."""
    row = _call("SELECT * FROM guard.telephone_of_message(%s)", message_id)
    if row is None or row[1] is None:
        return ""
    return open_sealed(bytes(row[1]), associated_data("registry_household", "phone", row[0])).decode()


def _opened(column: str, message_id: UUID, sealed: bytes | None) -> str:
    if sealed is None:
        return ""
    return open_sealed(bytes(sealed), associated_data(Message._meta.db_table, column, message_id)).decode()


def _hand_over(taken: Taken) -> tuple[MessageState, str]:
    gateway = gateway_for(taken.outgoing.channel)
    if gateway is None:
        return MessageState.FAILED, Failure.NO_GATEWAY.value
    if not taken.outgoing.destination:
        return MessageState.FAILED, Failure.DESTINATION.value
    try:
        gateway.send(taken.outgoing)
    except DestinationRefused:
        return MessageState.FAILED, Failure.DESTINATION.value
    except GatewayUnreachable:
        pass
    except Exception as error:
        # Whatever a gateway's own library raises may quote the number: only where it happened is logged.
        logger.error("message %s: %s at %s", taken.id, type(error).__name__, places_of(error))
    else:
        return MessageState.SENT, ""
    if is_last_try(taken.tries):
        return MessageState.GIVEN_UP, Failure.UNREACHABLE.value
    return MessageState.QUEUED, ""


def _first(statement: str, *values: Any) -> Any:
    row = _call(statement, *values)
    return None if row is None else row[0]


def _call(statement: str, *values: Any) -> tuple[Any, ...] | None:
    with connection.cursor() as cursor:
        cursor.execute(statement, list(values))
        row: tuple[Any, ...] | None = cursor.fetchone()
        return row
