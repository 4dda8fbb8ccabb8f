"""Kinds of letters and messages, and where each stands."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Language(TextChoices):
    """In which languages clients are written to. The file's copy is always Persian."""

    FA = "fa", _("Persian")
    PRS = "prs", _("Dari")
    PS = "ps", _("Pashto")
    AR = "ar", _("Arabic")
    EN = "en", _("English")


class LetterKind(TextChoices):
    """What a letter is about."""

    DECISION = "decision", _("Decision")
    MISSING_PAPERS = "missing_papers", _("Missing papers")
    APPOINTMENT = "appointment", _("Appointment")
    RECEIPT = "receipt", _("Receipt")
    EXTENSION = "extension", _("Extension of validity")
    APPEAL = "appeal", _("Answer to an appeal")
    REFERRAL = "referral", _("Referral to another office")


class TemplateState(TextChoices):
    """A published text never changes; a better one is a new version."""

    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")
