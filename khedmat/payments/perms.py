"""Who may do what with money. The place is checked too: money is taken where it is owed."""

from khedmat.accounts.enums import Permission
from khedmat.accounts.rules import role_may
from khedmat.common.actor import Actor
from khedmat.payments.models import Charge, DayEnd, Refund


def can_raise_charge(by: Actor) -> bool:
    """Whoever takes applications sets what is to be paid, by the tariff."""
    return role_may(by.role, Permission.TAKE_APPLICATION)


def can_set_anew(by: Actor) -> bool:
    """Whoever puts a case under another tariff; the place is theirs or beneath it, else they do not see the charge."""
    return role_may(by.role, Permission.MOVE_VERSION)


def can_take_payment(by: Actor, charge: Charge) -> bool:
    """Only the cashier's role of the charge's own place takes money or sends a payer to the bank."""
    return role_may(by.role, Permission.TAKE_PAYMENT) and charge.scope_id == by.scope_id


def can_cancel_charge(by: Actor, charge: Charge) -> bool:
    """The place's own staff, since a client may withdraw at any time."""
    may = role_may(by.role, Permission.TAKE_APPLICATION) or role_may(by.role, Permission.TAKE_PAYMENT)
    return may and charge.scope_id == by.scope_id


def can_change_bill(by: Actor, charge: Charge) -> bool:
    """Exemptions and parts: the place's own staff, as its programme or its manager decided.

    And who set an amount anew brings into it what was granted before: theirs alone, and while nothing of it is paid.
    """
    if can_set_anew(by) and charge.raised_by == by.user_id and not charge.settled_rial:
        return True
    wanted = (Permission.TAKE_APPLICATION, Permission.TAKE_PAYMENT, Permission.DECIDE_EXEMPTION)
    return any(role_may(by.role, one) for one in wanted) and charge.scope_id == by.scope_id


def can_ask_refund(by: Actor, charge: Charge) -> bool:
    """The place's cashier; and whoever decides an exemption there, which may come after the payment."""
    may = role_may(by.role, Permission.ASK_REFUND) or role_may(by.role, Permission.DECIDE_EXEMPTION)
    return may and charge.scope_id == by.scope_id


def can_settle_refund(by: Actor, refund: Refund) -> bool:
    """The place's manager pays or declines."""
    return role_may(by.role, Permission.PAY_REFUND) and refund.scope_id == by.scope_id


def can_confirm_day(by: Actor, day: DayEnd) -> bool:
    """The place's manager confirms a cashier's count."""
    return role_may(by.role, Permission.CONFIRM_CASH) and day.scope_id == by.scope_id
