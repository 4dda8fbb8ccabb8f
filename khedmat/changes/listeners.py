"""Who wants to know that a person's death was recorded. A storey above registers from its `apps.py`.

Changes know no cards: whoever made something in a person's name hands them a function.
"""

from collections.abc import Callable

from khedmat.common.actor import Actor
from khedmat.registry.models import Person

DeathListener = Callable[[Person, Actor], None]
_listeners: list[DeathListener] = []


def on_death(listener: DeathListener) -> None:
    """Have `listener(person, by)` called in the transaction that records a death, the family locked.

    An error of the listener undoes the decision with it. Registering the same function twice counts once.
    """
    if listener not in _listeners:
        _listeners.append(listener)


def forget(listener: DeathListener) -> None:
    """Undo `on_death`."""
    _listeners.remove(listener)


def tell_died(person: Person, *, by: Actor) -> None:
    """Call every listener, in the order they registered."""
    for listener in _listeners:
        listener(person, by)
