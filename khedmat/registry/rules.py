"""What must hold of a household before it is written. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from khedmat.common.text import fold_for_search, localise_digits
from khedmat.registry.enums import Relation
from khedmat.registry.errors import HouseholdNeedsOneHead, HouseholdTooLarge, SeriesNotReadable

MOST_MEMBERS = 20
# Of whoever could still be registered; also the constraint `birth_not_before_1880`.
EARLIEST_BIRTH: Final = date(1880, 1, 1)

# The registrations whose rounds documents name (domain brief §1); a code of another one is kept as it is.
PROGRAMMES: Final[Mapping[str, Promise]] = {"amayesh": _("Amayesh"), "hoviat": _("Hoviat")}
_PROGRAMME_OF_WORD: Final = {"امایش": "amayesh", "هویت": "hoviat"}
_TYPED_SERIES: Final = re.compile(r"([a-z]{1,16}|امایش|هویت)[ _/-]*([0-9]{1,3})")
_SERIES: Final = re.compile(r"([a-z]+)-([0-9]+)")


@dataclass(frozen=True, slots=True)
class DocumentEntry:
    """An identity document as presented; `number` normalised (khedmat.common.identifiers)."""

    kind: str
    number: str
    series: str = ""
    issuer: str = ""
    issued_on: date | None = None
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class MemberEntry:
    """One member as entered, with the documents presented."""

    given_name: str
    family_name: str
    father_name: str
    sex: str
    birth_on: date
    relation: str
    latin_name: str = ""
    grandfather_name: str = ""
    documents: tuple[DocumentEntry, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class HouseholdEntry:
    """A household as entered by hand."""

    members: tuple[MemberEntry, ...]
    phone: str = ""
    address: str = ""
    postal_code: str = ""


def check_household(members: Sequence[MemberEntry]) -> None:
    """Errors: HouseholdNeedsOneHead, HouseholdTooLarge."""
    if len(members) > MOST_MEMBERS:
        raise HouseholdTooLarge
    if sum(member.relation == Relation.HEAD for member in members) != 1:
        raise HouseholdNeedsOneHead


def read_series(text: str) -> str:
    """The code of a round, as `amayesh-17`, from what a clerk types: «آمایش ۱۷», Amayesh 17, amayesh-17.

    Errors: SeriesNotReadable.
    """
    found = _TYPED_SERIES.fullmatch(fold_for_search(text))
    if found is None:
        raise SeriesNotReadable
    programme, number = found.groups()
    return f"{_PROGRAMME_OF_WORD.get(programme, programme)}-{int(number)}"


def series_label(series: str) -> str:
    """The round in the reader's words (`Amayesh 17`); an unknown code as it is, nothing for nothing."""
    found = _SERIES.fullmatch(series)
    if found is None or found[1] not in PROGRAMMES:
        return series
    return f"{PROGRAMMES[found[1]]} {localise_digits(found[2], get_language() or 'fa')}"
