"""Background jobs. Arguments carry ids only; each job sets a signed context of its own."""

import logging
import traceback
from dataclasses import asdict
from uuid import UUID

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from khedmat.accounts.selectors import live_holdings
from khedmat.cards.models import PrintBatch
from khedmat.cards.printing import note_failed_batch, prepare_batch
from khedmat.common.actor import Actor
from khedmat.vault.context import working_context

logger = logging.getLogger(__name__)


class BatchNotPrepared(Exception):
    """The PDF could not be made. Names the kind of failure alone: what went wrong may quote a person's data."""


class RoleNotHeld(Exception):
    """The job's arguments name a role that its user does not hold today."""


@app.task(name="cards.prepare_batch", retry=RetryStrategy(max_attempts=3, wait=2))
def prepare_batch_job(batch_id: str, actor: dict[str, str | int]) -> None:
    """Draw the batch's PDF as the printer who made it; says so on the batch when it cannot.

    Errors: BatchNotPrepared, upon which the worker tries again, twice.
    """
    by = Actor(UUID(str(actor["user_id"])), str(actor["role"]), int(actor["scope_id"]), str(actor["purpose"]))
    try:
        _require_role_held(by)
        with working_context(by):
            prepare_batch(UUID(batch_id), by=by)
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        places = ", ".join(f"{frame.filename}:{frame.lineno}" for frame in frames)
        logger.error("batch %s could not be prepared: %s at %s", batch_id, type(error).__name__, places)
        with working_context(by):
            note_failed_batch(UUID(batch_id), by=by)
        # The worker logs what is raised, with all that led to it.
        raise BatchNotPrepared(type(error).__name__) from None


def _require_role_held(by: Actor) -> None:
    """A job's arguments are rows that the app may write: they give nobody a role that they do not hold."""
    held = {(holding.role, holding.scope_id) for holding in live_holdings(by.user_id)}
    if (by.role, by.scope_id) not in held:
        raise RoleNotHeld(str(by.user_id))


def queue_batch(batch: PrintBatch, *, by: Actor) -> None:
    """Defer the job in the batch's own transaction: both are there, or neither."""
    actor = {key: str(value) if isinstance(value, UUID) else value for key, value in asdict(by).items()}
    prepare_batch_job.defer(batch_id=str(batch.pk), actor=actor)
