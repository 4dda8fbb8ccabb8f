"""Reading cases. Queues carry numbers and counts; names come with an opened case alone."""

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from django.db import connection
from django.db.models import Count, QuerySet

from khedmat.accounts.errors import RecordNotVisible
from khedmat.casework.models import Case, CaseMember


def queue(steps: Iterable[str]) -> QuerySet[Case]:
    """Cases of the working place (and beneath) at the given steps, the longest waiting first."""
    return Case.objects.filter(step__in=list(steps)).select_related("scope").order_by("step_since_at")


def counts_by_step() -> dict[str, int]:
    """How many visible cases stand at each step."""
    rows = Case.objects.values_list("step").annotate(cases=Count("id")).order_by()
    return dict(rows)


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


def members_of(case: Case) -> list[CaseMember]:
    """Members in the family's order, with person, documents, portrait and decisions. Needs the family open."""
    return list(
        CaseMember.objects.filter(case=case)
        .select_related("person", "portrait")
        .prefetch_related("person__documents", "decisions", "papers")
        .order_by("person__position")
    )
