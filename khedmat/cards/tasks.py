"""Background jobs. Arguments carry ids only; each job sets a signed context of its own."""

import logging
from uuid import UUID

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from khedmat.accounts.jobs import ActorArgument, RoleNotHeld, actor_of, as_argument, places_of
from khedmat.cards.models import PrintBatch
from khedmat.cards.printing import note_failed_batch, prepare_batch
from khedmat.common.actor import Actor
from khedmat.vault.context import working_context

logger = logging.getLogger(__name__)


class BatchNotPrepared(Exception):
    """The PDF could not be made. Names the kind of failure alone: what went wrong may quote a person's data."""


@app.task(name="cards.prepare_batch", retry=RetryStrategy(max_attempts=3, wait=2))
def prepare_batch_job(batch_id: str, actor: ActorArgument) -> None:
    """Draw the batch's PDF as the printer who made it; says so on the batch when it cannot.

    Errors: BatchNotPrepared, upon which the worker tries again, twice.
    """
    try:
        by = actor_of(actor)
    except RoleNotHeld:
        # Nobody's context is opened to note it: the arguments have proved nothing.
        raise BatchNotPrepared(RoleNotHeld.__name__) from None
    try:
        with working_context(by):
            prepare_batch(UUID(batch_id), by=by)
    except Exception as error:
        logger.error("batch %s could not be prepared: %s at %s", batch_id, type(error).__name__, places_of(error))
        with working_context(by):
            note_failed_batch(UUID(batch_id), by=by)
        # The worker logs what is raised, with all that led to it.
        raise BatchNotPrepared(type(error).__name__) from None


def queue_batch(batch: PrintBatch, *, by: Actor) -> None:
    """Defer the job in the batch's own transaction: both are there, or neither."""
    prepare_batch_job.defer(batch_id=str(batch.pk), actor=as_argument(by))
