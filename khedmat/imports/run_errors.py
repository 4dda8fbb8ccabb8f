"""Why a run cannot go on just now; each message says what to do next."""

from http import HTTPStatus

from django.utils.translation import gettext_lazy as _

from khedmat.common.errors import DomainError


class RunNotThere(DomainError):
    code = "run-not-there"
    message = _("There is no such import at your place.")
    status = HTTPStatus.NOT_FOUND


class RunAtOtherStep(DomainError):
    """Somebody else, or a second click, was quicker."""

    code = "run-at-other-step"
    message = _("This import is at another step by now. Look at its page to see where it stands.")


class AnotherImportRuns(DomainError):
    code = "another-import-runs"
    message = _("Another import of your province is under way. Wait for its end, or cancel it first.")


class ColumnsMissing(DomainError):
    code = "columns-missing"
    message = _("Say which column holds each of the fields that are needed.")
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class ColumnTakenTwice(DomainError):
    code = "column-taken-twice"
    message = _("Two columns are named for the same field. Leave one of them out.")
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class SourceNeedsName(DomainError):
    code = "source-needs-name"
    message = _("Name the source of the file, so that its headings are remembered.")
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class NothingRefused(DomainError):
    code = "nothing-refused"
    message = _("No row of this import was refused, so there is no sheet to correct.")
    status = HTTPStatus.NOT_FOUND


class RowsExpired(DomainError):
    code = "rows-expired"
    message = _("The rows of this import were deleted seven days after its end. Send the file again.")
    status = HTTPStatus.GONE
