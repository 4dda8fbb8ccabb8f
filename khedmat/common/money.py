"""Rial amounts: whole numbers, `int` everywhere."""

from typing import Final

from khedmat.common.text import base_language, localise_digits

_UNIT: Final = {"en": "rial", "ar": "ريال", "ps": "ریال", "prs": "ریال", "fa": "ریال"}
_MINUS: Final = "\u2212"


def format_amount(amount: int, language: str) -> str:
    """The number alone, in groups of three: ۳٬۶۵۰٬۰۰۰ or 3,650,000; U+2212 before a negative one."""
    if isinstance(amount, bool) or not isinstance(amount, int):
        message = "a rial amount is an int"
        raise TypeError(message)
    grouped = f"{abs(amount):,}"
    if base_language(language) != "en":
        grouped = localise_digits(grouped.replace(",", "٬"), language)
    return f"{_MINUS}{grouped}" if amount < 0 else grouped


def rial_unit(language: str) -> str:
    """The word for the unit."""
    return _UNIT.get(base_language(language), _UNIT["fa"])


def format_rial(amount: int, language: str) -> str:
    """The amount with its unit: ۳٬۶۵۰٬۰۰۰ ریال or 3,650,000 rial."""
    return f"{format_amount(amount, language)} {rial_unit(language)}"
