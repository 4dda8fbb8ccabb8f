"""Headings in any order and spelling, under titles, in one row or two."""

import pytest

from khedmat.imports.errors import HeadingsNotFound
from khedmat.imports.headings import find_headings, fold_heading
from khedmat.imports.reading import Row
from khedmat.imports.schema import REASON_HEADING, ROW_HEADING
from khedmat.registry.importing.people import PEOPLE

CANONICAL = (
    "کد خانوار", "نسبت با سرپرست", "نام", "نام خانوادگی", "نام پدر", "نام پدربزرگ", "جنسیت", "تاریخ تولد", "محل تولد",
    "تابعیت", "نوع مدرک", "شماره مدرک", "تاریخ صدور", "تاریخ اعتبار", "کد فراگیر", "استان", "شهرستان", "نشانی",
    "کد پستی", "تلفن همراه",
)  # fmt: skip
CODES = (
    "household_code", "relation", "given_name", "family_name", "father_name", "grandfather_name", "sex", "birth_on",
    "birth_place", "nationality", "document_kind", "document_number", "issued_on", "valid_until", "fida_code",
    "province", "county", "address", "postal_code", "phone",
)  # fmt: skip
DATA: Row = ("101", "سرپرست", "علی", "1360/1/1")


def guesses(*rows: Row, **options: dict[str, str]) -> list[str | None]:
    found = find_headings(_even([*rows, DATA]), PEOPLE, **options)
    return [found.guesses.get(column) for column in range(len(found.headings))]


def _even(rows: list[Row]) -> list[Row]:
    width = max(map(len, rows))
    return [row + (None,) * (width - len(row)) for row in rows]


def test_canonical_headings_are_all_known() -> None:
    found = find_headings(_even([CANONICAL, DATA]), PEOPLE)
    assert tuple(found.guesses[column] for column in range(20)) == CODES
    assert (found.first_data_row, found.unknown, found.doubtful, found.missing_required) == (1, (), (), ())


def test_order_is_free() -> None:
    assert guesses(tuple(reversed(CANONICAL))) == list(reversed(CODES))


@pytest.mark.parametrize(
    ("heading", "code"),
    [
        ("نام\u200cخانوادگی", "family_name"),
        ("نام خانوادگي", "family_name"),
        ("نــام پدر", "father_name"),
        ("كد\xa0خانوار :", "household_code"),
        ("(تاریخ تولد)", "birth_on"),
        ("آدرس", "address"),
        ("موبایل", "phone"),
        ("کدپستی", "postal_code"),
        ("نسبت", "relation"),
        ("شماره کارت", "document_number"),
        ("Family Name", "family_name"),
        ("DATE_OF_BIRTH", "birth_on"),
        ("household_code", "household_code"),
        ("پدر نام", "father_name"),
    ],
)
def test_spelling_is_free(heading: str, code: str) -> None:
    known = "جنسیت", "تابعیت"
    assert guesses((heading, *known))[0] == code


@pytest.mark.parametrize(
    ("typo", "code"),
    [("نام خنوادگی", "family_name"), ("تاریح تولد", "birth_on"), ("شماره مدرکک", "document_number")],
)
def test_small_typo_is_a_doubtful_guess(typo: str, code: str) -> None:
    found = find_headings(_even([("کد خانوار", "نسبت", typo), DATA]), PEOPLE)
    assert found.guesses[2] == code
    assert found.doubtful == (2,)


@pytest.mark.parametrize("heading", ["نام مادر", "محل صدور", "تعداد خانوار", "تلفن ثابت", "تاریخ مراجعه", "ردیف"])
def test_another_column_is_not_guessed(heading: str) -> None:
    found = find_headings(_even([("کد خانوار", "نسبت", heading), DATA]), PEOPLE)
    assert found.unknown == (2,)


