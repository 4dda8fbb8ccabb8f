"""What needs no sign-in: the client's own appointment by its code, and the hall's display by its address."""

from datetime import datetime
from hashlib import sha256
from http import HTTPStatus
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.cache import add_never_cache_headers, get_conditional_response
from django.views.decorators.http import require_http_methods, require_safe

from khedmat.accounts.gate import error_page, public_page
from khedmat.common.errors import DomainError
from khedmat.places.models import Scope
from khedmat.service.booking import AtTheDoor, at_the_door, book, cancel_booking, move_booking
from khedmat.service.enums import BookingState, Channel
from khedmat.service.errors import (
    AlreadyBooked,
    BookingNotFound,
    CodeUnknown,
    SlotFull,
    SlotNotFound,
    TooManyTries,
)
from khedmat.service.models import Slot
from khedmat.service.opening import display_of
from khedmat.service.rules import code_as_typed
from khedmat.service.selectors import hall_now, last_booking_of, live_booking_of
from khedmat.service.subjects import kind_of, subject_by_id
from khedmat.service.web.forms import CodeForm, SlotForm
from khedmat.service.web.tries import note_wrong_code, require_tries_left
from khedmat.service.web.week import asked_week, week_of
from khedmat.vault.context import working_context


@public_page(reason="a client sees, moves and cancels their own appointment by the code on the slip")
@require_http_methods(["GET", "HEAD", "POST"])
def appointment_page(request: HttpRequest) -> HttpResponse:
    """A POST with a code shows the appointment, and `book` or `cancel` beside it acts. No address holds a code."""
    response = _ask_for_code(request, CodeForm()) if request.method != "POST" else _enter(request)
    add_never_cache_headers(response)
    return response


def _enter(request: HttpRequest) -> HttpResponse:
    form = CodeForm(request.POST)
    try:
        require_tries_left(request)
        if not form.is_valid():
            return _ask_for_code(request, form)
        with at_the_door(form.cleaned_data["code"]) as client:
            return _act(request, client)
    except CodeUnknown as error:
        note_wrong_code(request)
        form.add_error("code", str(error))
        return _ask_for_code(request, form)
    except TooManyTries as error:
        return error_page(request, error)
    except DomainError as error:
        return error_page(request, error)


def _ask_for_code(request: HttpRequest, form: CodeForm) -> HttpResponse:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "service/enter_code.html", {"form": form}, status=status)


def _act(request: HttpRequest, client: AtTheDoor) -> HttpResponse:
    # A withdrawn case books nothing any more.
    subject_by_id(client.subject.kind, client.subject.id)
    if "book" in request.POST:
        return _book(request, client)
    if "cancel" in request.POST:
        standing = live_booking_of(client.subject)
        if standing is None:
            raise BookingNotFound
        cancel_booking(standing.pk, by=client.actor)
        return _show(request, client, SlotForm(), done="cancelled")
    return _show(request, client, SlotForm())


def _book(request: HttpRequest, client: AtTheDoor) -> HttpResponse:
    form = SlotForm(request.POST)
    if not form.is_valid():
        return _show(request, client, form)
    slot, standing = form.cleaned_data["slot"], live_booking_of(client.subject)
    try:
        if standing is None:
            book(slot, client.subject, channel=Channel.CLIENT, by=client.actor)
        else:
            move_booking(standing.pk, slot, channel=Channel.CLIENT, by=client.actor)
    except SlotFull as full:
        form.add_error("slot", str(full))
        return _show(request, client, form, offered=full.offered)
    except (SlotNotFound, AlreadyBooked) as error:
        form.add_error("slot", str(error))
        return _show(request, client, form)
    return _show(request, client, SlotForm(), done="moved" if standing else "booked")


def _show(
    request: HttpRequest, client: AtTheDoor, form: SlotForm, *, offered: list[Slot] | None = None, done: str = ""
) -> HttpResponse:
    now: datetime = timezone.now()
    booking = live_booking_of(client.subject, now=now)
    last = None if booking else last_booking_of(client.subject)
    known = kind_of(client.subject.kind)
    context = {
        "code": code_as_typed(request.POST["code"]),
        "title": known.title(client.subject.id),
        "papers": known.what_to_bring(client.subject.id),
        "place": Scope.objects.get(pk=client.actor.scope_id),
        "booking": booking,
        "has_passed": last is not None and last.state in {BookingState.BOOKED, BookingState.PASSED},
        "is_choosing": booking is None or "move" in request.POST or "week" in request.POST or bool(form.errors),
        "form": form,
        "offered": offered or [],
        "chosen": form.data.get("slot", "") if form.is_bound else "",
        "done": done,
        "week": week_of(
            client.actor.scope_id, asked_week(request.POST), now, is_quiet=request.POST.get("quiet") == "1"
        ),
    }
    if done:
        context["is_choosing"] = booking is None
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "service/appointment.html", context, status=status)


@public_page(reason="the hall's display shows numbers and counters, to everybody in the hall")
@require_safe
def display_page(request: HttpRequest, link_id: UUID) -> HttpResponse:
    """The display: big numbers, refreshed by itself."""
    return _display(request, link_id, "service/display.html")


@public_page(reason="the part of the hall's display that refreshes itself: numbers and counters")
@require_safe
def display_part(request: HttpRequest, link_id: UUID) -> HttpResponse:
    """The numbers alone; 304 while nothing changed."""
    return _display(request, link_id, "service/_display.html")


def _display(request: HttpRequest, link_id: UUID, template: str) -> HttpResponse:
    try:
        viewer = display_of(link_id)
        with working_context(viewer):
            hall = hall_now(viewer.scope_id, timezone.now())
            place = Scope.objects.get(pk=viewer.scope_id)
    except DomainError as error:
        return error_page(request, error)
    context = {"hall": hall, "place": place, "link_id": link_id}
    html = render_to_string(template, context, request=request)
    response = HttpResponse(html)
    if template == "service/_display.html":
        etag = f'"{sha256(html.encode()).hexdigest()}"'
        response.headers["ETag"] = etag
        response.headers["Cache-Control"] = "no-cache"
        return get_conditional_response(request, etag=etag, response=response) or response
    add_never_cache_headers(response)
    return response
