"""A family that is not here yet: its case, so that an appointment can be made."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from khedmat.accounts.enums import Permission, Purpose
from khedmat.accounts.gate import StaffRequest, page
from khedmat.casework.errors import HouseholdHasCase, StepNotPossible
from khedmat.rounds.booking import pre_register as begin
from khedmat.rounds.enrolment import CASE_TYPE
from khedmat.rounds.web.forms import StartForm


@page(permission=Permission.BOOK_APPOINTMENT, purpose=Purpose.BOOK_APPOINTMENT)
@require_POST
def pre_register(request: StaffRequest) -> HttpResponse:
    """Pre-register an open family and go on to its appointment."""
    form = StartForm(request.POST)
    if not form.is_valid():
        raise StepNotPossible
    household_id = form.cleaned_data["household"]
    try:
        case = begin(household_id, form.cleaned_data["round"], by=request.actor)
    except HouseholdHasCase as error:
        messages.warning(request, str(error))
        return redirect("registry:household", household_id)
    return redirect("service:subject", CASE_TYPE, case.pk)
