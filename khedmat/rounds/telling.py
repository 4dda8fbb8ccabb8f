"""What a family is told without anybody asking for it, and when: the one place that says so.

| what happened | letter | written by |
|---|---|---|
| members refused or returned | decision, at once: its days run | whoever decided |
| all members decided | decision on all of them | whoever decided last |
| an appeal upheld or dismissed | answer to the appeal | its decider |
| a referral accepted | referral | the officer of a province who accepts; at an office it waits for the family |
| validity extended | extension, with the family's next letter | whoever writes that one |

Letters are written in the transaction of what they tell; the PDF is drawn when somebody asks for it. Whoever does not
have the family open, or may read no letters, writes none: a letter that nobody could write waits, the page of the
case's letters says so, and the next one that is written brings it along. An extension is for a whole round: its notice
is public, `/verify` and cards follow it at once, and no one opens a hundred thousand families to write to them.
An appeal or referral that was taken back is told by nobody: the family did it, or knows. A payment has its numbered
receipt and an appointment its slip, from the counter; as letters they are written where a family asks for one.

| what happened | SMS | said once for |
|---|---|---|
| letters were written by themselves | a letter waits, with a slip's code | the letter |
| an appointment booked or moved, by whom ever | its day and time, with the code where it is new | the appointment |
| an appointment cancelled by the office | that it is cancelled | the appointment |
| its day closed, and no other time found | that the office is closed that day | the appointment |
| cards out of the printer | that there is news | the case and day |

A family wishes messages by leaving a mobile telephone; whoever leaves none gets slips and letters alone. The telephone
is looked up when a message goes out (guard.tell_family), so that neither a manager who closes a day nor a client with
a code sees it. Messages hold an office, a day and a code, and are queued in the transaction of what they tell.
"""

from datetime import date, datetime, time
from uuid import UUID, uuid4

from django.db import connection
from django.utils import timezone

from khedmat.accounts.enums import Permission
from khedmat.accounts.rules import role_may
from khedmat.cards.listeners import on_ready
from khedmat.casework.appeal_models import Appeal
from khedmat.casework.enums import AppealState, ReferralState
from khedmat.casework.listeners import on_decided
from khedmat.casework.models import Case
from khedmat.casework.recourse_listeners import on_appeal_decided, on_referral_answered
from khedmat.casework.referral_models import Referral
from khedmat.common.actor import Actor
from khedmat.notices.enums import Channel, MessageKind
from khedmat.notices.gateways import is_offered
from khedmat.notices.messages import MessageValues, check_message
from khedmat.notices.models import Message
from khedmat.notices.sending import next_time, send_later
from khedmat.notices.slips import make_slip
from khedmat.registry.models import Household
from khedmat.rounds.enrolment import CASE_TYPE
from khedmat.rounds.letters import write_waiting_letters
from khedmat.service.listeners import Happened, on_booked, on_cancelled, on_day_closed, on_day_reopened, on_moved
from khedmat.service.perms import CLIENT
from khedmat.service.rules import code_for_reading
from khedmat.vault.crypto import seal
from khedmat.vault.fields import associated_data


def listen() -> None:
    """Register all of the above, at start-up."""
    on_decided(write_of_decisions)
    on_appeal_decided(write_of_appeal)
    on_referral_answered(write_of_referral)
    on_booked(CASE_TYPE, tell_of_booking)
    on_moved(CASE_TYPE, tell_of_moving)
    on_cancelled(CASE_TYPE, tell_of_cancelling)
    on_day_closed(CASE_TYPE, tell_of_closed_day)
    on_day_reopened(CASE_TYPE, tell_of_reopened_day)
    on_ready(tell_of_cards)


def write_of_decisions(case: Case, by: Actor) -> None:
    """Listener of casework: one act of deciding is over."""
    _write(case, by=by)


def write_of_appeal(appeal: Appeal, by: Actor) -> None:
    """Listener of casework: an appeal has ended."""
    if appeal.state in {AppealState.UPHELD, AppealState.DISMISSED}:
        _write(appeal.case, by=by)


