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


class NothingToSplit(DomainError):
    code = "nothing-to-split"
    message = _("This amount cannot be paid in these parts. Choose fewer parts, or take it at once.")
    field = "count"


class PlanNotOffered(DomainError):
    code = "plan-not-offered"
    message = _("The round does not offer this plan for this amount. The office manager may allow parts on request.")
    field = "plan"


class AlreadyWaived(DomainError):
    code = "already-waived"
    message = _("This exemption stands in the bill already.")


class NothingToWaive(DomainError):
    code = "nothing-to-waive"
    message = _("Nothing of this bill falls away by this exemption.")


class RefundNotFound(DomainError):
    code = "refund-not-found"
    message = _("This refund was not found here. Open it again from the list.")
    status = HTTPStatus.NOT_FOUND


class RefundTooLarge(DomainError):
    code = "refund-too-large"
    message = _("That is more than can be given back. See what was taken and what went back already.")
    field = "amount"


class RefundNeedsReason(DomainError):
    code = "refund-needs-reason"
    message = _("Say why, in one sentence: another person decides by it.")
    field = "reason"


class RefundNotOpen(DomainError):
    code = "refund-not-open"
    message = _("This refund is already paid or declined. Nothing more was given.")


class RefundByAnother(DomainError):
    code = "refund-by-another"
    message = _("Whoever asked for a refund never pays it out. Another manager of the office pays it.")
    status = HTTPStatus.FORBIDDEN


class DrawerTooEmpty(DomainError):
    code = "drawer-too-empty"
    message = _("This drawer holds less cash today, or is counted already. Choose another drawer, or the card.")
    field = "drawer"


class NoCardToRefund(DomainError):
    code = "no-card-to-refund"
    message = _("No single payment at the bank covers this amount. Give it back in cash.")
    field = "method"


class GatewayRefundFailed(DomainError):
    code = "gateway-refund-failed"
    message = _("The bank did not give the money back. Nothing was recorded; try again, or give it back in cash.")
    status = HTTPStatus.BAD_GATEWAY


class DayAlreadyCounted(DomainError):
    code = "day-already-counted"
    message = _("You have counted today's takings: the day is closed. Another cashier or the bank's page takes money.")


class DayChanged(DomainError):
    code = "day-changed"
    message = _("Money moved while you counted. Look at the sums again and count once more.")


class NothingToCount(DomainError):
    code = "nothing-to-count"
    message = _("You took nothing today: there is nothing to count.")


class DifferenceNeedsNote(DomainError):
    code = "difference-needs-note"
    message = _("The count differs from the books. Write in one sentence what you know of it.")
    field = "note"


class DayNotFound(DomainError):
    code = "day-not-found"
    message = _("This count was not found here. Open it again from the list.")
    status = HTTPStatus.NOT_FOUND


class DayAlreadyConfirmed(DomainError):
    code = "day-already-confirmed"
    message = _("This day is already confirmed.")


class DayByAnother(DomainError):
    code = "day-by-another"
    message = _("Whoever counted a day does not confirm it. Another manager of the office confirms it.")
    status = HTTPStatus.FORBIDDEN
