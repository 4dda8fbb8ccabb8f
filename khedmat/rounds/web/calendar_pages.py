"""The page of the free days: the nation's, kept by a round manager, and a province's, kept by its director general."""

from datetime import date, timedelta
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from khedmat.accounts.enums import Permission, Purpose
from khedmat.accounts.gate import StaffRequest, page
from khedmat.common.dates_form import JalaliDateField
from khedmat.common.fields import PlainTextField
from khedmat.common.jalali import from_jalali, to_jalali
from khedmat.offices.errors import HolidayKeptAlready
from khedmat.offices.holidays import add_holiday, withdraw_holiday
from khedmat.places.enums import HolidayCertainty
from khedmat.places.official import NATION_ID
from khedmat.places.selectors import holidays_of

KEEPS = page(permission=Permission.KEEP_CALENDAR, purpose=Purpose.RUN_ROUND)
TWO_YEARS = timedelta(days=731)


class HolidayForm(forms.Form):
    """A free day, what it is, who announced it and how sure it is."""

    title = PlainTextField(max_length=120, label=gettext_lazy("What the day is"))
    source = PlainTextField(
        max_length=240,
        label=gettext_lazy("Who says so"),
        help_text=gettext_lazy("The calendar, circular or announcement, with its date"),
    )
    certainty = forms.ChoiceField(
        label=gettext_lazy("How sure it is"),
        choices=HolidayCertainty.choices,
        error_messages={"required": gettext_lazy("Choose one of these.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        day = JalaliDateField(
            min_date=timezone.localdate,
            max_date=lambda: timezone.localdate() + TWO_YEARS,
            label=gettext_lazy("Day"),
        )
        self.fields = {"on": day, **self.fields}


@KEEPS
@require_http_methods(["GET", "HEAD", "POST"])
def calendar_page(request: StaffRequest) -> HttpResponse:
    """The free days from this Iranian year on; a post keeps another one of the working place."""
    form = HolidayForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        certainty = HolidayCertainty(data["certainty"])
        try:
            add_holiday(data["on"], title=data["title"], source=data["source"], certainty=certainty, by=request.actor)
        except HolidayKeptAlready as error:
            form.add_error("on", str(error))
        else:
            messages.success(request, _("The day is free. Due dates given from now on step over it."))
            return redirect("rounds:calendar")
    here = request.actor.scope_id
    since, until = _this_year_and_next(timezone.localdate())
    days = holidays_of(sorted({NATION_ID, here}), since=since, until=until)
    context = {
        "days": [(day, day.scope_id == here and day.recorded_by is not None) for day in days],
        "place": request.working.holding.scope,
        "form": form,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    return render(request, "rounds/calendar.html", context, status=status)


@KEEPS
@require_POST
def withdraw(request: StaffRequest, holiday_id: UUID) -> HttpResponse:
    """Let a day be a working day after all."""
    withdraw_holiday(holiday_id, by=request.actor)
    messages.success(request, _("The day is a working day again."))
    return redirect("rounds:calendar")


def _this_year_and_next(today: date) -> tuple[date, date]:
    year = to_jalali(today).year
    return from_jalali(year, 1, 1), from_jalali(year + 2, 1, 1) - timedelta(days=1)
