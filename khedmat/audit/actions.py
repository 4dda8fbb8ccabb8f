"""Writing the record. Called by every action, in its own transaction."""

import json
from collections.abc import Mapping
from uuid import UUID

from django.db import connection

from khedmat.common.actor import Actor


class ActorMismatch(Exception):
    """An action was called for somebody else than the signed context names."""


Detail = str | int | bool | None | list[str] | list[int]


def record(
    action: str,
    *,
    by: Actor,
    subject: str,
    subject_id: object,
    household_id: UUID | None = None,
    case_id: UUID | None = None,
    details: Mapping[str, Detail] | None = None,
) -> None:
    """Append one entry. `action` is `noun.verb-past` (`case.submitted`); `details` ids and codes only.

    Who acts is taken from the signed context by the database, never from the caller: `by` must be the
    same. Errors: ActorMismatch.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT guard.note(%s, %s, %s, %s, %s, %s::jsonb) = %s",
            [
                action,
                subject,
                str(subject_id),
                household_id,
                case_id,
                json.dumps(dict(details or {})),
                by.user_id,
            ],
        )
        (is_same,) = cursor.fetchone()
    if not is_same:
        raise ActorMismatch(action)


def link_new_entries(limit: int = 10_000) -> int:
    """Give committed entries their place in the hash chain. Answers how many were linked.

    Runs as a definer function: it needs no reading right on the entries' contents.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT guard.link_audit_entries(%s)", [limit])
        (linked,) = cursor.fetchone()
    return int(linked)
