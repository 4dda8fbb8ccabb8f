"""Smaller budgets than the real ones, put back afterwards."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest


@pytest.fixture
def budget(as_migrator: Any) -> Iterator[Callable[[str, int, int], None]]:
    """`budget(role, households, look_ups)`, committed by the owner, as an administrator would set it."""
    as_migrator.execute("SELECT role, households_a_day, look_ups_a_day FROM accounts_readbudget")
    before = as_migrator.fetchall()

    def set_to(role: str, households: int, look_ups: int) -> None:
        as_migrator.execute(
            "UPDATE accounts_readbudget SET households_a_day = %s, look_ups_a_day = %s WHERE role = %s",
            [households, look_ups, role],
        )

    yield set_to
    for role, households, look_ups in before:
        set_to(role, households, look_ups)
