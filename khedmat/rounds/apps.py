"""Start-up of the rounds programme."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RoundsConfig(AppConfig):
    """Amayesh and Hoviat: the recurring re-registrations."""

    name = "khedmat.rounds"
    label = "rounds"
    verbose_name = _("Rounds")

    def ready(self) -> None:
        from khedmat.payments.titles import name_fee

        name_fee("municipal_levy", _("municipal levy"))
        name_fee("card_issue", _("card issue"))