def write_of_referral(referral: Referral, by: Actor) -> None:
    """Listener of casework: a referral was answered; once accepted, the case is the reader's."""
    if referral.state != ReferralState.ACCEPTED:
        return
    # Within a province nobody at the new office has opened the family yet, and a letter alone is no reason to.
    if Household.objects.filter(pk__in=Case.objects.filter(pk=referral.case_id).values("household_id")).exists():
        _write(Case.objects.select_related("scope", "province").get(pk=referral.case_id), by=by)


def _write(case: Case, *, by: Actor) -> None:
    if case.case_type != CASE_TYPE or not role_may(by.role, Permission.READ_LETTER):
        return
    letters = write_waiting_letters(case, by=by)
    if letters and case.household.phone and is_offered(Channel.SMS):
        _slip, code = make_slip(CASE_TYPE, case.pk, case.household_id, by=by)
        _tell(MessageKind.LETTER_WAITING, case.pk, case.scope_id, f"letter:{letters[-1].pk}", code=code, by=by)


# ---------- messages ----------


def tell_of_booking(happened: Happened, by: Actor) -> None:
    """Listener of the service storey: an appointment was booked."""
    code = code_for_reading(happened.code) if happened.code else ""
    _tell_of_time(MessageKind.APPOINTMENT, happened, f"booking:{happened.booking_id}", code, by=by)


def tell_of_moving(happened: Happened, by: Actor) -> None:
    """Listener of the service storey: an appointment stands at another time."""
    _tell_of_time(MessageKind.APPOINTMENT_MOVED, happened, f"booking:{happened.booking_id}", by=by)


def tell_of_cancelling(happened: Happened, by: Actor) -> None:
    """Listener of the service storey: an appointment was cancelled; who did it by the code needs no telling."""
    if by.role != CLIENT:
        key = f"booking:{happened.booking_id}:cancelled"
        _tell(MessageKind.APPOINTMENT_CANCELLED, happened.subject_id, happened.scope_id, key, by=by)


def tell_of_closed_day(happened: Happened, by: Actor) -> None:
    """Listener of the service storey: the office is closed on the day of an appointment."""
    day = _local(happened).date()
    key = f"booking:{happened.booking_id}:closed:{happened.day_version}"
    _tell(MessageKind.DAY_CLOSED, happened.subject_id, happened.scope_id, key, day=day, by=by)


def tell_of_reopened_day(happened: Happened, by: Actor) -> None:
    """Listener of the service storey: the office is open on the day of an appointment after all."""
    key = f"booking:{happened.booking_id}:open:{happened.day_version}"
    _tell_of_time(MessageKind.APPOINTMENT, happened, key, by=by)


def tell_of_cards(case: Case, by: Actor) -> None:
    """Listener of the cards storey: cards of a case are ready."""
    if case.case_type == CASE_TYPE:
        _tell(MessageKind.NEWS, case.pk, case.scope_id, f"cards:{case.pk}:{timezone.localdate()}", by=by)


def _tell_of_time(kind: MessageKind, happened: Happened, key: str, code: str = "", *, by: Actor) -> None:
    at = _local(happened)
    _tell(kind, happened.subject_id, happened.scope_id, key, day=at.date(), at=at.time(), code=code, by=by)


def _local(happened: Happened) -> datetime:
    assert happened.starts_at is not None  # noqa: S101 - for the type alone
    return timezone.localtime(happened.starts_at)


def _tell(
    kind: MessageKind,
    case_id: UUID,
    office_id: int,
    key: str,
    *,
    day: date | None = None,
    at: time | None = None,
    code: str = "",
    by: Actor,
) -> None:
    """Queue an SMS to a case's family, whom the actor need not see. Errors: RecordNotVisible (not their case)."""
    if not is_offered(Channel.SMS):
        return
    check_message(kind, MessageValues(str(office_id), day, at, code))
    message_id, due = uuid4(), next_time(office_id)
    sealed = seal(code.encode(), associated_data(Message._meta.db_table, "code", message_id)) if code else None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT guard.tell_family(%s, %s, %s, %s, %s, %s, %s, %s)",
            [case_id, message_id, kind.value, key, sealed, day, str(at) if at else None, due],
        )
        (is_queued,) = cursor.fetchone()
    if is_queued:
        send_later(message_id, due)
