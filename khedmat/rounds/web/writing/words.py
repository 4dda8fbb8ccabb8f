"""How the parts and fields of a version are called on the pages that write it."""

from collections.abc import Mapping
from datetime import date
from enum import Enum
from typing import Any

from django.db.models import Choices
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from khedmat.common.money import format_rial
from khedmat.common.text import localise_digits
from khedmat.registry.enums import DocumentKind
from khedmat.rounds.rules import Bilingual
from khedmat.rounds.rules.evaluation import readable

# Parts in the order in which a round is written; each has a page of its own.
PART_TITLES: Mapping[str, str | Promise] = {
    "rules": _("Rules"),
    "documents": _("Papers"),
    "tariff": _("Tariff"),
    "exemptions": _("Exemptions"),
    "instalments": _("Instalments"),
    "standards": _("Times of service"),
    "windows": _("Provinces with their own dates"),
    "cohort": _("Expected households"),
    "capacity": _("Places of offices"),
    "briefing": _("Instructions for offices"),
    "texts": _("Texts for clients"),
    "examples": _("Examples"),
}
FIELD_WORDS: Mapping[str, str | Promise] = {
    "opens_on": _("Opens"),
    "closes_on": _("Closes"),
    "card_valid_from": _("Cards valid from"),
    "card_valid_until": _("Cards valid until"),
    "circular_number": _("Number of the circular"),
    "circular_on": _("Date of the circular"),
    "circular_source": _("Where the content comes from"),
    "renews": _("Documents that the round renews"),
    "places_per_counter_day": _("Families that one counter serves in a day"),
    "payment_order": _("Order of payment and sending"),
    "code": _("Code"),
    "title": _("Title"),
    "expression": _("Expression"),
    "applies_when": _("Applies when"),
    "sentence_met": _("Sentence when met"),
    "sentence_unmet": _("Sentence when not met"),
    "on_unmet": _("What follows when not met"),
    "remedy": _("What the family can do"),
    "source": _("Source"),
    "certainty": _("How sure the source is"),
    "kind": _("Kind"),
    "each": _("For whom"),
    "required_when": _("Asked for when"),
    "amount_rial": _("Amount in rials"),
    "min_members": _("From how many members"),
    "max_members": _("Up to how many members"),
    "min_age": _("From which age"),
    "max_age": _("Up to which age"),
    "tariff_kind": _("Kind of fee"),
    "percent": _("Share that falls away, in percent"),
    "papers": _("Papers that show it"),
    "least_rial": _("From which amount in rials"),
    "count": _("Number of parts"),
    "interval_days": _("Days between two parts"),
    "first_percent": _("Share of the first part, in percent"),
    "days": _("Working days"),
    "province": _("Province"),
    "households": _("Households"),
    "members": _("Members"),
    "office": _("Office"),
    "places": _("Families that one counter serves in a day"),
    "text": _("Text"),
}


def shown(name: str, value: Any) -> str:
    """A field's value as the reader writes it; a dash where there is nothing."""
    language = get_language() or "fa"
    words = "" if value is None else str(value.value if isinstance(value, Enum) else value)
    if isinstance(value, Bilingual):
        words = value.in_language(language)
    elif isinstance(value, Choices):
        words = str(value.label)
    elif name.endswith("_rial"):
        words = format_rial(value, language)
    elif name == "renews":
        words = _list_of([str(DocumentKind(one).label) if one in DocumentKind.values else one for one in value])
    elif isinstance(value, bool | int | date | tuple):
        words = readable(value, language)
    return words or "—"


def both_shown(value: Any) -> str:
    """A text that changed in the other language only is shown in both."""
    return f"{value.fa} / {value.en}" if isinstance(value, Bilingual) else shown("", value)


def number(value: int) -> str:
    """A number in the reader's digits."""
    return localise_digits(str(value), get_language() or "fa")


def _list_of(words: list[str]) -> str:
    return ("، " if (get_language() or "fa") == "fa" else ", ").join(words)
