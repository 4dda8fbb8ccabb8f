"""A subject's appointment, at the counter or on the telephone: choose a time, move it, print the slip."""

from datetime import datetime
from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from khedmat.accounts.enums import Permission, Purpose
from khedmat.accounts.gate import StaffRequest, page
from khedmat.service.booking import book, cancel_booking, make_code, mark_told, move_booking
from khedmat.service.enums import Channel
from khedmat.service.errors import AlreadyBooked, BookingNotFound, SlotFull, SlotNotFound
from khedmat.service.hall import give_number
from khedmat.service.models import Booking, Slot
from khedmat.service.rules import code_for_reading
from khedmat.service.selectors import has_code, live_booking_of, live_ticket_of
from khedmat.service.subjects import Subject, kind_of, subject_by_id
from khedmat.service.web.forms import StaffSlotForm
from khedmat.service.web.week import asked_week, week_of

BOOKING = page(permission=Permission.BOOK_APPOINTMENT, purpose=Purpose.BOOK_APPOINTMENT)


@BOOKING
@require_http_methods(["GET", "HEAD", "POST"])
def subject_page(request: StaffRequest, kind: str, subject_id: UUID) -> HttpResponse:
    """The week's times. A POST books or moves and answers with the slip; with `code`, it makes a new code."""
    subject = subject_by_id(kind, subject_id)
    if request.method != "POST":
        return _show(request, subject, StaffSlotForm())
    if "code" in request.POST:
        return _slip(request, subject, live_booking_of(subject), make_code(subject, by=request.actor))
    return _book(request, subject)


def _book(request: StaffRequest, subject: Subject) -> HttpResponse:
    form = StaffSlotForm(request.POST)
    if not form.is_valid():
        return _show(request, subject, form)
    slot, channel = form.cleaned_data["slot"], Channel(form.cleaned_data["channel"])
    standing = live_booking_of(subject)
    try:
        if standing is None:
            booked = book(slot, subject, channel=channel, by=request.actor)
            return _slip(request, subject, live_booking_of(subject), booked.code)
        move_booking(standing.pk, slot, channel=channel, by=request.actor)
    except SlotFull as full:
        form.add_error("slot", str(full))
        return _show(request, subject, form, offered=full.offered)
    except (SlotNotFound, AlreadyBooked) as error:
        form.add_error("slot", str(error))
        return _show(request, subject, form)
    return _slip(request, subject, live_booking_of(subject), None)


@BOOKING
@require_POST
def cancel(request: StaffRequest, kind: str, subject_id: UUID) -> HttpResponse:
    """Give the appointment up; a new one can be booked on the same page."""
    subject = subject_by_id(kind, subject_id)
    cancel_booking(_standing(subject).pk, by=request.actor)
    messages.success(request, _("The appointment is cancelled. Another one can be booked at any time."))
    return redirect("service:subject", kind, subject_id)


@BOOKING
@require_POST
def told(request: StaffRequest, kind: str, subject_id: UUID) -> HttpResponse:
    """The family knows of the time that the office changed."""
    subject = subject_by_id(kind, subject_id)
    mark_told(_standing(subject).pk, by=request.actor)
    messages.success(request, _("Noted: the family knows of its new time."))
    return redirect("service:reception")


@BOOKING
@require_POST
def arrive(request: StaffRequest, kind: str, subject_id: UUID) -> HttpResponse:
    """The family is here: it gets its number."""
    ticket = give_number(subject_by_id(kind, subject_id), by=request.actor)
    return redirect("service:ticket", ticket.pk)


def _standing(subject: Subject) -> Booking:
    standing = live_booking_of(subject)
    if standing is None:
        raise BookingNotFound
    return standing


def _show(
    request: StaffRequest, subject: Subject, form: StaffSlotForm, *, offered: list[Slot] | None = None
) -> HttpResponse:
    now: datetime = timezone.now()
    given = request.GET if request.method != "POST" else request.POST
    context = {
        "subject": subject,
        "title": kind_of(subject.kind).title(subject.id),
        "back_url": kind_of(subject.kind).address(subject.id, request.actor),
        "form": form,
        "booking": live_booking_of(subject),
        "has_code": has_code(subject),
        "ticket": live_ticket_of(subject),
        "offered": offered or [],
        "chosen": form.data.get("slot", "") if form.is_bound else "",
        "week": week_of(request.actor.scope_id, asked_week(given), now, is_quiet=given.get("quiet") == "1"),
    }
    status = HTTPStatus.OK if not form.errors else HTTPStatus.UNPROCESSABLE_ENTITY
    return render(request, "service/subject.html", context, status=status)


def _slip(request: StaffRequest, subject: Subject, booking: Booking | None, code: str | None) -> HttpResponse:
    """The answer itself, so that a new code is kept nowhere: on this page, and on the paper printed from it."""
    context = {
        "subject": subject,
        "title": kind_of(subject.kind).title(subject.id),
        "back_url": kind_of(subject.kind).address(subject.id, request.actor),
        "booking": booking,
        "code": code_for_reading(code) if code else "",
        "papers": kind_of(subject.kind).what_to_bring(subject.id),
        "place": request.working.holding.scope,
    }
    return render(request, "service/slip.html", context)
