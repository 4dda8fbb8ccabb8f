"""Who may write and publish rounds."""

from khedmat.accounts.enums import Role
from khedmat.common.actor import Actor


def can_write_rounds(by: Actor) -> bool:
    """Round managers, who work for the whole country."""
    return by.role == Role.ROUND_MANAGER
