"""Kinds of place."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class ScopeKind(TextChoices):
    """From the widest to the narrowest."""

    NATION = "nation", _("Country")
    PROVINCE = "province", _("Province")
    COUNTY = "county", _("County")
    CITY = "city", _("City")
    OFFICE = "office", _("Office")
