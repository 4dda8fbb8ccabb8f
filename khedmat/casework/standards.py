"""How long a case may take. A storey above registers from its `apps.py` what holds for its type of case.

Casework knows no rounds: whoever has the dated data hands it a function.
"""

from collections.abc import Callable
from dataclasses import dataclass

from khedmat.casework.models import Case


@dataclass(frozen=True, slots=True)
class Standard:
    """Times in working days: the service, the longest, and those of a paper, of lodging and of deciding an appeal."""

    standard_days: int = 15
    max_days: int = 45
    paper_days: int = 20
    appeal_days: int = 20
    appeal_standard_days: int = 10


DEFAULT = Standard()
StandardOf = Callable[[Case], Standard]
_standards: dict[str, StandardOf] = {}


def register_standard(case_type: str, standard_of_case: StandardOf) -> None:
    """Have `standard_of_case(case)` say the times of cases of a type. The last one registered holds."""
    _standards[case_type] = standard_of_case


def standard_of(case: Case) -> Standard:
    """The times that hold for a case; the house's own where nobody registered any."""
    standard_of_case = _standards.get(case.case_type)
    return DEFAULT if standard_of_case is None else standard_of_case(case)
