"""Deciding several cases together: chosen, each one seen and drafted alone, then kept, each in a savepoint of its own.

The engine does not know what a decision evaluates: whoever calls `decide_bulk` hands it the programme's own way of
deciding one case.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import Exists
from django.utils import timezone

from khedmat.accounts.enums import Permission
from khedmat.accounts.errors import RecordNotVisible
from khedmat.accounts.rules import require
from khedmat.audit.actions import record
from khedmat.casework.actions import enter_case, open_family_of, take_for_review
from khedmat.casework.enums import CaseStep, Outcome
from khedmat.casework.errors import (
    BulkCaseNotSeen,
    BulkIsDone,
    BulkSizeWrong,
    CaseChangedByAnother,
    CaseNotForBulk,
    ReasonCopied,
    ReasonMissing,
)
from khedmat.casework.models import Bulk, BulkSight, Case
from khedmat.casework.officers import covered_by
from khedmat.casework.perms import is_own_case
from khedmat.common.actor import Actor
from khedmat.common.errors import DomainError
from khedmat.vault.context import raising_domain_errors

DECIDED = "decided"
WAITING_STEPS = (CaseStep.SUBMITTED, CaseStep.UNDER_REVIEW)


@dataclass(frozen=True, slots=True)
class Draft:
    """What an officer means to decide about one member of a case."""

    member_id: UUID
    outcome: Outcome
    reason: str


Decide = Callable[[UUID, int, Sequence[Draft]], None]


@transaction.atomic
def choose_cases(case_ids: Sequence[UUID], *, by: Actor) -> Bulk:
    """Choose cases that wait for a decision of this officer. Nothing of them is opened yet.

    Errors: PermissionMissing, BulkSizeWrong, CaseNotForBulk.
    """
    require(Permission.DECIDE_MEMBER, by=by)
    chosen = list(dict.fromkeys(case_ids))
    if not 1 <= len(chosen) <= Bulk.MOST:
        raise BulkSizeWrong
    if len(still_waiting(chosen, by=by)) != len(chosen):
        raise CaseNotForBulk
    bulk = Bulk(scope_id=by.scope_id, case_ids=chosen, chosen_by=by.user_id)
    bulk.save(force_insert=True)
    record("bulk.chosen", by=by, subject="casework.bulk", subject_id=bulk.pk, details={"cases": len(chosen)})
    return bulk


def still_waiting(case_ids: Sequence[UUID], *, by: Actor) -> frozenset[UUID]:
    """Those of some cases that wait for a decision of this officer now. Two queries."""
    hands = {None, by.user_id, *covered_by(by.user_id, timezone.localdate())}
    cases = Case.objects.filter(pk__in=case_ids, step__in=WAITING_STEPS, decided_at__isnull=True)
    return frozenset(case.pk for case in cases if case.officer_id in hands and not is_own_case(case, by=by))


def own_bulk(bulk_id: UUID, *, by: Actor) -> Bulk:
    """The officer's own bulk. Errors: RecordNotVisible."""
    bulk = Bulk.objects.filter(pk=bulk_id, chosen_by=by.user_id, scope_id=by.scope_id).first()
    if bulk is None:
        raise RecordNotVisible
    return bulk


def case_of_bulk(bulk_id: UUID, case_id: UUID, *, by: Actor) -> Case | None:
    """A case of the officer's own bulk that is not done yet: the row alone, which holds no name."""
    own = Bulk.objects.filter(
        pk=bulk_id, chosen_by=by.user_id, scope_id=by.scope_id, done_at__isnull=True, case_ids__contains=[case_id]
    )
    return Case.objects.select_related("scope", "province", "household").filter(Exists(own), pk=case_id).first()


@transaction.atomic
def see_case(bulk_id: UUID, case_id: UUID, *, by: Actor) -> Case:
    """Open one chosen case: taken in hand, its family opened, and noted that it was seen as it stands now.

    Errors: RecordNotVisible, BulkIsDone, CaseInAnothersHand, SpentReadBudget.
    """
    bulk = _open_bulk(bulk_id, case_id, by=by)
    enter_case(case_id, by=by)
    case = take_for_review(case_id, by=by)
    BulkSight.objects.update_or_create(
        bulk=bulk,
        case=case,
        defaults={"household_id": case.household_id, "version": case.version, "seen_at": timezone.now()},
    )
    return case


