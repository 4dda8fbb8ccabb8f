"""Who may do what with cards; whose cards they are is the database's to decide."""

from khedmat.accounts.enums import Permission
from khedmat.accounts.errors import PermissionMissing
from khedmat.accounts.rules import role_may
from khedmat.common.actor import Actor


def require(permission: Permission, *, by: Actor) -> None:
    """Errors: PermissionMissing."""
    if not role_may(by.role, permission):
        raise PermissionMissing
