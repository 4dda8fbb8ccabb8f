"""The counter: a family's case from its arrival until it is sent to the province, and after a return."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from khedmat.accounts.enums import Permission, Purpose
from khedmat.accounts.gate import StaffRequest, page
from khedmat.casework.actions import enter_case
from khedmat.casework.enums import CaseStep
from khedmat.casework.errors import CaseChangedByAnother, HouseholdHasCase, StepNotPossible
from khedmat.casework.models import Case, CaseMember
from khedmat.casework.selectors import visible_case
from khedmat.common.text import uuid_of
from khedmat.files.errors import FileRefused
from khedmat.files.inspect import read_capped
from khedmat.payments.selectors import live_charge_of
from khedmat.rounds.enrolment import (
    CASE_TYPE,
    add_paper,
    add_portrait,
    mark_papers,
    resubmit_member,
    start_enrolment,
    submit_enrolment,
    withdraw_enrolment,
)
from khedmat.rounds.enrolment_view import enrolment_view
from khedmat.rounds.happened import isolated
from khedmat.rounds.web.case_parts import CaseParts, digits, read_case
from khedmat.rounds.web.conflict import conflict_page
from khedmat.rounds.web.drafts import PAPERS, sent, shown_draft
from khedmat.rounds.web.forms import StartForm, sent_version
from khedmat.rounds.web.recourse import recourse_of
from khedmat.rounds.web.relief_parts import relief_parts

AT_COUNTER = page(permission=Permission.TAKE_APPLICATION, purpose=Purpose.TAKE_APPLICATION)
PORTRAIT_FIELD = "portrait-"


@dataclass(frozen=True, slots=True)
class NextStep:
    """The one thing to do now. `form` is the id of the form that the button sends; `url` makes it a link."""

    words: str
    label: str = ""
    form: str = ""
    name: str = ""
    url: str = ""
    is_quiet: bool = False


def told_on_conflict(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Answer a change that came too late with who did what, when, instead."""

    @wraps(view)
    def told(request: StaffRequest, case_id: UUID, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, case_id, **kwargs)
        except CaseChangedByAnother as error:
            return conflict_page(request, error, case_url=reverse("rounds:case", args=[case_id]))

    return told


@AT_COUNTER
@require_POST
def start(request: StaffRequest) -> HttpResponse:
    """Take the family that stands at the counter into an open round."""
    form = StartForm(request.POST)
    if not form.is_valid():
        raise StepNotPossible
    household_id = form.cleaned_data["household"]
    try:
        case = start_enrolment(household_id, form.cleaned_data["round"], by=request.actor)
    except HouseholdHasCase as error:
        messages.warning(request, str(error))
        return redirect("registry:household", household_id)
    return redirect("rounds:case", case.pk)


