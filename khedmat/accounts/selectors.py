"""Reading staff, roles and budgets."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection
from django.utils import timezone

from khedmat.accounts.models import RoleHolding, User


@dataclass(frozen=True, slots=True)
class ReadsToday:
    """Households opened today by the acting user, and the role's budget."""

    used: int
    allowed: int


def live_holdings(user_id: UUID, today: date | None = None) -> list[RoleHolding]:
    """Roles that the user holds today, by role and place; with their places. None once the user is switched off."""
    day = today or timezone.localdate()
    holdings = RoleHolding.objects.filter(user_id=user_id, user__is_active=True).select_related("scope")
    return [holding for holding in holdings.order_by("role", "scope_id") if holding.is_live(day)]


def names_of(user_ids: Iterable[UUID | None]) -> dict[UUID, str]:
    """Names of staff by id, in the reader's language. One query."""
    users = User.objects.in_bulk([user_id for user_id in set(user_ids) if user_id is not None])
    return {user_id: user.name for user_id, user in users.items()}


def reads_today(role: str) -> ReadsToday:
    """Needs a working context: counts the acting user's own openings."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT guard.households_opened_today(), "
            "(SELECT households_a_day FROM accounts_readbudget WHERE role = %s)",
            [role],
        )
        used, allowed = cursor.fetchone()
    return ReadsToday(used=int(used), allowed=allowed or 0)
