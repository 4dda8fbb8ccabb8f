"""For the protection officer: who reads how much, never what stands in the files."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db.models import Count
from django.utils import timezone

from khedmat.accounts.enums import Role
from khedmat.accounts.models import ReadBudget, User
from khedmat.audit.models import Entry
from khedmat.places.models import Scope

DAYS = 30


@dataclass(frozen=True, slots=True)
class Stop:
    """Somebody who was stopped at the day's budget."""

    reader: User | None
    role: str
    place: Scope | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Reader:
    """How many families somebody opened today, beside the role's budget."""

    reader: User | None
    role: str
    place: Scope | None
    opened: int
    allowed: int


def budget_stops() -> list[Stop]:
    """Stops of the last 30 days, the newest first."""
    since = timezone.now() - timedelta(days=DAYS)
    entries = list(Entry.objects.filter(action="read-budget.spent", at__gte=since).order_by("-id")[:200])
    users = User.objects.in_bulk([entry.actor_id for entry in entries])
    places = Scope.objects.in_bulk([entry.scope_id for entry in entries])
    return [
        Stop(users.get(entry.actor_id), str(Role(entry.role).label), places.get(entry.scope_id), entry.at)
        for entry in entries
    ]


def openings_by_reader() -> list[Reader]:
    """Readers of today, the most openings first; at most 100."""
    start = timezone.make_aware(datetime.combine(timezone.localdate(), time.min))
    rows = list(
        Entry.objects.filter(action="household.opened", at__gte=start)
        .values("actor_id", "role", "scope_id")
        .annotate(opened=Count("household_id", distinct=True))
        .order_by("-opened")[:100]
    )
    users = User.objects.in_bulk([row["actor_id"] for row in rows])
    places = Scope.objects.in_bulk([row["scope_id"] for row in rows])
    budgets = dict(ReadBudget.objects.values_list("role", "households_a_day"))
    return [
        Reader(
            users.get(row["actor_id"]),
            str(Role(row["role"]).label),
            places.get(row["scope_id"]),
            row["opened"],
            budgets.get(row["role"], 0),
        )
        for row in rows
    ]
