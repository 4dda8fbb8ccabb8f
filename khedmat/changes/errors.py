"""What stops a change request. Each says what to do."""

from http import HTTPStatus

from django.utils.translation import gettext_lazy as _

from khedmat.common.errors import DomainError


class NothingAsked(DomainError):
    """Everything that was sent stands in the register already."""

    code = "nothing-asked"
    message = _("Nothing differs from what stands in the register. Change at least one field.")
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class PaperMissing(DomainError):
    """This kind of change is decided by a paper."""

    code = "change-paper-missing"
    field = "paper"
    message = _("This change is decided by a paper. Add a picture of it.")
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class AlreadyAsked(DomainError):
    """The same page was sent twice."""

    code = "change-already-asked"
    message = _("This request was kept already. Nothing was asked twice.")


class FieldAlreadyAsked(DomainError):
    """Another open request asks for the same field of the same person."""

    code = "field-already-asked"
    message = _(
        "Another open request asks for the same. It is in the list of this family's requests: "
        "wait for its decision, or withdraw it first."
    )


class OwnRequest(DomainError):
    """Nobody decides what they asked for themselves."""

    code = "own-request"
    message = _("You asked for this change yourself. Another person decides it.")


class NotYoursToDecide(DomainError):
    """The decision is somebody else's work."""

    code = "not-yours-to-decide"
    message = _("This change is not yours to decide. A case officer of the province concerned decides it.")
    status = HTTPStatus.FORBIDDEN


class RequestAlreadyEnded(DomainError):
    """Decided or withdrawn meanwhile."""

    code = "request-already-ended"
    message = _("This request has been decided or withdrawn meanwhile. Open it again to see how it ended.")


class DecisionNeedsReason(DomainError):
    """The family has a right to know why."""

    code = "decision-needs-reason"
    field = "reason"
    message = _("Write the reason. The family reads it in the same words.")
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class RegisterChangedMeanwhile(DomainError):
    """What stands is not what stood when the change was asked for."""

    code = "register-changed-meanwhile"
    message = _(
        "Somebody changed it meanwhile: the register no longer holds what it held when this was asked. "
        "Look at both, then refuse this request with a reason; the office can ask anew."
    )


class CaseStillOpen(DomainError):
    """People do not change households under an open case."""

    code = "case-still-open"
    message = _(
        "This family has an open case. Finish the case first, or withdraw it if the family wishes; "
        "then this change is possible."
    )


class OtherRequestsOpen(DomainError):
    """People do not change households while other requests about the family are open."""

    code = "other-requests-open"
    message = _(
        "Other requests about this family are still open. Decide or withdraw them first; then this change is possible."
    )


class OtherFamilyNotOpen(DomainError):
    """The other family's document was not found among the families opened here."""

    code = "other-family-not-open"
    field = "number"
    message = _(
        "No other family with this document is open to you. Look it up by the document and open it, "
        "then come back to this page."
    )


class SameFamily(DomainError):
    """The document belongs to a member of the same family."""

    code = "same-family"
    field = "number"
    message = _("This document belongs to a member of this same family. Enter one of the other family.")


class HeadOfOthers(DomainError):
    """The person answers for others who would stay behind without a head."""

    code = "head-of-others"
    field = "number"
    message = _(
        "This person is the head of the other family, in which others stay. "
        "First ask for a change of the head there, then for this."
    )


class NotAmongTheLiving(DomainError):
    """A dead person cannot do this."""

    code = "not-among-the-living"
    message = _("This member's death is recorded. Choose a living member.")
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class NobodyLeaves(DomainError):
    """A split in which everybody goes, or nobody."""

    code = "nobody-leaves"
    message = _("Choose who leaves. At least one living member leaves, and at least one stays.")
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class NotASpouse(DomainError):
    """Only head and spouse divorce."""

    code = "not-a-spouse"
    message = _("In a divorce it is the head or the spouse who leaves. Use another form if somebody else leaves.")
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class SameProvince(DomainError):
    """The family is there already."""

    code = "same-province"
    field = "province"
    message = _("The family belongs to this province already. Choose another one.")
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class NobodyLiving(DomainError):
    """A household in which nobody lives asks for no card."""

    code = "nobody-living"
    message = _("No living member is recorded in this household. Nobody can be taken into a round.")
