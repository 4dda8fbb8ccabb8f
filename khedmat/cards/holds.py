"""Cases whose cards wait for something else than the printer. A programme registers from its `apps.py`.

The engine never imports its users: they hand it a function.
"""

from collections.abc import Callable, Iterable
from uuid import UUID

Held = Callable[[Iterable[UUID]], set[UUID]]
_holds: list[Held] = []


def hold_back(held: Held) -> None:
    """Have `held(case ids)` asked which of these cases get no cards yet. Registering twice counts once."""
    if held not in _holds:
        _holds.append(held)


def held_back(case_ids: Iterable[UUID]) -> set[UUID]:
    """Of some cases, those that anybody holds back."""
    asked = list(case_ids)
    return set().union(*(held(asked) for held in _holds)) if asked else set()
