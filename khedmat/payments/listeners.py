"""Who wants to know that a charge is paid. A programme registers from its `apps.py`.

The engine never imports its users: they hand it a function, kept by the kind of subject.
"""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from khedmat.common.actor import Actor


@dataclass(frozen=True, slots=True)
class PaidCharge:
    """What a listener is told."""

    charge_id: UUID
    subject_kind: str
    subject_id: UUID
    amount_rial: int


PaidListener = Callable[[PaidCharge, Actor], None]
_listeners: dict[str, list[PaidListener]] = {}


def on_paid(subject_kind: str, listener: PaidListener) -> None:
    """Have `listener(paid, by)` called in the transaction that pays a charge of this kind.

    An error of the listener undoes the payment with it. Registering the same function twice counts once.
    """
    registered = _listeners.setdefault(subject_kind, [])
    if listener not in registered:
        registered.append(listener)


def forget(subject_kind: str, listener: PaidListener) -> None:
    """Undo `on_paid`."""
    _listeners[subject_kind].remove(listener)


def tell_paid(paid: PaidCharge, *, by: Actor) -> None:
    """Call every listener of the charge's kind of subject, in the order they registered."""
    for listener in _listeners.get(paid.subject_kind, ()):
        listener(paid, by)
