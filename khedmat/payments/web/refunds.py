"""Money that goes back: the cashier asks, the office's manager pays or declines. No page shows a client's name."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from khedmat.accounts.enums import Permission, Purpose
from khedmat.accounts.gate import StaffRequest, page
from khedmat.common.errors import DomainError
from khedmat.payments.enums import ChargeState, RefundCause, RefundMethod, RefundState
from khedmat.payments.errors import GatewayRefundFailed, RefundNotOpen, RefundTooLarge
from khedmat.payments.models import Charge, Refund
from khedmat.payments.receipts import print_refund_receipt
from khedmat.payments.refunds import ask_refund, decline_refund, pay_refund
from khedmat.payments.selectors import (
    card_payment_for,
    charge_by_id,
    drawers_at,
    refund_by_id,
    refundable_on,
    refunds_waiting_at,
    sums_of,
)
from khedmat.payments.web.forms import AskRefundForm, DeclineForm, PayRefundForm
from khedmat.payments.web.showing import money_of

MOST_SHOWN = 200
BY_MANAGER = page(permission=Permission.PAY_REFUND, purpose=Purpose.RUN_OFFICE)


@page(permission=Permission.ASK_REFUND, purpose=Purpose.TAKE_PAYMENT)
@require_http_methods(["GET", "HEAD", "POST"])
def ask_page(request: StaffRequest, charge_id: UUID) -> HttpResponse:
    """Ask that money of a charge goes back, with why."""
    charge = charge_by_id(charge_id)
    form = AskRefundForm(request.POST) if request.method == "POST" else AskRefundForm(initial=_usual(charge))
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        try:
            ask_refund(
                charge_id,
                cause=RefundCause(given["cause"]),
                amount_rial=given["amount"],
                reason=given["reason"],
                by=request.actor,
            )
        except RefundTooLarge as error:
            form.add_error("amount", str(error))
        else:
            messages.success(request, _("The refund is asked for. The office manager pays it out."))
            return redirect("payments:charge", charge_id)
    context = {"charge": charge, "form": form, "most_rial": refundable_on(charge), "money": money_of(charge)}
    return render(request, "payments/ask_refund.html", context)


@BY_MANAGER
@require_safe
def queue_page(request: StaffRequest) -> HttpResponse:
    """Refunds that wait for the manager of this office, the oldest first."""
    waiting = refunds_waiting_at(request.actor.scope_id)
    context = {"refunds": list(waiting[:MOST_SHOWN]), "count": waiting.count(), "most_shown": MOST_SHOWN}
    return render(request, "payments/refunds.html", context)


@BY_MANAGER
@require_http_methods(["GET", "HEAD", "POST"])
def refund_page(request: StaffRequest, refund_id: UUID) -> HttpResponse:
    """One refund with its bill. A POST with `decline` declines it, any other pays it out."""
    refund = refund_by_id(refund_id)
    if request.method != "POST":
        return _show(request, refund)
    if "decline" in request.POST:
        return _decline(request, refund)
    return _pay(request, refund)


@BY_MANAGER
@require_POST
def print_receipt_page(request: StaffRequest, refund_id: UUID) -> HttpResponse:
    """Number one more printing of a refund's receipt, and show its sheet."""
    printed = print_refund_receipt(refund_id, by=request.actor)
    return redirect("payments:refund-sheet", printed.pk)


def _pay(request: StaffRequest, refund: Refund) -> HttpResponse:
    form = PayRefundForm(request.POST, **_ways(refund))
    if not form.is_valid():
        return _show(request, refund, pay_form=form)
    given = form.cleaned_data
    try:
        pay_refund(
            refund.pk,
            method=RefundMethod(given["method"]),
            drawer_of=given["drawer"],
            voucher=given["voucher"],
            by=request.actor,
        )
    except (RefundNotOpen, GatewayRefundFailed) as error:
        return _show(request, refund_by_id(refund.pk), refusal=error)
    except DomainError as error:
        field = {"receipt_number": "voucher"}.get(error.field or "", error.field)
        if field not in form.fields:
            raise
        form.add_error(field, str(error))
        return _show(request, refund, pay_form=form)
    messages.success(request, _("The money is given back. Give the payer the receipt."))
    return redirect("payments:refund", refund.pk)


def _decline(request: StaffRequest, refund: Refund) -> HttpResponse:
    form = DeclineForm(request.POST)
    if not form.is_valid():
        return _show(request, refund, decline_form=form)
    try:
        decline_refund(refund.pk, reason=form.cleaned_data["reason"], by=request.actor)
    except RefundNotOpen as error:
        return _show(request, refund_by_id(refund.pk), refusal=error)
    messages.success(request, _("The refund is declined, with your reason."))
    return redirect("payments:refunds")


def _show(
    request: StaffRequest,
    refund: Refund,
    *,
    pay_form: PayRefundForm | None = None,
    decline_form: DeclineForm | None = None,
    refusal: DomainError | None = None,
) -> HttpResponse:
    money = money_of(refund.charge)
    context = {
        "refund": refund,
        "charge": refund.charge,
        "money": money,
        "row": next(row for row in money.refunds if row.refund.pk == refund.pk),
        "is_asked": refund.state == RefundState.ASKED,
        "is_paid": refund.state == RefundState.PAID,
        "is_own": refund.asked_by == request.actor.user_id,
        "pay_form": pay_form or PayRefundForm(**_ways(refund)),
        "decline_form": decline_form or DeclineForm(),
        "refusal": refusal,
    }
    return render(request, "payments/refund.html", context, status=refusal.status if refusal else 200)


def _ways(refund: Refund) -> Mapping[str, Any]:
    """From where the money may come: drawers that hold so much, and a card that paid so much."""
    drawers = [one for one in drawers_at(refund.scope_id, timezone.localdate()) if one.cash_rial >= refund.amount_rial]
    return {"drawers": drawers, "has_card": card_payment_for(refund.charge, refund.amount_rial) is not None}


def _usual(charge: Charge) -> dict[str, object]:
    """What is asked most often: all that is owed back, else all that was taken."""
    sums = sums_of(charge)
    owed = sums.owed_back
    if owed > 0:
        cause = RefundCause.WITHDRAWAL if charge.state == ChargeState.CANCELLED else RefundCause.OVERPAYMENT
        return {"cause": cause, "amount": owed}
    return {"amount": sums.refundable or None}
