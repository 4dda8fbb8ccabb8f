"""What officers leave behind in every table of theirs: for worlds and situations of tests."""

from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from khedmat.casework.actions import enter_case, take_for_review
from khedmat.casework.assignment import set_cover, stop_case_clock
from khedmat.casework.bulk import Draft, choose_cases, draft_case, see_case
from khedmat.casework.enums import Outcome, StopReason
from khedmat.casework.models import Case, CaseMember
from khedmat.common.actor import Actor
from khedmat.vault.context import working_context

NOTE = "نامهٔ شمارهٔ ۱۲ به ادارهٔ ثبت احوال فرستاده شد."


def stop(case_id: UUID, *, by: Actor, reason: StopReason = StopReason.OTHER_AUTHORITY) -> Case:
    """Taken in hand, and its time stopped."""
    with working_context(by):
        enter_case(case_id, by=by)
        case = take_for_review(case_id, by=by)
        return stop_case_clock(case_id, case.version, reason, NOTE, by=by)


def draft_bulk(case_ids: list[UUID], reason: str, *, by: Actor) -> UUID:
    """Chosen, each seen and each drafted with a reason for every member; not kept yet."""
    with working_context(by):
        bulk = choose_cases(case_ids, by=by)
        for case_id in case_ids:
            case = see_case(bulk.pk, case_id, by=by)
            members = CaseMember.objects.filter(case=case).order_by("pk").values_list("pk", flat=True)
            drafts = [Draft(member, Outcome.APPROVE, f"{reason} {place}") for place, member in enumerate(members)]
            draft_case(bulk.pk, case_id, case.version, drafts, is_confirmed=False, by=by)
        return bulk.pk


def cover(officer: Actor, substitute: Actor, *, by: Actor, days: int = 5, after: int = 0) -> UUID:
    """The officer is away for some days from today on, or `after` so many days."""
    first = timezone.localdate() + timedelta(days=after)
    with working_context(by):
        return set_cover(officer.user_id, substitute.user_id, first, first + timedelta(days=days), by=by).pk
