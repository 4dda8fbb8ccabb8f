"""What stops a change of a case."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from khedmat.common.errors import DomainError


@dataclass(frozen=True, slots=True)
class LaterChange:
    """Who did what, when, after the version that the reader saw."""

    actor_id: UUID
    action: str
    at: datetime


class CaseChangedByAnother(DomainError):
    """Somebody else changed the case since it was read. Nothing was overwritten."""

    code = "changed-by-another"
    message = _("Somebody else changed this case while you had it open. Nothing of theirs was overwritten; look "
                "at the change, then decide again.")  # fmt: skip

    def __init__(self, changes: Sequence[LaterChange] = ()) -> None:
        self.changes = tuple(changes)
        super().__init__()


class StepNotPossible(DomainError):
    """The lifecycle has no such move from the case's step."""

    code = "step-not-possible"
    message = _("This cannot follow the step where the case stands now. Open the case again to see where it is.")


class HouseholdHasCase(DomainError):
    """One case for each household and round."""

    code = "household-has-case"
    message = _("This family already has a case in this round.")


class PapersMissing(DomainError):
    """Not every required paper has been seen."""

    code = "papers-missing"
    message = _("Some required papers have not been seen yet. Mark each one that you have seen.")


class PortraitsMissing(DomainError):
    """Not every member has a portrait."""

    code = "portraits-missing"
    message = _("Some members have no photograph yet.")


class ReasonMissing(DomainError):
    """Every decision carries a reason in words."""

    code = "reason-missing"
    message = _("Write the reason. The family reads the same words.")
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    field = "reason"


class CannotBeReferred(DomainError):
    """The case stands at a step from which it goes nowhere else, or an amount of it is still open."""

    code = "cannot-be-referred"
    message = _("A case can be referred once the family has come: before its amount is set, or once it is paid; to "
                "another province only before the province has it in hand. Let the family pay first, or go on "
                "here.")  # fmt: skip


class AlreadyReferred(DomainError):
    """A case has one open referral at a time."""

    code = "already-referred"
    message = _("This case is referred already and waits for an answer.")


class NotAPlaceToReferTo(DomainError):
    """The place is the case's own, or not of the right kind or province."""

    code = "not-a-place-to-refer-to"
    message = _("Choose an office or a province other than the case's own.")
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    field = "place"


class ReferralEnded(DomainError):
    """Somebody answered it or took it back before."""

    code = "referral-ended"
    message = _("This referral was answered or taken back already. Nothing was changed.")


class AppealNotPossible(DomainError):
    """Only a refusal that stands is appealed."""

    code = "appeal-not-possible"
    message = _("An appeal is about a refusal that stands. This member was not refused, or was decided anew.")


class AppealAlreadyOpen(DomainError):
    """A member has one open appeal at a time."""

    code = "appeal-already-open"
    message = _("An appeal of this member waits for its decision already.")
    field = "member"


class AppealEnded(DomainError):
    """The appeal was decided or withdrawn before."""

    code = "appeal-ended"
    message = _("This appeal was decided or withdrawn already. Nothing was changed.")


class AnotherOfficerDecides(DomainError):
    """Nobody decides an appeal against their own decision."""

    code = "another-officer-decides"
    message = _("The appeal is against your own decision; another officer decides it.")
    status = HTTPStatus.FORBIDDEN


class DirectorDecidesAppeal(DomainError):
    """An appeal after its last day is the director general's."""

    code = "director-decides-appeal"
    message = _("This appeal came after its last day; the director general decides it.")
    status = HTTPStatus.FORBIDDEN


class OwnCase(DomainError):
    """Nobody decides a case that they took themselves."""

    code = "own-case"
    message = _("You took this application yourself; another officer decides it.")
    status = HTTPStatus.FORBIDDEN


class DirectorDecides(DomainError):
    """A rule sends this member to the director general."""

    code = "director-decides"
    message = _("A rule sends this member to the director general, who decides.")
    status = HTTPStatus.FORBIDDEN


class ClockStopped(DomainError):
    """The case's time of service stands still already."""

    code = "clock-stopped"
    message = _("The time of this case stands still already. Let it go on first.")


class ClockRuns(DomainError):
    """The case's time of service is not stopped, or a member is with the office and keeps it so."""

    code = "clock-runs"
    message = _("The time of this case is not stopped, or it waits for what was returned to the office.")


class OfficerNotOfProvince(DomainError):
    """Who was named does not decide cases of the province today."""

    code = "officer-not-of-province"
    message = _("This person decides no cases of this province today. Choose another officer.")
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    field = "officer"


class CaseInAnothersHand(DomainError):
    """Another officer has the case; `holder_id` and `since_at` say who and since when."""

    code = "case-in-anothers-hand"
    message = _("Another officer has this case in hand already. It was not taken from them.")

    def __init__(self, holder_id: UUID, since_at: datetime) -> None:
        self.holder_id, self.since_at = holder_id, since_at
        super().__init__()


class NotYoursToGiveBack(DomainError):
    """Only who has a case, and the director general, give it back."""

    code = "not-yours-to-give-back"
    message = _("This case is not in your hand.")
    status = HTTPStatus.FORBIDDEN


class CoverOverlaps(DomainError):
    """The officer has a cover on some of these days."""

    code = "cover-overlaps"
    message = _("This officer is covered on some of these days already. End that cover, or choose other days.")
    field = "away_from"


class SubstituteAway(DomainError):
    """Who should cover is away on some of the days themselves."""

    code = "substitute-away"
    message = _("This officer is away on some of these days. Choose another one.")
    field = "substitute"


class CoversAnother(DomainError):
    """Who goes away covers somebody else on some of the days: nobody would have that one's cases."""

    code = "covers-another"
    message = _("This officer covers another one on some of these days. End that cover first, or choose other days.")
    field = "officer"


class CoverNotAllowed(DomainError):
    """The days of a cover are not in order, begin in the past, or both officers are the same."""

    code = "cover-not-allowed"
    message = _("Choose another officer as the cover, and days that follow each other and are not over yet.")
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    field = "away_until"


class BulkSizeWrong(DomainError):
    """None, or more than fifty."""

    code = "bulk-size-wrong"
    message = _("Choose at least one case and at most fifty.")
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    field = "case"


class CaseNotForBulk(DomainError):
    """A chosen case waits for no decision of this officer: decided, taken by another, or one's own."""

    code = "case-not-for-bulk"
    message = _("One of the chosen cases does not wait for your decision any more. Open the queue again and choose "
                "anew.")  # fmt: skip


class BulkIsDone(DomainError):
    """The chosen cases were decided already."""

    code = "bulk-is-done"
    message = _("These cases were decided already. Their results stand on this page.")


class BulkCaseNotSeen(DomainError):
    """A case that was not opened since it was chosen, or has no decision for anybody yet."""

    code = "bulk-case-not-seen"
    message = _("Open each case and write what you decide, before you keep all decisions together.")


class ReasonCopied(DomainError):
    """Members of one case share one reason, and nobody confirmed that it holds for each of them."""

    code = "reason-copied"
    message = _("Several members have the same reason. Write each one's own, or confirm that these very words hold "
                "for each of them.")  # fmt: skip
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    field = "confirmed"


class DraftNotReadable(DomainError):
    """A draft that no page of ours sent."""

    code = "draft-not-readable"
    field = "content"
    message = _("This draft could not be kept. What you wrote stays on the page; send it from there.")
    status = HTTPStatus.UNPROCESSABLE_ENTITY
