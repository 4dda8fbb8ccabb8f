"""Every change of searches, pairs, answers and links."""

import json
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from khedmat.accounts.enums import Permission, Purpose
from khedmat.accounts.errors import RecordNotVisible
from khedmat.accounts.rules import require
from khedmat.audit.actions import record
from khedmat.common.actor import Actor
from khedmat.common.constraints import violated_constraint
from khedmat.duplicates.enums import PairState, RunState, Verdict
from khedmat.duplicates.errors import AnsweredMeanwhile, FilesNotOpen, SearchUnderWay
from khedmat.duplicates.matching.pairs import Pair
from khedmat.duplicates.models import Answer, DuplicatePair, PersonLink, Run
from khedmat.duplicates.selectors import households_of
from khedmat.vault.context import raising_domain_errors

# Who is written in the record where nobody pressed a button: the search of each night. A user has no such id.
NIGHT_SEARCH: Final = UUID("00000000-0000-4000-8000-0000000d0b1e")
SEARCH_ROLE: Final = "matcher"

STATE_AFTER: Final = {
    Verdict.SAME_PERSON: PairState.SAME,
    Verdict.DIFFERENT: PairState.DIFFERENT,
    Verdict.ASK_FOR_PAPERS: PairState.PAPERS,
}


def search_actor(province_id: int) -> Actor:
    """In whose name a search reads and writes: it may see no family, and the matcher's function nothing but by it."""
    return Actor(NIGHT_SEARCH, SEARCH_ROLE, province_id, Purpose.KEEP_REGISTER)


@transaction.atomic
def ask_for_search(*, by: Actor) -> Run:
    """A search of the actor's province, to be done by the job. Errors: SearchUnderWay, PermissionMissing."""
    if by.role != SEARCH_ROLE:
        require(Permission.COMPARE_DUPLICATES, by=by)
    try:
        with transaction.atomic():
            run = Run.objects.create(scope_id=by.scope_id, asked_by=by.user_id)
    except IntegrityError as error:
        if violated_constraint(error) != "one_search_of_a_province_at_a_time":
            raise
        raise SearchUnderWay from error
    record("duplicates.search-asked", by=by, subject="duplicates.run", subject_id=run.pk)
    return run


@transaction.atomic
def begin_search(run_id: UUID, *, by: Actor) -> Run | None:
    """The run, now under way; None where it has ended already. A run whose worker died begins anew."""
    run = Run.objects.select_for_update(of=("self",)).filter(pk=run_id, scope_id=by.scope_id).first()
    if run is None or run.state not in {RunState.WAITING, RunState.RUNNING}:
        return None
    run.state = RunState.RUNNING
    run.save(update_fields=["state"])
    return run


@transaction.atomic
def fail_search(run_id: UUID, *, by: Actor) -> None:
    """Say that the search could not be finished; what earlier ones found stays."""
    run = Run.objects.select_for_update(of=("self",)).get(pk=run_id)
    if run.state in {RunState.DONE, RunState.FAILED}:
        return
    run.state, run.ended_at = RunState.FAILED, timezone.now()
    run.save(update_fields=["state", "ended_at"])
    record("duplicates.search-failed", by=by, subject="duplicates.run", subject_id=run.pk)


# A pair answered 'different' or 'ask for papers' is asked again when what was compared is not what it was.
_KEEP_FOUND = """
WITH found AS (
  SELECT * FROM jsonb_to_recordset(%(pairs)s::jsonb)
    AS f(person_a uuid, person_b uuid, strength text, likenesses text[], compared text)
), last AS (SELECT coalesce(max(number), 0) AS number FROM duplicates_duplicatepair WHERE scope_id = %(scope)s),
kept AS (
  INSERT INTO duplicates_duplicatepair AS pair (id, scope_id, number, person_a_id, person_b_id, strength, likenesses,
    compared, answered_on, state, is_current, run_id, version)
  SELECT gen_random_uuid(), %(scope)s, last.number + row_number() OVER (ORDER BY old.id IS NULL DESC, found.person_a),
    found.person_a, found.person_b, found.strength, found.likenesses, found.compared, '', 'open', true, %(run)s, 1
  FROM found CROSS JOIN last LEFT JOIN duplicates_duplicatepair old
    ON old.scope_id = %(scope)s AND old.person_a_id = found.person_a AND old.person_b_id = found.person_b
  ON CONFLICT (scope_id, person_a_id, person_b_id) DO UPDATE SET
    strength = excluded.strength, likenesses = excluded.likenesses, compared = excluded.compared,
    is_current = true, run_id = excluded.run_id,
    state = CASE WHEN pair.state IN ('different', 'papers') AND pair.answered_on <> excluded.compared
      THEN 'open' ELSE pair.state END,
    state_since_at = CASE WHEN pair.state IN ('different', 'papers') AND pair.answered_on <> excluded.compared
      THEN now() ELSE pair.state_since_at END,
    version = pair.version + CASE WHEN pair.compared <> excluded.compared THEN 1 ELSE 0 END
  RETURNING (pair.xmax = 0) AS is_new
)
SELECT count(*) FILTER (WHERE is_new) FROM kept
"""


