"""Sheets of receipts as they leave the printer: each one numbered when it is asked for."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from khedmat.accounts.enums import Permission, Purpose
from khedmat.accounts.gate import StaffRequest, page
from khedmat.accounts.selectors import names_of
from khedmat.payments.receipts import print_receipt
from khedmat.payments.selectors import payment_print, refund_print
from khedmat.payments.web.showing import copy_words, money_of, payment_row


@page(permission=Permission.TAKE_PAYMENT, purpose=Purpose.TAKE_PAYMENT)
@require_POST
def print_page(request: StaffRequest, attempt_id: UUID) -> HttpResponse:
    """Number one more printing of a payment's receipt, and show its sheet."""
    printed = print_receipt(attempt_id, by=request.actor)
    return redirect("payments:sheet", printed.pk)


@page(permission=Permission.TAKE_PAYMENT, purpose=Purpose.TAKE_PAYMENT)
@require_safe
def sheet_page(request: StaffRequest, print_id: UUID) -> HttpResponse:
    """The sheet of one numbered printing of a payment's receipt."""
    printed, attempt = payment_print(print_id)
    money = money_of(attempt.charge)
    context = {
        "printed": printed,
        "copy": copy_words(printed.number),
        "charge": attempt.charge,
        "money": money,
        "taken": payment_row(attempt, money.parts),
    }
    return render(request, "payments/sheet.html", context)


@page(permission=Permission.PAY_REFUND, purpose=Purpose.RUN_OFFICE)
@require_safe
def refund_sheet_page(request: StaffRequest, print_id: UUID) -> HttpResponse:
    """The sheet of one numbered printing of a refund's receipt."""
    printed, refund = refund_print(print_id)
    payer = names_of([refund.paid_by])
    context = {
        "printed": printed,
        "copy": copy_words(printed.number),
        "charge": refund.charge,
        "refund": refund,
        "payer": next(iter(payer.values()), ""),
    }
    return render(request, "payments/refund_sheet.html", context)
