"""What stands on the desk of each role: counts and case numbers, never names."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from khedmat.accounts.enums import Permission, Role
from khedmat.accounts.rules import role_may
from khedmat.cards.selectors import cases_awaiting_print
from khedmat.casework.enums import CaseStep
from khedmat.casework.models import Case
from khedmat.casework.selectors import counts_by_step, queue, waiting_for_counter
from khedmat.casework.standards import Standard, standard_of
from khedmat.changes.selectors import count_to_decide
from khedmat.common.actor import Actor
from khedmat.common.jalali import tehran_date
from khedmat.common.text import localise_digits
from khedmat.duplicates.enums import PairState
from khedmat.duplicates.selectors import counts_by_state as pairs_by_state
from khedmat.imports.models import Run
from khedmat.imports.selectors import latest_runs
from khedmat.places.calendar import working_days_between
from khedmat.places.selectors import holidays_for
from khedmat.rounds.web.queueing import Queue

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
    """A case in a list: number, size of the family, step, since when; where it opens. `late`: how late it is."""

    case: Case
    url: str
    words: str
    since_at: datetime
    late: str = ""
    tone: str = "mute"


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


def board_for(actor: Actor, queue: Queue) -> Board:
    """The board of the actor's role, from what the working place shows. `queue`: the officers', read where needed."""
    board = _board_for(actor, queue)
    return replace(board, changes=count_to_decide()) if role_may(actor.role, Permission.DECIDE_CHANGE) else board


def _board_for(actor: Actor, officers: Queue) -> Board:
    role = actor.role
    if role == Role.CLERK:
        return _clerk(actor)
    if role_may(role, Permission.REVIEW_CASE):
        return _officer(officers)
    if role == Role.CARD_PRINTER:
        return _printer()
    if role == Role.CASHIER:
        return _cashier(actor)
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
    if role_may(role, Permission.RUN_OFFICE):
        first_step, url = _("Set the office's days"), reverse("service:days")
    elif role_may(role, Permission.EXTEND_VALIDITY):
        first_step, url = _("Open the rounds"), reverse("rounds:list")
    elif role_may(role, Permission.OVERSEE_READS):
        first_step, url = _("Open the oversight"), reverse("desk:oversight")
    return Board(_("Today"), "", (), (), first_step, url, _("No case comes to your desk."))


def _tiles(*steps: CaseStep) -> list[Tile]:
    counts = counts_by_step(steps)
    return [Tile(str(step.label), counts.get(step, 0)) for step in steps]


def _clerk(actor: Actor) -> Board:
    return Board(
        _("Families that wait for the counter"),
        _("Cases at each step"),
        _tiles(*AT_THE_COUNTER, *IN_THE_PROVINCE),
        _families_of(actor)[:LONGEST],
        _("Look up a presented document"),
        reverse("registry:look-up"),
        _("No case of your office waits for you."),
    )


def _families_of(actor: Actor) -> list[Row]:
    """Cases of the office that wait for its counter: the late ones first, then the longest waiting."""
    clock = _CounterClock(actor)
    rows = []
    for case in waiting_for_counter(actor.scope_id, AT_THE_COUNTER, LONGEST):
        if case.step in AT_THE_COUNTER:
            is_unpaid = case.step == CaseStep.PHOTOGRAPHED
            words = _("Waiting for payment") if is_unpaid else str(CaseStep(case.step).label)
            late = clock.late(case.step_since_at, 0)
        elif case.ready_members:
            words, late = _("Cards are ready for hand-over"), ""
        else:
            words = _("Returned for completion")
            late = clock.late(case.stopped_at or case.step_since_at, clock.standard(case).paper_days)
        url = reverse("rounds:case", args=[case.pk])
        rows.append(Row(case, url, words, case.step_since_at, late, "bad" if late else "mute"))
    return sorted(rows, key=lambda row: (not row.late, row.since_at))


class _CounterClock:
    """Says how late something is at a counter, by the office's working days; asks for each thing once."""

    def __init__(self, actor: Actor) -> None:
        self._today = timezone.localdate()
        self._holidays = holidays_for(actor.scope_id)
        self._standards: dict[tuple[str, int], Standard] = {}

    def standard(self, case: Case) -> Standard:
        """The times of the case's version of its round."""
        key = (case.series, case.series_version)
        if key not in self._standards:
            self._standards[key] = standard_of(case)
        return self._standards[key]

    def late(self, since: datetime, allowed: int) -> str:
        """In words; empty where nothing is late. `allowed`: working days after the day itself."""
        days = working_days_between(tehran_date(since), self._today, self._holidays) - allowed
        if days <= 0:
            return ""
        words = ngettext("%(days)s working day late", "%(days)s working days late", days)
        return words % {"days": localise_digits(str(days), get_language() or "")}


def _officer(found: Queue) -> Board:
    rows = [
        Row(
            case,
            reverse("rounds:review", args=[case.pk]),
            str(CaseStep(case.step).label),
            case.step_since_at,
            *found.due_words(case),
        )
        for case in found.cases[:LONGEST]
    ]
    return Board(
        _("Cases that wait for a decision"),
        _("Cases at each step"),
        _tiles(*IN_THE_PROVINCE, CaseStep.CLOSED),
        rows,
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


def _cashier(actor: Actor) -> Board:
    rows = [
        Row(
            case,
            f"{reverse('payments:queue')}?number={case.number}",
            _("Waiting for payment"),
            case.step_since_at,
        )
        for case in queue([CaseStep.PHOTOGRAPHED]).filter(scope_id=actor.scope_id)[:LONGEST]
    ]
    return Board(
        _("Families waiting to pay"),
        _("Cases at each step"),
        [replace(*_tiles(CaseStep.PHOTOGRAPHED), label=_("Waiting for payment"))],
        rows,
        _("Open the payments"),
        reverse("payments:queue"),
        _("Nobody waits to pay."),
    )
