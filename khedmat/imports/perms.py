"""Who may bring files in."""

from khedmat.accounts.enums import Permission
from khedmat.accounts.rules import role_may
from khedmat.common.actor import Actor


def can_import(by: Actor) -> bool:
    """Whether the role brings registers in from files."""
    return role_may(by.role, Permission.IMPORT_REGISTER)
