"""Facts that stop a change to appointments and tickets. Each leaves nothing written."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from khedmat.common.errors import DomainError

if TYPE_CHECKING:
    from khedmat.service.models import Slot


class ServiceNotAllowed(DomainError):
    code = "service-not-allowed"
    message = _("This is done by the office's own staff, each in their own role.")
    status = HTTPStatus.FORBIDDEN


class SubjectNotFound(DomainError):
    code = "appointment-subject-not-found"
    message = _("This case was not found at this office. Open it again from the family's page.")
    status = HTTPStatus.NOT_FOUND


class DayNotFound(DomainError):
    code = "opening-day-not-found"
    message = _("This opening day was not found here. Open it again from the office's days.")
    status = HTTPStatus.NOT_FOUND


class DayAlreadyClosed(DomainError):
    code = "opening-day-closed"
    message = _("This day is closed already. Nothing was changed.")


class DayAlreadyOpen(DomainError):
    code = "opening-day-open"
    message = _("This day is open already. Nothing was changed.")


class DayChanged(DomainError):
    code = "opening-day-changed"
    message = _("Someone else has just changed this day. Look at it again.")


class DayOver(DomainError):
    code = "opening-day-over"
    message = _("This day has passed. Only days from today on are changed.")


class ClosingReasonNeeded(DomainError):
    code = "closing-reason-needed"
    message = _("Write why the day is closed; the counter tells it to the families.")


class NoWorkingDay(DomainError):
    code = "no-working-day"
    message = _("There is no working day in this range. Choose another range.")


class TooManyDays(DomainError):
    code = "too-many-days"
    message = _("At most 120 days are opened at once. Choose a shorter range.")


class HoursNotInOrder(DomainError):
    code = "hours-not-in-order"
    message = _("The day must close after it opens, with room for one appointment at least.")


class CapacityBelowTaken(DomainError):
    code = "capacity-below-taken"
    message = _("More places than that are taken already. Move those bookings first.")


class CounterNumberTaken(DomainError):
    code = "counter-number-taken"
    message = _("A counter with this number is open already. Choose another number.")


class CounterNotFound(DomainError):
    code = "counter-not-found"
    message = _("This counter was not found here. Choose your counter again.")
    status = HTTPStatus.NOT_FOUND


class CounterBusy(DomainError):
    code = "counter-busy"
    message = _("Somebody is being served at this counter. Finish that number first.")


class HallLinkNotFound(DomainError):
    code = "hall-link-not-found"
    message = _("This address of the hall's display does not hold any more. Ask the office's manager for a new one.")
    status = HTTPStatus.NOT_FOUND


class SlotFull(DomainError):
    """The last place went to somebody else; `offered` are the next free times."""

    code = "slot-full"
    message = _("The last place at this time was just taken. Choose one of the next free times.")

    def __init__(self, offered: Sequence["Slot"] = ()) -> None:
        super().__init__()
        self.offered = list(offered)


class SlotNotFound(DomainError):
    code = "slot-not-found"
    message = _("This time is not open here. Choose another one.")
    status = HTTPStatus.NOT_FOUND


class AlreadyBooked(DomainError):
    code = "already-booked"
    message = _("An appointment stands already. Move it, or cancel it first.")


class BookingNotFound(DomainError):
    code = "booking-not-found"
    message = _("No appointment stands here now. A new one can be booked at once.")


class CodeUnknown(DomainError):
    code = "appointment-code-unknown"
    message = _("This code was not found. Check its eight letters and digits, or call the office.")


class TooManyTries(DomainError):
    code = "too-many-tries"
    message = _("Too many codes were tried from here. Wait ten minutes, or call the office.")
    status = HTTPStatus.TOO_MANY_REQUESTS


class NobodyWaits(DomainError):
    code = "nobody-waits"
    message = _("Nobody waits for this counter now.")


class TicketNotFound(DomainError):
    code = "ticket-not-found"
    message = _("This number is not at this counter any more. Look at the screen again.")


class TicketAlreadyGiven(DomainError):
    code = "ticket-already-given"
    message = _("This family has a number for today already.")
