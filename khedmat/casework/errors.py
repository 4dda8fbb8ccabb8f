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
