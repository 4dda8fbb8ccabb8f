"""In words why two people may be one, or may not. Codes come from the search (matching/model.py)."""

from collections.abc import Iterable
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from khedmat.duplicates.enums import PairState, Strength

FOR: Final[dict[str, Promise]] = {
    "document:same": _("The same document number"),
    "given:same": _("The same given name"),
    "given:sounds": _("The given name is spelled differently and sounds the same"),
    "given:near": _("The given names differ by a letter or two"),
    "given:short": _("The given names differ by one letter"),
    "given:part": _("One given name is part of the other"),
    "family:same": _("The same family name"),
    "family:sounds": _("The family name is spelled differently and sounds the same"),
    "family:near": _("The family names differ by a letter or two"),
    "family:short": _("The family names differ by one letter"),
    "family:part": _("One family name is part of the other"),
    "father:same": _("The same father's name"),
    "father:sounds": _("The father's name is spelled differently and sounds the same"),
    "father:near": _("The fathers' names differ by a letter or two"),
    "father:short": _("The fathers' names differ by one letter"),
    "father:part": _("One father's name is part of the other"),
    "birth:same": _("The same day of birth"),
    "birth:swapped": _("Day and month of birth have changed places"),
    "birth:digit": _("The birth dates differ by one digit"),
    "birth:rounded": _("The birth dates differ by one digit, and one may stand for a year alone"),
    "birth:year": _("The same year of birth, and one date may stand for the year alone"),
}
AGAINST: Final[dict[str, Promise]] = {
    "document:other": _("No document number in common"),
    "given:other": _("Different given names"),
    "family:other": _("Different family names"),
    "father:other": _("Different fathers' names"),
    "birth:near": _("Different birth dates, at most two years apart"),
    "birth:other": _("Different birth dates"),
    "sex:other": _("Different sex"),
}
STRENGTH_TONES: Final[dict[str, str]] = {Strength.VERY_STRONG: "accent", Strength.STRONG: "info", Strength.FAIR: "mute"}
STATE_TONES: Final[dict[str, str]] = {
    PairState.OPEN: "info",
    PairState.PAPERS: "warn",
    PairState.DIFFERENT: "mute",
    PairState.SAME: "accent",
}
# Of what differs in spelling more can be learned than of what agrees: it stands first.
_TELLING: Final = ("document", "birth", "given", "father", "family", "sex")


def reasons(likenesses: Iterable[str]) -> tuple[list[Promise], list[Promise]]:
    """What speaks for one person, and what against; the most telling first."""
    ordered = sorted(likenesses, key=lambda code: _TELLING.index(code.split(":")[0]))
    return [FOR[code] for code in ordered if code in FOR], [AGAINST[code] for code in ordered if code in AGAINST]
