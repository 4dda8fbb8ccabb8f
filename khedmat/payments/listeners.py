"""Who wants to know that a charge is paid, and in which parts one may be paid. Programmes register from `apps.py`.

The engine never imports its users: they hand it functions, kept by the kind of subject.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from khedmat.common.actor import Actor
from khedmat.common.listening import Listeners


@dataclass(frozen=True, slots=True)
class PaidCharge:
    """What a listener is told: at the first part that is paid, and at the last; in between nothing is told.

    `is_first`: something is paid now, and nothing was before. `is_whole`: nothing is left to pay. An amount paid
    at once, and one that fell to zero, are both. `amount_rial` is what is paid in all, after exemptions.
    """

    charge_id: UUID
    subject_kind: str
    subject_id: UUID
    amount_rial: int
    is_first: bool = True
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class PartPlan:
    """A way of paying in parts that a programme offers for an amount; `title` in the reader's language."""

    code: str
    title: str
    count: int
    first_percent: int
    interval_days: int
    source: str = ""


PaidListener = Callable[[PaidCharge, Actor], None]
Plans = Callable[[UUID, int], Sequence[PartPlan]]
_listeners: defaultdict[str, Listeners[PaidCharge]] = defaultdict(Listeners)
_plans: dict[str, Plans] = {}


def on_paid(subject_kind: str, listener: PaidListener) -> None:
    """Have `listener(paid, by)` called in the transaction that pays the first or the last part of such a charge.

    An error of the listener undoes the payment with it. Registering the same function twice counts once.
    """
    _listeners[subject_kind].add(listener)


def forget(subject_kind: str, listener: PaidListener) -> None:
    """Undo `on_paid`."""
    _listeners[subject_kind].remove(listener)


def tell_paid(paid: PaidCharge, *, by: Actor) -> None:
    """Call every listener of the charge's kind of subject, in the order they registered."""
    _listeners[paid.subject_kind].tell(paid, by=by)


def offer_plans(subject_kind: str, plans: Plans) -> None:
    """Have `plans(subject_id, amount_rial)` asked in which parts a charge of this kind may be paid."""
    _plans[subject_kind] = plans


def plans_for(subject_kind: str, subject_id: UUID, amount_rial: int) -> Sequence[PartPlan]:
    """The plans that the subject's programme offers for an amount; none where it registered nothing."""
    plans = _plans.get(subject_kind)
    return plans(subject_id, amount_rial) if plans else ()
