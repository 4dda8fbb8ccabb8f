"""Until when a family may appeal, and until when its appeal is decided: the case's standards, in working days."""

from datetime import date

from khedmat.casework.models import Case, Decision
from khedmat.casework.standards import standard_of
from khedmat.common.jalali import tehran_date
from khedmat.places.calendar import add_working_days
from khedmat.places.selectors import holidays_for


def last_day_to_appeal(case: Case, decision: Decision) -> date:
    """The last day of the family's time, counted from the day after the decision. Letters say it."""
    days = standard_of(case).appeal_days
    return add_working_days(tehran_date(decision.decided_at), days, holidays_for(case.scope_id))


def appeal_due_on(case: Case, lodged_on: date) -> date:
    """Until when an appeal lodged on the day is decided, by its own standard."""
    return add_working_days(lodged_on, standard_of(case).appeal_standard_days, holidays_for(case.scope_id))
