"""Taking money, the demo bank, and the door at which gateways answer. No page here shows a name of a client."""

import secrets
from http import HTTPStatus
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from khedmat.accounts.enums import Permission, Purpose
from khedmat.accounts.gate import StaffRequest, error_page, page, public_page
from khedmat.common.errors import DomainError
from khedmat.payments.actions import receive_callback, start_payment, take_counter_payment
from khedmat.payments.enums import AttemptState, ChargeState, CounterMethod, InstalmentState
from khedmat.payments.errors import (
    ChargeChanged,
    ChargeNotOpen,
    DayAlreadyCounted,
    NothingToSplit,
    PlanNotOffered,
    ReceiptAlreadyUsed,
)
from khedmat.payments.gateways import DemoGateway, gateway_by_code, gateway_paths
from khedmat.payments.instalments import parts_by, plans_of, split_by_plan
from khedmat.payments.models import Charge
from khedmat.payments.rules import counter_reference
from khedmat.payments.selectors import (
    charge_by_id,
    charge_with_number,
    charges_waiting_at,
    last_gateway_attempt_of,
    owed_back_and_unasked,
    sums_of,
)
from khedmat.payments.web.forms import CaseNumberForm, CounterPaymentForm, VersionedForm
from khedmat.payments.web.showing import money_of

MOST_SHOWN = 200


@page(permission=Permission.TAKE_PAYMENT, purpose=Purpose.TAKE_PAYMENT)
@require_safe
def queue_page(request: StaffRequest) -> HttpResponse:
    """Open charges of the cashier's office, the oldest first; `?number=` opens the one of a case, paid or not."""
    scope_id = request.actor.scope_id
    form = CaseNumberForm(request.GET) if "number" in request.GET else CaseNumberForm()
    if form.is_valid():
        charge = charge_with_number(scope_id, form.cleaned_data["number"])
        if charge is not None:
            return redirect("payments:charge", charge.pk)
        form.add_error("number", _("No amount is set for this number at this office. Check the number."))
    waiting = charges_waiting_at(scope_id)
    context = {
        "form": form,
        "charges": list(waiting[:MOST_SHOWN]),
        "count": waiting.count(),
        "most_shown": MOST_SHOWN,
    }
    return render(request, "payments/queue.html", context)


@page(permission=Permission.TAKE_PAYMENT, purpose=Purpose.TAKE_PAYMENT)
@require_http_methods(["GET", "HEAD", "POST"])
def charge_page(request: StaffRequest, charge_id: UUID) -> HttpResponse:
    """The bill, and how it is or was paid. A POST with `gateway` sends the payer there, any other takes money here."""
    charge = charge_by_id(charge_id)
    if request.method != "POST":
        return _show_charge(request, charge, CounterPaymentForm.for_charge(charge))
    if "gateway" in request.POST:
        return _send_to_gateway(request, charge)
    return _take_at_counter(request, charge)


def _take_at_counter(request: StaffRequest, charge: Charge) -> HttpResponse:
    form = CounterPaymentForm(request.POST)
    if not form.is_valid():
        return _show_charge(request, charge, form)
    given = form.cleaned_data
    try:
        take_counter_payment(
            charge.pk,
            method=CounterMethod(given["method"]),
            receipt_number=given["receipt_number"],
            expected_version=given["version"],
            by=request.actor,
        )
    except ReceiptAlreadyUsed as error:
        form.add_error("receipt_number", str(error))
        return _show_charge(request, charge, form)
    except (ChargeNotOpen, ChargeChanged, DayAlreadyCounted) as error:
        if _is_same_payment(request, charge, form):
            return _said_before(request, charge)
        return _show_refused(request, charge, error)
    messages.success(request, _("The payment is recorded. Give the payer the receipt."))
    return redirect("payments:charge", charge.pk)


def _said_before(request: StaffRequest, charge: Charge) -> HttpResponse:
    messages.info(request, _("This payment was already recorded. It was taken once."))
    return redirect("payments:charge", charge.pk)


def _is_same_payment(request: StaffRequest, charge: Charge, form: CounterPaymentForm) -> bool:
    """Whether this very payment stands already: the button was pressed twice."""
    given = form.cleaned_data
    reference = counter_reference(CounterMethod(given["method"]), charge.scope_id, given["receipt_number"])
    same = charge.attempts.filter(reference=reference, started_by=request.actor.user_id, state=AttemptState.SUCCEEDED)
    return same.exists()


def _send_to_gateway(request: StaffRequest, charge: Charge) -> HttpResponse:
    form = VersionedForm(request.POST)
    if not form.is_valid():
        return _show_refused(request, charge, ChargeChanged())
    try:
        started = start_payment(
            charge.pk,
            gateway_code=request.POST["gateway"],
            return_url=reverse("payments:return", args=[charge.pk]),
            expected_version=form.cleaned_data["version"],
            by=request.actor,
        )
    except (ChargeNotOpen, ChargeChanged) as error:
        return _show_refused(request, charge, error)
    return redirect(started.redirect_url)


