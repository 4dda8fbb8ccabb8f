"""The clerk's pages: finding the case of a ready card, and giving the cards into the family's hands."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.views.decorators.http import require_http_methods

from khedmat.accounts.enums import Permission, Purpose
from khedmat.accounts.errors import RecordNotVisible
from khedmat.accounts.gate import StaffRequest, page
from khedmat.cards import selectors
from khedmat.cards.actions import hand_over
from khedmat.cards.enums import CardState
from khedmat.cards.errors import NoCardToHandOver
from khedmat.cards.models import Card
from khedmat.cards.rules import is_receiver
from khedmat.cards.web.forms import HandOverForm, PresentedForm
from khedmat.casework.actions import enter_case
from khedmat.casework.enums import CaseStep, MemberStep
from khedmat.casework.models import Case
from khedmat.casework.selectors import cases_with_ready_members, member_steps, visible_case
from khedmat.common.errors import DomainError
from khedmat.common.text import localise_digits
from khedmat.registry.actions import note_household_read
from khedmat.registry.models import Person

TONES = {
    CardState.IN_PRINT: "info",
    CardState.READY: "accent",
    CardState.HANDED_OVER: "ok",
    CardState.REVOKED: "mute",
}


# So many of the ready cases are listed; the others are found by what the family presents.
LONGEST = 50


@dataclass(frozen=True, slots=True)
class CardRow:
    """A card as the family and the clerk look at it together."""

    card: Card
    tone: str
    receiver: str
    is_ready: bool
    is_ticked: bool


@page(permission=Permission.HAND_OVER_CARD, purpose=Purpose.HAND_OVER_CARD)
@require_http_methods(["GET", "HEAD", "POST"])
def find_page(request: StaffRequest) -> HttpResponse:
    """Cases with ready cards by number, and a box for what the family presents; it opens the case."""
    form = PresentedForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            case_id = selectors.case_of_presented(form.cleaned_data["presented"])
            _require_card(case_id)
        except DomainError as error:
            form.add_error("presented", str(error))
        else:
            enter_case(case_id, by=request.actor)
            return redirect("cards:hand-over-case", case_id)
    ready = cases_with_ready_members()
    context = {"form": form, "ready": list(ready[:LONGEST]), "ready_in_all": ready.count()}
    return render(request, "cards/hand_over.html", context)


def _require_card(case_id: UUID) -> None:
    """A family is not opened for nothing. Errors: NoCardToHandOver."""
    steps = member_steps([case_id]).get(case_id, {})
    if not steps.keys() & {MemberStep.READY, MemberStep.HANDED_OVER}:
        raise NoCardToHandOver


@page(permission=Permission.HAND_OVER_CARD, purpose=Purpose.HAND_OVER_CARD)
@require_http_methods(["GET", "HEAD", "POST"])
def case_page(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """The family's cards, once its case is open: tick, choose who takes them, hand over."""
    case = visible_case(case_id)
    cards = list(selectors.cards_of_case(case))
    if not cards:
        # Not open to this clerk, or nothing printed: the same answer.
        raise RecordNotVisible
    if request.method != "POST":
        return _show(request, case, cards, _form(cards))
    return _hand_over(request, case, cards)


def _hand_over(request: StaffRequest, case: Case, cards: list[Card]) -> HttpResponse:
    # Ticked when the list was sent: those handed over meanwhile are told as such, not as unknown.
    form = _form(cards, request, everything=True)
    if not form.is_valid():
        return _show(request, case, cards, form)
    chosen = [UUID(card_id) for card_id in form.cleaned_data["cards"]]
    try:
        given = hand_over(chosen, by=request.actor, receiver_id=UUID(form.cleaned_data["receiver"]))
    except DomainError as error:
        if error.field in form.fields:
            form.add_error(error.field, str(error))
            return _show(request, case, cards, form)
        messages.warning(request, str(error))
        return redirect("cards:hand-over-case", case.pk)
    said = ngettext("%(count)s card was handed over.", "%(count)s cards were handed over.", len(given))
    messages.success(request, said % {"count": localise_digits(str(len(given)), get_language() or "fa")})
    return redirect("cards:hand-over-case", case.pk)


def _form(cards: list[Card], request: StaffRequest | None = None, *, everything: bool = False) -> HandOverForm:
    listed = cards if everything else [card for card in cards if card.state == CardState.READY]
    receivers = _receivers(cards, timezone.localdate())
    if request is None:
        # Where one person alone may come, nothing is left to choose.
        initial = {"receiver": str(receivers[0].pk)} if len(receivers) == 1 else {}
        return HandOverForm(ready=listed, receivers=receivers, initial=initial)
    data = request.POST.copy()
    if "all" in data:
        data.setlist("cards", [str(card.pk) for card in cards if card.state == CardState.READY])
    return HandOverForm(data, ready=listed, receivers=receivers)


def _receivers(cards: list[Card], today: date) -> list[Person]:
    """The head and the other adults of the family; the head first."""
    members = Person.objects.filter(household_id=cards[0].household_id).order_by("position")
    return [person for person in members if is_receiver(person, today)]


def _show(request: StaffRequest, case: Case, cards: list[Card], form: HandOverForm) -> HttpResponse:
    note_household_read(case.household_id, by=request.actor, case_id=case.pk)
    takers = selectors.receivers_of(case)
    persons = {str(person.pk): person for person in Person.objects.filter(household_id=case.household_id)}
    ticked = set(form["cards"].value() or ())
    rows = [
        CardRow(
            card=card,
            tone=TONES[CardState(card.state)],
            receiver=persons[taker].full_name if (taker := takers.get(str(card.pk), "")) in persons else "",
            is_ready=card.state == CardState.READY,
            is_ticked=str(card.pk) in ticked,
        )
        for card in cards
    ]
    context = {
        "case": case,
        "form": form,
        "rows": rows,
        "receivers": _receivers(cards, timezone.localdate()),
        "chosen_receiver": form["receiver"].value() or "",
        "ready": sum(row.is_ready for row in rows),
        "is_closed": case.step == CaseStep.CLOSED,
        "is_withdrawn": case.step == CaseStep.WITHDRAWN,
    }
    return render(request, "cards/hand_over_case.html", context)
