"""What stops a change of the calendar."""

from http import HTTPStatus

from django.utils.translation import gettext_lazy as _

from khedmat.common.errors import DomainError


class HolidayKeptAlready(DomainError):
    """The place has the day among its free days."""

    code = "holiday-kept-already"
    message = _("This day is among the free days already.")
    status = HTTPStatus.CONFLICT
    field = "on"
