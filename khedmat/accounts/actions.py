"""Adding staff, switching them off, giving and ending roles; changing one's own password.

The app may write neither users nor roles: definer functions of schema `guard` do, and record it. They ask for a
context of the role INSTALLER, which nobody can hold and which only the server's own key can sign: SQL that
somebody slips into a page gives nobody a role. So far the command line alone acts (`by=None`: the installation
itself, at the place concerned); a context of anybody else is refused.
"""

from collections.abc import Sequence
from datetime import date
from uuid import UUID, uuid4

from django.contrib.auth.hashers import make_password
from django.db import connection

from khedmat.accounts.enums import Role
from khedmat.accounts.errors import RoleNotForPlace
from khedmat.accounts.models import RoleHolding, User
from khedmat.accounts.rules import INSTALLER, ROLE_PLACES
from khedmat.audit.actions import record
from khedmat.common.actor import Actor
from khedmat.places.enums import ScopeKind
from khedmat.places.models import Scope
from khedmat.vault.context import working_context

# Nobody's id: in the record, what the installation itself did.
INSTALLATION_ID = UUID(int=0)


def add_user(
    *, username: str, name_fa: str, name_en: str, password: str, is_active: bool = True, by: Actor | None = None
) -> User:
    """Add a member of staff. Errors: PermissionMissing; IntegrityError where the user name is taken."""
    user_id = uuid4()
    _as_installer(
        "guard.add_user(%s, %s, %s, %s, %s, %s)",
        [user_id, username.lower(), name_fa, name_en, make_password(password), is_active],
        by=by or _installation_at(Scope.objects.get(kind=ScopeKind.NATION).pk),
    )
    return User.objects.get(pk=user_id)


def switch_user_off(user: User, *, by: Actor | None = None) -> None:
    """Let somebody sign in no more. Errors: PermissionMissing; RecordNotVisible where they are off already."""
    by = by or _installation_at(Scope.objects.get(kind=ScopeKind.NATION).pk)
    _as_installer("guard.switch_user_off(%s)", [user.pk], by=by)
    user.refresh_from_db()


def give_role(
    user: User,
    role: Role,
    scope: Scope,
    *,
    held_from_on: date,
    held_until_on: date | None = None,
    by: Actor | None = None,
) -> RoleHolding:
    """Give a role at a place. Errors: RoleNotForPlace, PermissionMissing."""
    if scope.kind not in ROLE_PLACES[role]:
        raise RoleNotForPlace
    holding_id = uuid4()
    _as_installer(
        "guard.give_role(%s, %s, %s, %s, %s, %s)",
        [holding_id, user.pk, role.value, scope.pk, held_from_on, held_until_on],
        by=by or _installation_at(scope.pk),
    )
    return RoleHolding.objects.get(pk=holding_id)


def end_role(holding: RoleHolding, *, until_on: date, by: Actor | None = None) -> None:
    """Let `until_on` be the last day of a role. Errors: PermissionMissing; RecordNotVisible where it ends sooner."""
    _as_installer("guard.end_role(%s, %s)", [holding.pk, until_on], by=by or _installation_at(holding.scope_id))
    holding.refresh_from_db()


def note_spent_budget(*, by: Actor) -> None:
    """Tell the protection officer that somebody was stopped at the day's budget."""
    record("read-budget.spent", by=by, subject="accounts.user", subject_id=by.user_id)


def _installation_at(scope_id: int) -> Actor:
    """The installation itself. The place is where those who oversee it find what was done."""
    return Actor(INSTALLATION_ID, INSTALLER, scope_id, "installation")


def _as_installer(call: str, values: Sequence[str | int | date | UUID | None], *, by: Actor) -> None:
    with working_context(by), connection.cursor() as cursor:
        cursor.execute(f"SELECT {call}", values)
