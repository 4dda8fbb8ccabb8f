"""What stops a change of a card."""

from http import HTTPStatus

from django.utils.translation import gettext_lazy as _

from khedmat.common.errors import DomainError


class NothingToPrint(DomainError):
    """No approved member waits for a card."""

    code = "nothing-to-print"
    message = _("No approved card is waiting to be printed.")


class BatchNotReady(DomainError):
    """The batch's PDF is not there yet, or was printed already."""

    code = "batch-not-ready"
    message = _("This batch cannot be marked as printed now. Open it again to see where it stands.")


class BatchAlreadyMade(DomainError):
    """The same page was sent twice; the first time made the batch."""

    code = "batch-already-made"
    message = _("This batch was made already. Sending the page again made no second one.")


class CardNotFound(DomainError):
    """No card with this number is open to the reader."""

    code = "card-not-found"
    message = _("No card and no case with this number can be opened here. Check the number.")
    status = HTTPStatus.NOT_FOUND
    field = "presented"


class CodeNotRead(DomainError):
    """A QR's text that is damaged, or not signed by us."""

    code = "code-not-read"
    message = _("This code was not read whole, or it is not one of our cards. Scan it once more or type the number.")
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    field = "presented"


class NoCardToHandOver(DomainError):
    """None of the case's cards has come from the printer."""

    code = "no-card-to-hand-over"
    message = _("No card of this case is ready to be handed over.")
    field = "presented"


class CardNotReady(DomainError):
    """The card is not ready for hand-over."""

    code = "card-not-ready"
    message = _("This card is not ready to be handed over.")


class CardAlreadyHandedOver(DomainError):
    """A card is handed over once."""

    code = "card-already-handed-over"
    message = _("This was handed over already. Nothing was written a second time.")


class ReceiverNotEntitled(DomainError):
    """The head receives the family's cards; any other adult member their own."""

    code = "receiver-not-entitled"
    message = _("This person receives their own card only. The head of the family receives the others.")
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    field = "receiver"


class CardAlreadyRevoked(DomainError):
    """A card is revoked once."""

    code = "card-already-revoked"
    message = _("This card is already revoked.")


class RevocationNeedsReason(DomainError):
    """Revoking takes a reason that the family can read."""

    code = "revocation-reason-missing"
    message = _("Write the reason. The family reads the same words.")
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    field = "reason"


class CardAlreadyIssued(DomainError):
    """One live card for each person and round."""

    code = "card-already-issued"
    message = _("This person already has a live card of this round.")


class ExtensionNotLater(DomainError):
    """An extension reaches further than what holds already."""

    code = "extension-not-later"
    message = _("Give a date later than the one that already holds.")
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    field = "until_on"


class NoticeAlreadyUsed(DomainError):
    """One extension for each notice and round."""

    code = "notice-already-used"
    message = _("An extension with this notice number is already recorded for this round.")
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    field = "notice_number"
