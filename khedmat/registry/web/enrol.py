"""Writing a family into the register, and adding a member to it."""

import re
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from khedmat.accounts.enums import Permission, Purpose
from khedmat.accounts.gate import StaffRequest, page
from khedmat.common.errors import DomainError
from khedmat.registry.actions import add_member, note_household_read, register_household
from khedmat.registry.errors import HouseholdAlreadyRegistered
from khedmat.registry.models import Household
from khedmat.registry.rules import MOST_MEMBERS, HouseholdEntry
from khedmat.registry.selectors import head_of, household_with_members
from khedmat.registry.web.forms import ContactForm, NewMemberForm, WrittenOnceForm
from khedmat.registry.web.member_cards import (
    PREFIX,
    BaseMemberCards,
    MemberCards,
    first_cards,
    relaid_cards,
    typed_in,
)


@page(permission=Permission.REGISTER_HOUSEHOLD, purpose=Purpose.TAKE_APPLICATION)
@require_http_methods(["GET", "HEAD", "POST"])
def register_page(request: StaffRequest) -> HttpResponse:
    """The whole family on one page. `add` and `remove` lay it out anew and write nothing."""
    if request.method != "POST":
        return _show_register(request, uuid4(), first_cards(), ContactForm())
    household_id = _chosen_id(request)
    if "add" in request.POST or "remove" in request.POST:
        contact = ContactForm(initial=typed_in(ContactForm(), request.POST))
        return _show_register(request, household_id, relaid_cards(request.POST), contact)
    return _register(request, household_id)


def _chosen_id(request: StaffRequest) -> UUID:
    once = WrittenOnceForm(request.POST)
    return once.cleaned_data["household_id"] if once.is_valid() else uuid4()


def _register(request: StaffRequest, household_id: UUID) -> HttpResponse:
    cards, contact = MemberCards(request.POST, prefix=PREFIX), ContactForm(request.POST)
    # Both, so that every error is shown at once.
    if all([cards.is_valid(), contact.is_valid()]):
        entry = HouseholdEntry(members=cards.entries(), **contact.cleaned_data)
        try:
            household = register_household(entry, household_id=household_id, by=request.actor)
        except HouseholdAlreadyRegistered as error:
            messages.warning(request, str(error))
            return redirect("registry:household", household_id)
        except DomainError as error:
            cards.place(error)
        else:
            messages.success(request, _("The family is in the register."))
            return redirect("registry:household", household.pk)
    return _show_register(request, household_id, cards, contact)


def _show_register(
    request: StaffRequest,
    household_id: UUID,
    cards: BaseMemberCards,
    contact: ContactForm,
) -> HttpResponse:
    contact_errors = [(bound, text) for bound in contact.visible_fields() for text in bound.errors]
    context = {
        "household_id": household_id,
        "cards": cards,
        "contact": contact,
        "error_rows": [*cards.summary(), *contact_errors] if cards.is_bound else [],
        "general_errors": list(cards.non_form_errors()) if cards.is_bound else [],
        "most_members": MOST_MEMBERS,
        "is_full": len(cards.forms) >= MOST_MEMBERS,
    }
    return render(request, "registry/register.html", context)


@page(permission=Permission.REGISTER_HOUSEHOLD, purpose=Purpose.TAKE_APPLICATION)
@require_http_methods(["GET", "HEAD", "POST"])
def add_member_page(request: StaffRequest, household_id: UUID) -> HttpResponse:
    """A child, say, with the paper that shows who it is."""
    household = household_with_members(household_id)
    form = NewMemberForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            person = add_member(household, form.entry(), expected_version=_seen_version(request), by=request.actor)
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            said = _("%(name)s is now a member of the family.") % {"name": person.full_name}
            messages.success(request, said)
            return redirect("registry:household", household.pk)
    return _show_add_member(request, household, form)


def _seen_version(request: StaffRequest) -> int:
    """The family's version when the page was opened; one that never was, where the page does not say."""
    seen = request.POST.get("version", "")
    return int(seen) if re.fullmatch(r"[0-9]{1,9}", seen) else 0


def _show_add_member(request: StaffRequest, household: Household, form: NewMemberForm) -> HttpResponse:
    # The page shows who is in the family already: that is a read of it.
    note_household_read(household.pk, by=request.actor)
    members = list(household.members.all())
    context = {
        "household": household,
        "head": head_of(household),
        "members": members,
        "form": form,
        "is_full": len(members) >= MOST_MEMBERS,
    }
    return render(request, "registry/add_member.html", context)
