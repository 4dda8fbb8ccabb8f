"""The office manager's pages: days, places, counters and displays. Counts by day and hour, nobody's own."""

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from khedmat.accounts.enums import Permission, Purpose
from khedmat.accounts.gate import StaffRequest, page
from khedmat.common.text import localise_digits
from khedmat.service.enums import DayState
from khedmat.service.errors import (
    CapacityBelowTaken,
    ClosingReasonNeeded,
    CounterBusy,
    CounterNumberTaken,
    DayAlreadyClosed,
    DayAlreadyOpen,
    DayChanged,
    DayOver,
    HoursNotInOrder,
    NoWorkingDay,
    SlotNotFound,
    TooManyDays,
)
from khedmat.service.models import Slot
from khedmat.service.opening import (
    change_counters,
    change_places,
    close_day,
    give_up_counter,
    make_hall_link,
    open_counter,
    open_days,
    reopen_day,
    revoke_hall_link,
)
from khedmat.service.selectors import (
    counters_at,
    day_by_id,
    hall_links,
    opening_days,
    slots_of,
    today_in_tehran,
    waiting_by_day,
)
from khedmat.service.web.forms import (
    CloseDayForm,
    CounterForm,
    CountersOpenForm,
    OpenDaysForm,
    PlacesForm,
    VersionedForm,
)

RUNNING = page(permission=Permission.RUN_OFFICE, purpose=Purpose.RUN_OFFICE)
DAYS_AHEAD = 60
DAYS_BACK = 14
_OF_OPENING = (DayOver, TooManyDays, NoWorkingDay, HoursNotInOrder)


@RUNNING
@require_safe
def days_page(request: StaffRequest) -> HttpResponse:
    """The days to come with their places, and how long people waited on the last ones."""
    office, today = request.actor.scope_id, today_in_tehran()
    waits = waiting_by_day(office, today - timedelta(days=DAYS_BACK), today)
    context = {
        "days": list(opening_days(office, today, today + timedelta(days=DAYS_AHEAD))),
        "today": today,
        "waits": sorted(waits.items(), reverse=True),
    }
    return render(request, "service/days.html", context)


@RUNNING
@require_http_methods(["GET", "HEAD", "POST"])
def open_page(request: StaffRequest) -> HttpResponse:
    """Open the working days of a range alike."""
    form = OpenDaysForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            opened = open_days(
                given["since"],
                given["until"],
                form.plan,
                note=given["note"],
                with_free_days=given["with_free_days"],
                by=request.actor,
            )
        except _OF_OPENING as error:
            form.refuse(HoursNotInOrder(field="closes") if isinstance(error, HoursNotInOrder) else error)
        else:
            words = ngettext("%(days)s day is open now.", "%(days)s days are open now.", len(opened))
            messages.success(request, words % {"days": localise_digits(str(len(opened)), request.LANGUAGE_CODE)})
            return redirect("service:days")
    return render(request, "service/open_days.html", {"form": form})


@RUNNING
@require_safe
def day_page(request: StaffRequest, day_id: UUID) -> HttpResponse:
    """One day with its times."""
    day = day_by_id(day_id, request.actor.scope_id)
    return _show_day(request, day_id, CountersOpenForm(initial={"version": day.version, "counters": day.counters_open}))


@RUNNING
@require_POST
def counters_open(request: StaffRequest, day_id: UUID) -> HttpResponse:
    """How many counters the day has."""
    form = CountersOpenForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        try:
            change_counters(day_id, given["counters"], given["version"], by=request.actor)
        except (DayChanged, DayAlreadyClosed, DayOver) as error:
            messages.warning(request, str(error))
        else:
            messages.success(request, _("The day's places follow its counters now."))
        return redirect("service:day", day_id)
    return _show_day(request, day_id, form)


