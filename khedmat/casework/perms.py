"""Who may decide."""

from khedmat.accounts.enums import Permission, Role
from khedmat.accounts.rules import role_may
from khedmat.casework.enums import Outcome
from khedmat.casework.models import Case, CaseMember
from khedmat.common.actor import Actor


def is_own_case(case: Case, *, by: Actor) -> bool:
    """Whether the actor opened the case themselves, in whatever role."""
    return case.opened_by == by.user_id


def can_decide(case: Case, *, by: Actor) -> bool:
    """Officers decide, never their own case."""
    return role_may(by.role, Permission.DECIDE_MEMBER) and not is_own_case(case, by=by)


def can_decide_member(case: Case, member: CaseMember, outcome: str, *, by: Actor) -> bool:
    """A member whom a rule sends to the director general is approved or refused by the director alone."""
    needs_director = member.needs_director and outcome in {Outcome.APPROVE, Outcome.REFUSE}
    return can_decide(case, by=by) and (not needs_director or by.role == Role.DIRECTOR_GENERAL)
