"""Who may ask for a change, withdraw and decide one; which families they see is the database's to decide."""

from khedmat.accounts.enums import Permission
from khedmat.accounts.rules import role_may
from khedmat.changes.enums import ChangeState, Decider
from khedmat.changes.models import ChangeRequest
from khedmat.changes.rules import may_decide
from khedmat.common.actor import Actor

UNDECIDED = frozenset({ChangeState.OPEN, ChangeState.AWAITING_OTHER_PROVINCE})


def can_ask(by: Actor) -> bool:
    """Whether the role asks for changes on a family's behalf."""
    return role_may(by.role, Permission.REQUEST_CHANGE)


def can_decide(request: ChangeRequest, *, by: Actor) -> bool:
    """Whether this request is this person's to decide now; needs `household` fetched."""
    province_id = (
        request.other_province_id if request.decider == Decider.OTHER_PROVINCE else request.household.province_id
    )
    return (
        request.state in UNDECIDED
        and role_may(by.role, Permission.DECIDE_CHANGE)
        and may_decide(
            request.decider,
            role=by.role,
            is_asker=request.asked_by == by.user_id,
            is_same_office=request.scope_id == by.scope_id,
            is_own_province=province_id == by.scope_id,
        )
    )


def can_withdraw(request: ChangeRequest, *, by: Actor) -> bool:
    """The office that asked takes it back, at any time before the decision."""
    return request.state in UNDECIDED and can_ask(by) and request.scope_id == by.scope_id
