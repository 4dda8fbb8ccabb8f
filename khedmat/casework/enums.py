"""Steps of a case and of its members, and outcomes of a decision."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class CaseStep(TextChoices):
    """Where the household's request stands."""

    PRE_REGISTERED = "pre_registered", _("Pre-registered")
    BOOKED = "booked", _("Booked")
    ARRIVED = "arrived", _("Arrived")
    PAPERS_CHECKED = "papers_checked", _("Papers checked")
    PHOTOGRAPHED = "photographed", _("Photographed")
    PAID = "paid", _("Paid")
    SUBMITTED = "submitted", _("Submitted")
    UNDER_REVIEW = "under_review", _("Under review")
    CLOSED = "closed", _("Closed")
    WITHDRAWN = "withdrawn", _("Withdrawn by the client")


class MemberStep(TextChoices):
    """Where one member of the household stands; one refusal never holds up the others."""

    ENROLLED = "enrolled", _("Enrolled")
    UNDER_REVIEW = "member_under_review", _("Awaiting a decision")
    RETURNED = "returned", _("Returned for completion")
    APPROVED = "approved", _("Approved")
    REFUSED = "refused", _("Refused")
    IN_PRINT = "in_print", _("In print")
    READY = "ready", _("Ready for hand-over")
    HANDED_OVER = "handed_over", _("Handed over")
    WITHDRAWN = "member_withdrawn", _("Withdrawn")


class Outcome(TextChoices):
    """What a person decides about a member, always with a reason."""

    APPROVE = "approve", _("Approve")
    RETURN = "return", _("Return for completion")
    REFUSE = "refuse", _("Refuse, with the right to appeal")
    REFER = "refer", _("Send to the director general")


class Reached(TextChoices):
    """What the cockpit counts: the steps that a case as a whole, or so many of its members, reached."""

    BOOKED = "booked", _("Booked")
    ARRIVED = "arrived", _("Arrived")
    PHOTOGRAPHED = "photographed", _("Photographed")
    PAID = "paid", _("Paid")
    SUBMITTED = "submitted", _("Submitted")
    DECIDED = "decided", _("Decided")
    PRINTED = "printed", _("Printed")
    HANDED_OVER = "handed_over", _("Handed over")
    WITHDRAWN = "withdrawn", _("Withdrawn by the client")