@AT_COUNTER
@require_safe
def case_page(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """The clerk's page of a case."""
    return _show(request, enter_case(case_id, by=request.actor))


@AT_COUNTER
@require_POST
@told_on_conflict
def papers(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """Mark the ticked papers as seen, or all that remain."""
    case = enter_case(case_id, by=request.actor)
    if "all" in request.POST:
        seen = [(paper.code, paper.member_id) for paper in enrolment_view(case).papers]
    else:
        seen = [key for key in map(_paper_key, request.POST.getlist("seen")) if key is not None]
    mark_papers(case_id, sent_version(request), seen, by=request.actor)
    sent(request, case_id, PAPERS)
    return redirect("rounds:case", case_id)


@AT_COUNTER
@require_POST
def paper_picture(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """Keep a picture of one paper; that it was seen goes with it."""
    case = enter_case(case_id, by=request.actor)
    sent, file = request.POST.get("paper", ""), request.FILES.get("file")
    key = _paper_key(sent)
    if key is None:
        raise StepNotPossible
    try:
        if file is None:
            problem = _("Choose a picture first.")
            return _show(request, case, paper_errors={sent: problem})
        add_paper(case_id, *key, read_capped(file, "file"), by=request.actor)
    except FileRefused as error:
        return _show(request, case, paper_errors={sent: str(error)})
    messages.success(request, _("The picture was saved."))
    return redirect(f"{reverse('rounds:case', args=[case_id])}#papers-panel")


@AT_COUNTER
@require_POST
def portraits(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """Keep portraits: one for each member, or several at once in the family's order.

    Each stands alone: one that is refused does not lose the others.
    """
    case = enter_case(case_id, by=request.actor)
    members = list(CaseMember.objects.filter(case=case).order_by("person__position"))
    chosen = {one.pk: file for one in members if (file := request.FILES.get(f"{PORTRAIT_FIELD}{one.pk}"))}
    several = request.FILES.getlist("portraits")
    targets = _targets(members, len(several))
    if several and targets is None:
        return _show(request, case, portraits_error=_several_error(members, len(several)))
    chosen |= dict(zip(targets or (), several, strict=False))
    if not chosen:
        return _show(request, case, portraits_error=_("Choose a photograph first."))
    errors = {
        member_id: problem for member_id, file in chosen.items() if (problem := _keep(request, case, member_id, file))
    }
    saved = len(chosen) - len(errors)
    if errors:
        return _show(request, visible_case(case_id), member_errors=errors, saved=saved)
    messages.success(request, _saved_words(saved))
    return redirect("rounds:case", case_id)


@AT_COUNTER
@require_POST
@told_on_conflict
def submit(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """Send a paid case to the province."""
    enter_case(case_id, by=request.actor)
    submit_enrolment(case_id, sent_version(request), by=request.actor)
    messages.success(request, _("The case was sent to the province."))
    return redirect("rounds:case", case_id)


@AT_COUNTER
@require_POST
@told_on_conflict
def resubmit(request: StaffRequest, case_id: UUID, member_id: UUID) -> HttpResponse:
    """Send a returned member back to the officer."""
    enter_case(case_id, by=request.actor)
    resubmit_member(case_id, sent_version(request), member_id, by=request.actor)
    messages.success(request, _("Sent again to the officer."))
    return redirect("rounds:case", case_id)


@AT_COUNTER
@require_http_methods(["GET", "HEAD", "POST"])
@told_on_conflict
def withdraw(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """The family withdraws: what that means is shown first, then done in one step."""
    case = enter_case(case_id, by=request.actor)
    if request.method == "POST":
        withdraw_enrolment(case_id, sent_version(request), by=request.actor)
        messages.success(request, _("The request was withdrawn. It has no consequence for the family."))
        return redirect("rounds:case", case_id)
    if case.closed_at is not None:
        raise StepNotPossible
    return render(request, "rounds/withdraw.html", {"case": case, "was_paid": _was_paid(case)})


def _show(
    request: StaffRequest,
    case: Case,
    *,
    member_errors: Mapping[UUID, str] | None = None,
    paper_errors: Mapping[str, str] | None = None,
    portraits_error: str = "",
    saved: int = 0,
) -> HttpResponse:
    parts = read_case(request, case, member_errors=member_errors, paper_errors=paper_errors)
    has_errors = bool(member_errors or paper_errors or portraits_error)
    context = {
        "parts": parts,
        "case": case,
        "next": _next_step(parts),
        "relief": relief_parts(case, parts.view.content, may_have_asked=parts.may_tell_of("relief.asked")),
        "draft": shown_draft(request, case, PAPERS) if parts.is_open and parts.papers_left else None,
        "recourse": recourse_of(request, parts),
        "portraits_error": portraits_error,
        "saved_words": _saved_words(saved) if saved else "",
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if has_errors else HTTPStatus.OK
    return render(request, "rounds/case.html", context, status=status)


def _next_step(parts: CaseParts) -> NextStep:
    step, case_url = parts.case.step, reverse("rounds:case", args=[parts.case_id])
    if step in {CaseStep.PRE_REGISTERED, CaseStep.BOOKED}:
        return NextStep(
            _("the family is not here yet."),
            _("Appointment and arrival"),
            url=reverse("service:subject", args=[CASE_TYPE, parts.case_id]),
        )
    if step == CaseStep.ARRIVED:
        left = digits(parts.papers_left)
        return NextStep(
            ngettext(
                "look at the %(left)s paper that is left.",
                "look at the %(left)s papers that are left.",
                parts.papers_left,
            )
            % {"left": left},
            _("All papers seen"),
            form="papers",
            name="all",
        )
    if step == CaseStep.PAPERS_CHECKED:
        left = digits(parts.photographs_left)
        return NextStep(
            ngettext(
                "take the photograph of %(left)s member.",
                "take the photographs of %(left)s members.",
                parts.photographs_left,
            )
            % {"left": left},
            _("Save the photographs"),
            form="portraits",
        )
    if step in {CaseStep.PHOTOGRAPHED, CaseStep.PAID}:
        return _next_step_before_sending(parts, case_url)
    return _next_step_after_sending(parts)


def _next_step_before_sending(parts: CaseParts, case_url: str) -> NextStep:
    send = _("Send the case to the province")
    if parts.case.step == CaseStep.PAID:
        return NextStep(_("everything is there. Send the case to the province."), send, form="submit")
    if parts.pays_later:
        return NextStep(
            _("everything is there. Send the case to the province; the family may pay afterwards."), send, form="submit"
        )
    return NextStep(
        _("the family pays at the cashier's. Then send the case."), _("Look whether it is paid"), url=case_url
    )


def _next_step_after_sending(parts: CaseParts) -> NextStep:
    if parts.ready:
        return NextStep(
            _("cards are ready for the family."),
            _("Go to the hand-over"),
            url=reverse("cards:hand-over-case", args=[parts.case_id]),
        )
    if parts.returned:
        row = parts.returned[0]
        return NextStep(
            _("complete what the officer asks for %(name)s, then send again.") % {"name": isolated(row.name)},
            _("Send %(name)s again") % {"name": isolated(row.name)},
            form=f"resubmit-{row.id}",
        )
    if parts.is_ended:
        return NextStep("")
    return NextStep(
        _("nothing for you now. The province decides."), _("To the desk"), url=reverse("desk:home"), is_quiet=True
    )


def _keep(request: StaffRequest, case: Case, member_id: UUID, file: "UploadedFile[Any]") -> str:
    """Keep one portrait; answers what is wrong with it, or nothing."""
    try:
        add_portrait(case.pk, member_id, read_capped(file, "portrait"), by=request.actor)
    except FileRefused as error:
        return str(error)
    return ""


def _targets(members: list[CaseMember], files: int) -> list[UUID] | None:
    """Whose portraits several files are, in the family's order: of those who lack one, or of all."""
    lacking = [one.pk for one in members if one.portrait_id is None]
    everyone = [one.pk for one in members]
    return next((group for group in (lacking, everyone) if len(group) == files), None)


def _several_error(members: list[CaseMember], files: int) -> str:
    lacking = sum(one.portrait_id is None for one in members) or len(members)
    return _(
        "You chose %(files)s photographs, but %(members)s are needed. Choose one for each member, in the family's "
        "order, or one by one."
    ) % {"files": digits(files), "members": digits(lacking)}


def _saved_words(saved: int) -> str:
    words = ngettext("%(saved)s photograph was saved.", "%(saved)s photographs were saved.", saved)
    return words % {"saved": digits(saved)}


def _paper_key(sent: str) -> tuple[str, UUID | None] | None:
    code, colon, member = sent.partition(":")
    if not colon or (member and uuid_of(member) is None):
        return None
    return code, uuid_of(member) if member else None


def _was_paid(case: Case) -> bool:
    charge = live_charge_of(case.case_type, case.pk)
    return charge is not None and charge.settled_rial > 0
