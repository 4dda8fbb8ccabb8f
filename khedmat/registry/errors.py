"""What stops a change of the register."""

from http import HTTPStatus

from django.utils.translation import gettext_lazy as _

from khedmat.common.errors import DomainError


class NothingToLookUp(DomainError):
    """Neither a document number nor a name with its birth year was given."""

    code = "nothing-to-look-up"
    message = _("Give the number of a presented document, or a name and its birth year.")
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class NameTooShort(DomainError):
    """Too little of a name to look for: half the register would answer."""

    code = "name-too-short"
    field = "name"
    message = _("Write at least three letters of the name.")
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class HouseholdNeedsOneHead(DomainError):
    """A household has exactly one head."""

    code = "one-head"
    field = "relation"
    message = _("A household has exactly one head. Choose who it is.")
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class HouseholdTooLarge(DomainError):
    """More members than one page takes."""

    code = "household-too-large"
    message = _("One page takes at most 20 members.")
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class DocumentAlreadyKnown(DomainError):
    """The same document stands twice for one person."""

    code = "document-known"
    field = "number"
    message = _("This document is already recorded for this member.")


class HouseholdAlreadyRegistered(DomainError):
    """The same page was sent twice; what it held stands in the register once."""

    code = "household-already-registered"
    message = _("This family is in the register already. Nothing was written twice.")


class SeriesNotReadable(DomainError):
    """What was typed names no round."""

    code = "series-not-readable"
    message = _("Write the round as on the document: its name and its number, such as amayesh-17.")
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    field = "series"


class HouseholdChanged(DomainError):
    """The family's list changed after the page was opened: by a colleague, or by the same page sent twice."""

    code = "household-changed"
    message = _("The family's list has changed since you opened this page. Look at it above, then send again.")


class QuestionAnswered(DomainError):
    """A colleague was quicker."""

    code = "question-answered"
    message = _("This question has been answered already.")
