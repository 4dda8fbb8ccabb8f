"""Addresses of the payments: the cashier's, the payer's way back, the gateways' call-backs."""

from django.urls import path

from khedmat.payments.web import days, receipts, refunds, views

app_name = "payments"

urlpatterns = [
    path("payments/", views.queue_page, name="queue"),
    path("payments/<uuid:charge_id>/", views.charge_page, name="charge"),
    path("payments/<uuid:charge_id>/return/", views.return_page, name="return"),
    path("payments/<uuid:charge_id>/parts/", views.split, name="split"),
    path("payments/<uuid:charge_id>/refund/", refunds.ask_page, name="ask-refund"),
    path("payments/taken/<uuid:attempt_id>/print/", receipts.print_page, name="print"),
    path("payments/sheets/<uuid:print_id>/", receipts.sheet_page, name="sheet"),
    path("payments/day/", days.day_page, name="day"),
    path("payments/days/", days.days_page, name="days"),
    path("payments/days/<uuid:day_id>/", days.day_end_page, name="day-end"),
    path("payments/refunds/", refunds.queue_page, name="refunds"),
    path("payments/refunds/<uuid:refund_id>/", refunds.refund_page, name="refund"),
    path("payments/refunds/<uuid:refund_id>/print/", refunds.print_receipt_page, name="print-refund"),
    path("payments/refunds/sheets/<uuid:print_id>/", receipts.refund_sheet_page, name="refund-sheet"),
    path("payments/demo-gateway/", views.demo_gateway_page, name="demo-gateway"),
    path("payments/callback/<slug:gateway_code>/", views.receive_callback_page, name="callback"),
]
