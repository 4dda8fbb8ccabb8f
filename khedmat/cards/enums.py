"""Kinds and states of cards."""

from django.db.models import IntegerChoices, TextChoices
from django.utils.translation import gettext_lazy as _


class CardKind(TextChoices):
    """What the card is."""

    AMAYESH_CARD = "amayesh_card", _("Amayesh residence card")
    HOVIAT_CARD = "hoviat_card", _("Hoviat residence card")


class CardState(TextChoices):
    """Where the card stands."""

    IN_PRINT = "in_print", _("In print")
    READY = "ready", _("Ready")
    HANDED_OVER = "handed_over", _("Handed over")
    REVOKED = "revoked", _("Revoked")


class BatchState(TextChoices):
    """Where a print batch stands."""

    QUEUED = "queued", _("Being prepared")
    PREPARED = "prepared", _("Ready to print")
    PRINTED = "printed", _("Printed")
    FAILED = "failed", _("Not prepared")


class StatusCode(IntegerChoices):
    """Values in the Token Status List."""

    VALID = 0, _("Valid")
    REVOKED = 1, _("Revoked")
    REPLACED = 2, _("Replaced")
