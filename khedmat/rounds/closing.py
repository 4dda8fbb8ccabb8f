"""Closing a round: proposed by one round manager, confirmed by another. Running cases go on to their end.

From then on no case begins in the round. It is done after the last day of every province, or earlier with a note
that says which circular ordered it. A round is closed once and for all; people go on in the next one.
"""

from datetime import date

from django.db import transaction
from django.utils import timezone

from khedmat.audit.actions import record
from khedmat.common.actor import Actor
from khedmat.common.locks import Turn, take_turn
from khedmat.rounds import perms, selectors
from khedmat.rounds.enums import ClosingStep
from khedmat.rounds.errors import (
    ClosingAlreadyProposed,
    ClosingNeedsNote,
    ClosingNotProposed,
    RoundAlreadyClosed,
    RoundNotAllowed,
    RoundNotFound,
    SamePersonCloses,
)
from khedmat.rounds.models import Round, RoundClosing, RoundVersion


def last_day_of(version: RoundVersion) -> date:
    """The last day on which any province takes applications, by this version."""
    return max([version.closes_on, *(window.closes_on for window in version.windows.all())])


@transaction.atomic
def propose_closing(code: str, note: str = "", *, by: Actor, today: date | None = None) -> RoundClosing:
    """Say that a round shall end; another round manager confirms it.

    Errors: RoundNotFound, RoundAlreadyClosed, ClosingAlreadyProposed, ClosingNeedsNote (before its last day).
    """
    round_ = _in_turn(code, by)
    if selectors.open_proposal_of(round_) is not None:
        raise ClosingAlreadyProposed
    version = selectors.versions_in_force().get(round=round_)
    if not note and (today or timezone.localdate()) <= last_day_of(version):
        raise ClosingNeedsNote
    return _write(round_, ClosingStep.PROPOSED, note, None, by=by)


@transaction.atomic
def confirm_closing(code: str, *, by: Actor) -> RoundClosing:
    """Close a round as another round manager proposed: no case begins in it any more.

    Errors: RoundNotFound, RoundAlreadyClosed, ClosingNotProposed, SamePersonCloses.
    """
    round_ = _in_turn(code, by)
    proposal = selectors.open_proposal_of(round_)
    if proposal is None:
        raise ClosingNotProposed
    if proposal.by == by.user_id:
        raise SamePersonCloses
    return _write(round_, ClosingStep.CONFIRMED, "", proposal, by=by)


@transaction.atomic
def take_back_closing(code: str, *, by: Actor) -> RoundClosing:
    """Let a proposal fall; any round manager may. Errors: RoundNotFound, RoundAlreadyClosed, ClosingNotProposed."""
    round_ = _in_turn(code, by)
    proposal = selectors.open_proposal_of(round_)
    if proposal is None:
        raise ClosingNotProposed
    return _write(round_, ClosingStep.TAKEN_BACK, "", proposal, by=by)


def _in_turn(code: str, by: Actor) -> Round:
    """The round, while nobody else writes of its end."""
    if not perms.can_write_rounds(by):
        raise RoundNotAllowed
    take_turn(Turn.CLOSING_ROUND, code)
    version = selectors.versions_in_force().filter(round__code=code).first()
    if version is None:
        raise RoundNotFound
    if selectors.closing_of(version.round) is not None:
        raise RoundAlreadyClosed
    return version.round


def _write(round_: Round, step: ClosingStep, note: str, proposal: RoundClosing | None, *, by: Actor) -> RoundClosing:
    written = RoundClosing.objects.create(
        round=round_,
        step=step,
        note=note,
        at=timezone.now(),
        by=by.user_id,
        proposal=proposal,
        proposed_by=proposal.by if proposal else None,
    )
    acts = {
        ClosingStep.PROPOSED: "round.closing-proposed",
        ClosingStep.CONFIRMED: "round.closed",
        ClosingStep.TAKEN_BACK: "round.closing-taken-back",
    }
    record(acts[step], by=by, subject="rounds.round", subject_id=round_.pk, details={"round": round_.code})
    return written
