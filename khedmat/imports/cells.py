"""One cell becomes one clean value, or a Problem. Total: no cell, whatever it holds, raises."""

import math
import re
import unicodedata
from datetime import date
from functools import lru_cache
from typing import Final, Generic, NamedTuple, TypeVar

from khedmat.common.identifiers import (
    DOCUMENT_NUMBER_CAP,
    POSTAL_CODE_LENGTH,
    DocumentNumberTooLong,
    IdentifierError,
    is_usual_postal_code,
    normalise_document_number,
    normalise_mobile,
)
from khedmat.common.text import has_forbidden_characters, to_ascii_digits
from khedmat.imports.reasons import Note, Problem, shown_value

T = TypeVar("T")

# A spreadsheet keeps 15 digits of a number; of a longer one the last are zeros.
KEPT_DIGITS: Final = 10**15
_CACHED: Final = 1 << 14
_FORMULA_SIGNS: Final = "=+-@"
# Text that a spreadsheet would run: a sign, then a name with a bracket, a reference, or a command.
_FORMULA: Final = re.compile(r"[=@]\s*\S|[+-]\s*(?:[A-Za-z_.]+[0-9]*\s*\(|[$A-Za-z]+\$?[0-9]+\b|[^|]*\|.*!)")
_SPECIAL: Final = re.compile(
    "[^ -~\u0621-\u063a\u0641-\u064a\u0660-\u0669\u067e\u0686\u0698\u06a9\u06af\u06cc\u06f0-\u06f9،؛]|  "
)
_KEYBOARD: Final = str.maketrans({"ي": "ی", "ى": "ی", "ك": "ک", "ـ": None})
_PRESENTATION: Final = re.compile("[\ufb50-\ufdff\ufe70-\ufefc]+")
_ZWNJ_AT_SPACE: Final = re.compile("\u200c*([ ]|^|$)\u200c*")
# The fast way for what nearly every cell of a column of numbers holds.
_USUAL_DIGITS: Final = str.maketrans("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩", "0123456789" * 2)
_SEPARATORS: Final = re.compile(r"[ ()/.\-‐-―]")
_SCIENTIFIC: Final = re.compile(r"[0-9]+(?:[.٫][0-9]+)?[eE]\+?[0-9]+")
_WHOLE_WITH_FRACTION: Final = re.compile(r"([0-9]+)[.٫]0+")
_ANY_FRACTION: Final = re.compile(r"[0-9]+[.٫][0-9]+")
_DIGITS: Final = re.compile(r"[0-9]+")
_PLAIN_MOBILE: Final = re.compile(r"(?:\+98|0098|98|0)?(9(?:0[0-5]|[13][0-9]|2[0-3]|9[0-46])[0-9]{7})")
_IRANIAN_WITHOUT_ZERO: Final = re.compile(r"9[0-9]{9}")


class Read(NamedTuple, Generic[T]):
    """A value that was read, and what was done to it on the way."""

    value: T
    notes: tuple[Note, ...] = ()


@lru_cache(maxsize=_CACHED)
def clean_text(text: str) -> str:
    """As its writer meant it, in one line: ی and ک, no tatweel, no marks of direction, single spaces.

    ZWNJ stays between letters; digits stay as written. Characters that cannot be kept stay too: see `text`.
    """
    if not _SPECIAL.search(text):
        return text.translate(_KEYBOARD).strip()
    plain = _PRESENTATION.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text).translate(_KEYBOARD)
    kept = "".join(_kept(character) for character in plain)
    joined = " ".join(kept.split())
    return _ZWNJ_AT_SPACE.sub(r"\1", joined).strip()


def _kept(character: str) -> str:
    if character == "\u200c" or character.isalnum():
        return character
    if character.isspace():
        return " "
    return "" if unicodedata.category(character) == "Cf" else character


def is_blank(cell: object) -> bool:
    """None, and text that shows nothing."""
    return cell is None or (isinstance(cell, str) and not clean_text(cell).strip("\u200c"))


def text(cell: object, field: str, *, most: int) -> Read[str] | Problem:
    """Text of at most `most` characters; blank is "". A number is read as text, with a note."""
    if cell is None:
        return Read("")
    if isinstance(cell, str):
        return _text(cell, field, most)
    if isinstance(cell, bool | date):
        return Problem("not-text", field, shown_value(cell))
    digits = number_text(cell, field)
    if isinstance(digits, Problem):
        return digits
    return Read(digits.value, (Note("number-as-text", field, shown_value(cell)),))


@lru_cache(maxsize=_CACHED)
def _text(given: str, field: str, most: int) -> Read[str] | Problem:
    cleaned = clean_text(given)
    if problem := _unkeepable(cleaned, field):
        return problem
    if len(cleaned) > most:
        return Problem("too-long", field, shown_value(cleaned), {"most": most})
    return Read(cleaned)


def _unkeepable(cleaned: str, field: str) -> Problem | None:
    if cleaned[:1] in _FORMULA_SIGNS and _FORMULA.match(cleaned):
        return Problem("formula", field, shown_value(cleaned))
    if not cleaned.isprintable() and has_forbidden_characters(cleaned):
        return Problem("control-characters", field, shown_value(cleaned))
    return None


def name(cell: object, field: str, *, most: int = 80) -> Read[str] | Problem:
    """A person's name: text without digits; dashes and dots alone stand for a blank."""
    if isinstance(cell, int | float):
        return Problem("not-a-name", field, shown_value(cell))
    read = text(cell, field, most=most)
    if isinstance(read, Problem):
        return read
    return _name(read.value, field)


@lru_cache(maxsize=_CACHED)
def _name(cleaned: str, field: str) -> Read[str] | Problem:
    if any(character.isdigit() for character in cleaned):
        return Problem("not-a-name", field, shown_value(cleaned))
    return Read(cleaned if any(character.isalpha() for character in cleaned) else "")


