"""Which role may do what, and how much it may read in a day. Pure."""

from collections.abc import Mapping
from datetime import date

from khedmat.accounts.enums import Permission, Role
from khedmat.accounts.errors import PermissionMissing
from khedmat.common.actor import Actor
from khedmat.places.enums import ScopeKind

# Roles of a context that nobody can hold, so that no page ever works in them: the installation, which adds staff
# and gives roles; and a user at their own account, before any role is chosen.
INSTALLER = "installer"
OWN_ACCOUNT = "own_account"

ROLE_PERMISSIONS: Mapping[str, frozenset[Permission]] = {
    Role.CLERK: frozenset(
        {
            Permission.SEE_DESK,
            Permission.LOOK_UP,
            Permission.REGISTER_HOUSEHOLD,
            Permission.TAKE_APPLICATION,
            Permission.HAND_OVER_CARD,
            Permission.SEE_ROUND,
            Permission.READ_FILE,
            Permission.REQUEST_CHANGE,
            Permission.DECIDE_CHANGE,
            Permission.BOOK_APPOINTMENT,
            Permission.CALL_CLIENTS,
            Permission.REFER_CASE,
            Permission.LODGE_APPEAL,
            Permission.READ_LETTER,
        }
    ),
    Role.CASHIER: frozenset(
        {
            Permission.SEE_DESK,
            Permission.TAKE_PAYMENT,
            Permission.SEE_ROUND,
            Permission.CALL_CLIENTS,
            Permission.ASK_REFUND,
            Permission.COUNT_CASH,
        }
    ),
    Role.CASE_OFFICER: frozenset(
        {
            Permission.SEE_DESK,
            Permission.REVIEW_CASE,
            Permission.DECIDE_MEMBER,
            Permission.REVOKE_CARD,
            Permission.SEE_ROUND,
            Permission.READ_FILE,
            Permission.DECIDE_CHANGE,
            Permission.REFER_CASE,
            Permission.DECIDE_APPEAL,
            Permission.MOVE_VERSION,
            Permission.READ_LETTER,
        }
    ),
    Role.DIRECTOR_GENERAL: frozenset(
        {
            Permission.SEE_DESK,
            Permission.REVIEW_CASE,
            Permission.DECIDE_MEMBER,
            Permission.REVOKE_CARD,
            Permission.SEE_ROUND,
            Permission.READ_FILE,
            Permission.DECIDE_CHANGE,
            Permission.REFER_CASE,
            Permission.DECIDE_APPEAL,
            Permission.MOVE_VERSION,
            Permission.READ_LETTER,
            Permission.ASSIGN_CASE,
            Permission.SEE_COCKPIT,
            Permission.KEEP_CALENDAR,
        }
    ),
    Role.CARD_PRINTER: frozenset({Permission.SEE_DESK, Permission.PRINT_CARDS}),
    Role.ROUND_MANAGER: frozenset(
        {
            Permission.SEE_DESK,
            Permission.SEE_ROUND,
            Permission.EXTEND_VALIDITY,
            Permission.WRITE_ROUND,
            Permission.KEEP_CALENDAR,
            Permission.SEE_COCKPIT,
            Permission.SEE_OUTBOX,
        }
    ),
    Role.PROTECTION_OFFICER: frozenset({Permission.SEE_DESK, Permission.OVERSEE_READS}),
    Role.REGISTER_KEEPER: frozenset(
        {Permission.SEE_DESK, Permission.IMPORT_REGISTER, Permission.COMPARE_DUPLICATES, Permission.READ_FILE}
    ),
    Role.OFFICE_MANAGER: frozenset(
        {
            Permission.SEE_DESK,
            Permission.SEE_ROUND,
            Permission.RUN_OFFICE,
            Permission.BOOK_APPOINTMENT,
            Permission.DECIDE_EXEMPTION,
            Permission.PAY_REFUND,
            Permission.CONFIRM_CASH,
            Permission.REFER_CASE,
            Permission.SEE_COCKPIT,
            Permission.READ_FILE,
            Permission.SEE_OUTBOX,
        }
    ),
}

# At which kinds of place a role can be held.
ROLE_PLACES: Mapping[str, frozenset[str]] = {
    Role.CLERK: frozenset({ScopeKind.OFFICE}),
    Role.CASHIER: frozenset({ScopeKind.OFFICE}),
    Role.CASE_OFFICER: frozenset({ScopeKind.PROVINCE}),
    Role.DIRECTOR_GENERAL: frozenset({ScopeKind.PROVINCE}),
    Role.CARD_PRINTER: frozenset({ScopeKind.PROVINCE}),
    Role.ROUND_MANAGER: frozenset({ScopeKind.NATION}),
    Role.PROTECTION_OFFICER: frozenset({ScopeKind.NATION, ScopeKind.PROVINCE}),
    Role.REGISTER_KEEPER: frozenset({ScopeKind.PROVINCE}),
    Role.OFFICE_MANAGER: frozenset({ScopeKind.OFFICE}),
}


def role_may(role: str, permission: Permission) -> bool:
    """Whether the role holds the permission. An unknown role holds none."""
    return permission in ROLE_PERMISSIONS.get(role, frozenset())


def require(permission: Permission, *, by: Actor) -> None:
    """For actions, which pages are not alone in calling. Errors: PermissionMissing."""
    if not role_may(by.role, permission):
        raise PermissionMissing


def roles_with(permission: Permission) -> list[Role]:
    """The roles that hold a permission, for the 'no permission' page."""
    return [role for role in Role if role_may(role, permission)]


def is_held(held_from_on: date, held_until_on: date | None, today: date) -> bool:
    """Whether a role is held today; both ends included."""
    return held_from_on <= today and (held_until_on is None or today <= held_until_on)
