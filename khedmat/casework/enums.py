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


class ReferralKind(TextChoices):
    """To whom a case is referred."""

    TO_OFFICE = "to_office", _("To another office of the province")
    TO_PROVINCE = "to_province", _("To another province")


class ReferralReason(TextChoices):
    """Why a case is referred, in words that name nobody."""

    MOVED = "moved", _("The family lives there now")
    CANNOT_SERVE = "cannot_serve", _("This office cannot serve the family")
    ASKED = "asked", _("The family asks for it")


class ReferralState(TextChoices):
    """Where a referral stands."""

    OPEN = "open", _("Waits for an answer")
    ACCEPTED = "accepted", _("Accepted")
    RETURNED = "returned", _("Returned to the office that asked")
    REVOKED = "revoked", _("Taken back")


class AppealState(TextChoices):
    """Where an appeal stands."""

    OPEN = "open", _("Waits for a decision on the appeal")
    UPHELD = "upheld", _("Upheld: the decision is changed")
    DISMISSED = "dismissed", _("Dismissed: the decision stands")
    WITHDRAWN = "withdrawn", _("The appeal was withdrawn")


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


class StopReason(TextChoices):
    """For what a case waits that is not in the officer's hand; its time of service stands still meanwhile."""

    CLIENT_PAPER = "client_paper", _("Waiting for a paper of the family")
    OTHER_AUTHORITY = "other_authority", _("Waiting for another authority")
    TECHNICAL = "technical", _("A technical fault")
    RETURNED = "returned", _("Returned for completion")
