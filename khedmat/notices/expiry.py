"""What is told ends: codes on paper, and what was sent to a family."""

from django.db import connection


def expire_notices() -> int:
    """Delete slips whose time is over, and messages that ended more than a year ago, whoever's they are.

    Needs no working context. Answers how many.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT guard.expire_notices()")
        (gone,) = cursor.fetchone()
    return int(gone)
