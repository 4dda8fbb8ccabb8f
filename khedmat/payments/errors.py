"""Facts that stop a change to money. Each leaves nothing written."""

from http import HTTPStatus

from django.utils.translation import gettext_lazy as _

from khedmat.common.errors import DomainError


class ChargeNotFound(DomainError):
    code = "charge-not-found"
    message = _("This payment was not found here. Open it again from the case.")
    status = HTTPStatus.NOT_FOUND


class ChargeAlreadyRaised(DomainError):
    code = "charge-already-raised"
    message = _("An amount is already set for this case. Pay or cancel that one.")


class ChargeNotOpen(DomainError):
    code = "charge-not-open"
    message = _("This amount is already paid or cancelled. Nothing was taken.")


class ChargeChanged(DomainError):
    code = "charge-changed"
    message = _("Someone else has just changed this payment. Look at it again.")


class BillNotConsistent(DomainError):
    code = "bill-not-consistent"
    message = _("The lines of the bill do not add up. Compute the bill again.")


class ReceiptNumberNeeded(DomainError):
    code = "receipt-number-needed"
    message = _("Enter the receipt number: up to 40 letters, digits and dashes.")
    field = "receipt_number"


class ReceiptAlreadyUsed(DomainError):
    code = "receipt-already-used"
    message = _("This receipt number is already recorded at this office. Check the number.")
    field = "receipt_number"


class ForeignReturnAddress(DomainError):
    code = "foreign-return-address"
    message = _("After payment one returns to this site only.")
    status = HTTPStatus.BAD_REQUEST


class UnknownGateway(DomainError):
    code = "unknown-gateway"
    message = _("This way of paying is not available. Choose another.")
    status = HTTPStatus.NOT_FOUND
    field = "gateway"


class CallbackRefused(DomainError):
    """The family of call-backs that are not believed."""

    code = "callback-refused"
    message = _("The bank's answer could not be confirmed. Nothing was recorded; ask at the counter.")
    status = HTTPStatus.BAD_REQUEST


class CallbackMalformed(CallbackRefused):
    code = "callback-malformed"


class CallbackSignatureInvalid(CallbackRefused):
    code = "callback-signature-invalid"


class CallbackReferenceUnknown(CallbackRefused):
    code = "callback-reference-unknown"


class CallbackAmountWrong(CallbackRefused):
    code = "callback-amount-wrong"


class CallbackContradicts(CallbackRefused):
    """A known call-back id came again with another content."""

    code = "callback-contradicts"


class PaymentNotAllowed(DomainError):
    code = "payment-not-allowed"
    message = _("Your role may not do this with payments. Ask the cashier or the office manager.")
    status = HTTPStatus.FORBIDDEN