def _show_refused(request: StaffRequest, charge: Charge, error: DomainError) -> HttpResponse:
    """The charge as it stands now, and above it why nothing was done."""
    fresh = charge_by_id(charge.pk)
    return _show_charge(request, fresh, CounterPaymentForm.for_charge(fresh), refusal=error)


def _show_charge(
    request: StaffRequest, charge: Charge, form: forms.Form, *, refusal: DomainError | None = None
) -> HttpResponse:
    at_gateway, is_open = last_gateway_attempt_of(charge), charge.state == ChargeState.OPEN
    money, sums = money_of(charge), sums_of(charge)
    plans = plans_of(charge) if is_open else ()
    context = {
        "charge": charge,
        "money": money,
        "form": form,
        "refusal": refusal,
        "is_open": is_open,
        "is_paid": charge.state == ChargeState.PAID,
        "plans": [(plan, parts_by(plan, charge)) for plan in plans],
        "gateways": [gateway_by_code(code) for code in gateway_paths()] if is_open else [],
        "at_gateway": at_gateway,
        "waits_for_bank": is_open and at_gateway is not None and at_gateway.state == AttemptState.STARTED,
        "bank_refused": is_open and at_gateway is not None and at_gateway.state == AttemptState.FAILED,
        "taken": money.payments[-1] if money.payments else None,
        "owed_back_rial": sums.owed_back,
        "may_refund": sums.refundable > 0,
    }
    status = refusal.status if refusal else HTTPStatus.OK
    return render(request, "payments/charge.html", context, status=status)


@page(permission=Permission.TAKE_PAYMENT, purpose=Purpose.TAKE_PAYMENT)
@require_POST
def split(request: StaffRequest, charge_id: UUID) -> HttpResponse:
    """Let the family pay in parts, by a plan of the round that stands on the page."""
    charge, form = charge_by_id(charge_id), VersionedForm(request.POST)
    try:
        if not form.is_valid():
            raise ChargeChanged
        split_by_plan(
            charge_id,
            plan_code=request.POST.get("plan", ""),
            expected_version=form.cleaned_data["version"],
            by=request.actor,
        )
    except (ChargeNotOpen, ChargeChanged, PlanNotOffered, NothingToSplit) as error:
        return _show_refused(request, charge, error)
    messages.success(request, _("The amount is split. The first part is taken now."))
    return redirect("payments:charge", charge_id)


@page(permission=Permission.TAKE_PAYMENT, purpose=Purpose.TAKE_PAYMENT)
@require_safe
def return_page(request: StaffRequest, charge_id: UUID) -> HttpResponse:
    """Where a gateway's page sends the payer's browser back: what became of the payment, by our own books."""
    charge = charge_by_id(charge_id)
    at_gateway = last_gateway_attempt_of(charge)
    is_part_paid = at_gateway is not None and at_gateway.instalment.state == InstalmentState.PAID
    context = {
        "charge": charge,
        "amount_rial": at_gateway.amount_rial if at_gateway else charge.net_rial,
        "is_paid": charge.state == ChargeState.PAID or is_part_paid,
        "is_cancelled": charge.state == ChargeState.CANCELLED,
        "waits_for_bank": at_gateway is not None and at_gateway.state == AttemptState.STARTED,
        "owed_back_rial": owed_back_and_unasked(charge),
    }
    return render(request, "payments/return.html", context)


@public_page(reason="the bank answers from outside; its signature stands in for a sign-in")
@csrf_exempt
@require_POST
def receive_callback_page(request: HttpRequest, gateway_code: str) -> HttpResponse:
    """A gateway's signed answer, once or many times; a payer's browser that carries it goes on to `return`."""
    try:
        attempt = receive_callback(gateway_code, request.POST.dict())
    except DomainError as error:
        response = error_page(request, error)
    else:
        response = redirect("payments:return", attempt.charge_id)
        response.status_code = HTTPStatus.SEE_OTHER
    add_never_cache_headers(response)
    return response


@public_page(reason="the demo bank's own page, which knows no sign-in; a demonstration only")
@require_safe
def demo_gateway_page(request: HttpRequest) -> HttpResponse:
    """The bank of the demonstration. As banks do, it has the payer's browser carry its signed answer to us."""
    if not settings.KHEDMAT_DEMO:
        raise Http404
    bank = DemoGateway()
    try:
        order, return_url = bank.open_order(request.GET.dict())
    except DomainError as error:
        return error_page(request, error)
    answers = {
        name: bank.answer(order, callback_id=secrets.token_hex(8), has_succeeded=name == "paid")
        for name in ("paid", "declined")
    }
    context = {
        "order": order,
        "return_url": return_url,
        "callback_url": reverse("payments:callback", args=[bank.code]),
        **answers,
    }
    response = render(request, "payments/demo_gateway.html", context)
    add_never_cache_headers(response)
    return response
