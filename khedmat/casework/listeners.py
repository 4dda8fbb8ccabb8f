"""Who wants to know that members of a case were decided, or that it was withdrawn. Registered from an `apps.py`.

Casework knows no cards or letters: whoever made something for a case's members hands it a function.
"""

from collections.abc import Callable

from khedmat.casework.models import Case
from khedmat.common.actor import Actor
from khedmat.common.listening import Listeners

WithdrawnListener = Callable[[Case, Actor], None]
DecidedListener = Callable[[Case, Actor], None]
_of_withdrawals = Listeners[Case]()
_of_decisions = Listeners[Case]()


def on_withdrawn(listener: WithdrawnListener) -> None:
    """Have `listener(case, by)` called in the transaction that withdraws a case, the case locked.

    An error of the listener undoes the withdrawal with it. Registering the same function twice counts once.
    """
    _of_withdrawals.add(listener)


def on_decided(listener: DecidedListener) -> None:
    """Have `listener(case, by)` called at the end of one act of deciding, of one member or several, the case locked.

    An error of the listener undoes the decisions with it. Registering the same function twice counts once.
    """
    _of_decisions.add(listener)


def forget(listener: WithdrawnListener | DecidedListener) -> None:
    """Undo `on_withdrawn` and `on_decided`."""
    _of_withdrawals.remove(listener)
    _of_decisions.remove(listener)


def tell_withdrawn(case: Case, *, by: Actor) -> None:
    """Call every listener, in the order they registered."""
    _of_withdrawals.tell(case, by=by)


def tell_decided(case: Case, *, by: Actor) -> None:
    """Call every listener, in the order they registered. A programme calls it, which knows where its act ends."""
    _of_decisions.tell(case, by=by)
