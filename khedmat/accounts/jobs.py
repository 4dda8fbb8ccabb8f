"""What every background job needs that works as a member of staff: who, and whether they still may.

A job's arguments carry ids only, and are rows that the app may write: they give nobody a role that they do not hold.
"""

import traceback
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from uuid import UUID

from khedmat.accounts.selectors import live_holdings
from khedmat.common.actor import Actor

ActorArgument = dict[str, Any]


class RoleNotHeld(Exception):
    """The job's arguments name a role that its user does not hold today."""


def as_argument(by: Actor) -> ActorArgument:
    """The actor as a job's argument; `actor_of` reads it again."""
    return {key: str(value) if isinstance(value, UUID) else value for key, value in asdict(by).items()}


def actor_of(argument: Mapping[str, Any]) -> Actor:
    """Whom the arguments name, held to the roles of today. Errors: RoleNotHeld."""
    by = Actor(
        UUID(str(argument["user_id"])), str(argument["role"]), int(argument["scope_id"]), str(argument["purpose"])
    )
    held = {(holding.role, holding.scope_id) for holding in live_holdings(by.user_id)}
    if (by.role, by.scope_id) not in held:
        raise RoleNotHeld(str(by.user_id))
    return by


def places_of(error: BaseException) -> str:
    """Where it went wrong, for the log: files and lines alone, since the words may quote a person's data."""
    frames = traceback.extract_tb(error.__traceback__)
    return ", ".join(f"{frame.filename}:{frame.lineno}" for frame in frames)
