"""Identifiers are text, never numbers; digits of any script are read (domain brief §3).

Each `normalise_…` returns the one form that is stored, or raises an IdentifierError whose message
says exactly what is wrong and what to do.
"""

import re
import unicodedata
from http import HTTPStatus
from typing import Final

import phonenumbers
from django.utils.functional import lazy
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from khedmat.common.errors import DomainError
from khedmat.common.text import localise_digits, to_ascii_digits

NATIONAL_CODE_LENGTH: Final = 10
LEGAL_ENTITY_ID_LENGTH: Final = 11
POSTAL_CODE_LENGTH: Final = 10
DOCUMENT_NUMBER_CAP: Final = 40

_SERVED_COUNTRY_CODES: Final = frozenset({98, 93, 964})
_PHONE_CHARACTERS: Final = re.compile(r"\+?[0-9 ()./-]+")
_USUAL_POSTAL_CODE: Final = re.compile(r"(?!([0-9])\1{3})[13-9]{4}[1346-9][013-9]{5}")
_LEGAL_ENTITY_WEIGHTS: Final = (29, 27, 23, 19, 17) * 2
_KEYBOARD_FOLDS: Final = str.maketrans("يكـ", "یک-")
_DOCUMENT_SIGNS: Final = frozenset("/.")


class IdentifierError(DomainError):
    """The typed identifier cannot be right; the message says what to do."""

    code = "identifier-not-right"
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class IdentifierMissing(IdentifierError):
    code = "identifier-missing"
    message = _("Enter the number.")


class NotOnlyDigits(IdentifierError):
    code = "identifier-not-only-digits"
    message = _("This number has only digits. Remove the letters and signs.")


class WrongDigitCount(IdentifierError):
    """Says by how many digits the number is short or long; both counts are at least 1."""

    code = "identifier-wrong-digit-count"

    def __init__(self, *, found: int, expected: int, field: str | None = None) -> None:
        self.found, self.expected = found, expected
        super().__init__(_digit_count_sentence_lazy(found, expected), field=field)


class RepeatedDigits(IdentifierError):
    code = "identifier-repeated-digits"
    message = _("All digits of this number are the same. Read it again from the document.")


class WrongCheckDigit(IdentifierError):
    code = "identifier-wrong-check-digit"
    message = _("One of the digits is wrong. Read the number again from the document.")


class DocumentNumberTooLong(IdentifierError):
    code = "document-number-too-long"

    def __init__(self, *, field: str | None = None) -> None:
        super().__init__(_cap_sentence_lazy(), field=field)


class DocumentNumberCharacters(IdentifierError):
    code = "document-number-characters"
    message = _("A document number has letters, digits, / and . only. Remove the other signs.")


class PhoneNotReadable(IdentifierError):
    code = "phone-not-readable"
    message = _("This is not a telephone number. Enter only its digits, beginning with 09 or with + and the country.")


class PhoneCountryNotServed(IdentifierError):
    code = "phone-country-not-served"
    message = _("Enter a mobile number of Iran (+98), Afghanistan (+93) or Iraq (+964).")


class PhoneTooShort(IdentifierError):
    code = "phone-too-short"
    message = _("This mobile number has too few digits. A number of Iran has 11 digits and begins with 09.")


class PhoneTooLong(IdentifierError):
    code = "phone-too-long"
    message = _("This mobile number has too many digits. A number of Iran has 11 digits and begins with 09.")


class NotAMobileNumber(IdentifierError):
    code = "phone-not-mobile"
    message = _("This is not a mobile number. Enter a mobile number, so that messages arrive.")


def _in_reader_digits(number: int) -> str:
    return localise_digits(str(number), get_language() or "fa")


def _digit_count_sentence(found: int, expected: int) -> str:
    difference = abs(expected - found)
    if found < expected:
        template = ngettext(
            "This number is one digit short. It has %(expected)s digits.",
            "This number is %(count)s digits short. It has %(expected)s digits.",
            difference,
        )
    else:
        template = ngettext(
            "This number has one digit too many. It has %(expected)s digits.",
            "This number has %(count)s digits too many. It has %(expected)s digits.",
            difference,
        )
    return template % {"count": _in_reader_digits(difference), "expected": _in_reader_digits(expected)}


def _cap_sentence() -> str:
    template = gettext("A document number has at most %(cap)s characters. Enter only the number itself.")
    return template % {"cap": _in_reader_digits(DOCUMENT_NUMBER_CAP)}


_digit_count_sentence_lazy = lazy(_digit_count_sentence, str)
_cap_sentence_lazy = lazy(_cap_sentence, str)


def _without_separators(text: str) -> str:
    """Without spaces, dashes and invisible marks."""
    return "".join(
        character
        for character in text
        if not character.isspace() and unicodedata.category(character) not in {"Cf", "Pd", "Mn"}
    )


