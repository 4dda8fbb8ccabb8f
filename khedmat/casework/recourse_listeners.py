"""Who wants to know that an appeal was decided or withdrawn, or a referral answered: letters, appointments.

As khedmat.casework.listeners: a storey above registers from its `apps.py`; an error undoes the change with it.
"""

from collections.abc import Callable

from khedmat.casework.appeal_models import Appeal
from khedmat.casework.referral_models import Referral
from khedmat.common.actor import Actor
from khedmat.common.listening import Listeners

AppealListener = Callable[[Appeal, Actor], None]
ReferralListener = Callable[[Referral, Actor], None]
_of_appeals = Listeners[Appeal]()
_of_referrals = Listeners[Referral]()


def on_appeal_decided(listener: AppealListener) -> None:
    """Have `listener(appeal, by)` called when an appeal was upheld, dismissed or withdrawn, the case locked.

    Registering the same function twice counts once.
    """
    _of_appeals.add(listener)


def on_referral_answered(listener: ReferralListener) -> None:
    """Have `listener(referral, by)` called when a referral was accepted, returned or revoked.

    Once accepted, the case is the actor's place's; before that, the actor may not see it (a return).
    """
    _of_referrals.add(listener)


def forget(listener: AppealListener | ReferralListener) -> None:
    """Undo `on_appeal_decided` and `on_referral_answered`."""
    _of_appeals.remove(listener)  # type: ignore[arg-type]
    _of_referrals.remove(listener)  # type: ignore[arg-type]


def tell_appeal_decided(appeal: Appeal, *, by: Actor) -> None:
    """Call every listener, in the order they registered."""
    _of_appeals.tell(appeal, by=by)


def tell_referral_answered(referral: Referral, *, by: Actor) -> None:
    """Call every listener, in the order they registered."""
    _of_referrals.tell(referral, by=by)
