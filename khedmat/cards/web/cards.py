"""One card, for officers who have its family open; and its end before the time."""

from typing import cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from khedmat.accounts.enums import Permission, Purpose
from khedmat.accounts.gate import StaffRequest, page
from khedmat.accounts.models import User
from khedmat.cards import selectors
from khedmat.cards.actions import revoke_card
from khedmat.cards.enums import CardState
from khedmat.cards.errors import CardAlreadyRevoked
from khedmat.cards.models import Card
from khedmat.cards.verify_bundle import Outcome, Verdict
from khedmat.cards.web.forms import RevokeForm
from khedmat.cards.web.verify_texts import Texts, verify_texts
from khedmat.common.jalali import format_date
from khedmat.registry.actions import note_household_read

TONES = {
    Outcome.VALID: "ok",
    Outcome.EXTENDED: "ok",
    Outcome.NOT_YET: "warn",
    Outcome.EXPIRED: "warn",
    Outcome.CANNOT_TELL: "warn",
}


@page(permission=Permission.REVOKE_CARD, purpose=Purpose.REVIEW_CASE)
@require_http_methods(["GET", "HEAD", "POST"])
def card_page(request: StaffRequest, card_id: UUID) -> HttpResponse:
    """The card's data and what a checker is told; revoking it shows first what will stand."""
    card = selectors.visible_card(card_id)
    if request.method != "POST":
        return _show(request, card, RevokeForm())
    form = RevokeForm(request.POST)
    if not form.is_valid():
        return _show(request, card, form)
    if card.state == CardState.REVOKED:
        return _already_revoked(request, card)
    if "confirmed" not in request.POST:
        return _confirm(request, card, form.cleaned_data["reason"])
    return _revoke(request, card, form.cleaned_data["reason"])


def _revoke(request: StaffRequest, card: Card, reason: str) -> HttpResponse:
    try:
        revoke_card(card.pk, reason, by=request.actor)
    except CardAlreadyRevoked:
        return _already_revoked(request, card)
    messages.success(request, _("The card is revoked. From its next update on, every check says so."))
    return redirect("cards:card", card.pk)


def _already_revoked(request: StaffRequest, card: Card) -> HttpResponse:
    messages.warning(request, _("This card was revoked already. Nothing was written a second time."))
    return redirect("cards:card", card.pk)


def _show(request: StaffRequest, card: Card, form: RevokeForm) -> HttpResponse:
    note_household_read(card.household_id, by=request.actor, case_id=card.case_id)
    verdict = selectors.verdict_on(card)
    extension = selectors.furthest_extension(card.series, card.valid_until)
    staff = User.objects.in_bulk([user for user in (card.issued_by, card.handed_over_by, card.revoked_by) if user])
    context = {
        "card": card,
        "form": form,
        "extension": extension,
        "effective_until": extension.until_on if extension else card.valid_until,
        "seen": _told(verdict.outcome, verdict),
        "seen_tone": TONES.get(verdict.outcome, "bad"),
        "issuer": staff.get(card.issued_by),
        "giver": staff.get(card.handed_over_by) if card.handed_over_by else None,
        "revoker": staff.get(card.revoked_by) if card.revoked_by else None,
        "is_revoked": card.state == CardState.REVOKED,
    }
    return render(request, "cards/card.html", context)


def _confirm(request: StaffRequest, card: Card, reason: str) -> HttpResponse:
    note_household_read(card.household_id, by=request.actor, case_id=card.case_id)
    verdict = selectors.verdict_on(card)
    before, after = _told(verdict.outcome, verdict), _told(Outcome.REVOKED, verdict)
    context = {
        "card": card,
        "reason": reason,
        "rows": [
            (_("Card"), card.get_state_display(), CardState.REVOKED.label),
            (_("A check of the card says"), before["title"], after["title"]),
        ],
        "after": after,
    }
    return render(request, "cards/revoke.html", context)


def _told(outcome: Outcome, verdict: Verdict) -> dict[str, str]:
    """Title and sentence of an outcome, in the words of the public check, with its dates."""
    texts = cast(Texts, verify_texts()["outcomes"])
    words = cast(dict[str, str], texts[outcome.value])
    claims = verdict.claims
    days = {
        "until": verdict.effective_until,
        "from": claims.valid_from if claims else None,
        "printed": claims.valid_until if claims else None,
    }
    body = words["body"]
    for name, day in days.items():
        if day is not None:
            body = body.replace(f"{{{name}}}", format_date(day, get_language() or "fa", "long"))
    return {"title": words["title"], "body": body}
