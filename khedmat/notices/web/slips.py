"""The counter's page for a slip: whoever shows its code has their case opened."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from khedmat.accounts.enums import Permission, Purpose
from khedmat.accounts.gate import StaffRequest, page
from khedmat.notices.slip_targets import target_of
from khedmat.notices.slips import open_slip
from khedmat.notices.web.forms import SlipForm


@page(permission=Permission.LOOK_UP, purpose=Purpose.TAKE_APPLICATION)
@require_http_methods(["GET", "HEAD", "POST"])
def open_page(request: StaffRequest) -> HttpResponse:
    """Ask for the code; a known one leads to what it stands for."""
    if request.method != "POST":
        return _ask(request, SlipForm())
    form = SlipForm(request.POST)
    if not form.is_valid():
        return _ask(request, form, status=422)
    opened = open_slip(form.cleaned_data["code"], by=request.actor)
    address = target_of(opened.subject_kind, opened.subject_id, opened.household_id) if opened else ""
    # As a look-up without a hit: the page says so, and the note of the missed code stays.
    return redirect(address) if address else _ask(request, form, is_missed=True)


def _ask(request: StaffRequest, form: SlipForm, *, is_missed: bool = False, status: int = 200) -> HttpResponse:
    return render(request, "notices/slip.html", {"form": form, "is_missed": is_missed}, status=status)
