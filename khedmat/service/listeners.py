"""Who wants to know of appointments and arrivals. A programme registers from its `apps.py`.

The engine never imports its users: they hand it functions, kept by the kind of subject. Each is called in the
transaction of the change, so that its error undoes the change with it. Registering the same function twice counts once.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from uuid import UUID

from khedmat.common.actor import Actor
from khedmat.common.listening import Listeners


class Event(Enum):
    """What can happen to a subject here. MOVED: its appointment stands at another time, by whose wish ever.

    DAY_CLOSED: its office is closed on the day, and the appointment has no other time yet. DAY_REOPENED: the office is
    open on that day after all, and the appointment holds.
    """

    BOOKED = "booked"
    MOVED = "moved"
    CANCELLED = "cancelled"
    DAY_CLOSED = "day_closed"
    DAY_REOPENED = "day_reopened"
    ARRIVED = "arrived"


@dataclass(frozen=True, slots=True)
class Happened:
    """What a listener is told. `starts_at` is the appointment's time, None for an arrival without one.

    `code`: the client's new code, with the booking that made it; it is told this once, and to be kept nowhere open.
    `day_version`: of the day that was closed or opened again, which may happen to it more than once.
    """

    subject_kind: str
    subject_id: UUID
    subject_number: str
    scope_id: int
    starts_at: datetime | None
    booking_id: UUID | None = None
    code: str = ""
    day_version: int = 0


Listener = Callable[[Happened, Actor], None]
_listeners: defaultdict[tuple[Event, str], Listeners[Happened]] = defaultdict(Listeners)


def on_booked(subject_kind: str, listener: Listener) -> None:
    """Have `listener(happened, by)` called when a subject of this kind is booked for the first time or anew."""
    _listeners[Event.BOOKED, subject_kind].add(listener)


def on_moved(subject_kind: str, listener: Listener) -> None:
    """Have `listener(happened, by)` called when an appointment was moved, by whose wish ever."""
    _listeners[Event.MOVED, subject_kind].add(listener)


def on_cancelled(subject_kind: str, listener: Listener) -> None:
    """Have `listener(happened, by)` called when an appointment was cancelled, not when its subject let it go."""
    _listeners[Event.CANCELLED, subject_kind].add(listener)


def on_day_closed(subject_kind: str, listener: Listener) -> None:
    """Have `listener(happened, by)` called when an appointment's day was closed and no other time was found for it."""
    _listeners[Event.DAY_CLOSED, subject_kind].add(listener)


def on_day_reopened(subject_kind: str, listener: Listener) -> None:
    """Have `listener(happened, by)` called when the closed day of an appointment that stands was opened again."""
    _listeners[Event.DAY_REOPENED, subject_kind].add(listener)


def on_arrived(subject_kind: str, listener: Listener) -> None:
    """Have `listener(happened, by)` called when a subject is at the office, with an appointment or without."""
    _listeners[Event.ARRIVED, subject_kind].add(listener)


def forget(event: Event, subject_kind: str, listener: Listener) -> None:
    """Undo a registration."""
    _listeners[event, subject_kind].remove(listener)


def tell(event: Event, happened: Happened, *, by: Actor) -> None:
    """Call every listener of the event and kind, in the order they registered."""
    _listeners[event, happened.subject_kind].tell(happened, by=by)
