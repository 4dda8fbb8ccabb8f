"""Background jobs. Arguments carry ids only; each job sets a signed context of its own.

A worker may die at any point: its job is taken up again by the next one. A check then begins anew, an import goes
on behind its last chunk. Jobs of one run never run side by side (the lock).
"""

import logging
import time
from collections.abc import Callable
from typing import Final
from uuid import UUID

from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

from khedmat.accounts.jobs import ActorArgument, actor_of, as_argument, places_of
from khedmat.common.actor import Actor
from khedmat.common.errors import DomainError
from khedmat.imports.actions import expire_imports, import_next_chunk, note_check_progress, note_failure
from khedmat.imports.checking import Progress, check_run
from khedmat.imports.enums import RunState
from khedmat.imports.models import Run
from khedmat.imports.run_errors import RunAtOtherStep
from khedmat.vault.context import working_context

logger = logging.getLogger(__name__)

TRIES_AGAIN: Final = 2
PROGRESS_SECONDS: Final = 1.0
FAULT: Final = "fault"
_AGAIN: Final = RetryStrategy(max_attempts=TRIES_AGAIN, wait=2)


class RunStopped(Exception):
    """The run could not go on. Names the kind of failure alone: what went wrong may quote a person's data."""


@app.task(name="imports.check", retry=_AGAIN, pass_context=True)
def check_job(context: JobContext, run_id: str, actor: ActorArgument) -> None:
    """Check a run's file as the keeper who asked for it. Errors: RunStopped, RoleNotHeld."""
    _work(_check, context, UUID(run_id), actor_of(actor))


@app.task(name="imports.import", retry=_AGAIN, pass_context=True)
def import_job(context: JobContext, run_id: str, actor: ActorArgument) -> None:
    """Import a run chunk by chunk, until its end or until it is paused. Errors: RunStopped, RoleNotHeld."""
    _work(_import, context, UUID(run_id), actor_of(actor))


@app.periodic(cron="10 3 * * *")
@app.task(name="imports.expire", queueing_lock="imports.expire")
def expire_job(timestamp: int) -> int:
    """Daily, before the sweep of blobs: deletes rows and files whose time has come. Answers of how many runs."""
    return expire_imports()


def queue_check(run: Run, *, by: Actor) -> None:
    """Defer the check in the transaction that asked for it: both are there, or neither."""
    check_job.configure(lock=_lock_of(run)).defer(run_id=str(run.pk), actor=as_argument(by))


def queue_import(run: Run, *, by: Actor) -> None:
    """Defer the import in the transaction that started it: both are there, or neither."""
    import_job.configure(lock=_lock_of(run)).defer(run_id=str(run.pk), actor=as_argument(by))


def _work(step: Callable[[UUID, Actor], None], context: JobContext, run_id: UUID, by: Actor) -> None:
    try:
        step(run_id, by)
    except RunAtOtherStep:
        # Paused, cancelled or done meanwhile: whoever did it knows.
        return
    except DomainError as error:
        with working_context(by):
            note_failure(run_id, error.code, by=by)
    except Exception as error:
        logger.error("import run %s stopped: %s at %s", run_id, type(error).__name__, places_of(error))
        if context.job is None or context.job.attempts >= TRIES_AGAIN:
            with working_context(by):
                note_failure(run_id, FAULT, by=by)
        # The worker logs what is raised, with all that led to it.
        raise RunStopped(type(error).__name__) from None


def _check(run_id: UUID, by: Actor) -> None:
    with working_context(by):
        # A job that comes a second time finds its work done.
        if not Run.objects.filter(pk=run_id, state=RunState.CHECKING).exists():
            raise RunAtOtherStep
    check_run(run_id, by=by, progress=_progress_of(run_id, by))


def _progress_of(run_id: UUID, by: Actor) -> Progress:
    last = time.monotonic()

    def note(done: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last >= PROGRESS_SECONDS:
            with working_context(by):
                note_check_progress(run_id, done, total, by=by)
            last = time.monotonic()

    return note


def _import(run_id: UUID, by: Actor) -> None:
    is_more = True
    while is_more:
        with working_context(by):
            is_more = import_next_chunk(run_id, by=by)


def _lock_of(run: Run) -> str:
    return f"imports.run:{run.pk}"
