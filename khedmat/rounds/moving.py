"""A running case keeps its version of the round; an officer moves it to another one on purpose, with a note.

The amount goes with it only where nothing of it is paid: it is made anew by the other version's tariff, and what was
granted to the family is judged again by that version (what it offers no more falls away). Once something is paid, in
whole or in part, the amount stays: nobody is asked for more behind a receipt. Who paid more than they owe has the
refund as the way. What happened to the amount is said before, and kept with the note.
"""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language, gettext, override

from khedmat.casework.actions import lock_case
from khedmat.casework.models import Case
from khedmat.casework.versions import change_series_version
from khedmat.common.actor import Actor
from khedmat.common.money import format_rial
from khedmat.payments.actions import lock_live_charge_of, set_charge_anew
from khedmat.payments.enums import ChargeState
from khedmat.payments.models import Charge
from khedmat.payments.selectors import live_charge_of
from khedmat.rounds.enrolment import CASE_TYPE, asks_for_director
from khedmat.rounds.enrolment_view import EnrolmentView, enrolment_view
from khedmat.rounds.errors import SameVersion
from khedmat.rounds.models import RoundVersion, VersionMove
from khedmat.rounds.relief import apply_granted, granted_to, relieved_total
from khedmat.rounds.selectors import published_versions_of


@dataclass(frozen=True, slots=True)
class MovePreview:
    """A case as it stands, and as it would stand under the other version. `amount_rial`: a new amount; else None."""

    target: RoundVersion
    before: EnrolmentView
    after: EnrolmentView
    charge: Charge | None
    amount_rial: int | None

    @property
    def of_the_amount(self) -> str:
        """What becomes of the amount, in the reader's language."""
        if self.charge is None:
            return gettext("No amount was set yet.")
        language = get_language() or "fa"
        owed = format_rial(self.charge.amount_rial - self.charge.waived_rial, language)
        if self.amount_rial is None:
            return gettext("The amount is paid, or a part of it: it stays %(amount)s.") % {"amount": owed}
        new = format_rial(self.amount_rial, language)
        return gettext(
            "Nothing is paid yet: the amount is set anew by this version's tariff and exemptions, "
            "%(new)s instead of %(before)s."
        ) % {"new": new, "before": owed}


def versions_to_move_to(case: Case) -> list[RoundVersion]:
    """Published versions of the case's round that it does not stand under, the newest first."""
    return list(published_versions_of(case.series).exclude(version=case.series_version))


def preview_move(case: Case, to_version: int) -> MovePreview:
    """What would change: rules, papers, amount. Errors: SameVersion. Needs the family open."""
    target = next((one for one in versions_to_move_to(case) if one.version == to_version), None)
    if target is None:
        raise SameVersion
    before, after = enrolment_view(case), enrolment_view(case, under=to_version)
    charge, amount = live_charge_of(CASE_TYPE, case.pk), None
    if charge is not None and _is_unpaid(charge):
        amount = relieved_total(after.content, after.bill.lines, granted_to(case))
    return MovePreview(target, before, after, charge, amount)


@transaction.atomic
def move_to_version(case_id: UUID, version: int, to_version: int, note: str, *, by: Actor) -> Case:
    """Put a case in hand under another published version of its round; decisions and what is paid stay.

    Errors: CaseChangedByAnother, SameVersion, PermissionMissing, OwnCase, StepNotPossible.
    """
    # The charge before its case, as a payment locks them.
    charge = lock_live_charge_of(CASE_TYPE, case_id)
    case = lock_case(case_id, version)
    preview = preview_move(case, to_version)
    before = case.series_version
    needs = {one.case_member.pk: asks_for_director(one.outcomes) for one in preview.after.members}
    change_series_version(case, to_version, needs, by=by)
    if charge is not None and _is_unpaid(charge):
        _set_anew(case, charge, preview.after, by=by)
    with override("fa"):
        note = f"{note}\n{preview.of_the_amount}"
    move = VersionMove(
        household_id=case.household_id,
        case=case,
        from_version=before,
        to_version=to_version,
        note=note,
        moved_at=timezone.now(),
        moved_by=by.user_id,
    )
    move.save(force_insert=True)
    # A bill of zero is paid at once, by the listener, on the row that is locked here.
    case.refresh_from_db()
    return case


def _is_unpaid(charge: Charge) -> bool:
    return charge.state == ChargeState.OPEN and not charge.settled_rial


def _set_anew(case: Case, charge: Charge, view: EnrolmentView, *, by: Actor) -> None:
    anew = set_charge_anew(charge.pk, view.bill.lines, view.tariff_reference, expected_version=charge.version, by=by)
    apply_granted(case, anew, by=by)
