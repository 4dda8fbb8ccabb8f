"""The end of a round on screen: proposed by one round manager, confirmed or taken back by another."""

from http import HTTPStatus

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop
from django.views.decorators.http import require_http_methods

from khedmat.accounts.gate import StaffRequest
from khedmat.accounts.models import User
from khedmat.common.fields import PlainTextField
from khedmat.rounds.closing import confirm_closing, last_day_of, propose_closing, take_back_closing
from khedmat.rounds.errors import ClosingNeedsNote, RoundNotFound, StepUnknown
from khedmat.rounds.selectors import closing_of, open_proposal_of, versions_in_force
from khedmat.rounds.web.writing.pages import writes

ANSWERS = {
    "confirm": (confirm_closing, gettext_noop("The round is closed. Running cases go on to their end.")),
    "take-back": (take_back_closing, gettext_noop("The proposal is taken back; the round goes on.")),
}
LONGEST_NOTE = 500


class ClosingForm(forms.Form):
    """Why a round ends: needed while a province still takes applications."""

    note = PlainTextField(
        max_length=LONGEST_NOTE,
        multiline=True,
        label=gettext_lazy("Why, and by which circular"),
        help_text=gettext_lazy("Not needed once the last day has passed in every province"),
        required=False,
    )


@writes
@require_http_methods(["GET", "HEAD", "POST"])
def closing_page(request: StaffRequest, code: str) -> HttpResponse:
    """What closing means, who proposed it, and the two buttons. Errors: RoundNotFound, and those of the actions."""
    version = versions_in_force().filter(round__code=code).first()
    if version is None:
        raise RoundNotFound
    form = ClosingForm(request.POST if request.POST.get("step") == "propose" else None)
    if request.method == "POST":
        done = _propose(request, code, form) if form.is_bound else _answer(request, code)
        if done:
            return redirect("rounds:close", code)
    last_day, proposal = last_day_of(version), open_proposal_of(version.round)
    context = {
        "version": version,
        "form": form,
        "last_day": last_day,
        "is_early": timezone.localdate() <= last_day,
        "closing": closing_of(version.round),
        "proposal": proposal,
        "proposer": User.objects.filter(pk=proposal.by).first() if proposal else None,
        "is_mine": proposal is not None and proposal.by == request.actor.user_id,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    return render(request, "rounds/writing/closing.html", context, status=status)


def _propose(request: StaffRequest, code: str, form: ClosingForm) -> bool:
    if not form.is_valid():
        return False
    try:
        propose_closing(code, form.cleaned_data["note"], by=request.actor)
    except ClosingNeedsNote as error:
        form.add_error("note", str(error))
        return False
    messages.success(request, _("The closing is proposed. Another round manager confirms it."))
    return True


def _answer(request: StaffRequest, code: str) -> bool:
    answer = ANSWERS.get(request.POST.get("step", ""))
    if answer is None:
        raise StepUnknown
    action, words = answer
    action(code, by=request.actor)
    messages.success(request, _(words))
    return True
