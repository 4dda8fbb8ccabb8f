"""The page of the queue: tabs by step, filters with their numbers, rows without names."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from khedmat.accounts.enums import Permission, Purpose
from khedmat.accounts.gate import StaffRequest, page
from khedmat.accounts.rules import role_may
from khedmat.casework.enums import CaseStep
from khedmat.casework.models import Bulk
from khedmat.casework.officers import officers_of
from khedmat.places.models import Scope
from khedmat.rounds.enrolment import CASE_TYPE
from khedmat.rounds.models import Round
from khedmat.rounds.web import queueing
from khedmat.rounds.web.queueing import Filters, Option, Queue

ROWS = 50


class CountedPaginator(Paginator):  # type: ignore[type-arg]
    """Pages of a queue whose length is known from its counts already."""

    def __init__(self, cases: Any, rows: int, *, length: int) -> None:
        super().__init__(cases, rows)
        self.length = length

    @property
    def count(self) -> int:
        """How many cases there are."""
        return self.length


@page(permission=Permission.REVIEW_CASE, purpose=Purpose.REVIEW_CASE)
@require_safe
def queue_page(request: StaffRequest) -> HttpResponse:
    """Cases that wait for a decision, what is due first standing first: numbers and counts."""
    queue = Queue(request.actor, CASE_TYPE, Filters.of(request.GET, request.actor.role))
    filters = queue.filters
    shown = CountedPaginator(queue.cases, ROWS, length=queue.count()).get_page(request.GET.get("page"))
    context = {
        "rows": queue.rows(list(shown.object_list)),
        "shown": shown,
        "filters": filters,
        "tabs": _tabs(queue),
        "menus": [menu for menu in _menus(queue) if menu["options"]],
        "earlier_url": f"{filters.url()}&page={shown.previous_page_number()}" if shown.has_previous() else "",
        "later_url": f"{filters.url()}&page={shown.next_page_number()}" if shown.has_next() else "",
        "may_choose": filters.step != queueing.DECIDED and role_may(request.actor.role, Permission.DECIDE_MEMBER),
        "may_assign": role_may(request.actor.role, Permission.ASSIGN_CASE),
        "most": Bulk.MOST,
    }
    return render(request, "rounds/review_queue.html", context)


def _tabs(queue: Queue) -> list[Option]:
    labels: dict[str, str] = {
        queueing.ALL: pgettext("cases", "All"),
        str(CaseStep.SUBMITTED): _("In nobody's hand"),
        str(CaseStep.UNDER_REVIEW): _("In hand"),
        queueing.FOR_DIRECTOR: _("For the director general"),
    }
    return _options(queue, "step", labels)


def _menus(queue: Queue) -> list[dict[str, Any]]:
    due: dict[str, str] = {
        queueing.LATE: _("late"),
        queueing.TODAY: _("today"),
        queueing.WEEK: _("within seven days"),
        queueing.STOPPED: _("time stands still"),
    }
    hands: dict[str, str] = {
        queueing.MINE: pgettext("cases", "mine"),
        queueing.NOBODY: pgettext("cases", "nobody's"),
        **({queueing.COVER: _("whom I cover")} if queue.covered else {}),
        **{str(user.pk): user.name for user in officers_of(queue.actor.scope_id) if user.pk != queue.actor.user_id},
    }
    series = {group["series"] for group in queue.counted}
    titles = {one.code: one.title for one in Round.objects.filter(code__in=series)}
    offices = Scope.objects.filter(pk__in={group["scope_id"] for group in queue.counted}).order_by("code")
    return [
        _menu(queue, "due", _("Due:"), due),
        _menu(queue, "assignee", _("In the hand of:"), hands),
        _menu(queue, "service", _("Service:"), {code: titles.get(code, code) for code in sorted(series)}),
        _menu(queue, "office", _("Office:"), {str(office.pk): office.name for office in offices}),
    ]


def _menu(queue: Queue, name: str, label: str, labels: dict[str, str]) -> dict[str, Any]:
    options = _options(queue, name, labels)
    return {
        "label": label,
        "options": options,
        "current": next((option for option in options if option.is_current), None),
        "all_url": queue.filters.url(**{name: ""}),
    }


def _options(queue: Queue, name: str, labels: dict[str, str]) -> list[Option]:
    current = getattr(queue.filters, name)
    return [
        Option(label, queue.filters.url(**{name: key}), queue.count(**{name: key}), is_current=key == current)
        for key, label in labels.items()
    ]
