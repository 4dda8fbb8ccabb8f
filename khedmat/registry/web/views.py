"""Looking a family up by what it presents, opening it, and its page."""

from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from csp.decorators import csp_update
from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from khedmat.accounts.enums import Permission, Purpose
from khedmat.accounts.gate import StaffRequest, page
from khedmat.accounts.rules import role_may
from khedmat.common.jalali import MONTHS_IN_YEAR, age_in_months
from khedmat.common.text import localise_digits
from khedmat.registry.actions import MOST_HITS, LookUpResult, look_up, note_household_read, open_hit
from khedmat.registry.enums import Relation
from khedmat.registry.errors import NameTooShort, NothingToLookUp
from khedmat.registry.models import Person
from khedmat.registry.panels import panels_of
from khedmat.registry.rules import MOST_MEMBERS
from khedmat.registry.selectors import head_of, household_with_members
from khedmat.registry.web.forms import DocumentLookUpForm, NameLookUpForm

# The QR decoder is WebAssembly (ADR 0004); this allows compiling it and nothing else.
_WASM: Final = {"script-src": ["'wasm-unsafe-eval'"]}


@csp_update(_WASM)
@page(permission=Permission.LOOK_UP, purpose=Purpose.TAKE_APPLICATION)
@require_http_methods(["GET", "HEAD", "POST"])
def look_up_page(request: StaffRequest) -> HttpResponse:
    """Find by a document's number (the top bar sends it here too), or by a name and a birth year."""
    by_document, by_name = DocumentLookUpForm(), NameLookUpForm()
    result = None
    if request.method == "POST":
        if "name" in request.POST:
            by_name = NameLookUpForm(request.POST)
            result = _find(request, by_name)
        else:
            by_document = DocumentLookUpForm(request.POST)
            result = _find(request, by_document)
    context = {
        "by_document": by_document,
        "by_name": by_name,
        "result": result,
        "is_cut": result is not None and len(result.hits) == MOST_HITS,
        "may_register": role_may(request.actor.role, Permission.REGISTER_HOUSEHOLD),
    }
    response = render(request, "registry/look_up.html", context)
    # The camera reads a card's code in the page itself; no picture leaves it.
    response.headers["Permissions-Policy"] = "camera=(self), microphone=(), geolocation=()"
    return response


def _find(request: StaffRequest, form: forms.Form) -> LookUpResult | None:
    if not form.is_valid():
        return None
    try:
        return look_up(**form.cleaned_data, by=request.actor)
    except (NothingToLookUp, NameTooShort) as error:
        form.add_error(error.field, str(error))
        return None


@page(permission=Permission.LOOK_UP, purpose=Purpose.TAKE_APPLICATION)
@require_POST
def open_hit_page(request: StaffRequest, look_up_id: UUID, position: int) -> HttpResponse:
    """Open one hit of one's own look-up of just now; counted and recorded by the database."""
    return redirect("registry:household", open_hit(look_up_id, position, by=request.actor))


_RELATIONS_OF_EITHER_SEX: Final = frozenset({Relation.HEAD, Relation.SPOUSE, Relation.GRANDCHILD, Relation.OTHER})


@dataclass(frozen=True, slots=True)
class MemberRow:
    """One member as the table shows it."""

    person: Person
    age: str

    @property
    def sex(self) -> str:
        """Empty where the relation says it: a daughter, a brother."""
        return self.person.get_sex_display() if self.person.relation in _RELATIONS_OF_EITHER_SEX else ""


@page(permission=Permission.LOOK_UP, purpose=Purpose.TAKE_APPLICATION)
@require_safe
def household_page(request: StaffRequest, household_id: UUID) -> HttpResponse:
    """The family: members with documents, contact, and what higher storeys add (registry.panels)."""
    household = household_with_members(household_id)
    note_household_read(household.pk, by=request.actor)
    today = timezone.localdate()
    rows = [MemberRow(person, _age(person.birth_on, today)) for person in household.members.all()]
    may_add = role_may(request.actor.role, Permission.REGISTER_HOUSEHOLD) and len(rows) < MOST_MEMBERS
    context = {
        "household": household,
        "head": head_of(household),
        "rows": rows,
        "may_add": may_add,
        "panels": panels_of(request, household),
    }
    return render(request, "registry/household.html", context)


def _age(birth_on: date, today: date) -> str:
    """In years; of babies in months."""
    # A birth date later than today can only be a slip of writing; the page is shown all the same.
    years, months = divmod(age_in_months(min(birth_on, today), today), MONTHS_IN_YEAR)
    language = get_language() or "fa"
    if years:
        sentence = ngettext("%(count)s year old", "%(count)s years old", years)
        return sentence % {"count": localise_digits(str(years), language)}
    if months:
        sentence = ngettext("%(count)s month old", "%(count)s months old", months)
        return sentence % {"count": localise_digits(str(months), language)}
    return gettext("newborn")
