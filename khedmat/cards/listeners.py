"""Who wants to know that cards are ready, or that those of a round stay valid for longer. Registered from `apps.py`.

The engine never imports its users: they hand it a function, which may make letters and notices of it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from khedmat.casework.models import Case
from khedmat.common.actor import Actor
from khedmat.common.listening import Listeners


@dataclass(frozen=True, slots=True)
class ExtendedValidity:
    """What a listener is told: the round, until when, and the notice that says so."""

    extension_id: UUID
    series: str
    until_on: date
    notice_number: str
    noticed_on: date


ExtendedListener = Callable[[ExtendedValidity, Actor], None]
ReadyListener = Callable[[Case, Actor], None]
_of_extensions = Listeners[ExtendedValidity]()
_of_ready = Listeners[Case]()


def on_extended(listener: ExtendedListener) -> None:
    """Have `listener(extended, by)` called in the transaction that extends a round's cards.

    An error of the listener undoes the extension with it. Registering the same function twice counts once.
    """
    _of_extensions.add(listener)


def on_ready(listener: ReadyListener) -> None:
    """Have `listener(case, by)` called when cards of a case, one or several, came out of the printer.

    An error of the listener undoes the printing with it. Registering the same function twice counts once.
    """
    _of_ready.add(listener)


def forget(listener: ExtendedListener | ReadyListener) -> None:
    """Undo `on_extended` and `on_ready`."""
    _of_extensions.remove(listener)  # type: ignore[arg-type]
    _of_ready.remove(listener)  # type: ignore[arg-type]


def tell_extended(extended: ExtendedValidity, *, by: Actor) -> None:
    """Call every listener, in the order they registered."""
    _of_extensions.tell(extended, by=by)


def tell_ready(case: Case, *, by: Actor) -> None:
    """Call every listener, in the order they registered."""
    _of_ready.tell(case, by=by)
