"""Who may add and who may see files; whose files they are is the database's to decide."""

from khedmat.accounts.enums import Permission
from khedmat.accounts.rules import role_may
from khedmat.common.actor import Actor


def can_read_files(by: Actor) -> bool:
    """Whether the role may see papers and portraits."""
    return role_may(by.role, Permission.READ_FILE)


def can_add_uploads(by: Actor) -> bool:
    """Whether the role takes papers and portraits from clients."""
    return role_may(by.role, Permission.TAKE_APPLICATION) or role_may(by.role, Permission.REGISTER_HOUSEHOLD)


def can_add_prints(by: Actor) -> bool:
    """Whether the role makes cards and print batches."""
    return role_may(by.role, Permission.PRINT_CARDS)


def can_add_tables(by: Actor) -> bool:
    """Whether the role brings in tables to be imported."""
    return role_may(by.role, Permission.IMPORT_REGISTER)
