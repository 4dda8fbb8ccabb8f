"""Reading cases. Queues carry numbers and counts; names come with an opened case alone."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from khedmat.accounts.errors import RecordNotVisible
from khedmat.accounts.models import User
from khedmat.casework.enums import MemberStep, Outcome
from khedmat.casework.models import Case, CaseMember
from khedmat.casework.officers import covers_of
from khedmat.casework.perms import can_decide_member
from khedmat.common.actor import Actor
from khedmat.places.models import Holiday
from khedmat.places.official import NATION_ID


def queue(steps: Iterable[str]) -> QuerySet[Case]:
    """Cases of the working place (and beneath) at the given steps, the longest waiting first."""
    return Case.objects.filter(step__in=list(steps)).select_related("scope").order_by("step_since_at")


def counts_by_step(steps: Iterable[str]) -> dict[str, int]:
    """How many visible cases stand at each of the given steps, where any do."""
    rows = Case.objects.filter(step__in=list(steps)).values_list("step").annotate(cases=Count("id")).order_by()
    return dict(rows)


def waiting_for_counter(scope_id: int, steps: Iterable[str], most: int) -> list[Case]:
    """An office's cases at the given steps, with a member who was sent back or with a card to hand over; of each kind
    the longest waiting, at most so many. One query, each part of it by its index.
    """
    cases = Case.objects.filter(scope_id=scope_id).order_by("step_since_at")
    parts = [*(Q(step=step) for step in steps), Q(returned_members__gt=0), Q(ready_members__gt=0)]
    first, *others = (cases.filter(part)[:most] for part in parts)
    # Who waits for two things is there once.
    return list(first.union(*others))


def cases_with_ready_members() -> QuerySet[Case]:
    """Cases of the working place with a card to hand over, the longest waiting first."""
    return Case.objects.filter(ready_members__gt=0).order_by("step_since_at")


def member_steps(case_ids: Iterable[UUID]) -> dict[UUID, dict[str, int]]:
    """How many members of each visible case stand at each step. No names."""
    steps: dict[UUID, dict[str, int]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute("SELECT case_id, step, members FROM guard.member_steps(%s)", [list(case_ids)])
        for case_id, step, members in cursor.fetchall():
            steps[case_id][step] = members
    return dict(steps)


def visible_case(case_id: UUID) -> Case:
    """The case row alone, which holds no name. Errors: RecordNotVisible."""
    case = Case.objects.select_related("scope", "province").filter(pk=case_id).first()
    if case is None:
        raise RecordNotVisible
    return case


def case_of_queue(case_id: UUID, *, by: Actor, **besides: Subquery) -> Any:
    """As `visible_case`, with what the officer's page says of it besides, in the same query.

    Annotated: `free_days` of its province, `holder_fa` and `holder_en` (who has it in hand), `is_covered` (that the
    reader covers them today), and what the caller asks for: a Case of more attributes than its type knows.
    Errors: RecordNotVisible.
    """
    holder = User.objects.filter(pk=OuterRef("officer_id"))
    is_here = Q(scope_id=NATION_ID) | Q(scope_id=OuterRef("province_id"))
    free = Holiday.objects.filter(is_here, withdrawn_at__isnull=True)
    found = Case.objects.select_related("scope", "province").annotate(
        free_days=ArraySubquery(free.values("on")),
        holder_fa=Subquery(holder.values("name_fa")[:1]),
        holder_en=Subquery(holder.values("name_en")[:1]),
        is_covered=Exists(covers_of(by.user_id, timezone.localdate()).filter(officer_id=OuterRef("officer_id"))),
        **besides,
    )
    case = found.filter(pk=case_id).first()
    if case is None:
        raise RecordNotVisible
    return case


def is_waiting_for(case: Case, *, by: Actor) -> bool:
    """Whether a member of the case waits for a decision that the actor may take. Needs the family open."""
    waiting = CaseMember.objects.filter(case=case, step=MemberStep.UNDER_REVIEW)
    return any(can_decide_member(case, member, Outcome.APPROVE, by=by) for member in waiting)


def members_of(case: Case) -> list[CaseMember]:
    """Members in the family's order, with person, documents, portrait and decisions. Needs the family open."""
    return list(
        CaseMember.objects.filter(case=case)
        .select_related("person", "portrait")
        .prefetch_related("person__documents", "decisions", "papers")
        .order_by("person__position")
    )
