"""Persian, Pashto, Arabic and Latin text: folding for search, cleaning, digits, order.

What people write is kept; folding is only for comparing (domain brief §6).
"""

import unicodedata
from functools import lru_cache
from typing import Final
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from khedmat.common.errors import DomainError

ZWNJ: Final = "\u200c"

_PERSIAN_DIGITS: Final = "۰۱۲۳۴۵۶۷۸۹"
_ARABIC_DIGITS: Final = "٠١٢٣٤٥٦٧٨٩"
_DIGITS_OF_LANGUAGE: Final = {
    "fa": str.maketrans("0123456789", _PERSIAN_DIGITS),
    "prs": str.maketrans("0123456789", _PERSIAN_DIGITS),
    "ps": str.maketrans("0123456789", _PERSIAN_DIGITS),
    "ar": str.maketrans("0123456789", _ARABIC_DIGITS),
}

# Hamza and madda are marks after decomposition, so أ إ آ ؤ ئ ۀ need no entry here.
# Pashto letters fold to the Persian letter that a clerk with a Persian keyboard would type for them.
_SEARCH_FOLDS: Final = str.maketrans(
    {
        **dict.fromkeys("يىېۍےۑێ", "ی"),
        **dict.fromkeys("كڪ", "ک"),
        **dict.fromkeys("ةہۃھە", "ه"),
        "ٱ": "ا",
        "ګ": "گ",
        "ټ": "ت",
        "ٹ": "ت",
        "ډ": "د",
        "ړ": "ر",
        "ڼ": "ن",
        "ښ": "ش",
        "ږ": "ژ",
        "ځ": "ز",
        "څ": "س",
        "ـ": None,
    }
)
_KEYBOARD_FOLDS: Final = str.maketrans("يك", "یک")

# Embeddings, overrides and isolates change how the *rest* of a page reads; LRM and RLM do not.
_BIDI_CONTROLS: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_LINE_BREAKS_AND_TAB: Final = frozenset("\n\r\t")
_LINE_SEPARATORS: Final = frozenset("\u2028\u2029")
# Unicode's non-characters (with the last two of every plane) and its invisible tag characters.
_NON_CHARACTERS: Final = range(0xFDD0, 0xFDF0)
_LAST_TWO_OF_PLANE: Final = 0xFFFE
_TAG_CHARACTERS: Final = range(0xE0000, 0xE0080)

# The order of ICU's fa_IR collation, one entry for each letter, variants after their letter.
# ICU itself is not used: its keys change between versions, and ours are stored (see sort_key).
_LETTERS_IN_ORDER: Final = (
    "آ", "اٱ", "ءأٲإٳؤئ", "ب", "پ", "ت", "ث", "ٹ", "ټ", "ج", "چ", "ح", "خ", "ځ", "څ", "د", "ذ", "ډ", "ر",
    "ز", "ړ", "ږ", "ژ", "س", "ش", "ښ", "ص", "ض", "ط", "ظ", "ع", "غ", "ف", "ق", "کڪګكڬڭڮ", "گ", "ل",
    "م", "ن", "ڼ", "و", "ۏ", "هەہةۃۀھ", "یىےيېۍۑێ",
)  # fmt: skip
_LETTER_RANKS: Final = {
    letter: (rank, variant)
    for rank, letters in enumerate(_LETTERS_IN_ORDER, start=1)
    for variant, letter in enumerate(letters, start=1)
}
_SPACE, _PUNCTUATION, _DIGIT, _LATIN_FIRST, _PERSIAN, _OTHER = range(1, 7)


class ForbiddenCharacters(DomainError):
    """The text holds control, bidi-override or undefined characters."""

    code = "forbidden-characters"
    message = _("The text holds an invisible character that cannot be kept. Type it here instead of pasting.")
    status = 422


def base_language(language: str) -> str:
    """The language without its region: `en` for `en-us`."""
    return language.replace("_", "-").split("-", maxsplit=1)[0].lower()


def to_ascii_digits(text: str) -> str:
    """Every decimal digit of any script as 0-9; all else as it was."""
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(character, character)) for character in text)


def to_persian_digits(text: str) -> str:
    """Every decimal digit of any script as ۰-۹; all else as it was."""
    return to_ascii_digits(text).translate(_DIGITS_OF_LANGUAGE["fa"])


def localise_digits(text: str, language: str) -> str:
    """Digits as the language's readers write them: Persian for fa, prs and ps, Arabic for ar, else ASCII."""
    ascii_text = to_ascii_digits(text)
    digits = _DIGITS_OF_LANGUAGE.get(base_language(language))
    return ascii_text.translate(digits) if digits else ascii_text


