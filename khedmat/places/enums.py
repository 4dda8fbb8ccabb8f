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


class HolidayCertainty(TextChoices):
    """How sure it is that a day is free. Lunar days are expected until they are announced."""

    SOURCE = "source", _("A source says so")
    INFERRED = "inferred", _("Inferred from a source")
    EXPECTED = "expected", _("Expected, not announced yet")
