"""Kinds and states of the office's day; stored as text, checked by the database."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class CounterKind(TextChoices):
    """Who sits at a counter, and so whose queue a ticket stands in."""

    CLERK = "clerk", _("Application counter")
    CASHIER = "cashier", _("Cashier's counter")


class DayState(TextChoices):
    """An opening day takes bookings, or is closed with a reason."""

    OPEN = "open", _("Open for appointments")
    CLOSED = "closed", _("Closed by the office")


class Channel(TextChoices):
    """By which way an appointment was made."""

    CLIENT = "client", _("By the client, with the code")
    PHONE = "phone", _("By telephone")
    COUNTER = "counter", _("At the counter")


class BookingState(TextChoices):
    """What became of an appointment. PASSED: its time went by; it may be booked again, and nothing follows from it."""

    BOOKED = "booked", _("Booked")
    ARRIVED = "arrived", _("Arrived")
    MOVED = "moved", _("Moved to another time")
    CANCELLED = "cancelled", _("Cancelled")
    PASSED = "passed", _("The time has passed")


class TicketKind(TextChoices):
    """With an appointment, or without one."""

    BOOKED = "booked", _("With an appointment")
    WALK_IN = "walk_in", _("Without an appointment")


class TicketState(TextChoices):
    """Where a ticket stands in the hall."""

    WAITING = "waiting", _("Waiting")
    CALLED = "called", _("Called")
    SERVED = "served", _("Served")
    LEFT = "left", _("Left")
