"""Kinds used in the register; document kinds as the domain brief lists them (§1)."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Sex(TextChoices):
    """As written on the identity document."""

    FEMALE = "female", _("Female")
    MALE = "male", _("Male")


class Relation(TextChoices):
    """To the head of the household."""

    HEAD = "head", _("Head of household")
    SPOUSE = "spouse", _("Spouse")
    DAUGHTER = "daughter", _("Daughter")
    SON = "son", _("Son")
    MOTHER = "mother", _("Mother")
    FATHER = "father", _("Father")
    SISTER = "sister", _("Sister")
    BROTHER = "brother", _("Brother")
    GRANDCHILD = "grandchild", _("Grandchild")
    OTHER = "other", _("Other relative")


class DocumentKind(TextChoices):
    """Identity documents that families present."""

    AMAYESH_CARD = "amayesh_card", _("Amayesh card")
    HOVIAT_CARD = "hoviat_card", _("Hoviat card")
    REFUGEE_BOOKLET = "refugee_booklet", _("Refugee booklet")
    HOUSEHOLD_PASSPORT = "household_passport", _("Household passport")
    PASSPORT = "passport", _("Passport with residence")
    RESIDENCE_BOOKLET = "residence_booklet", _("Residence booklet")
    HEADCOUNT_SLIP = "headcount_slip", _("Headcount slip")
    LAISSEZ_PASSER = "laissez_passer", _("Laissez-passer")
    SMART_CARD = "smart_card", _("Smart identity card")
    TAZKIRA = "tazkira", _("Tazkira")
    BIRTH_CERTIFICATE = "birth_certificate", _("Birth certificate")
    FIDA_CODE = "fida_code", _("Foreign national's unique code (FIDA)")


class Way(TextChoices):
    """By which way a value came into the register."""

    COUNTER = "counter", _("at the counter")
    IMPORT = "import", _("from a file")
    CHANGE = "change", _("by a change request")


class Answer(TextChoices):
    """What a human says to a file that differs from what was decided."""

    KEEP = "keep", _("The register stays as it is")
    CHANGE = "change", _("A change was asked for")


class Nationality(TextChoices):
    """Codes of ISO 3166-1 alpha-3, and of ICAO 9303 for those without one: what files and requests may say."""

    AFGHANISTAN = "AFG", _("Afghanistan")
    IRAQ = "IRQ", _("Iraq")
    PAKISTAN = "PAK", _("Pakistan")
    BANGLADESH = "BGD", _("Bangladesh")
    INDIA = "IND", _("India")
    SYRIA = "SYR", _("Syria")
    LEBANON = "LBN", _("Lebanon")
    TURKEY = "TUR", _("Turkey")
    AZERBAIJAN = "AZE", _("Azerbaijan")
    ARMENIA = "ARM", _("Armenia")
    TAJIKISTAN = "TJK", _("Tajikistan")
    TURKMENISTAN = "TKM", _("Turkmenistan")
    UZBEKISTAN = "UZB", _("Uzbekistan")
    MYANMAR = "MMR", _("Myanmar")
    SOMALIA = "SOM", _("Somalia")
    YEMEN = "YEM", _("Yemen")
    PALESTINE = "PSE", _("Palestine")
    KUWAIT = "KWT", _("Kuwait")
    IRAN = "IRN", _("Iran")
    STATELESS = "XXA", _("Stateless")
    UNKNOWN = "XXX", _("Not known")