def test_titles_above_are_passed_over() -> None:
    title: Row = ("فهرست خانوارهای استان قم",) * 20
    found = find_headings(_even([title, ("تاریخ تهیه", "1405/01/01"), CANONICAL, DATA]), PEOPLE)
    assert found.first_data_row == 3
    assert len(found.guesses) == 20


def test_title_in_the_first_cell_is_no_parent() -> None:
    found = find_headings(_even([("فهرست خانوارها",), CANONICAL, DATA]), PEOPLE)
    assert (found.first_data_row, found.headings) == (2, CANONICAL)


def test_two_rows_with_merged_parents() -> None:
    above: Row = ("کد خانوار", "نسبت", "مشخصات فردی", "مشخصات فردی", "مشخصات مدرک", "مشخصات مدرک", "مشخصات پدر")
    beneath: Row = ("کد خانوار", "نسبت", "نام", "تاریخ تولد", "نوع", "شماره", "نام")
    found = find_headings(_even([above, beneath, DATA]), PEOPLE)
    assert found.first_data_row == 2
    assert list(found.guesses.values()) == [
        "household_code", "relation", "given_name", "birth_on", "document_kind", "document_number", "father_name",
    ]  # fmt: skip
    assert found.headings[4] == "مشخصات مدرک - نوع"


def test_two_rows_where_merging_was_lost() -> None:
    above: Row = ("کد خانوار", "نسبت", "نام", "نام پدر", "تاریخ تولد", "مشخصات مدرک", None)
    beneath: Row = (None, None, None, None, None, "نوع", "شماره")
    assert guesses(above, beneath)[5:] == ["document_kind", "document_number"]


def test_two_rows_written_as_one_are_known_again() -> None:
    assert guesses(("کد خانوار", "نسبت", "مشخصات مدرک - نوع", "مشخصات مدرک - شماره"))[2:] == [
        "document_kind",
        "document_number",
    ]


def test_remembered_mapping_goes_first() -> None:
    remembered = {fold_heading("نام"): "family_name", fold_heading("ستون ۷"): "phone", fold_heading("نسبت"): ""}
    found = find_headings(_even([("نام", "ستون ۷", "نسبت", "کد خانوار"), DATA]), PEOPLE, remembered=remembered)
    assert found.guesses == {0: "family_name", 1: "phone", 3: "household_code"}
    assert found.unknown == ()


def test_remembered_mapping_alone_finds_the_row() -> None:
    remembered = {fold_heading("ستون الف"): "given_name", fold_heading("ستون ب"): "phone"}
    found = find_headings(_even([("گزارش",), ("ستون الف", "ستون ب"), DATA]), PEOPLE, remembered=remembered)
    assert (found.first_data_row, dict(found.guesses)) == (2, {0: "given_name", 1: "phone"})


def test_field_named_twice_is_guessed_once() -> None:
    found = find_headings(_even([("کد خانوار", "نام", "نام", "نسبت"), DATA]), PEOPLE)
    assert list(found.guesses) == [0, 1, 3]
    assert found.unknown == (2,)


def test_missing_required_fields_are_named() -> None:
    found = find_headings(_even([("کد خانوار", "نام"), DATA]), PEOPLE)
    assert found.missing_required == ("relation", "father_name", "birth_on", "document_number")


def test_unknown_language_still_has_a_row_to_map() -> None:
    found = find_headings(_even([("Liste",), ("Vorname", "Strasse", "Beruf", "Stand"), DATA]), PEOPLE)
    assert (found.first_data_row, found.guesses, found.unknown) == (2, {}, (0, 1, 2, 3))


def test_own_columns_of_a_refused_sheet_are_dropped() -> None:
    found = find_headings(_even([(ROW_HEADING, REASON_HEADING, *CANONICAL), DATA]), PEOPLE)
    assert sorted(found.guesses) == list(range(2, 22))
    assert found.unknown == ()


def test_numbers_alone_have_no_headings() -> None:
    with pytest.raises(HeadingsNotFound):
        find_headings([(1.0, 2.0), (3.0, 4.0)], PEOPLE)
