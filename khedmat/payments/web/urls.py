"""Addresses of the payments: the cashier's, the payer's way back, the gateways' call-backs."""

from django.urls import path

from khedmat.payments.web import views

app_name = "payments"

urlpatterns = [
    path("payments/", views.queue_page, name="queue"),
    path("payments/<uuid:charge_id>/", views.charge_page, name="charge"),
    path("payments/<uuid:charge_id>/return/", views.return_page, name="return"),
    path("payments/demo-gateway/", views.demo_gateway_page, name="demo-gateway"),
    path("payments/callback/<slug:gateway_code>/", views.receive_callback_page, name="callback"),
]
