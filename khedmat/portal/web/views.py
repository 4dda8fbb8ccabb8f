"""The public pages."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from khedmat.accounts.gate import public_page


@public_page(reason="The first page tells anyone what this is, and where to sign in or check a card.")
@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    """What Khedmat is, and its two doors."""
    return render(request, "portal/landing.html")