def require_digits(text: str, length: int) -> str:
    """Exactly `length` ASCII digits from what was typed, separators dropped.

    Raises IdentifierMissing, NotOnlyDigits, WrongDigitCount.
    """
    digits = _without_separators(to_ascii_digits(text))
    if not digits:
        raise IdentifierMissing
    if not re.fullmatch(r"[0-9]+", digits):
        raise NotOnlyDigits
    if len(digits) != length:
        raise WrongDigitCount(found=len(digits), expected=length)
    return digits


def restore_leading_zeros(text: str) -> str:
    """A national code of 8 or 9 digits with the zeros that a spreadsheet dropped; anything else unchanged.

    For imports only, which show a warning where the result differs from what was read.
    """
    digits = _without_separators(to_ascii_digits(text))
    return digits.zfill(NATIONAL_CODE_LENGTH) if re.fullmatch(r"[0-9]{8,9}", digits) else text


def normalise_national_code(text: str) -> str:
    """کد ملی of an Iranian: 10 digits with a check digit; raises IdentifierError."""
    code = require_digits(text, NATIONAL_CODE_LENGTH)
    if len(set(code)) == 1:
        raise RepeatedDigits
    weighted = sum(int(digit) * weight for digit, weight in zip(code[:-1], range(10, 1, -1), strict=True))
    remainder = weighted % 11
    if int(code[-1]) != (remainder if remainder < 2 else 11 - remainder):  # noqa: PLR2004
        raise WrongCheckDigit
    return code


def normalise_legal_entity_id(text: str) -> str:
    """شناسه ملی of a legal entity: 11 digits with a check digit; raises IdentifierError."""
    entity_id = require_digits(text, LEGAL_ENTITY_ID_LENGTH)
    if len(set(entity_id)) == 1:
        raise RepeatedDigits
    digits = [int(digit) for digit in entity_id]
    shift = digits[9] + 2
    weighted = sum((digit + shift) * weight for digit, weight in zip(digits[:-1], _LEGAL_ENTITY_WEIGHTS, strict=True))
    if digits[-1] != weighted % 11 % 10:
        raise WrongCheckDigit
    return entity_id


def normalise_postal_code(text: str) -> str:
    """10 digits; raises IdentifierError. Sources disagree on more, see is_usual_postal_code."""
    return require_digits(text, POSTAL_CODE_LENGTH)


def is_usual_postal_code(postal_code: str) -> bool:
    """Whether a normalised code has the usual pattern; otherwise warn, never refuse."""
    return _USUAL_POSTAL_CODE.fullmatch(postal_code) is not None


def _parse_phone(text: str) -> phonenumbers.PhoneNumber:
    plain = "".join(" " if character.isspace() else character for character in to_ascii_digits(text))
    plain = "".join(
        "-" if unicodedata.category(character) == "Pd" else character
        for character in plain
        if unicodedata.category(character) != "Cf"
    ).strip()
    if not plain:
        raise IdentifierMissing
    # Letters would be read as keypad digits, extensions silently dropped: refuse both.
    if not _PHONE_CHARACTERS.fullmatch(plain):
        raise PhoneNotReadable
    try:
        return phonenumbers.parse(plain, "IR")
    except phonenumbers.NumberParseException as error:
        if error.error_type == phonenumbers.NumberParseException.TOO_LONG:
            raise PhoneTooLong from error
        raise PhoneNotReadable from error


def normalise_mobile(text: str) -> str:
    """A mobile number of Iran, Afghanistan or Iraq as E.164 (+989…); raises IdentifierError."""
    number = _parse_phone(text)
    if number.country_code not in _SERVED_COUNTRY_CODES:
        raise PhoneCountryNotServed
    possible = phonenumbers.is_possible_number_with_reason(number)
    if possible == phonenumbers.ValidationResult.TOO_SHORT:
        raise PhoneTooShort
    if possible == phonenumbers.ValidationResult.TOO_LONG:
        raise PhoneTooLong
    kinds = {phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE}
    if phonenumbers.number_type(number) not in kinds:
        raise NotAMobileNumber
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _is_document_character(character: str) -> bool:
    return unicodedata.category(character)[0] == "L" or character in _DOCUMENT_SIGNS or character.isdecimal()


def normalise_document_number(text: str) -> str:
    """The number of a card, passport, tazkira or slip in the one form that is stored and looked up.

    ASCII digits, capital Latin letters, Persian ی and ک, no spaces, hyphens or invisible marks, at most
    40 characters; raises IdentifierError. No checksum: none is published for the kinds in use.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).upper())
    number = _without_separators(to_ascii_digits(folded.translate(_KEYBOARD_FOLDS)))
    if not number:
        raise IdentifierMissing
    if len(number) > DOCUMENT_NUMBER_CAP:
        raise DocumentNumberTooLong
    if not all(_is_document_character(character) for character in number):
        raise DocumentNumberCharacters
    return number
