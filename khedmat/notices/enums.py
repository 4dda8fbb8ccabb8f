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

    DECISION = "decision", _("Decision on the request")
    MISSING_PAPERS = "missing_papers", _("Missing papers")
    APPOINTMENT = "appointment", _("Appointment")
    RECEIPT = "receipt", _("Receipt of the payment")
    EXTENSION = "extension", _("Extension of validity")
    APPEAL = "appeal", _("Answer to an appeal")
    REFERRAL = "referral", _("Referral to another office")


class TemplateState(TextChoices):
    """A published text never changes; a better one is a new version."""

    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")


class Channel(TextChoices):
    """By which way a message goes out."""

    SMS = "sms", _("SMS")
    EMAIL = "email", _("E-mail")


class MessageKind(TextChoices):
    """What a message may say: nothing about a person, nothing about a case's outcome."""

    APPOINTMENT = "appointment", _("Appointment")
    APPOINTMENT_MOVED = "appointment_moved", _("Appointment moved")
    APPOINTMENT_CANCELLED = "appointment_cancelled", _("Appointment cancelled")
    APPOINTMENT_REMINDER = "appointment_reminder", _("Reminder of an appointment")
    DAY_CLOSED = "day_closed", _("Day of an appointment closed")
    LETTER_WAITING = "letter_waiting", _("A letter waits at the office")
    NEWS = "news", _("News at the office")


class MessageState(TextChoices):
    """Where a message stands. A failed one was refused by the gateway; a given-up one was never taken."""

    QUEUED = "queued", _("Waits to go out")
    SENT = "sent", _("Went out")
    FAILED = "failed", _("Not taken")
    GIVEN_UP = "given_up", _("Tried in vain")


class Failure(TextChoices):
    """Why a message did not go out."""

    DESTINATION = "destination", _("The number or address does not exist")
    UNREACHABLE = "unreachable", _("The gateway did not answer")
    NO_GATEWAY = "no_gateway", _("No gateway is set up for it any more")
