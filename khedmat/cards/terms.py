"""What a programme says about the cards of its cases. Registered from the programme's `apps.py`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from khedmat.casework.models import Case


@dataclass(frozen=True, slots=True)
class CardTerms:
    """Kind, series and validity that every card of a case has, with its words on the card."""

    kind: str
    series: str
    number_prefix: str
    title_fa: str
    title_en: str
    round_fa: str
    round_en: str
    valid_from: date
    valid_until: date


TermsOf = Callable[[Case], CardTerms]
_providers: dict[str, TermsOf] = {}


def register_terms(case_type: str, provider: TermsOf) -> None:
    """Let `provider` answer for cases of this type."""
    _providers[case_type] = provider


def terms_of(case: Case) -> CardTerms:
    """The card terms of a case. Errors: KeyError for a case type whose programme registered none."""
    return _providers[case.case_type](case)
