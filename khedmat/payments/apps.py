"""Start-up of the payments engine."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PaymentsConfig(AppConfig):
    """The ledger, charges and gateways; knows no programme."""

    name = "khedmat.payments"
    label = "payments"
    verbose_name = _("Payments")

    def ready(self) -> None:
        from khedmat.payments import checks  # noqa: F401  # registers itself