def _searchable(character: str) -> str:
    category = unicodedata.category(character)
    if category[0] == "Z" or category == "Cc":
        return " "
    return "" if category in {"Mn", "Me", "Cf", "Cs"} else character


def fold_for_search(text: str) -> str:
    """The text as compared in look-ups: one form for each letter, no marks, no ZWNJ, ASCII digits.

    Two spellings that a reader takes for the same name fold to the same string. Never show the result.
    """
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    letters = decomposed.casefold().translate(_SEARCH_FOLDS)
    kept = "".join(_searchable(character) for character in letters)
    return unicodedata.normalize("NFC", to_ascii_digits(" ".join(kept.split())))


def _is_undefined(character: str) -> bool:
    code_point = ord(character)
    return (
        code_point & _LAST_TWO_OF_PLANE == _LAST_TWO_OF_PLANE
        or code_point in _NON_CHARACTERS
        or code_point in _TAG_CHARACTERS
    )


def _is_forbidden(character: str, *, multiline: bool) -> bool:
    if multiline and character in _LINE_BREAKS_AND_TAB:
        return False
    return (
        unicodedata.category(character) in {"Cc", "Cs"}
        or character in _BIDI_CONTROLS
        or (character in _LINE_SEPARATORS and not multiline)
        or _is_undefined(character)
    )


def has_forbidden_characters(text: str, *, multiline: bool = False) -> bool:
    """Whether the text holds NUL, control, bidi-override, surrogate or undefined characters.

    Line breaks and tabs are allowed only with `multiline`.
    """
    return any(_is_forbidden(character, multiline=multiline) for character in text)


def _is_edge(character: str) -> bool:
    return character.isspace() or unicodedata.category(character) == "Cf"


def trim(text: str) -> str:
    """Without spaces and invisible marks at both ends; `str.strip` leaves ZWNJ and bidi marks."""
    start, end = 0, len(text)
    while start < end and _is_edge(text[start]):
        start += 1
    while end > start and _is_edge(text[end - 1]):
        end -= 1
    return text[start:end]


def clean_name(text: str) -> str:
    """A name as its bearer writes it, trimmed, with the Persian ی and ک for the Arabic ي and ك.

    Raises ForbiddenCharacters.
    """
    name = trim(text).translate(_KEYBOARD_FOLDS)
    if has_forbidden_characters(name):
        raise ForbiddenCharacters
    return name


def mask_name(name: str) -> str:
    """The first letter of each word and `…`: enough to recognise a person one knows, not to learn a name."""
    words = (trim(word) for word in name.split())
    return " ".join(f"{word[0]}…" for word in words if word)


@lru_cache(maxsize=4096)
def _weight(character: str, *, latin_first: bool) -> tuple[bytes, bytes]:
    """(place in the order, place among the letter's variants); empty for what does not count."""
    if rank := _LETTER_RANKS.get(character):
        return bytes([_PERSIAN, 0, 0, rank[0]]), bytes([rank[1]])
    category = unicodedata.category(character)
    if category in {"Mn", "Me", "Cf", "Cs", "Cc"} or character == "ـ":
        return b"", b""
    if category[0] == "Z":
        return bytes([_SPACE, 0, 0, 0]), b"\x01"
    if category == "Nd":
        return bytes([_DIGIT, 0, 0, unicodedata.digit(character)]), b"\x01"
    letters_group = _LATIN_FIRST if latin_first else _OTHER
    group = _PUNCTUATION if category[0] in "PS" else letters_group
    return bytes([group]) + ord(character).to_bytes(3), b"\x01"


def _units(text: str) -> list[str]:
    """The characters that have a place in the order: Persian letters whole, others without accents."""
    units: list[str] = []
    for character in unicodedata.normalize("NFKC", text).casefold():
        units.extend(character if character in _LETTER_RANKS else unicodedata.normalize("NFKD", character))
    return units


def sort_key(text: str, language: str = "fa") -> bytes:
    """Bytes whose order is the dictionary order of the text, as ICU's fa_IR has it.

    Made to be stored: it depends on no library's version. Persian letters come before Latin ones;
    with `language="en"` after them. Texts that differ only in marks or case still differ, last of all.
    """
    latin_first = base_language(language) == "en"
    weights = [_weight(unit, latin_first=latin_first) for unit in _units(text)]
    letters = b"".join(letter for letter, _variant in weights)
    variants = b"".join(variant for _letter, variant in weights)
    return b"\0".join((letters, variants, text.encode("utf-8", "surrogatepass")))


def uuid_of(text: str) -> UUID | None:
    """The id in a text that a browser sent; None where it is none."""
    try:
        return UUID(text)
    except ValueError:
        return None
