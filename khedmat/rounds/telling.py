"""What a family is told without anybody asking for it, and when: the one place that says so.

| what happened | letter | written by |
|---|---|---|
| members refused or returned | decision, at once: its days run | whoever decided |
| all members decided | decision on all of them | whoever decided last |
| an appeal upheld or dismissed | answer to the appeal | its decider |
| a referral accepted | referral | the officer of a province who accepts; at an office it waits for the family |
| validity extended | extension, with the family's next letter | whoever writes that one |

Letters are written in the transaction of what they tell; the PDF is drawn when somebody asks for it. Whoever does not
have the family open, or may read no letters, writes none: a letter that nobody could write waits, the page of the
case's letters says so, and the next one that is written brings it along. An extension is for a whole round: its notice
is public, `/verify` and cards follow it at once, and no one opens a hundred thousand families to write to them.
An appeal or referral that was taken back is told by nobody: the family did it, or knows. A payment has its numbered
receipt and an appointment its slip, from the counter; as letters they are written where a family asks for one.
"""

from khedmat.accounts.enums import Permission
from khedmat.accounts.rules import role_may
from khedmat.casework.appeal_models import Appeal
from khedmat.casework.enums import AppealState, ReferralState
from khedmat.casework.models import Case
from khedmat.casework.referral_models import Referral
from khedmat.common.actor import Actor
from khedmat.registry.models import Household
from khedmat.rounds.enrolment import CASE_TYPE
from khedmat.rounds.letters import write_waiting_letters


def write_of_decisions(case: Case, by: Actor) -> None:
    """Listener of casework: one act of deciding is over."""
    _write(case, by=by)


def write_of_appeal(appeal: Appeal, by: Actor) -> None:
    """Listener of casework: an appeal has ended."""
    if appeal.state in {AppealState.UPHELD, AppealState.DISMISSED}:
        _write(appeal.case, by=by)


def write_of_referral(referral: Referral, by: Actor) -> None:
    """Listener of casework: a referral was answered; once accepted, the case is the reader's."""
    if referral.state != ReferralState.ACCEPTED:
        return
    # Within a province nobody at the new office has opened the family yet, and a letter alone is no reason to.
    if Household.objects.filter(pk__in=Case.objects.filter(pk=referral.case_id).values("household_id")).exists():
        _write(Case.objects.select_related("scope", "province").get(pk=referral.case_id), by=by)


def _write(case: Case, *, by: Actor) -> None:
    if case.case_type == CASE_TYPE and role_may(by.role, Permission.READ_LETTER):
        write_waiting_letters(case, by=by)
