"""The counter's page for a slip: whoever shows its code has their case opened."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from khedmat.accounts.enums import Permission, Purpose
from khedmat.accounts.gate import StaffRequest, page
from khedmat.notices.errors import SlipNotKnown
from khedmat.notices.slip_targets import target_of
from khedmat.notices.slips import open_slip
from khedmat.notices.web.forms import SlipForm


@page(permission=Permission.LOOK_UP, purpose=Purpose.TAKE_APPLICATION)
@require_http_methods(["GET", "HEAD", "POST"])
def open_page(request: StaffRequest) -> HttpResponse:
    """Ask for the code; a known one leads to what it stands for."""
    if request.method != "POST":
        return render(request, "notices/slip.html", {"form": SlipForm()})
    form = SlipForm(request.POST)
    if form.is_valid():
        opened = open_slip(form.cleaned_data["code"], by=request.actor)
        address = target_of(opened.subject_kind, opened.subject_id, opened.household_id) if opened else ""
        if address:
            return redirect(address)
        # Said on the page and not raised: the note of the missed code must stay.
        form.add_error("code", str(SlipNotKnown.message))
    return render(request, "notices/slip.html", {"form": form}, status=422)
