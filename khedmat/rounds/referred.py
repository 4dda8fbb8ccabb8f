"""What a referred case leaves behind at its old office."""

from khedmat.casework.enums import ReferralState
from khedmat.casework.models import Referral
from khedmat.common.actor import Actor
from khedmat.rounds.enrolment import CASE_TYPE
from khedmat.service.booking import release_elsewhere


def leave_the_old_office(referral: Referral, by: Actor) -> None:
    """Listener: with an accepted referral, the appointment and the code of the old office end.

    The place is free for another family there; the new office books and hands over a code of its own.
    """
    if referral.state == ReferralState.ACCEPTED and referral.case.case_type == CASE_TYPE:
        release_elsewhere(CASE_TYPE, referral.case_id)
