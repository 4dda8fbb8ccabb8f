"""Adding staff, giving and ending roles."""

from datetime import date

from django.db import transaction

from khedmat.accounts.enums import Role
from khedmat.accounts.errors import RoleNotForPlace
from khedmat.accounts.models import RoleHolding, User
from khedmat.accounts.rules import ROLE_PLACES
from khedmat.audit.actions import record
from khedmat.common.actor import Actor
from khedmat.places.models import Scope


@transaction.atomic
def add_user(*, username: str, name_fa: str, name_en: str, password: str, by: Actor | None = None) -> User:
    """Add a member of staff. `by` is None only at installation, when nobody can sign in yet."""
    user = User(username=username.lower(), name_fa=name_fa, name_en=name_en)
    user.set_password(password)
    user.save()
    if by:
        record("user.added", by=by, subject="accounts.user", subject_id=user.pk)
    return user


@transaction.atomic
def give_role(
    user: User,
    role: Role,
    scope: Scope,
    *,
    held_from_on: date,
    held_until_on: date | None = None,
    by: Actor | None,
) -> RoleHolding:
    """Give a role at a place. Errors: RoleNotForPlace."""
    if scope.kind not in ROLE_PLACES[role]:
        raise RoleNotForPlace
    holding = RoleHolding.objects.create(
        user=user, role=role, scope=scope, held_from_on=held_from_on, held_until_on=held_until_on
    )
    if by:
        record("role.given", by=by, subject="accounts.roleholding", subject_id=holding.pk, details={"role": role})
    return holding


def note_spent_budget(*, by: Actor) -> None:
    """Tell the protection officer that somebody was stopped at the day's budget."""
    record("read-budget.spent", by=by, subject="accounts.user", subject_id=by.user_id)
