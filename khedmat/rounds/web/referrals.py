"""Referring a case elsewhere, and what waits for an answer. Numbers alone: names open with an accepted case."""

from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from khedmat.accounts.enums import Permission, Purpose
from khedmat.accounts.gate import StaffRequest, page
from khedmat.accounts.rules import role_may
from khedmat.casework.enums import CaseStep, ReferralKind, ReferralReason, ReferralState
from khedmat.casework.errors import AlreadyReferred, CannotBeReferred, NotAPlaceToReferTo
from khedmat.casework.models import Case, Referral
from khedmat.casework.referrals import (
    TO_PROVINCE_FROM,
    accept_referral,
    ask_referral,
    may_answer,
    may_refer,
    may_revoke,
    offices_of,
    open_referral_of,
    places_to_refer_to,
    referral_by_id,
    referred,
    return_referral,
    revoke_referral,
)
from khedmat.casework.selectors import visible_case
from khedmat.places.models import Scope
from khedmat.rounds.web.forms import sent_version
from khedmat.rounds.web.recourse import REFERRAL_TONES
from khedmat.rounds.web.recourse_forms import OfficeForm, ReferralForm, ReturnForm

REFERS = page(permission=Permission.REFER_CASE, purpose=Purpose.DAILY_WORK)


@REFERS
@require_http_methods(["GET", "HEAD", "POST"])
def refer(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """Choose where a case should go. Opens no family: the case's row is enough."""
    case = visible_case(case_id)
    if open_referral_of(case) is not None:
        raise AlreadyReferred
    if not may_refer(case, by=request.actor):
        raise CannotBeReferred
    places = list(places_to_refer_to(case))
    form = ReferralForm(request.POST if request.method == "POST" else None, places=places)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        place = next(one for one in places if str(one.pk) == given["place"])
        reason = ReferralReason(given["reason"])
        referral = ask_referral(case_id, sent_version(request), place, reason, given["note"], by=request.actor)
        messages.success(request, _("The case waits for the answer of %(place)s.") % {"place": place.name})
        return redirect("rounds:referral", referral.pk)
    context = {"case": case, "form": form, "is_far_possible": case.step in TO_PROVINCE_FROM}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    return render(request, "rounds/refer.html", context, status=status)


@REFERS
@require_safe
def list_page(request: StaffRequest) -> HttpResponse:
    """What waits for this place's answer, what it asked, what was answered lately."""
    shown = referred(by=request.actor)
    context = {
        "to_answer": [_row(one) for one in shown.to_answer],
        "asked": [_row(one) for one in shown.asked],
        "answered": [_row(one) for one in shown.answered],
    }
    return render(request, "rounds/referrals.html", context)


@REFERS
@require_safe
def referral_page(request: StaffRequest, referral_id: UUID) -> HttpResponse:
    """One referral: accept, return, or take back, as it is the reader's."""
    return _show(request, referral_by_id(referral_id))


@REFERS
@require_POST
def accept(request: StaffRequest, referral_id: UUID) -> HttpResponse:
    """Take the case over."""
    referral = referral_by_id(referral_id)
    office: Scope | None = None
    if referral.kind == ReferralKind.TO_PROVINCE and may_answer(referral, by=request.actor):
        offices = list(offices_of(referral.to_scope_id))
        form = OfficeForm(request.POST, offices=offices)
        if not form.is_valid():
            return _show(request, referral, office_form=form)
        office = next(one for one in offices if str(one.pk) == form.cleaned_data["office"])
    try:
        referral = accept_referral(referral_id, office, by=request.actor)
    except NotAPlaceToReferTo as error:
        messages.warning(request, str(error))
        return redirect("rounds:referral", referral_id)
    messages.success(request, _("Case %(number)s is yours now.") % {"number": referral.case_number})
    return _to_case(request, referral)


@REFERS
@require_POST
def send_back(request: StaffRequest, referral_id: UUID) -> HttpResponse:
    """Return it with a reason."""
    form = ReturnForm(request.POST)
    if not form.is_valid():
        return _show(request, referral_by_id(referral_id), return_form=form)
    referral = return_referral(referral_id, form.cleaned_data["answer"], by=request.actor)
    said = _("Case %(number)s stays with %(place)s.")
    messages.success(request, said % {"number": referral.case_number, "place": referral.from_scope.name})
    return redirect("rounds:referrals")


@REFERS
@require_POST
def revoke(request: StaffRequest, referral_id: UUID) -> HttpResponse:
    """Take back what one's own place asked."""
    referral = revoke_referral(referral_id, by=request.actor)
    messages.success(request, _("Case %(number)s is referred no more.") % {"number": referral.case_number})
    return redirect("rounds:referrals")


def _show(
    request: StaffRequest,
    referral: Referral,
    *,
    office_form: OfficeForm | None = None,
    return_form: ReturnForm | None = None,
) -> HttpResponse:
    is_mine_to_answer = may_answer(referral, by=request.actor)
    is_far = referral.kind == ReferralKind.TO_PROVINCE
    bound = office_form is not None or return_form is not None
    if is_mine_to_answer:
        return_form = return_form or ReturnForm()
        if is_far:
            office_form = office_form or OfficeForm(offices=offices_of(referral.to_scope_id))
    context = {
        "row": _row(referral),
        "is_far": is_far,
        "may_answer": is_mine_to_answer,
        "may_revoke": may_revoke(referral, by=request.actor),
        "office_form": office_form,
        "return_form": return_form,
        # Written with names perhaps: for those who see the case.
        "shows_words": Case.objects.filter(pk=referral.case_id).exists(),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if bound else HTTPStatus.OK
    return render(request, "rounds/referral.html", context, status=status)


def _row(referral: Referral) -> dict[str, object]:
    state = ReferralState(referral.state)
    return {
        "referral": referral,
        "tone": REFERRAL_TONES[state],
        "state": state.label,
        "reason": ReferralReason(referral.reason).label,
    }


def _to_case(request: StaffRequest, referral: Referral) -> HttpResponse:
    if role_may(request.actor.role, Permission.TAKE_APPLICATION):
        return redirect("rounds:case", referral.case_id)
    is_in_review = visible_case(referral.case_id).step in {CaseStep.SUBMITTED, CaseStep.UNDER_REVIEW}
    if is_in_review and role_may(request.actor.role, Permission.REVIEW_CASE):
        return redirect("rounds:review", referral.case_id)
    return redirect("rounds:referrals")
