"""Who wants to know that the cards of a round stay valid for longer. A programme registers from its `apps.py`.

The engine never imports its users: they hand it a function, which may make letters and notices of it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from khedmat.common.actor import Actor


@dataclass(frozen=True, slots=True)
class ExtendedValidity:
    """What a listener is told: the round, until when, and the notice that says so."""

    extension_id: UUID
    series: str
    until_on: date
    notice_number: str
    noticed_on: date


ExtendedListener = Callable[[ExtendedValidity, Actor], None]
_listeners: list[ExtendedListener] = []


def on_extended(listener: ExtendedListener) -> None:
    """Have `listener(extended, by)` called in the transaction that extends a round's cards.

    An error of the listener undoes the extension with it. Registering the same function twice counts once.
    """
    if listener not in _listeners:
        _listeners.append(listener)


def forget(listener: ExtendedListener) -> None:
    """Undo `on_extended`."""
    _listeners.remove(listener)


def tell_extended(extended: ExtendedValidity, *, by: Actor) -> None:
    """Call every listener, in the order they registered."""
    for listener in _listeners:
        listener(extended, by)
