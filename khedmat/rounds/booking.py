"""What an appointment means to an enrolment: its case is pre-registered, booked, and then arrives.

The service storey keeps days, places and numbers; it is told from here what can be booked (`BOOKED_AS`), and its
listeners move the case in the transaction of the booking or the arrival.
"""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Replace
from django.urls import reverse

from khedmat.accounts.enums import Permission
from khedmat.accounts.rules import require, role_may
from khedmat.casework import actions as casework
from khedmat.casework.enums import CaseStep
from khedmat.casework.models import Case
from khedmat.common.actor import Actor
from khedmat.rounds.enrolment import CASE_TYPE, begin_enrolment
from khedmat.rounds.selectors import version_of_case
from khedmat.service.listeners import Happened
from khedmat.service.subjects import Subject, SubjectKind


@transaction.atomic
def pre_register(household_id: UUID, round_code: str, *, by: Actor, today: date | None = None) -> Case:
    """A case for an open family that is not at the counter yet, so that it can be booked: by telephone, or for later.

    Errors: RoundNotFound, RoundNotOpen, HouseholdHasCase, NobodyLiving, RecordNotVisible, PermissionMissing.
    """
    require(Permission.BOOK_APPOINTMENT, by=by)
    return begin_enrolment(household_id, round_code, by=by, today=today)


def case_is_booked(happened: Happened, by: Actor) -> None:
    """Listener of the service storey. A case that is further on may be booked too, and stays where it is."""
    case = casework.lock_case(happened.subject_id)
    if case.step == CaseStep.PRE_REGISTERED:
        casework.move_case(case, CaseStep.BOOKED, by=by)


def case_has_arrived(happened: Happened, by: Actor) -> None:
    """Listener of the service storey: the family is at the office, with an appointment or without."""
    case = casework.lock_case(happened.subject_id)
    if case.step in {CaseStep.PRE_REGISTERED, CaseStep.BOOKED}:
        casework.move_case(case, CaseStep.ARRIVED, by=by)


def subject_of(case: Case) -> Subject:
    """A case as the service storey knows it."""
    return Subject(CASE_TYPE, case.pk, case.number)


def _with_id(case_id: UUID) -> Subject | None:
    case = Case.objects.filter(pk=case_id, case_type=CASE_TYPE).exclude(step=CaseStep.WITHDRAWN).first()
    return None if case is None else subject_of(case)


def _with_number(number: str) -> Subject | None:
    """As it is typed: without hyphens."""
    plain = Replace("number", Value("-"), Value(""))
    found = Case.objects.annotate(plain_number=plain).filter(plain_number=number, case_type=CASE_TYPE)
    case = found.exclude(step=CaseStep.WITHDRAWN).first()
    return None if case is None else subject_of(case)


def _title(case_id: UUID) -> str:
    case = Case.objects.get(pk=case_id)
    return version_of_case(case.series, case.series_version).round.title


def _address(case_id: UUID, by: Actor) -> str:
    """The page of the counter; a manager books too, and does not open it."""
    return reverse("rounds:case", args=[case_id]) if role_may(by.role, Permission.TAKE_APPLICATION) else ""


def _what_to_bring(case_id: UUID) -> Sequence[str]:
    """Every paper that the case's round may ask for: which of them, the counter says; no one's facts are read."""
    case = Case.objects.get(pk=case_id)
    return [document.title for document in version_of_case(case.series, case.series_version).documents.all()]


BOOKED_AS = SubjectKind(
    by_id=_with_id,
    by_number=_with_number,
    title=_title,
    what_to_bring=_what_to_bring,
    address=_address,
)
