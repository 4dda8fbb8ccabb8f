"""Who decides a province's cases, how much is in whose hand, and who covers whom. Staff and counts alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from khedmat.accounts.enums import Role
from khedmat.accounts.models import RoleHolding, User
from khedmat.casework.enums import CaseStep
from khedmat.casework.models import Case, Cover

DECIDING = tuple(role.value for role in (Role.CASE_OFFICER, Role.DIRECTOR_GENERAL))


@dataclass(frozen=True, slots=True)
class OfficerLoad:
    """One officer: cases in hand that wait for a decision, and how many of them are late."""

    user: User
    role: str
    cases: int
    late: int
    cover: Cover | None


def is_officer_of(user_id: UUID, province_id: int) -> bool:
    """Whether the user decides cases of the province today, and is not switched off."""
    return any(holding.user_id == user_id for holding in _live_holdings(province_id))


def officers_of(province_id: int) -> list[User]:
    """Who decides the province's cases today, by name."""
    users = {holding.user_id: holding.user for holding in _live_holdings(province_id)}
    return sorted(users.values(), key=lambda user: user.name)


def loads_of(province_id: int, today: date, live: Iterable[Cover]) -> list[OfficerLoad]:
    """Each officer of the province with numbers of cases (`live`: its covers); two queries. No case is listed."""
    waiting = Case.objects.filter(
        province_id=province_id, step__in=[CaseStep.SUBMITTED, CaseStep.UNDER_REVIEW], decided_at__isnull=True
    )
    is_late = Q(due_on__lt=today, stopped_at__isnull=True)
    rows = waiting.values_list("officer_id").annotate(cases=Count("id"), late=Count("id", filter=is_late)).order_by()
    counts = {officer_id: (cases, late) for officer_id, cases, late in rows}
    covers = {cover.officer_id: cover for cover in live if cover.away_from <= today}
    roles = {holding.user_id: holding for holding in _live_holdings(province_id)}
    loads = [
        OfficerLoad(holding.user, holding.role, *counts.get(user_id, (0, 0)), covers.get(user_id))
        for user_id, holding in roles.items()
    ]
    return sorted(loads, key=lambda load: (load.role != Role.CASE_OFFICER, load.user.name))


def live_covers(province_id: int, today: date) -> list[Cover]:
    """Covers of the province that are not over, the next one first."""
    covers = Cover.objects.filter(scope_id=province_id, ended_at__isnull=True, away_until__gte=today)
    return list(covers.order_by("away_from", "id"))


def covered_by(substitute_id: UUID, today: date) -> frozenset[UUID]:
    """The officers whom somebody covers today. One query."""
    return frozenset(covers_of(substitute_id, today).values_list("officer_id", flat=True))


def covers_of(substitute_id: UUID, today: date) -> QuerySet[Cover]:
    """The covers by which somebody works on others' cases today."""
    return Cover.objects.filter(
        substitute_id=substitute_id, ended_at__isnull=True, away_from__lte=today, away_until__gte=today
    )


def _live_holdings(province_id: int) -> list[RoleHolding]:
    today = timezone.localdate()
    holdings = RoleHolding.objects.filter(role__in=DECIDING, scope_id=province_id, user__is_active=True)
    return [holding for holding in holdings.select_related("user") if holding.is_live(today)]
