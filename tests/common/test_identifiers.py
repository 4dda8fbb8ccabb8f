import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from khedmat.common.identifiers import (
    DocumentNumberCharacters,
    DocumentNumberTooLong,
    IdentifierError,
    IdentifierMissing,
    NotAMobileNumber,
    NotOnlyDigits,
    PhoneCountryNotServed,
    PhoneNotReadable,
    PhoneTooLong,
    PhoneTooShort,
    RepeatedDigits,
    WrongCheckDigit,
    WrongDigitCount,
    is_usual_postal_code,
    normalise_document_number,
    normalise_legal_entity_id,
    normalise_mobile,
    normalise_national_code,
    normalise_postal_code,
    require_digits,
    restore_leading_zeros,
)
from khedmat.common.text import to_persian_digits

ANY_TEXT = st.text(st.characters(codec="utf-8"), max_size=60)


def with_check_digit(nine: str) -> str:
    """By the published table: the last digit makes the sum of digit x (10..1) a multiple of 11, or nearly."""
    for last in "0123456789":
        total = sum(int(digit) * (10 - place) for place, digit in enumerate(nine + last))
        if total % 11 == 0 or (total % 11, last) in {(2, "1")}:
            return nine + last
    return nine + "0"


@given(st.text("0123456789", min_size=9, max_size=9).filter(lambda nine: len(set(nine)) > 1))
def test_national_code_has_exactly_one_right_check_digit(nine: str) -> None:
    accepted = []
    for last in "0123456789":
        try:
            accepted.append(normalise_national_code(nine + last))
        except WrongCheckDigit:
            continue
    assert accepted == [with_check_digit(nine)]


@pytest.mark.parametrize("typed", ["0013542419", "۰۰۱-۳۵۴۲۴۱-۹", " ٠٠١٣٥٤٢٤١٩\u200f"])
def test_national_code_is_read_in_any_digits(typed: str) -> None:
    assert normalise_national_code(typed) == "0013542419"


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ("1111111111", RepeatedDigits),
        ("0013542418", WrongCheckDigit),
        ("001354241", WrongDigitCount),
        ("00135424190", WrongDigitCount),
        ("001354241x", NotOnlyDigits),
        ("  ", IdentifierMissing),
    ],
)
def test_national_code_refusals_say_what_is_wrong(typed: str, error: type[IdentifierError]) -> None:
    with pytest.raises(error):
        normalise_national_code(typed)


def test_restore_leading_zeros_pads_only_what_a_spreadsheet_shortened() -> None:
    assert restore_leading_zeros("13542419") == "0013542419"
    assert restore_leading_zeros("۱۲۳۴۵۶۷") == "۱۲۳۴۵۶۷"


@pytest.mark.parametrize("entity_id", ["10380284790", "14003778990"])
def test_legal_entity_id_golden_figures(entity_id: str) -> None:
    assert normalise_legal_entity_id(to_persian_digits(entity_id)) == entity_id


def test_legal_entity_id_with_a_wrong_check_digit_is_refused() -> None:
    with pytest.raises(WrongCheckDigit):
        normalise_legal_entity_id("10380284792")


@given(st.text("0123456789", min_size=10, max_size=10))
def test_legal_entity_id_has_at_most_one_right_check_digit(ten: str) -> None:
    accepted = 0
    for last in "0123456789":
        try:
            normalise_legal_entity_id(ten + last)
        except (WrongCheckDigit, RepeatedDigits):
            continue
        accepted += 1
    assert accepted == (0 if len(set(ten)) == 1 and _is_self_checking(ten) else 1)


def _is_self_checking(ten: str) -> bool:
    """Whether ten equal digits would have the same digit for a check digit."""
    digit = int(ten[0])
    return (2 * digit + 2) * 2 * (29 + 27 + 23 + 19 + 17) % 11 % 10 == digit


def test_postal_code_is_hard_on_length_and_soft_on_the_pattern() -> None:
    assert normalise_postal_code("۳۳۵۱۹-۴۷۷۶۱") == "3351947761"
    assert is_usual_postal_code("3351947761")
    assert normalise_postal_code("1111111111") == "1111111111"
    assert not is_usual_postal_code("1111111111")
    with pytest.raises(WrongDigitCount):
        normalise_postal_code("335194776")


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("۰۹۱۲ ۳۴۵ ۶۷۸۹", "+989123456789"),
        ("9123456789", "+989123456789"),
        ("+98 (912) 345-6789", "+989123456789"),
        ("0093 70 123 4567", "+93701234567"),
        ("\u202a+9647901234567\u202c", "+9647901234567"),
    ],
)
def test_mobile_becomes_e164(typed: str, expected: str) -> None:
    assert normalise_mobile(typed) == expected


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ("", IdentifierMissing),
        ("0912ABCDEFG", PhoneNotReadable),
        ("09123456789;ext=5", PhoneNotReadable),
        ("02188776655", NotAMobileNumber),
        ("+1 650 253 0000", PhoneCountryNotServed),
        ("09", PhoneTooShort),
        ("0912345678912345", PhoneTooLong),
        ("9" * 60, PhoneTooLong),
    ],
)
def test_mobile_refusals_say_what_is_wrong(typed: str, error: type[IdentifierError]) -> None:
    with pytest.raises(error):
        normalise_mobile(typed)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("۱۷-۲۰۴۴ ۱۱۸۳", "1720441183"),
        ("a 123–456", "A123456"),
        ("\u200eP0123٤", "P01234"),
        ("ي/۱۲", "ی/12"),
        ("1400ـ12", "140012"),
    ],
)
def test_document_number_has_one_form(typed: str, expected: str) -> None:
    assert normalise_document_number(typed) == expected


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ("- -", IdentifierMissing),
        ("1" * 41, DocumentNumberTooLong),
        ("12<b>", DocumentNumberCharacters),
        ("12\x003", DocumentNumberCharacters),
    ],
)
def test_document_number_refusals_say_what_is_wrong(typed: str, error: type[IdentifierError]) -> None:
    with pytest.raises(error):
        normalise_document_number(typed)


@given(ANY_TEXT)
def test_normalised_document_numbers_stay_as_they_are(typed: str) -> None:
    try:
        number = normalise_document_number(typed)
    except IdentifierError:
        return
    assert normalise_document_number(number) == number
    assert len(number) <= 40


@given(ANY_TEXT)
def test_every_normaliser_answers_or_refuses_any_text(typed: str) -> None:
    for normalise in (
        normalise_national_code,
        normalise_legal_entity_id,
        normalise_postal_code,
        normalise_mobile,
    ):
        try:
            answer = normalise(typed)
        except IdentifierError as error:
            answer = error.code
        assert answer.isascii()
        assert answer


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("12345678901", "This number is one digit short. It has 12 digits."),
        ("1234567890", "This number is 2 digits short. It has 12 digits."),
        ("1234567890123", "This number has one digit too many. It has 12 digits."),
    ],
)
def test_wrong_digit_count_says_by_how_many(typed: str, sentence: str) -> None:
    with translation.override("en"), pytest.raises(WrongDigitCount) as caught:
        require_digits(typed, 12)
    with translation.override("en"):
        assert str(caught.value) == sentence
