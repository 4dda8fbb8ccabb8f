"""What an officer does with a case in hand besides deciding: stops its time, lets it go on, gives it back."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from khedmat.accounts.enums import Permission, Purpose
from khedmat.accounts.gate import StaffRequest, page
from khedmat.casework.actions import enter_case
from khedmat.casework.assignment import give_back, resume_case_clock, stop_case_clock
from khedmat.casework.enums import StopReason
from khedmat.casework.errors import CaseChangedByAnother
from khedmat.rounds.web.conflict import conflict_page
from khedmat.rounds.web.forms import StopForm, sent_version
from khedmat.rounds.web.review import queue_of, review_url, show_review

DECIDES = page(permission=Permission.DECIDE_MEMBER, purpose=Purpose.REVIEW_CASE)


@DECIDES
@require_POST
def stop(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """Stop the time of a case, with a reason."""
    case = enter_case(case_id, by=request.actor)
    form, url = StopForm(request.POST), review_url(case_id, queue_of(request).filters)
    if not form.is_valid():
        return show_review(request, case, stop_form=form)
    reason, note = StopReason(form.cleaned_data["reason"]), form.cleaned_data["note"]
    try:
        stop_case_clock(case_id, sent_version(request), reason, note, by=request.actor)
    except CaseChangedByAnother as error:
        return conflict_page(request, error, case_url=url, written=[(str(reason.label), note)])
    messages.success(request, _("The time stands still; the due date will move by as many working days."))
    return redirect(url)


@DECIDES
@require_POST
def resume(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """Let the time of a case go on."""
    enter_case(case_id, by=request.actor)
    url = review_url(case_id, queue_of(request).filters)
    try:
        resume_case_clock(case_id, sent_version(request), by=request.actor)
    except CaseChangedByAnother as error:
        return conflict_page(request, error, case_url=url)
    messages.success(request, _("The time goes on."))
    return redirect(url)


@DECIDES
@require_POST
def back(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """Give a case back, so that another officer may take it."""
    case = give_back(case_id, by=request.actor)
    messages.success(request, _("Case %(number)s is in nobody's hand now.") % {"number": case.number})
    return redirect(queue_of(request).filters.url())
