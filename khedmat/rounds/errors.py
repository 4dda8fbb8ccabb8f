"""Facts that stop a change to a round or the computing of its tariff."""

from collections.abc import Sequence
from http import HTTPStatus

from django.utils.translation import gettext_lazy as _

from khedmat.common.errors import DomainError


class RoundNotFound(DomainError):
    code = "round-not-found"
    message = _("There is no such round.")
    status = HTTPStatus.NOT_FOUND


class RoundNotOpen(DomainError):
    code = "round-not-open"
    message = _("This round takes no applications on this day. See its opening and closing dates.")


class RoundClosed(RoundNotOpen):
    code = "round-closed"
    message = _("This round is closed: no new case begins in it. Running cases go on to their end.")


class RoundAlreadyClosed(DomainError):
    code = "round-already-closed"
    message = _("This round is closed already. See its page.")


class ClosingAlreadyProposed(DomainError):
    code = "closing-already-proposed"
    message = _("The closing is proposed already. Another round manager confirms it.")


class ClosingNotProposed(DomainError):
    code = "closing-not-proposed"
    message = _("No closing is proposed. One round manager proposes it, another confirms it.")


class ClosingNeedsNote(DomainError):
    code = "closing-needs-note"
    message = _("Some province still takes applications. Write by which circular the round ends earlier.")
    field = "note"


class SamePersonCloses(DomainError):
    code = "same-person-closes"
    message = _("You proposed the closing yourself. Another round manager confirms it.")
    status = HTTPStatus.FORBIDDEN


class VersionAlreadyPublished(DomainError):
    code = "version-already-published"
    message = _("This version is published and no longer changes. Make a new version.")


class VersionHasProblems(DomainError):
    """`problems` are the codes and places that `check_version` found."""

    code = "version-has-problems"
    message = _("This version cannot be published yet. Correct what is listed.")

    def __init__(self, problems: Sequence[object]) -> None:
        self.problems = tuple(problems)
        super().__init__()


class RoundDataMalformed(DomainError):
    """A round's data file lacks a field or holds another type; `args` names where."""

    code = "round-data-malformed"
    message = _("The round's data file cannot be read. Correct the place that is named.")
    status = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, where: str) -> None:
        self.where = where
        super().__init__()


class AgeNeededForTariff(DomainError):
    code = "age-needed-for-tariff"
    message = _("The fee depends on age. Enter the date of birth of each member first.")
    field = "birth_on"


class TariffNotClear(DomainError):
    code = "tariff-not-clear"
    message = _("The tariff does not say exactly one fee for this household. Tell the round's managers.")


class RoundNotAllowed(DomainError):
    code = "round-not-allowed"
    message = _("Only a round manager writes and publishes rounds.")
    status = HTTPStatus.FORBIDDEN


class VersionNotProposed(DomainError):
    code = "version-not-proposed"
    message = _("This version is not proposed, or was changed since. One person proposes it, another publishes it.")


class SamePersonPublishes(DomainError):
    code = "same-person-publishes"
    message = _("You proposed this version yourself. Another round manager publishes it.")
    status = HTTPStatus.FORBIDDEN


class DraftChangedMeanwhile(DomainError):
    code = "draft-changed-meanwhile"
    message = _("This draft was changed meanwhile. Look at it again and repeat your change.")


class PlaceUnknown(DomainError):
    code = "round-place-unknown"
    message = _("There is no such place. Give the code of a province, or of an office.")
    field = "code"


class RoundAlreadyThere(DomainError):
    code = "round-already-there"
    message = _("A round with this number, or this code, is there already. Make a new version of it.")
    field = "number"


class RowNotFound(DomainError):
    code = "round-row-not-found"
    message = _("There is no such row in this version. It was perhaps taken out meanwhile.")
    status = HTTPStatus.NOT_FOUND


class CodeTwice(DomainError):
    code = "round-code-twice"
    message = _("This code stands in this version already. Choose another one.")
    field = "code"


class SameVersion(DomainError):
    code = "same-version"
    message = _("The case stands under this version already, or the version is not published. Choose another one.")
    field = "to_version"


class StepUnknown(DomainError):
    code = "round-step-unknown"
    message = _("This cannot be done with a version. Go back to its page and use the buttons there.")
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class ReliefNotFound(DomainError):
    code = "relief-not-found"
    message = _("This request was not found here. Open it again from the list.")
    status = HTTPStatus.NOT_FOUND


class ReliefNotOffered(DomainError):
    code = "relief-not-offered"
    message = _("The round of this case does not offer this. Choose one of its list.")
    field = "choice"


class ReliefAlreadyAsked(DomainError):
    code = "relief-already-asked"
    message = _("This was asked for already. See what stands in the case.")
    field = "choice"


class ReliefNeedsReason(DomainError):
    code = "relief-needs-reason"
    message = _("Write why, in one or two sentences. The family may read the same words.")
    field = "reason"


class ReliefPaperMissing(DomainError):
    code = "relief-paper-missing"
    message = _("Add a picture of the paper that shows it. The manager decides from the papers.")
    field = "paper"


class ReliefByAnother(DomainError):
    code = "relief-by-another"
    message = _("Whoever asked does not decide. Another manager of the office decides it.")
    status = HTTPStatus.FORBIDDEN


class ReliefAlreadyDecided(DomainError):
    code = "relief-already-decided"
    message = _("This request is already decided.")


class ReliefNotAllowed(DomainError):
    code = "relief-not-allowed"
    message = _("Only the manager of the case's office decides this.")
    status = HTTPStatus.FORBIDDEN


class LetterNotPossible(DomainError):
    code = "letter-not-possible"
    message = _("The case has nothing for such a letter just now. Choose one of the letters shown.")
    field = "kind"
