"""How long an enrolment may take, by the version of the round that the case was taken under."""

from khedmat.casework.models import Case
from khedmat.casework.standards import Standard
from khedmat.rounds.enums import StandardKind
from khedmat.rounds.known import version_with_content


def standard_of_enrolment(case: Case) -> Standard:
    """The version's own times; the house's where it says nothing. One query."""
    _version, content = version_with_content(case.series, case.series_version)
    return Standard(
        standard_days=content.days_of(StandardKind.SERVICE),
        max_days=content.days_of(StandardKind.MAXIMUM),
        paper_days=content.days_of(StandardKind.PAPER_TIME),
        appeal_days=content.days_of(StandardKind.APPEAL_TIME),
        appeal_standard_days=content.days_of(StandardKind.APPEAL),
    )
