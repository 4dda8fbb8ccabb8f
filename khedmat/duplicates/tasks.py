"""Background jobs. Arguments carry ids only; each job sets a signed context of its own."""

import contextlib
import logging
from uuid import UUID

from django.db import transaction
from procrastinate.contrib.django import app

from khedmat.common.actor import Actor
from khedmat.duplicates.actions import ask_for_search, begin_search, fail_search, keep_found, search_actor
from khedmat.duplicates.errors import SearchUnderWay
from khedmat.duplicates.models import Run
from khedmat.duplicates.searching import search
from khedmat.places.enums import ScopeKind
from khedmat.places.models import Scope
from khedmat.vault.context import working_context

logger = logging.getLogger(__name__)


class SearchNotFinished(Exception):
    """Names the kind of failure alone: what went wrong may quote a person's data."""


# One search at a time: each fills much of a machine's memory.
@app.task(name="duplicates.search_province", lock="duplicates.search")
def search_province_job(run_id: str, province_id: int) -> None:
    """Search one province. May run twice without harm. Errors: SearchNotFinished."""
    by = search_actor(province_id)
    with working_context(by):
        run = begin_search(UUID(run_id), by=by)
    if run is None:
        return
    try:
        people, pairs = search(by)
        with working_context(by):
            keep_found(run.pk, pairs, people=people, by=by)
    except Exception as error:
        words = str(error) if type(error).__name__ == "SearchFailed" else ""
        logger.error("search %s could not be finished: %s %s", run_id, type(error).__name__, words)
        with working_context(by):
            fail_search(run.pk, by=by)
        raise SearchNotFinished(type(error).__name__) from None


# Cron counts in UTC: two o'clock in Tehran.
@app.periodic(cron="30 22 * * *")
@app.task(name="duplicates.search_everywhere", queueing_lock="duplicates.search_everywhere")
def search_everywhere_job(timestamp: int) -> int:
    """Each night: a search of every province, one after the other. Answers how many."""
    asked = 0
    for province_id in Scope.objects.filter(kind=ScopeKind.PROVINCE).order_by("pk").values_list("pk", flat=True):
        by = search_actor(province_id)
        # Somebody may have asked for it by hand just now.
        with contextlib.suppress(SearchUnderWay), working_context(by):
            queue_search(by=by)
            asked += 1
    return asked


@transaction.atomic
def queue_search(*, by: Actor) -> Run:
    """Ask for a search and defer its job: both are there, or neither. Errors: SearchUnderWay."""
    run = ask_for_search(by=by)
    search_province_job.defer(run_id=str(run.pk), province_id=run.scope_id)
    return run
