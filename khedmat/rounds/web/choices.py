"""Which decisions are open to an officer about a member now, and why the others are not."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from khedmat.accounts.enums import Role
from khedmat.casework.enums import Outcome
from khedmat.casework.models import Case, CaseMember
from khedmat.casework.perms import can_decide, can_decide_member
from khedmat.common.actor import Actor


@dataclass(frozen=True, slots=True)
class Choice:
    """One outcome; `why` says why it is not open, empty where it is."""

    outcome: Outcome
    why: str | Promise = ""

    @property
    def is_open(self) -> bool:
        """Whether it may be chosen."""
        return not self.why

    @property
    def label(self) -> str:
        """What would be done, as a verb."""
        return str(self.outcome.label)


def choices_for(case: Case, member: CaseMember, *, is_referred: bool, by: Actor) -> list[Choice]:
    """All outcomes in their order; what is not open stays visible with its reason.

    `is_referred`: whether an officer has sent the member to the director general already.
    """
    return [Choice(outcome, _why_not(case, member, outcome, by, is_referred)) for outcome in Outcome]


def _why_not(case: Case, member: CaseMember, outcome: Outcome, by: Actor, is_referred: bool) -> str | Promise:
    if not can_decide(case, by=by):
        return _("You took this application yourself; another officer decides it.")
    if not can_decide_member(case, member, outcome, by=by):
        return _("After the director general has looked at it.")
    if outcome == Outcome.REFER and by.role == Role.DIRECTOR_GENERAL:
        return _("You are the director general.")
    if outcome == Outcome.REFER and is_referred:
        return _("The director general looks at it already.")
    return ""