def number_text(cell: object, field: str) -> Read[str] | Problem:
    """What a column of numbers holds, as text in ASCII digits: `12345.0` is 12345. Letters and signs stay.

    A number of more than 15 digits and one in scientific notation have lost digits: refused.
    """
    if cell is None:
        return Read("")
    if isinstance(cell, bool):
        return Problem("not-a-number", field, shown_value(cell))
    if isinstance(cell, int | float):
        return _number(cell, field)
    if isinstance(cell, date):
        return Problem("number-is-date", field, shown_value(cell))
    return _number_from_text(str(cell), field)


def _number(cell: float, field: str) -> Read[str] | Problem:
    if not math.isfinite(cell):
        return Problem("not-a-number", field, shown_value(cell))
    if abs(cell) >= KEPT_DIGITS:
        return Problem("digits-lost", field, f"{cell:.6g}")
    if cell != int(cell):
        return Problem("number-with-fraction", field, shown_value(cell))
    if cell < 0:
        return Problem("not-a-number", field, shown_value(cell))
    return Read(str(int(cell)))


def _number_from_text(given: str, field: str) -> Read[str] | Problem:
    plain = given.translate(_USUAL_DIGITS).strip()
    if plain.isascii() and plain.isdigit():
        return Read(plain)
    cleaned = to_ascii_digits(clean_text(given))
    if problem := _unkeepable(cleaned, field):
        return problem
    # A leading apostrophe is how spreadsheets are told that a number is text.
    cleaned = cleaned.lstrip("'’`").replace("\u200c", "")
    if _SCIENTIFIC.fullmatch(cleaned):
        return Problem("digits-lost", field, shown_value(given))
    whole = _WHOLE_WITH_FRACTION.fullmatch(cleaned)
    if whole:
        return Read(whole[1])
    if _ANY_FRACTION.fullmatch(cleaned):
        return Problem("number-with-fraction", field, shown_value(given))
    return Read(cleaned)


def code(cell: object, field: str, *, most: int = DOCUMENT_NUMBER_CAP) -> Read[str] | Problem:
    """A code that somebody gave (of a household): any characters, without spaces, capital Latin letters."""
    read = number_text(cell, field)
    if isinstance(read, Problem):
        return read
    value = read.value.replace(" ", "").upper()
    if len(value) > most:
        return Problem("too-long", field, shown_value(value), {"most": most})
    return Read(value)


def document_number(cell: object, field: str) -> Read[str] | Problem:
    """In the one form that is stored (khedmat.common.identifiers); blank is ""."""
    read = number_text(cell, field)
    if isinstance(read, Problem) or not read.value or (read.value.isascii() and read.value.isdigit()):
        if isinstance(read, Read) and len(read.value) > DOCUMENT_NUMBER_CAP:
            return Problem("too-long", field, shown_value(cell), {"most": DOCUMENT_NUMBER_CAP})
        return read
    try:
        return Read(normalise_document_number(read.value))
    except DocumentNumberTooLong:
        return Problem("too-long", field, shown_value(cell), {"most": DOCUMENT_NUMBER_CAP})
    except IdentifierError:
        return Problem("document-characters", field, shown_value(cell))


def digits(cell: object, field: str, *, least: int, most: int) -> Read[str] | Problem:
    """Only digits, `least` to `most` of them, separators dropped; blank is ""."""
    read = number_text(cell, field)
    if isinstance(read, Problem) or not read.value:
        return read
    value = read.value if read.value.isdigit() else _SEPARATORS.sub("", read.value)
    if not _DIGITS.fullmatch(value):
        return Problem("not-a-number", field, shown_value(cell))
    if not least <= len(value) <= most:
        expected = least if len(value) < least else most
        return Problem("digit-count", field, shown_value(cell), {"found": len(value), "expected": expected})
    return Read(value)


def postal_code(cell: object, field: str) -> Read[str] | Problem:
    """10 digits; the zero that a spreadsheet dropped from the front is put back, with a note. Blank is ""."""
    read = digits(cell, field, least=POSTAL_CODE_LENGTH - 1, most=POSTAL_CODE_LENGTH)
    if isinstance(read, Problem):
        if read.code == "digit-count":
            return Problem(read.code, field, read.value, {**read.params, "expected": POSTAL_CODE_LENGTH})
        return read
    if not read.value:
        return read
    value = read.value.zfill(POSTAL_CODE_LENGTH)
    if len(read.value) < POSTAL_CODE_LENGTH:
        return Read(value, (Note("leading-zeros", field, shown_value(cell), {"read": value}),))
    if not is_usual_postal_code(value):
        return Read(value, (Note("unusual-postal-code", field, shown_value(cell)),))
    return Read(value)


def mobile(cell: object, field: str) -> Read[str] | Problem:
    """As E.164; `9123456789` gets its zero back, with a note. Blank is "".

    The usual forms of an Iranian mobile are read here; all others by `phonenumbers`, 100 times slower.
    """
    read = number_text(cell, field)
    if isinstance(read, Problem) or not read.value:
        return read
    typed = read.value if read.value.isdigit() else _SEPARATORS.sub("", read.value)
    plain = _PLAIN_MOBILE.fullmatch(typed)
    if plain is not None:
        value = f"+98{plain[1]}"
    else:
        try:
            value = normalise_mobile(typed.replace("00", "+", 1) if typed.startswith("00") else typed)
        except IdentifierError:
            return Problem("phone-not-readable", field, shown_value(cell))
    if _IRANIAN_WITHOUT_ZERO.fullmatch(typed):
        return Read(value, (Note("leading-zeros", field, shown_value(cell), {"read": f"0{typed}"}),))
    return Read(value)
