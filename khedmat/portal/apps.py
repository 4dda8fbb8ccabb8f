"""The public side of the site."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    """Pages that anyone may open."""

    name = "khedmat.portal"
    verbose_name = _("Public pages")
