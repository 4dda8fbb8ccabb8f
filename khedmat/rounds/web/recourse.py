"""What the pages of a case show of its referral and its appeals."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from khedmat.accounts.gate import StaffRequest
from khedmat.casework.appeals import may_lodge
from khedmat.casework.enums import AppealState, MemberStep, ReferralReason, ReferralState
from khedmat.casework.models import Appeal, Referral
from khedmat.casework.referrals import last_referral_of, may_refer
from khedmat.common.jalali import format_date
from khedmat.rounds.web.case_parts import CaseParts, MemberRow

REFERRAL_TONES = {
    ReferralState.OPEN: "info",
    ReferralState.ACCEPTED: "ok",
    ReferralState.RETURNED: "warn",
    ReferralState.REVOKED: "mute",
}
APPEAL_TONES = {
    AppealState.OPEN: "info",
    AppealState.UPHELD: "ok",
    AppealState.DISMISSED: "warn",
    AppealState.WITHDRAWN: "mute",
}


def due_words(due_on: date, today: date) -> tuple[str, str]:
    """Tone and words of until when an appeal is to be decided."""
    day = format_date(due_on, get_language() or "fa", "long")
    if today > due_on:
        return "warn", _("Overdue since %(day)s") % {"day": day}
    return ("info" if today == due_on else "mute"), _("Until %(day)s") % {"day": day}


@dataclass(frozen=True, slots=True)
class AppealRow:
    """One appeal of the case."""

    appeal: Appeal
    name: str

    @property
    def state(self) -> tuple[str, str]:
        """Tone and words."""
        return APPEAL_TONES[AppealState(self.appeal.state)], str(AppealState(self.appeal.state).label)

    @property
    def is_open(self) -> bool:
        """Whether it waits."""
        return self.appeal.state == AppealState.OPEN

    @property
    def due(self) -> tuple[str, str]:
        """Tone and words."""
        return due_words(self.appeal.due_on, timezone.localdate())


@dataclass(frozen=True, slots=True)
class Recourse:
    """The case's last referral, its appeals, and what the reader may begin."""

    referral: Referral | None
    may_refer: bool
    appeals: Sequence[AppealRow]
    may_lodge: bool

    @property
    def referral_state(self) -> tuple[str, str]:
        """Tone and words of the referral."""
        if self.referral is None:
            return "mute", ""
        state = ReferralState(self.referral.state)
        return REFERRAL_TONES[state], str(state.label)

    @property
    def referral_reason(self) -> str:
        """Why it was referred."""
        return "" if self.referral is None else str(ReferralReason(self.referral.reason).label)

    @property
    def is_referred(self) -> bool:
        """Whether an answer is awaited."""
        return self.referral is not None and self.referral.state == ReferralState.OPEN


def recourse_of(request: StaffRequest, parts: CaseParts) -> Recourse:
    """One query where the timeline tells of a referral, else none. Needs the family open."""
    case = parts.case
    referral = last_referral_of(case) if parts.may_tell_of("case.referred") else None
    is_waiting = referral is not None and referral.state == ReferralState.OPEN
    names = {row.id: row.name for row in parts.members}
    open_ones = {one.member_id for one in parts.appeals if one.state == AppealState.OPEN}
    return Recourse(
        referral,
        not is_waiting and may_refer(case, by=request.actor),
        [AppealRow(one, names.get(one.member_id, "")) for one in parts.appeals],
        may_lodge(case, by=request.actor) and bool(appealable(parts.members, open_ones)),
    )


def appealable(members: Sequence[MemberRow], with_open_appeal: set[UUID]) -> list[MemberRow]:
    """Members whose refusal stands and who wait for no appeal."""
    return [row for row in members if row.member.step == MemberStep.REFUSED and row.id not in with_open_appeal]
