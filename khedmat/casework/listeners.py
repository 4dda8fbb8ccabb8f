"""Who wants to know that a case was withdrawn. A storey above registers from its `apps.py`.

Casework knows no cards or letters: whoever made something for a case's members hands it a function.
"""

from collections.abc import Callable

from khedmat.casework.models import Case
from khedmat.common.actor import Actor

WithdrawnListener = Callable[[Case, Actor], None]
_listeners: list[WithdrawnListener] = []


def on_withdrawn(listener: WithdrawnListener) -> None:
    """Have `listener(case, by)` called in the transaction that withdraws a case, the case locked.

    An error of the listener undoes the withdrawal with it. Registering the same function twice counts once.
    """
    if listener not in _listeners:
        _listeners.append(listener)


def forget(listener: WithdrawnListener) -> None:
    """Undo `on_withdrawn`."""
    _listeners.remove(listener)


def tell_withdrawn(case: Case, *, by: Actor) -> None:
    """Call every listener, in the order they registered."""
    for listener in _listeners:
        listener(case, by)