@RUNNING
@require_http_methods(["GET", "HEAD", "POST"])
def slot_page(request: StaffRequest, slot_id: UUID) -> HttpResponse:
    """How many families one time takes."""
    slot = Slot.objects.filter(pk=slot_id, scope_id=request.actor.scope_id).select_related("opening_day").first()
    if slot is None or slot.is_closed:
        raise SlotNotFound
    form = PlacesForm(request.POST if request.method == "POST" else None, initial={"capacity": slot.capacity})
    if request.method == "POST" and form.is_valid():
        try:
            change_places(slot_id, form.cleaned_data["capacity"], by=request.actor)
        except CapacityBelowTaken as error:
            form.refuse(error)
        else:
            return redirect(f"{reverse('service:day', args=[slot.opening_day_id])}#times")
    return render(request, "service/slot.html", {"slot": slot, "day": slot.opening_day, "form": form})


@RUNNING
@require_http_methods(["GET", "HEAD", "POST"])
def close_page(request: StaffRequest, day_id: UUID) -> HttpResponse:
    """Close a day, with what becomes of its appointments shown before."""
    day = day_by_id(day_id, request.actor.scope_id)
    form = CloseDayForm(
        request.POST if request.method == "POST" else None, initial={"version": day.version, "is_moving": True}
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            close_day(day_id, given["reason"], given["version"], is_moving=given["is_moving"], by=request.actor)
        except ClosingReasonNeeded as error:
            form.refuse(error)
        else:
            messages.success(request, _("The day is closed. Its appointments stand on the reception's list to call."))
            return redirect("service:days")
    if day.state == DayState.CLOSED:
        raise DayAlreadyClosed
    return render(request, "service/close_day.html", {"day": day, "form": form})


@RUNNING
@require_POST
def reopen(request: StaffRequest, day_id: UUID) -> HttpResponse:
    """Open a closed day again."""
    day = day_by_id(day_id, request.actor.scope_id)
    form = VersionedForm(request.POST)
    try:
        if not form.is_valid():
            raise DayChanged
        reopen_day(day.pk, form.cleaned_data["version"], by=request.actor)
    except (DayChanged, DayAlreadyOpen, DayOver) as error:
        messages.warning(request, str(error))
    else:
        words = _("The day is open again. Families whose appointment stands on it are on the reception's list to call.")
        messages.success(request, words)
    return redirect("service:day", day_id)


@RUNNING
@require_http_methods(["GET", "HEAD", "POST"])
def hall_page(request: StaffRequest) -> HttpResponse:
    """The office's counters, and the addresses of its displays. A POST adds a counter."""
    form = CounterForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            open_counter(form.cleaned_data["number"], form.cleaned_data["kind"], by=request.actor)
        except CounterNumberTaken as error:
            form.refuse(error)
        else:
            return redirect("service:hall")
    office = request.actor.scope_id
    context = {
        "form": form,
        "counters": list(counters_at(office)),
        "links": [
            (link, request.build_absolute_uri(reverse("service:display", args=[link.pk])))
            for link in hall_links(office)
        ],
    }
    return render(request, "service/hall.html", context)


@RUNNING
@require_POST
def counter_close(request: StaffRequest, counter_id: UUID) -> HttpResponse:
    """Take a counter away."""
    try:
        give_up_counter(counter_id, by=request.actor)
    except CounterBusy as error:
        messages.warning(request, str(error))
    return redirect("service:hall")


@RUNNING
@require_POST
def display_make(request: StaffRequest) -> HttpResponse:
    """A new address for a display."""
    make_hall_link(by=request.actor)
    return redirect("service:hall")


@RUNNING
@require_POST
def display_revoke(request: StaffRequest, link_id: UUID) -> HttpResponse:
    """End an address of a display at once."""
    revoke_hall_link(link_id, by=request.actor)
    return redirect("service:hall")


def _show_day(request: StaffRequest, day_id: UUID, form: CountersOpenForm) -> HttpResponse:
    day = day_by_id(day_id, request.actor.scope_id)
    is_over, is_closed = day.open_on < today_in_tehran(), day.state == DayState.CLOSED
    context = {
        "day": day,
        "slots": slots_of(day),
        "form": form,
        "is_open": not (is_over or is_closed),
        "can_reopen": is_closed and not is_over,
    }
    return render(request, "service/day.html", context)
