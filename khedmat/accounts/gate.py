"""The one door of every page: sign-in, second factor, role, context, errors.

`@page` and `@public_page` mark a view; a test walks all routes and fails on an unmarked one.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from http import HTTPStatus
from typing import Any, cast

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.contrib.messages import get_messages
from django.contrib.messages.storage.base import Message
from django.db import IntegrityError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.template.response import SimpleTemplateResponse
from django.utils.cache import add_never_cache_headers

from khedmat.accounts.actions import note_spent_budget
from khedmat.accounts.enums import Permission, Purpose, Role
from khedmat.accounts.errors import RecordContradicted, RecordNotVisible, RecordsOutOfReach, SpentReadBudget
from khedmat.accounts.models import RoleHolding, User
from khedmat.accounts.rules import role_may, roles_with
from khedmat.accounts.selectors import live_holdings
from khedmat.common.actor import Actor
from khedmat.common.constraints import violated_constraint
from khedmat.common.errors import DomainError
from khedmat.vault.context import working_context

logger = logging.getLogger(__name__)

HOLDING_KEY = "working_holding"


@dataclass(frozen=True, slots=True)
class Working:
    """In which role, at which place, for which purpose one works: shown on every page."""

    holding: RoleHolding
    purpose: Purpose
    has_other_roles: bool


class StaffRequest(HttpRequest):
    """A request that has passed the gate."""

    user: User
    actor: Actor
    working: Working


Marked = Callable[..., HttpResponseBase]


def page(*, permission: Permission, purpose: Purpose) -> Callable[[Callable[..., HttpResponse]], Marked]:
    """Let a view run for roles that hold `permission`, inside its signed database context.

    The whole response is rendered inside the transaction; a DomainError rolls it back and becomes a
    page with the error's status, and so do a contradiction that the database found and a lost connection.
    `Http404` is answered as a record that is not visible.
    """

    def mark(view: Callable[..., HttpResponse]) -> Marked:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                stopped = _stop_at_the_door(request, permission, purpose)
                response = stopped or _run(view, cast(StaffRequest, request), args, kwargs)
            except (IntegrityError, OperationalError, InterfaceError) as error:
                _unsay(request)
                response = error_page(request, _fact_of(error))
            add_never_cache_headers(response)
            return response

        guarded.khedmat_permission = permission  # type: ignore[attr-defined]
        return guarded

    return mark


def public_page(*, reason: str) -> Callable[[Callable[..., HttpResponseBase]], Marked]:
    """Mark a view that anyone may open, with the reason why."""

    def mark(view: Callable[..., HttpResponseBase]) -> Marked:
        view.khedmat_public = reason  # type: ignore[attr-defined]
        return view

    return mark


def _stop_at_the_door(request: HttpRequest, permission: Permission, purpose: Purpose) -> HttpResponse | None:
    if not isinstance(request.user, User):
        return cast(HttpResponse, redirect_to_login(request.get_full_path()))
    if settings.KHEDMAT_REQUIRE_SECOND_FACTOR and not request.user.has_usable_totp():
        return redirect("mfa_activate_totp")
    holdings = live_holdings(request.user.pk)
    if not holdings:
        return render(request, "no_role.html", status=HTTPStatus.FORBIDDEN)
    chosen = request.session.get(HOLDING_KEY)
    holding = next((one for one in holdings if str(one.pk) == chosen), holdings[0])
    staff = cast(StaffRequest, request)
    staff.working = Working(holding, purpose, has_other_roles=len(holdings) > 1)
    staff.actor = Actor(request.user.pk, holding.role, holding.scope_id, purpose.value)
    if role_may(holding.role, permission):
        return None
    needed = [Role(role).label for role in roles_with(permission)]
    return render(request, "403.html", {"needed_roles": needed}, status=HTTPStatus.FORBIDDEN)


def _run(view: Callable[..., HttpResponse], request: StaffRequest, args: Any, kwargs: Any) -> HttpResponse:
    try:
        with working_context(request.actor):
            response = view(request, *args, **kwargs)
            if isinstance(response, SimpleTemplateResponse):
                response.render()
            return response
    except Http404:
        fact: DomainError = RecordNotVisible()
    except DomainError as error:
        fact = error
    _unsay(request)
    with working_context(request.actor):
        if isinstance(fact, SpentReadBudget):
            note_spent_budget(by=request.actor)
        return error_page(request, fact)


def _unsay(request: HttpRequest) -> None:
    """Drop what the view said of work that is undone now; older messages still wait for their page."""
    queued: list[Message] = getattr(get_messages(request), "_queued_messages", [])
    queued.clear()


def _fact_of(error: IntegrityError | OperationalError | InterfaceError) -> DomainError:
    """What the reader is told. Logged without PostgreSQL's own words, which quote people's data."""
    state = getattr(error.__cause__, "sqlstate", None)
    constraint = violated_constraint(error) if isinstance(error, IntegrityError) else ""
    logger.error("database: %s, SQLSTATE %s, constraint %s", type(error).__name__, state, constraint)
    return RecordContradicted() if isinstance(error, IntegrityError) else RecordsOutOfReach()


def error_page(request: HttpRequest, error: DomainError) -> HttpResponse:
    """The one mapping from domain errors to pages."""
    context: dict[str, Any] = {"error": error}
    if isinstance(error, RecordsOutOfReach):
        # Without context processors, which may ask the database for the session.
        context |= {"request": request, "csrf_token": get_token(request)}
        return HttpResponse(render_to_string("domain_error.html", context), status=error.status)
    return render(request, "domain_error.html", context, status=error.status)
