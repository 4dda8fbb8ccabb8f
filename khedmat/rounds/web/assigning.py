"""The director general's page: how much is in whose hand, cases given to officers, and who covers whom."""

from datetime import timedelta
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from khedmat.accounts.enums import Permission, Purpose
from khedmat.accounts.gate import StaffRequest, page
from khedmat.casework.assignment import assign_case, end_cover, set_cover
from khedmat.casework.errors import (
    CoverNotAllowed,
    CoverOverlaps,
    CoversAnother,
    OfficerNotOfProvince,
    SubstituteAway,
)
from khedmat.casework.officers import live_covers, loads_of
from khedmat.common.dates_form import JalaliDateField
from khedmat.common.errors import DomainError
from khedmat.rounds.enrolment import CASE_TYPE
from khedmat.rounds.web.case_parts import digits
from khedmat.rounds.web.queueing import NOBODY, Filters, Queue

ASSIGNS = page(permission=Permission.ASSIGN_CASE, purpose=Purpose.REVIEW_CASE)
MOST = 50
Choices = list[tuple[str, str]]


class _OfficerField(forms.ChoiceField):
    """One of the province's officers."""

    def __init__(self, officers: Choices, **options: Any) -> None:
        wrong = gettext_lazy("Choose one of the officers of the province.")
        errors = {"required": wrong, "invalid_choice": wrong}
        super().__init__(choices=[("", "—"), *officers], error_messages=errors, **options)


class AssignForm(forms.Form):
    """To whom the chosen cases go."""

    def __init__(self, *args: Any, officers: Choices, cases: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        wrong = gettext_lazy("Choose cases of this list, at most fifty.")
        self.fields["case"] = forms.MultipleChoiceField(
            choices=cases, label=gettext_lazy("Cases"), error_messages={"required": wrong, "invalid_choice": wrong}
        )
        self.fields["officer"] = _OfficerField(officers, label=gettext_lazy("Give to"))


class CoverForm(forms.Form):
    """Who is away, from when until when, and who works on their cases meanwhile."""

    def __init__(self, *args: Any, officers: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["officer"] = _OfficerField(officers, label=gettext_lazy("Who is away"))
        self.fields["substitute"] = _OfficerField(officers, label=gettext_lazy("Covered by"))
        self.fields["away_from"] = JalaliDateField(
            max_date=lambda: timezone.localdate() + timedelta(days=366), label=gettext_lazy("First day")
        )
        self.fields["away_until"] = JalaliDateField(
            min_date=timezone.localdate,
            max_date=lambda: timezone.localdate() + timedelta(days=366),
            label=gettext_lazy("Last day"),
        )


class _Ground:
    """What the page shows, read once: loads, covers and the cases in nobody's hand."""

    def __init__(self, request: StaffRequest) -> None:
        today, here = timezone.localdate(), request.actor.scope_id
        self.covers = live_covers(here, today)
        self.loads = loads_of(here, today, self.covers)
        self.officers: Choices = [(str(load.user.pk), load.user.name) for load in self.loads]
        self.queue = Queue(request.actor, CASE_TYPE, Filters(assignee=NOBODY))
        self.rows = self.queue.rows(list(self.queue.cases[:MOST]))
        self.cases: Choices = [(str(row.case.pk), row.case.number) for row in self.rows]


@ASSIGNS
@require_http_methods(["GET", "HEAD", "POST"])
def assign_page(request: StaffRequest) -> HttpResponse:
    """Officers with numbers; the cases in nobody's hand, what is due first standing first; posts give them away."""
    ground, is_sent = _Ground(request), request.method == "POST"
    form = AssignForm(request.POST if is_sent else None, officers=ground.officers, cases=ground.cases)
    if is_sent and form.is_valid():
        # All or none: what stops one case undoes the page.
        for case_id in sorted(form.cleaned_data["case"]):
            assign_case(UUID(case_id), UUID(form.cleaned_data["officer"]), by=request.actor)
        given = len(form.cleaned_data["case"])
        words = ngettext("%(count)s case was given.", "%(count)s cases were given.", given)
        messages.success(request, words % {"count": digits(given)})
        return redirect("rounds:assign")
    return _page(request, ground, form, CoverForm(officers=ground.officers))


@ASSIGNS
@require_POST
def cover(request: StaffRequest) -> HttpResponse:
    """Have an officer covered while they are away."""
    ground = _Ground(request)
    form = CoverForm(request.POST, officers=ground.officers)
    if form.is_valid():
        data = form.cleaned_data
        try:
            set_cover(
                UUID(data["officer"]), UUID(data["substitute"]), data["away_from"], data["away_until"], by=request.actor
            )
        except (CoverNotAllowed, CoverOverlaps, CoversAnother, OfficerNotOfProvince, SubstituteAway) as error:
            _refuse(form, error)
        else:
            messages.success(request, _("The cover is set. It begins and ends by itself."))
            return redirect("rounds:assign")
    return _page(request, ground, AssignForm(officers=ground.officers, cases=ground.cases), form)


@ASSIGNS
@require_POST
def end(request: StaffRequest, cover_id: UUID) -> HttpResponse:
    """End a cover now."""
    end_cover(cover_id, by=request.actor)
    messages.success(request, _("The cover is ended."))
    return redirect("rounds:assign")


def _page(request: StaffRequest, ground: _Ground, assign_form: AssignForm, cover_form: CoverForm) -> HttpResponse:
    names = dict(ground.officers)
    is_refused = assign_form.is_bound or cover_form.is_bound
    context = {
        "loads": [
            (load, Filters(assignee=str(load.user.pk)).url(), Filters(assignee=str(load.user.pk), due="overdue").url())
            for load in ground.loads
        ],
        "covers": [
            (one, names.get(str(one.officer_id), ""), names.get(str(one.substitute_id), "")) for one in ground.covers
        ],
        "rows": ground.rows,
        "chosen": request.POST.getlist("case") if assign_form.is_bound else [],
        "unassigned": ground.queue.count(),
        "assign_form": assign_form,
        "cover_form": cover_form,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if is_refused else HTTPStatus.OK
    return render(request, "rounds/assign.html", context, status=status)


def _refuse(form: forms.Form, error: DomainError) -> None:
    form.add_error(error.field if error.field in form.fields else None, str(error))
