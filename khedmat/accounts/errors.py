"""What stops somebody at the door, or in the reading room."""

from http import HTTPStatus

from django.utils.translation import gettext_lazy as _

from khedmat.common.errors import DomainError


class SpentReadBudget(DomainError):
    """The day's budget of opened households is used up; the protection officer is told."""

    code = "read-budget-spent"
    message = _("You have opened as many files today as your role allows. Your manager can help; the "
                "protection officer has been told.")  # fmt: skip
    status = HTTPStatus.TOO_MANY_REQUESTS


class RecordNotVisible(DomainError):
    """Nothing is said on whether the record exists."""

    code = "not-visible"
    message = _("This is not open to you here. Open the family by its case or by the document it presents.")
    status = HTTPStatus.NOT_FOUND


class RoleMayNotOpen(DomainError):
    """The role has no business with people's records."""

    code = "role-may-not-open"
    message = _("Your role does not open people's files.")
    status = HTTPStatus.FORBIDDEN


class PermissionMissing(DomainError):
    """The working role lacks the route's permission."""

    code = "permission-missing"
    message = _("Your role does not include this page.")
    status = HTTPStatus.FORBIDDEN


class RoleNotForPlace(DomainError):
    """Each role is held at certain kinds of place only."""

    code = "role-not-for-place"
    message = _("This role cannot be held at this kind of place.")


class RecordInUse(DomainError):
    """Another transaction held the same rows too long, or each of two waited for the other."""

    code = "record-in-use"
    message = _("Somebody else is working on the same record just now. Wait a moment, then send it again.")


class RecordContradicted(DomainError):
    """The database refused a row that does not fit with what stands there by now."""

    code = "record-contradicted"
    message = _("This does not fit with what stands in the records by now. Open the page again and look at it first.")


class TookTooLong(DomainError):
    """A statement was stopped at its time limit."""

    code = "took-too-long"
    message = _("This took too long and was stopped. Wait a moment, then send it again.")
    status = HTTPStatus.SERVICE_UNAVAILABLE


class RecordsOutOfReach(DomainError):
    """The database cannot be reached, or the connection to it was lost."""

    code = "records-out-of-reach"
    message = _("The records cannot be reached just now. Wait a few minutes, then send it again.")
    status = HTTPStatus.SERVICE_UNAVAILABLE
