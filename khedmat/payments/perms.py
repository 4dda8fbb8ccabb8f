"""Who may do what with money. The place is checked too: money is taken where it is owed."""

from khedmat.accounts.enums import Permission
from khedmat.accounts.rules import role_may
from khedmat.common.actor import Actor
from khedmat.payments.models import Charge


def can_raise_charge(by: Actor) -> bool:
    """Whoever takes applications sets what is to be paid, by the tariff."""
    return role_may(by.role, Permission.TAKE_APPLICATION)


def can_take_payment(by: Actor, charge: Charge) -> bool:
    """Only the cashier's role of the charge's own place takes money or sends a payer to the bank."""
    return role_may(by.role, Permission.TAKE_PAYMENT) and charge.scope_id == by.scope_id


def can_cancel_charge(by: Actor, charge: Charge) -> bool:
    """The place's own staff, since a client may withdraw at any time."""
    may = role_may(by.role, Permission.TAKE_APPLICATION) or role_may(by.role, Permission.TAKE_PAYMENT)
    return may and charge.scope_id == by.scope_id