@transaction.atomic
def keep_found(run_id: UUID, pairs: Sequence[Pair], *, people: int, by: Actor) -> Run | None:
    """Write what a search found, and end it. Doing it twice changes nothing; None where the run has ended already."""
    run = Run.objects.select_for_update(of=("self",)).get(pk=run_id, scope_id=by.scope_id)
    if run.state != RunState.RUNNING:
        return None
    found = json.dumps(
        [
            {
                "person_a": pair.person_a,
                "person_b": pair.person_b,
                "strength": pair.strength,
                "likenesses": [code for code in pair.likenesses if not code.endswith(":missing")],
                "compared": pair.compared,
            }
            for pair in pairs
        ]
    )
    with connection.cursor() as cursor:
        cursor.execute(_KEEP_FOUND, {"pairs": found, "scope": by.scope_id, "run": run.pk})
        (fresh,) = cursor.fetchone()
    DuplicatePair.objects.filter(scope_id=by.scope_id, is_current=True).exclude(run=run).update(is_current=False)
    run.state, run.ended_at = RunState.DONE, timezone.now()
    run.people, run.found, run.fresh = people, len(pairs), fresh
    run.save(update_fields=["state", "ended_at", "people", "found", "fresh"])
    counts = {"people": people, "found": len(pairs), "new": fresh}
    record("duplicates.search-ended", by=by, subject="duplicates.run", subject_id=run.pk, details=counts)
    return run


def open_pair(pair_id: UUID, *, by: Actor) -> None:
    """Open both families to the keeper, each counted against the day's budget and recorded.

    Errors: RecordNotVisible (also where one of the two has moved to another province), SpentReadBudget.
    """
    require(Permission.COMPARE_DUPLICATES, by=by)
    # In a transaction of its own: a budget spent by the second family leaves the first closed too.
    with raising_domain_errors(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM guard.open_pair(%s)", [pair_id])


@transaction.atomic
def answer_pair(pair_id: UUID, verdict: Verdict, reason: str, *, version: int, by: Actor) -> DuplicatePair:
    """Say whether two people are one. `version`: the pair as the page showed it.

    'Same person' makes a link; nothing is merged. Errors: RecordNotVisible, AnsweredMeanwhile, FilesNotOpen.
    """
    pair = _lock_pair(pair_id, version, by=by)
    if pair.state == PairState.SAME:
        raise AnsweredMeanwhile
    answer = Answer(scope_id=pair.scope_id, pair=pair, verdict=verdict, reason=reason, answered_by=by.user_id)
    answer.save(force_insert=True)
    if verdict == Verdict.SAME_PERSON:
        link = PersonLink(
            scope_id=pair.scope_id,
            pair=pair,
            person_a_id=pair.person_a_id,
            person_b_id=pair.person_b_id,
            linked_by=by.user_id,
        )
        link.save(force_insert=True)
    _put(pair, STATE_AFTER[verdict])
    _record_for_both(f"duplicates.{verdict.value.replace('_', '-')}", pair, by=by)
    return pair


@transaction.atomic
def remove_link(pair_id: UUID, reason: str, *, version: int, by: Actor) -> DuplicatePair:
    """Take a 'same person' back, with a reason: the pair is asked again.

    Errors: RecordNotVisible, AnsweredMeanwhile, FilesNotOpen.
    """
    pair = _lock_pair(pair_id, version, by=by)
    link = PersonLink.objects.select_for_update(of=("self",)).filter(pair=pair, removed_at__isnull=True).first()
    if link is None:
        raise AnsweredMeanwhile
    link.removed_at, link.removed_by, link.unlinking_reason = timezone.now(), by.user_id, reason
    link.save(update_fields=["removed_at", "removed_by", "unlinking_reason"])
    _put(pair, PairState.OPEN)
    _record_for_both("duplicates.link-removed", pair, by=by)
    return pair


def _lock_pair(pair_id: UUID, version: int, *, by: Actor) -> DuplicatePair:
    require(Permission.COMPARE_DUPLICATES, by=by)
    pair = DuplicatePair.objects.select_for_update(of=("self",)).filter(pk=pair_id).first()
    if pair is None:
        raise RecordNotVisible
    if pair.version != version:
        raise AnsweredMeanwhile
    return pair


def _put(pair: DuplicatePair, state: PairState) -> None:
    pair.state, pair.state_since_at, pair.version = state, timezone.now(), pair.version + 1
    if state != PairState.OPEN:
        pair.answered_on = pair.compared
    pair.save(update_fields=["state", "state_since_at", "version", "answered_on"])


def _record_for_both(action: str, pair: DuplicatePair, *, by: Actor) -> None:
    """One entry in each family's log; one where both people stand in one family."""
    households = households_of(pair)
    if households is None:
        raise FilesNotOpen
    for household_id in sorted(set(households)):
        record(
            action,
            by=by,
            subject="duplicates.duplicatepair",
            subject_id=pair.pk,
            household_id=household_id,
        )
