"""Until when a family may appeal, and until when the appeal is decided. Both are round data, in working days.

A storey above registers from its `apps.py` what holds for its type of case; casework knows no rounds.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from khedmat.casework.models import Case, Decision
from khedmat.common.jalali import tehran_date
from khedmat.places.calendar import add_working_days
from khedmat.places.selectors import holidays_for


@dataclass(frozen=True, slots=True)
class AppealTerms:
    """Working days: the family's time to appeal, and the standard for deciding one."""

    lodging_days: int = 20
    standard_days: int = 10


DEFAULT = AppealTerms()
TermsOf = Callable[[Case], AppealTerms]
_terms: dict[str, TermsOf] = {}


def register_appeal_terms(case_type: str, terms_of: TermsOf) -> None:
    """Have `terms_of(case)` say the times of appeals about cases of a type. The last one registered holds."""
    _terms[case_type] = terms_of


def appeal_terms_of(case: Case) -> AppealTerms:
    """The times that hold for a case; the house's own where nobody registered any."""
    terms_of = _terms.get(case.case_type)
    return DEFAULT if terms_of is None else terms_of(case)


def last_day_to_appeal(case: Case, decision: Decision) -> date:
    """The last day of the family's time, counted from the day after the decision. Letters say it."""
    days = appeal_terms_of(case).lodging_days
    return add_working_days(tehran_date(decision.decided_at), days, holidays_for(case.scope_id))


def appeal_due_on(case: Case, lodged_on: date) -> date:
    """Until when an appeal lodged on the day is decided, by its own standard."""
    return add_working_days(lodged_on, appeal_terms_of(case).standard_days, holidays_for(case.scope_id))
