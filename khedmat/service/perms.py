"""Who may do what with an office's day. The place is checked too: an office runs its own."""

from typing import Final

from khedmat.accounts.enums import Permission, Role
from khedmat.accounts.rules import role_may
from khedmat.common.actor import Actor
from khedmat.service.enums import CounterKind
from khedmat.service.models import Counter

# Roles of a context that nobody can hold: a client who came with the code (`user_id` is the code's own id), and
# the hall's display (`user_id` is the link's).
CLIENT: Final = "client"
HALL: Final = "hall"

_COUNTER_OF_ROLE: Final = {Role.CLERK.value: CounterKind.CLERK, Role.CASHIER.value: CounterKind.CASHIER}


def can_run_office(by: Actor, scope_id: int) -> bool:
    """The manager of the office itself."""
    return role_may(by.role, Permission.RUN_OFFICE) and by.scope_id == scope_id


def can_book(by: Actor, scope_id: int) -> bool:
    """Staff of the office who book, and a client with a code of this office."""
    may = role_may(by.role, Permission.BOOK_APPOINTMENT) or by.role == CLIENT
    return may and by.scope_id == scope_id


def can_receive(by: Actor, scope_id: int) -> bool:
    """Whoever gives out numbers at the office's door."""
    return role_may(by.role, Permission.BOOK_APPOINTMENT) and by.scope_id == scope_id


def can_call_to(by: Actor, counter: Counter) -> bool:
    """Staff call to the counters of their own role, at their own office."""
    may = role_may(by.role, Permission.CALL_CLIENTS) and by.scope_id == counter.scope_id
    return may and counters_of(by) == counter.kind


def counters_of(by: Actor) -> CounterKind | None:
    """At which kind of counter somebody sits; None for a role without one."""
    return _COUNTER_OF_ROLE.get(by.role)
