"""The end of a cashier's day, for the cashier and for the office's manager."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from khedmat.accounts.enums import Permission, Purpose
from khedmat.accounts.gate import StaffRequest, page
from khedmat.accounts.selectors import names_of
from khedmat.payments.day_ends import confirm_day, count_day
from khedmat.payments.enums import EntryKind
from khedmat.payments.errors import DayAlreadyConfirmed, DayAlreadyCounted, DayChanged, DifferenceNeedsNote
from khedmat.payments.models import DayEnd, JournalEntry
from khedmat.payments.selectors import (
    day_by_id,
    day_of,
    day_to_count,
    days_at,
    taken_by,
    takings_of,
    uncounted_days,
)
from khedmat.payments.titles import method_title
from khedmat.payments.web.forms import CountForm

DAYS_SHOWN = 60


@dataclass(frozen=True, slots=True)
class TakenRow:
    """One movement through a drawer: of which case, how, how much; negative where money went back."""

    entry: JournalEntry
    way: str
    receipt: str
    amount_rial: int


@dataclass(frozen=True, slots=True)
class DayRow:
    """A count with the cashier's name."""

    day: DayEnd
    cashier: str
    confirmer: str


@page(permission=Permission.COUNT_CASH, purpose=Purpose.TAKE_PAYMENT)
@require_http_methods(["GET", "HEAD", "POST"])
def day_page(request: StaffRequest) -> HttpResponse:
    """The cashier's takings of today, or of a day that was forgotten, and the count that closes the day."""
    actor, today = request.actor, timezone.localdate()
    shown = day_to_count(actor.scope_id, actor.user_id, today)
    takings = takings_of(actor.scope_id, actor.user_id, shown)
    expected = {"on": shown.isoformat(), "expected_cash": takings.cash_rial, "expected_terminal": takings.terminal_rial}
    form = CountForm(request.POST) if request.method == "POST" else CountForm(initial=expected)
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        try:
            count_day(
                counted_cash_rial=given["cash"],
                counted_terminal_rial=given["terminal"],
                expected=(given["expected_cash"], given["expected_terminal"]),
                note=given["note"],
                on=given["on"],
                by=actor,
            )
        except DifferenceNeedsNote as error:
            form.add_error("note", str(error))
        except DayChanged as error:
            form = form.counted_anew(expected)
            form.add_error(None, str(error))
        except DayAlreadyCounted:
            return redirect("payments:day")
        else:
            messages.success(request, _("The day is closed. The office manager confirms it."))
            return redirect("payments:day")
    day = day_of(actor.scope_id, actor.user_id, shown)
    context = {
        "shown": shown,
        "is_today": shown == today,
        "takings": takings,
        "rows": [_row(entry) for entry in taken_by(actor.scope_id, actor.user_id, shown)],
        "day": day,
        "form": form,
    }
    return render(request, "payments/day.html", context)


@page(permission=Permission.CONFIRM_CASH, purpose=Purpose.RUN_OFFICE)
@require_safe
def days_page(request: StaffRequest) -> HttpResponse:
    """The counts of this office: those to confirm first, and days that were not counted at all."""
    days = list(days_at(request.actor.scope_id)[:DAYS_SHOWN])
    rows = _day_rows(days)
    forgotten = uncounted_days(request.actor.scope_id, timezone.localdate())
    who = names_of(cashier_id for cashier_id, _on in forgotten)
    context = {
        "forgotten": [(on, who.get(cashier_id, "")) for cashier_id, on in forgotten],
        "waiting": [row for row in rows if row.day.confirmed_at is None],
        "confirmed": [row for row in rows if row.day.confirmed_at is not None],
    }
    return render(request, "payments/days.html", context)


@page(permission=Permission.CONFIRM_CASH, purpose=Purpose.RUN_OFFICE)
@require_http_methods(["GET", "HEAD", "POST"])
def day_end_page(request: StaffRequest, day_id: UUID) -> HttpResponse:
    """One count against the books, with each movement; a POST confirms it."""
    day = day_by_id(day_id)
    if request.method == "POST":
        try:
            confirm_day(day_id, by=request.actor)
        except DayAlreadyConfirmed as error:
            messages.info(request, str(error))
        else:
            messages.success(request, _("The day is confirmed."))
        return redirect("payments:days")
    (row,) = _day_rows([day])
    context = {
        "row": row,
        "day": day,
        "rows": [_row(entry) for entry in taken_by(day.scope_id, day.counted_by, day.counted_on)],
        "is_own": day.counted_by == request.actor.user_id,
    }
    return render(request, "payments/day_end.html", context)


def _row(entry: JournalEntry) -> TakenRow:
    if entry.kind == EntryKind.REFUND and entry.refund is not None:
        return TakenRow(entry, _("Given back in cash"), entry.refund.voucher_number, -entry.refund.amount_rial)
    if entry.attempt is None:
        return TakenRow(entry, "", "", 0)
    return TakenRow(entry, method_title(entry.attempt.method), entry.attempt.receipt_number, entry.attempt.amount_rial)


def _day_rows(days: list[DayEnd]) -> list[DayRow]:
    who = names_of([*(day.counted_by for day in days), *(day.confirmed_by for day in days)])
    return [
        DayRow(day, who.get(day.counted_by, ""), who.get(day.confirmed_by, "") if day.confirmed_by else "")
        for day in days
    ]
