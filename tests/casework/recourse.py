"""Cases that were refused or referred, made quickly: no papers, no portraits, no charge."""

from uuid import UUID

from khedmat.casework.actions import decide_member, enter_case, lock_case, send_to_review, take_for_review
from khedmat.casework.appeals import decide_appeal, lodge_appeal
from khedmat.casework.drafts import keep_draft
from khedmat.casework.enums import CaseStep, Outcome, ReferralReason
from khedmat.casework.models import Appeal, Case, CaseMember, Referral
from khedmat.casework.referrals import ask_referral, return_referral
from khedmat.common.actor import Actor
from khedmat.places.models import Scope
from khedmat.registry.models import Household
from khedmat.vault.context import working_context
from tests.factories import SERIES, advance, case_of, family

GROUNDS = "کارت سال پیش را داشتیم؛ برگه‌اش همراه است."
REFUSED = "مدرک سال پیش دیده نشد."
UPHELD = "برگهٔ سال پیش دیده شد."


def arrived(clerk: Actor, size: int = 2, *, household: Household | None = None) -> Case:
    """A family at the counter; one that has a case already, in another round."""
    case = case_of(clerk, household or family(clerk, size), series=SERIES if household is None else "proof-round-2")
    advance(case, CaseStep.ARRIVED, by=clerk)
    return case


def submitted(clerk: Actor, size: int = 2, *, needs_director: bool = False, household: Household | None = None) -> Case:
    """A case that waits in the province."""
    case = arrived(clerk, size, household=household)
    advance(case, CaseStep.PAPERS_CHECKED, CaseStep.PHOTOGRAPHED, CaseStep.PAID, by=clerk)
    with working_context(clerk):
        ids = CaseMember.objects.filter(case=case).values_list("pk", flat=True)
        send_to_review(lock_case(case.pk), dict.fromkeys(ids, needs_director), by=clerk)
    return case


def refused(
    clerk: Actor,
    officer: Actor,
    size: int = 1,
    *,
    needs_director: bool = False,
    household: Household | None = None,
) -> tuple[Case, UUID]:
    """A case whose every member was refused, and the first of them."""
    case = submitted(clerk, size, needs_director=needs_director, household=household)
    with working_context(officer):
        enter_case(case.pk, by=officer)
        take_for_review(case.pk, by=officer)
        members = list(CaseMember.objects.filter(case=case).order_by("person__position"))
        for member in members:
            decide_member(lock_case(case.pk), member, Outcome.REFUSE, REFUSED, {}, by=officer)
    return case, members[0].pk


def appealed(clerk: Actor, officer: Actor, household: Household | None = None) -> Appeal:
    """A refused member's appeal."""
    case, member_id = refused(clerk, officer, household=household)
    with working_context(clerk):
        return lodge_appeal(case.pk, member_id, GROUNDS, by=clerk)


def asked(clerk: Actor, case: Case, place: Scope) -> Referral:
    """The case's place asks another."""
    with working_context(clerk):
        return ask_referral(case.pk, None, place, ReferralReason.MOVED, "خانواده به ری رفته است.", by=clerk)


def dismissed(appeal: Appeal, officer: Actor) -> None:
    """The refusal stands."""
    with working_context(officer):
        decide_appeal(appeal.pk, is_upheld=False, reason="برگهٔ تازه‌ای نبود.", rule_outcomes={}, by=officer)


def sent_back(referral: Referral, by: Actor) -> None:
    """The place asked does not take it."""
    with working_context(by):
        return_referral(referral.pk, "ظرفیت این هفته پر است.", by=by)


def drafted(clerk: Actor) -> Case:
    """A family at the counter about whom the clerk ticked something that is not sent yet."""
    case = arrived(clerk)
    with working_context(clerk):
        enter_case(case.pk, by=clerk)
        keep_draft(case, "papers", {"seen": ["old-cards:"]}, by=clerk)
    return case
