"""What an enrolment's card says, for the cards engine."""

from khedmat.cards.enums import CardKind
from khedmat.cards.terms import CardTerms
from khedmat.casework.models import Case
from khedmat.rounds.enums import Programme
from khedmat.rounds.selectors import version_of_case

# The words printed on the card, in both languages whatever the reader's.
_KINDS = {
    Programme.AMAYESH: (CardKind.AMAYESH_CARD, "A", "کارت اقامت آمایش", "Amayesh residence card"),
    Programme.HOVIAT: (CardKind.HOVIAT_CARD, "H", "کارت اقامت هویت", "Hoviat residence card"),
}


def terms_of_enrolment(case: Case) -> CardTerms:
    """Kind and validity by the version of the round that the case was taken under."""
    version = version_of_case(case.series, case.series_version)
    kind, letter, title_fa, title_en = _KINDS[Programme(version.round.programme)]
    return CardTerms(
        kind=kind,
        series=case.series,
        number_prefix=f"{letter}{version.round.number}",
        title_fa=title_fa,
        title_en=title_en,
        round_fa=version.round.title_fa,
        round_en=version.round.title_en,
        valid_from=version.card_valid_from,
        valid_until=version.card_valid_until,
    )
