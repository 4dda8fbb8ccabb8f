"""The declared transitions of a case and of its members. The drawing in the docs is made from here."""

from dataclasses import dataclass

from khedmat.casework.enums import CaseStep as C
from khedmat.casework.enums import MemberStep as M


@dataclass(frozen=True, slots=True)
class Transition:
    """One allowed move: from a step, to a step, by an act (`case.submitted`, the audit action)."""

    source: str
    target: str
    act: str


CASE_TRANSITIONS: tuple[Transition, ...] = (
    Transition(C.PRE_REGISTERED, C.BOOKED, "case.booked"),
    Transition(C.PRE_REGISTERED, C.ARRIVED, "case.arrived"),
    Transition(C.BOOKED, C.ARRIVED, "case.arrived"),
    Transition(C.ARRIVED, C.PAPERS_CHECKED, "case.papers-checked"),
    Transition(C.PAPERS_CHECKED, C.PHOTOGRAPHED, "case.photographed"),
    Transition(C.PHOTOGRAPHED, C.PAID, "case.paid"),
    Transition(C.PAID, C.SUBMITTED, "case.submitted"),
    # Where the round takes the money after the sending; the payment then moves no step.
    Transition(C.PHOTOGRAPHED, C.SUBMITTED, "case.submitted"),
    Transition(C.SUBMITTED, C.UNDER_REVIEW, "case.taken-for-review"),
    Transition(C.UNDER_REVIEW, C.CLOSED, "case.closed"),
    # An appeal that is upheld: the member is decided anew.
    Transition(C.CLOSED, C.UNDER_REVIEW, "case.reopened"),
    *(
        Transition(step, C.WITHDRAWN, "case.withdrawn")
        for step in (
            C.PRE_REGISTERED,
            C.BOOKED,
            C.ARRIVED,
            C.PAPERS_CHECKED,
            C.PHOTOGRAPHED,
            C.PAID,
            C.SUBMITTED,
            C.UNDER_REVIEW,
        )
    ),
)

MEMBER_TRANSITIONS: tuple[Transition, ...] = (
    Transition(M.ENROLLED, M.UNDER_REVIEW, "member.submitted"),
    Transition(M.UNDER_REVIEW, M.APPROVED, "member.approved"),
    Transition(M.UNDER_REVIEW, M.REFUSED, "member.refused"),
    Transition(M.UNDER_REVIEW, M.RETURNED, "member.returned"),
    Transition(M.RETURNED, M.UNDER_REVIEW, "member.resubmitted"),
    Transition(M.APPROVED, M.IN_PRINT, "member.sent-to-print"),
    Transition(M.IN_PRINT, M.READY, "member.card-ready"),
    Transition(M.IN_PRINT, M.APPROVED, "member.print-failed"),
    Transition(M.READY, M.HANDED_OVER, "member.card-handed-over"),
    # A card that is revoked before it reaches its bearer: a person decides anew.
    Transition(M.IN_PRINT, M.UNDER_REVIEW, "member.card-revoked"),
    Transition(M.READY, M.UNDER_REVIEW, "member.card-revoked"),
    Transition(M.REFUSED, M.UNDER_REVIEW, "member.appeal-upheld"),
    *(
        Transition(step, M.WITHDRAWN, "member.withdrawn")
        for step in (M.ENROLLED, M.UNDER_REVIEW, M.RETURNED, M.APPROVED, M.IN_PRINT, M.READY)
    ),
)

CASE_ENDS = frozenset({C.CLOSED, C.WITHDRAWN})
MEMBER_ENDS = frozenset({M.HANDED_OVER, M.REFUSED, M.WITHDRAWN})

_CASE = {(one.source, one.target): one for one in CASE_TRANSITIONS}
_MEMBER = {(one.source, one.target): one for one in MEMBER_TRANSITIONS}


def case_transition(source: str, target: str) -> Transition | None:
    """The declared move of a case, or None where there is none."""
    return _CASE.get((source, target))


def member_transition(source: str, target: str) -> Transition | None:
    """The declared move of a member, or None where there is none."""
    return _MEMBER.get((source, target))