@transaction.atomic
def draft_case(
    bulk_id: UUID, case_id: UUID, version: int, drafts: Sequence[Draft], *, is_confirmed: bool, by: Actor
) -> BulkSight:
    """Keep what the officer means to decide about the members of a case that they have seen. Decides nothing.

    `is_confirmed`: that the same words hold for each member who has them.
    Errors: RecordNotVisible, BulkIsDone, BulkCaseNotSeen, CaseChangedByAnother, ReasonMissing, ReasonCopied.
    """
    bulk = _open_bulk(bulk_id, case_id, by=by)
    open_family_of(case_id, by=by)
    sight = BulkSight.objects.select_for_update(of=("self",)).filter(bulk=bulk, case_id=case_id).first()
    if sight is None or not drafts:
        raise BulkCaseNotSeen
    if sight.version != version or Case.objects.get(pk=case_id).version != version:
        raise CaseChangedByAnother
    reasons = [draft.reason.strip() for draft in drafts]
    if not all(reasons):
        raise ReasonMissing
    if len(set(reasons)) < len(reasons) and not is_confirmed:
        raise ReasonCopied
    sight.drafts = json.dumps(
        [[str(draft.member_id), str(draft.outcome), reason] for draft, reason in zip(drafts, reasons, strict=True)]
    )
    sight.save(update_fields=["drafts"])
    return sight


@transaction.atomic
def decide_bulk(bulk_id: UUID, decide: Decide, *, by: Actor) -> Bulk:
    """Keep all drafted decisions, case by case: what stops one case undoes nothing of another.

    `decide(case_id, version, drafts)` decides one opened case. A case that waits for this officer no more (withdrawn,
    referred, decided, taken by another since) is left, seen or not. Answers with the results.
    Errors: RecordNotVisible, BulkIsDone, BulkCaseNotSeen where a case that waits was not seen or drafted.
    """
    require(Permission.DECIDE_MEMBER, by=by)
    bulk = _open_bulk(bulk_id, None, by=by)
    # Families before cases, and cases in one order, as everybody locks them.
    waiting = sorted(still_waiting(bulk.case_ids, by=by))
    for case_id in waiting:
        open_family_of(case_id, by=by)
    sights = progress_of(bulk)
    if any(not drafts_of(sights.get(case_id)) for case_id in waiting):
        raise BulkCaseNotSeen
    results = dict.fromkeys(map(str, bulk.case_ids), CaseNotForBulk.code)
    results |= {str(case_id): _decide_one(decide, case_id, sights[case_id]) for case_id in waiting}
    for sight in sights.values():
        sight.drafts = ""
        sight.save(update_fields=["drafts"])
    bulk.results, bulk.done_at = results, timezone.now()
    bulk.save(update_fields=["results", "done_at"])
    kept = sum(result == DECIDED for result in results.values())
    details = {"cases": len(results), "decided": kept}
    record("bulk.decided", by=by, subject="casework.bulk", subject_id=bulk.pk, details=details)
    return bulk


def drafts_of(sight: BulkSight | None) -> list[Draft]:
    """What was drafted for a seen case; nothing where it was not seen."""
    if sight is None or not sight.drafts:
        return []
    return [Draft(UUID(member), Outcome(outcome), reason) for member, outcome, reason in json.loads(sight.drafts)]


def progress_of(bulk: Bulk) -> Mapping[UUID, BulkSight]:
    """The sights of a bulk's cases whose families are open to the officer just now, by case."""
    return {sight.case_id: sight for sight in BulkSight.objects.filter(bulk=bulk)}


def _decide_one(decide: Decide, case_id: UUID, sight: BulkSight) -> str:
    try:
        with raising_domain_errors(), transaction.atomic():
            decide(case_id, sight.version, drafts_of(sight))
    except DomainError as error:
        return error.code
    return DECIDED


def _open_bulk(bulk_id: UUID, case_id: UUID | None, *, by: Actor) -> Bulk:
    """The officer's bulk, locked and not done; with `case_id`, one that holds the case."""
    found = Bulk.objects.select_for_update(of=("self",)).filter(pk=bulk_id, chosen_by=by.user_id, scope_id=by.scope_id)
    bulk = found.first()
    if bulk is None or (case_id is not None and case_id not in bulk.case_ids):
        raise RecordNotVisible
    if bulk.done_at is not None:
        raise BulkIsDone
    return bulk
