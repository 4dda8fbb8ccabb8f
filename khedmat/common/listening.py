"""Functions that want to know of something. An engine keeps them and never knows its users."""

from collections.abc import Callable
from typing import Generic, TypeVar

from khedmat.common.actor import Actor

Told = TypeVar("Told")


class Listeners(Generic[Told]):
    """Who is told of one thing, in the order in which they registered.

    Each is called in the transaction of what it is told, so that its error undoes that with it.
    """

    def __init__(self) -> None:
        self._registered: list[Callable[[Told, Actor], None]] = []

    def add(self, listener: Callable[[Told, Actor], None]) -> None:
        """Have `listener(told, by)` called. Registering the same function twice counts once."""
        if listener not in self._registered:
            self._registered.append(listener)

    def remove(self, listener: Callable[[Told, Actor], None]) -> None:
        """Undo `add`; does nothing for who is not registered."""
        if listener in self._registered:
            self._registered.remove(listener)

    def tell(self, told: Told, *, by: Actor) -> None:
        """Call every listener."""
        for listener in self._registered:
            listener(told, by)
