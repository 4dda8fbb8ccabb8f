"""Turns that are taken one after the other, where there is no row to lock: PostgreSQL's advisory locks."""

from enum import IntEnum

from django.db import connection


class Turn(IntEnum):
    """What is done by one at a time: the first key of the lock. Those before 7240511 belong to guard functions too."""

    MAKING_BATCHES = 7240503
    # guard.open_grant takes it shared: a family opens and moves away one after the other.
    MOVING_FAMILY = 7240506
    EXTENDING_VALIDITY = 7240511
    DRAFTING_ROUND = 7240512
    CLOSING_ROUND = 7240513
    SETTING_COVER = 7240514
    AT_A_DRAWER = 7240521
    NUMBERING_LETTER = 7240531
    GIVING_TICKETS = 7240541
    OPENING_DAYS = 7240542
    MAKING_CODE = 7240543


def take_turn(turn: Turn, of: int | str) -> None:
    """Wait until nobody else has this turn for the same place or name; keep it until the transaction ends."""
    _lock("pg_advisory_xact_lock", turn, of)


def share_turn(turn: Turn, of: int | str) -> None:
    """Wait until nobody has this turn, and let nobody take it until the transaction ends; many may share it."""
    _lock("pg_advisory_xact_lock_shared", turn, of)


def _lock(function: str, turn: Turn, of: int | str) -> None:
    key = "%s" if isinstance(of, int) else "hashtext(%s)"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s, {key})", [int(turn), of])
