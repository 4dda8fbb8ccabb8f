"""The office asks: choosing what is to be changed, and the form of it."""

from http import HTTPStatus
from typing import cast
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from khedmat.accounts.enums import Permission, Purpose
from khedmat.accounts.errors import RecordNotVisible
from khedmat.accounts.gate import StaffRequest, page
from khedmat.changes.actions import ask_change
from khedmat.changes.applying import moves_people
from khedmat.changes.errors import AlreadyAsked
from khedmat.changes.rules import decider_of, is_paper_needed
from khedmat.changes.selectors import has_open_case, open_changes_about
from khedmat.changes.web.forms import About, ChangeForm
from khedmat.changes.web.panel import RequestRow, request_rows
from khedmat.changes.web.sheets import SHEETS, Sheet, sheet_of, sheet_of_field
from khedmat.changes.web.words import decider_words
from khedmat.common.errors import DomainError
from khedmat.files.inspect import read_capped
from khedmat.registry.actions import note_household_read
from khedmat.registry.models import Household, Person
from khedmat.registry.selectors import household_with_members

ASKS = page(permission=Permission.REQUEST_CHANGE, purpose=Purpose.CHANGE_RECORD)


@ASKS
@require_safe
def choose_page(request: StaffRequest, household_id: UUID) -> HttpResponse:
    """What the family asks for. `?field=` and `?person=` lead straight to the form that corrects that field."""
    household = household_with_members(household_id)
    sheet = sheet_of_field(request.GET.get("field", ""))
    if sheet is not None:
        return redirect(_address(household, sheet, request.GET.get("person", "")))
    note_household_read(household.pk, by=request.actor)
    context = {
        "household": household,
        "head": _head(household),
        "sheets": [(sheet, _address(household, sheet)) for sheet in SHEETS],
        "open_rows": _open_rows(household),
    }
    return render(request, "changes/choose.html", context)


@ASKS
@require_http_methods(["GET", "HEAD", "POST"])
def ask_page(request: StaffRequest, household_id: UUID, slug: str) -> HttpResponse:
    """One form: what stands beside what is asked, the paper, and who decides."""
    sheet = sheet_of(slug)
    if sheet is None:
        raise RecordNotVisible
    household = household_with_members(household_id)
    person = _person(request, household, sheet)
    if sheet.is_of_person and person is None:
        return _whose(request, household, sheet)
    about = About.of(household, person)
    if request.method != "POST":
        return _show(request, sheet, sheet.form_class(about=about))
    form = sheet.form_class(request.POST, request.FILES, about=about)
    if form.is_valid():
        try:
            return _ask(request, household, form)
        except AlreadyAsked as error:
            messages.warning(request, str(error))
            return redirect("registry:household", household.pk)
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
    return _show(request, sheet, form)


def _ask(request: StaffRequest, household: Household, form: ChangeForm) -> HttpResponse:
    given = form.cleaned_data
    paper = read_capped(given["paper"], "paper") if given["paper"] else None
    asked = ask_change(
        household, form.wish(), paper=paper, note=given["note"], request_id=given["request_id"], by=request.actor
    )
    messages.success(request, _("The request is kept. It waits for %(who)s.") % {"who": decider_words(asked.decider)})
    return redirect("registry:household", household.pk)


def _show(request: StaffRequest, sheet: Sheet, form: ChangeForm) -> HttpResponse:
    household = form.about.household
    # The page shows what stands in the record: that is a read of it.
    note_household_read(household.pk, by=request.actor)
    may_move = moves_people(form.kind, household.pk)
    context = {
        "sheet": sheet,
        "form": form,
        "household": household,
        "head": _head(household),
        "person": form.about.person,
        "decider": decider_words(decider_of(form.kind)),
        "is_paper_needed": is_paper_needed(form.kind),
        "open_rows": _open_rows(household),
        "is_stopped_by_case": may_move and sheet.slug != "marriage" and has_open_case(household.pk),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    return render(request, "changes/ask.html", context, status=status)


def _whose(request: StaffRequest, household: Household, sheet: Sheet) -> HttpResponse:
    note_household_read(household.pk, by=request.actor)
    people = [
        (person, _address(household, sheet, str(person.pk)))
        for person in household.members.all()
        if person.deceased_on is None or sheet.slug != "death"
    ]
    context = {"sheet": sheet, "household": household, "head": _head(household), "people": people}
    return render(request, "changes/whose.html", context)


def _person(request: StaffRequest, household: Household, sheet: Sheet) -> Person | None:
    """The member whom the address or the form names. Errors: RecordNotVisible, for one of another family."""
    named = request.GET.get("person", "")
    if not sheet.is_of_person or not named:
        return None
    found = next((one for one in household.members.all() if str(one.pk) == named), None)
    if found is None:
        raise RecordNotVisible
    return found


def _address(household: Household, sheet: Sheet, person: str = "") -> str:
    address = reverse("changes:ask", args=[household.pk, sheet.slug])
    return f"{address}?{urlencode({'person': person})}" if person and sheet.is_of_person else address


def _head(household: Household) -> Person | None:
    return next((one for one in household.members.all() if one.relation == "head"), None)


def _open_rows(household: Household) -> list[RequestRow]:
    requests = open_changes_about([household.pk]).order_by("asked_at")
    return request_rows(requests, cast("list[Person]", list(household.members.all())))
