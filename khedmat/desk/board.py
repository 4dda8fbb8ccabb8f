"""What stands on the desk of each role: counts and case numbers, never names."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from khedmat.accounts.enums import Permission, Role
from khedmat.accounts.rules import role_may
from khedmat.cards.selectors import cases_awaiting_print
from khedmat.casework.enums import CaseStep, MemberStep
from khedmat.casework.models import Case
from khedmat.casework.selectors import counts_by_step, member_steps, queue
from khedmat.changes.selectors import count_to_decide
from khedmat.common.text import localise_digits
from khedmat.duplicates.enums import PairState
from khedmat.duplicates.selectors import counts_by_state as pairs_by_state
from khedmat.imports.models import Run
from khedmat.imports.selectors import latest_runs

LONGEST = 12
IMPORTS_SHOWN = 6

# Steps in the order of the work, with the person whose turn it is.
AT_THE_COUNTER = (CaseStep.ARRIVED, CaseStep.PAPERS_CHECKED, CaseStep.PHOTOGRAPHED, CaseStep.PAID)
IN_THE_PROVINCE = (CaseStep.SUBMITTED, CaseStep.UNDER_REVIEW)


@dataclass(frozen=True, slots=True)
class Tile:
    """How many cases stand at a step."""

    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Row:
    """A case in a list: number, size of the family, step, since when; where it opens."""

    case: Case
    url: str
    words: str
    since_at: datetime


@dataclass(frozen=True, slots=True)
class Board:
    """The desk of one role. `changes`: how many change requests wait for its decision; None where it decides none."""

    title: str
    tiles_title: str
    tiles: Sequence[Tile]
    rows: Sequence[Row]
    first_step: str
    first_step_url: str
    empty_words: str
    imports: Sequence[Run] = ()
    changes: int | None = None


def board_for(role: str) -> Board:
    """The board of a role, from what its working place shows."""
    board = _board_for(role)
    return replace(board, changes=count_to_decide()) if role_may(role, Permission.DECIDE_CHANGE) else board


def _board_for(role: str) -> Board:
    if role == Role.CLERK:
        return _clerk(counts_by_step())
    if role_may(role, Permission.REVIEW_CASE):
        return _officer(counts_by_step())
    if role == Role.CARD_PRINTER:
        return _printer()
    if role == Role.CASHIER:
        return _cashier(counts_by_step())
    if role_may(role, Permission.COMPARE_DUPLICATES):
        return _keeper(pairs_by_state())
    return _without_cases(role)


def _keeper(pairs: dict[str, int]) -> Board:
    tiles = [
        Tile(_("Likely duplicates that wait"), pairs[PairState.OPEN]),
        Tile(_("Pairs that wait for papers"), pairs[PairState.PAPERS]),
    ]
    return Board(
        _("Latest imports"),
        _("Likely duplicates"),
        tiles,
        (),
        _("Bring in a file"),
        reverse("imports:list"),
        _("No file was brought in yet."),
        imports=latest_runs()[:IMPORTS_SHOWN],
    )


def _without_cases(role: str) -> Board:
    first_step, url = "", ""
    if role_may(role, Permission.EXTEND_VALIDITY) or role_may(role, Permission.RUN_OFFICE):
        first_step, url = _("Open the rounds"), reverse("rounds:list")
    elif role_may(role, Permission.OVERSEE_READS):
        first_step, url = _("Open the oversight"), reverse("desk:oversight")
    return Board(_("Today"), "", (), (), first_step, url, _("No case comes to your desk."))


def _clerk(counts: dict[str, int]) -> Board:
    tiles = [Tile(str(step.label), counts.get(step, 0)) for step in (*AT_THE_COUNTER, *IN_THE_PROVINCE)]
    cases = list(queue([*AT_THE_COUNTER, CaseStep.UNDER_REVIEW])[:200])
    steps = member_steps(case.pk for case in cases)
    rows = []
    for case in cases:
        members = steps.get(case.pk, {})
        if case.step in AT_THE_COUNTER:
            words = str(CaseStep(case.step).label)
        elif members.get(MemberStep.READY):
            words = _("Cards are ready for hand-over")
        elif members.get(MemberStep.RETURNED):
            words = _("Returned for completion")
        else:
            continue
        rows.append(Row(case, reverse("rounds:case", args=[case.pk]), words, case.step_since_at))
    return Board(
        _("Your office's open cases"),
        _("Cases at each step"),
        tiles,
        rows[:LONGEST],
        _("Look up a presented document"),
        reverse("registry:look-up"),
        _("No case of your office waits for you."),
    )


def _officer(counts: dict[str, int]) -> Board:
    tiles = [Tile(str(step.label), counts.get(step, 0)) for step in (*IN_THE_PROVINCE, CaseStep.CLOSED)]
    cases = list(queue(IN_THE_PROVINCE)[:200])
    steps = member_steps(case.pk for case in cases)
    rows = [
        Row(case, reverse("rounds:review", args=[case.pk]), str(CaseStep(case.step).label), case.step_since_at)
        for case in cases
        # Decided members wait for print or hand-over, and a returned one for the office.
        if case.step == CaseStep.SUBMITTED or steps.get(case.pk, {}).get(MemberStep.UNDER_REVIEW)
    ]
    return Board(
        _("Cases that wait for a decision"),
        _("Cases at each step"),
        tiles,
        rows[:LONGEST],
        _("Open the review queue"),
        reverse("rounds:review-queue"),
        _("No case waits for a decision."),
    )


def _printer() -> Board:
    waiting = cases_awaiting_print()
    tiles = [
        Tile(_("Cards to print"), sum(cards for _case, cards in waiting)),
        Tile(_("Families"), len(waiting)),
    ]
    url = reverse("cards:print-queue")
    cases = Case.objects.in_bulk([case_id for case_id, _cards in waiting[:LONGEST]])
    rows = [
        Row(cases[case_id], url, _cards_to_print(cards), cases[case_id].step_since_at)
        for case_id, cards in waiting[:LONGEST]
        if case_id in cases
    ]
    return Board(
        _("Families whose cards wait to be printed"),
        _("Waiting to be printed"),
        tiles,
        rows,
        _("Open the print queue"),
        url,
        _("No card waits to be printed."),
    )


def _cards_to_print(cards: int) -> str:
    return ngettext("%(cards)s card to print", "%(cards)s cards to print", cards) % {
        "cards": localise_digits(str(cards), get_language() or "")
    }


def _cashier(counts: dict[str, int]) -> Board:
    rows = [
        Row(
            case,
            f"{reverse('payments:queue')}?number={case.number}",
            _("Waiting for payment"),
            case.step_since_at,
        )
        for case in queue([CaseStep.PHOTOGRAPHED])[:LONGEST]
    ]
    return Board(
        _("Families waiting to pay"),
        _("Cases at each step"),
        [Tile(_("Waiting for payment"), counts.get(CaseStep.PHOTOGRAPHED, 0))],
        rows,
        _("Open the payments"),
        reverse("payments:queue"),
        _("Nobody waits to pay."),
    )
