"""The keeper's list of pairs: numbers and reasons, nobody's name; and the button that starts a search."""

from dataclasses import dataclass
from typing import Final

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_POST, require_safe

from khedmat.accounts.enums import Permission, Purpose
from khedmat.accounts.gate import StaffRequest, page
from khedmat.duplicates.enums import PairState, RunState
from khedmat.duplicates.models import DuplicatePair
from khedmat.duplicates.selectors import counts_by_state, last_run, pairs_in
from khedmat.duplicates.tasks import queue_search
from khedmat.duplicates.web.words import STRENGTH_TONES, reasons

ROWS: Final = 30
REASONS_SHOWN: Final = 3
VIEWS: Final[dict[str, tuple[PairState, Promise]]] = {
    "waiting": (PairState.OPEN, pgettext_lazy("pairs", "Waiting")),
    "papers": (PairState.PAPERS, gettext_lazy("Papers asked for")),
    "same": (PairState.SAME, gettext_lazy("The same person")),
}
COMPARING: Final = page(permission=Permission.COMPARE_DUPLICATES, purpose=Purpose.KEEP_REGISTER)


@dataclass(frozen=True, slots=True)
class Tab:
    """One view of the pairs, with how many it holds."""

    label: Promise
    url: str
    count: int
    is_current: bool


@dataclass(frozen=True, slots=True)
class PairRow:
    """A pair in the list."""

    pair: DuplicatePair
    tone: str
    reasons: list[Promise]


@COMPARING
@require_safe
def queue_page(request: StaffRequest) -> HttpResponse:
    """Pairs that wait for an answer, the likeliest first."""
    view = request.GET.get("view", "waiting")
    view = view if view in VIEWS else "waiting"
    counts, run = counts_by_state(), last_run()
    shown = Paginator(pairs_in(VIEWS[view][0]), ROWS).get_page(request.GET.get("page"))
    url = reverse("duplicates:queue")
    context = {
        "view": view,
        "tabs": [
            Tab(label, f"{url}?view={name}", counts[state], name == view) for name, (state, label) in VIEWS.items()
        ],
        "rows": [
            PairRow(pair, STRENGTH_TONES.get(pair.strength, "mute"), reasons(pair.likenesses)[0][:REASONS_SHOWN])
            for pair in shown.object_list
        ],
        "shown": shown,
        "earlier_url": f"{url}?view={view}&page={shown.previous_page_number()}" if shown.has_previous() else "",
        "later_url": f"{url}?view={view}&page={shown.next_page_number()}" if shown.has_next() else "",
        "run": run,
        "is_searching": run is not None and run.state in {RunState.WAITING, RunState.RUNNING},
        "has_failed": run is not None and run.state == RunState.FAILED,
    }
    return render(request, "duplicates/queue.html", context)


@COMPARING
@require_POST
def search_page(request: StaffRequest) -> HttpResponse:
    """Ask for a search of the province. Errors: SearchUnderWay."""
    queue_search(by=request.actor)
    messages.info(request, _("The search has been asked for. It works in the background and takes a few minutes."))
    return redirect("duplicates:queue")
