"""One row of a register's file: the person it becomes, or all the reasons why not."""

from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest
from django.utils.translation import override
from hypothesis import given, settings
from hypothesis import strategies as st

from khedmat.common.jalali import from_jalali
from khedmat.config.demo.untidy_register import Form, write_untidy_register
from khedmat.imports.dates import date_order_of_column
from khedmat.imports.enums import DateOrder
from khedmat.imports.headings import find_headings
from khedmat.imports.reading import Cell, read_table
from khedmat.imports.reasons import Problem, reasons_text
from khedmat.registry.enums import DocumentKind, Relation, Sex
from khedmat.registry.importing.people import PEOPLE
from khedmat.registry.importing.rows import DATE_FIELDS, PersonRow, read_row
from khedmat.registry.importing.writing import Batch
from khedmat.registry.naming import words_of_name

TODAY = from_jalali(1405, 9, 1)
RIGHT: dict[str, Cell] = {
    "household_code": 101.0,
    "relation": "سرپرست",
    "given_name": "علي",
    "family_name": "رضايي",
    "father_name": "حسن",
    "sex": "مرد",
    "birth_on": "25/1/60",
    "birth_place": "هرات",
    "nationality": "افغانستانی",
    "document_kind": "کارت آمایش",
    "document_number": "۱۷۴۴۱۰۰۰۰۰۱",
    "issued_on": "1404/02/15",
    "valid_until": "1405/12/29",
    "fida_code": 123456789012.0,
    "province": "استان قم",
    "county": "شهرستان قم",
    "address": "خیابان بهار",
    "postal_code": "3714657891",
    "phone": 9123456789.0,
}


def outcome(of_round: str = "amayesh-17", /, **cells: Cell) -> PersonRow | list[Problem]:
    return read_row({**RIGHT, **cells}, series=of_round, date_orders={}, today=TODAY, province="25")


def person(**cells: Cell) -> PersonRow:
    found = outcome(**cells)
    assert isinstance(found, PersonRow), found
    return found


def reasons(of_round: str = "amayesh-17", /, **cells: Cell) -> list[str]:
    found = outcome(of_round, **cells)
    assert isinstance(found, list)
    with override("fa"):
        return [text.replace("\u2068", "").replace("\u2069", "") for text in reasons_text(found, PEOPLE)]


def notes(**cells: Cell) -> set[str]:
    return {note.code for note in person(**cells).notes}


def test_right_row_becomes_a_person() -> None:
    assert person() == PersonRow(
        household_code="101",
        relation=Relation.HEAD,
        given_name="علی",
        family_name="رضایی",
        father_name="حسن",
        grandfather_name="",
        latin_name="",
        sex=Sex.MALE,
        birth_on=from_jalali(1360, 1, 25),
        birth_place="هرات",
        nationality="AFG",
        document_kind=DocumentKind.AMAYESH_CARD,
        document_number="17441000001",
        issued_on=from_jalali(1404, 2, 15),
        valid_until=from_jalali(1405, 12, 29),
        fida_code="123456789012",
        province="25",
        county="2501",
        address="خیابان بهار",
        postal_code="3714657891",
        phone="+989123456789",
        notes=person().notes,
    )
    assert notes() == {"two-digit-year", "leading-zeros"}


@pytest.mark.parametrize(
    ("word", "relation"),
    [
        ("خود سرپرست", Relation.HEAD), ("سرپرست خانوار", Relation.HEAD), ("همسر", Relation.SPOUSE),
        ("پسر", Relation.SON), ("فرزند پسر", Relation.SON), ("فرزندپسر", Relation.SON), ("پدر", Relation.FATHER),
        ("برادر", Relation.BROTHER), ("نوه", Relation.GRANDCHILD), ("داماد", Relation.OTHER), ("Son", Relation.SON),
        ("son", Relation.SON), ("فرزند", Relation.SON),
    ],
)  # fmt: skip
def test_relation_words(word: str, relation: Relation) -> None:
    assert person(relation=word).relation == relation


@pytest.mark.parametrize("word", ["زن", "ز", "مونث", "مؤنث", "F", "female", "دختر"])
def test_sex_words(word: str) -> None:
    assert person(sex=word).sex == Sex.FEMALE


@pytest.mark.parametrize(
    ("relation", "sex"), [("دختر", "female"), ("مادر", "female"), ("پسر", "male"), ("زوجه", "female")]
)
def test_missing_sex_is_taken_from_the_relation(relation: str, sex: str) -> None:
    assert person(relation=relation, sex=None).sex == sex
    assert "sex-from-relation" in notes(relation=relation, sex=None)


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"relation": "همخانه"}, "نسبت با سرپرست «همخانه» شناخته نیست. یکی از این‌ها را بنویسید: سرپرست، همسر، پسر، دختر، پدر، مادر، برادر، خواهر، نوه، سایر."),  # noqa: E501
        ({"relation": "فرزند", "sex": None}, "از نسبت با سرپرست «فرزند» پیدا نیست که پسر است یا دختر. یکی را بنویسید، یا جنسیت را پر کنید."),  # noqa: E501
        ({"sex": None}, "جنسیت خالی است. آن را بنویسید."),
        ({"sex": "نامشخص"}, "جنسیت «نامشخص» شناخته نیست. «زن» یا «مرد» بنویسید."),
        ({"relation": "دختر"}, "جنسیت «مرد» با نسبت با سرپرست نمی‌خواند. یکی از این دو را درست کنید."),
        ({"nationality": "کشور دیگر"}, "تابعیت «کشور دیگر» شناخته نیست. نام کشور را بنویسید، مانند افغانستان."),
        ({"document_kind": "کارت قدیمی"}, "نوع مدرک «کارت قدیمی» شناخته نیست. آن را مانند فهرست مدرک‌ها بنویسید، برای نمونه کارت آمایش."),  # noqa: E501
        ({"document_number": None}, "شمارهٔ مدرک خالی است. آن را بنویسید."),
        ({"household_code": "\u200c"}, "کد خانوار خالی است. آن را بنویسید."),
        ({"given_name": "—"}, "نام خالی است. آن را بنویسید."),
        ({"birth_on": None}, "تاریخ تولد خالی است. آن را بنویسید."),
        ({"birth_on": "31/12/95"}, "تاریخ تولد «31/12/95» خوانده نمی‌شود: اسفند ۱۳۹۵، ۳۰ روز دارد. تاریخ درست را بنویسید."),  # noqa: E501
        ({"issued_on": "1350/1/1"}, "تاریخ صدور «1350/1/1» پیش از تولد است. یکی از این دو تاریخ را درست کنید."),
        ({"valid_until": "1403/1/1"}, "تاریخ اعتبار «1403/1/1» پیش از تاریخ صدور است. یکی از این دو تاریخ را درست کنید."),  # noqa: E501
        ({"province": "استان خیالی"}, "استان «استان خیالی» نام هیچ استانی نیست. نام رسمی استان را بنویسید."),
        ({"province": "یزد", "county": None}, "استان «یزد» با استان این فایل یکی نیست. این ردیف را برای همان استان بفرستید."),  # noqa: E501
        ({"county": "یزد"}, "شهرستان «یزد» از شهرستان‌های این استان نیست. نام رسمی شهرستان را بنویسید."),
        ({"latin_name": "علی"}, "در نام به حروف لاتین «علی» حرف غیرلاتین هست. آن را با حروف لاتین بنویسید."),
        ({"fida_code": "12345"}, "کد فراگیر «12345» ۵ رقم دارد، ولی باید ۶ رقم باشد. آن را دوباره از روی مدرک بخوانید."),  # noqa: E501
        ({"address": "=1+1"}, "نشانی «=1+1» مانند فرمول است. خودِ مقدار را بنویسید."),
    ],
)  # fmt: skip
def test_refused_row_says_why(cells: dict[str, Cell], reason: str) -> None:
    assert reasons(**cells) == [reason]


def test_all_problems_of_a_row_are_told() -> None:
    found = outcome(given_name=None, birth_on="1395/13/1", phone="x", postal_code="1", nationality=5.0)
    assert isinstance(found, list)
    assert [problem.field for problem in found] == ["postal_code", "phone", "birth_on", "nationality", "given_name"]


def test_child_may_have_no_document_yet() -> None:
    found = person(relation="پسر", document_number=None)
    assert (found.document_kind, found.document_number) == ("", "")
    assert "no-document-number" in notes(relation="پسر", document_number=None)


def test_missing_kind_is_the_card_of_the_round() -> None:
    assert person(document_kind=None).document_kind == DocumentKind.AMAYESH_CARD
    assert "document-kind-from-round" in notes(document_kind=None)
    assert reasons("", document_kind=None) == ["نوع مدرک خالی است. آن را بنویسید."]


def test_unique_code_of_an_unusual_length_is_kept() -> None:
    assert person(fida_code="1234567").fida_code == "1234567"
    assert "fida-length" in notes(fida_code="1234567")


def test_blank_province_is_that_of_the_file() -> None:
    assert person(province=None).province == "25"


def test_chosen_order_decides_a_date_with_two_readings() -> None:
    cells = {**RIGHT, "birth_on": "5/2/12"}
    found = read_row(cells, series="", date_orders={"birth_on": DateOrder.DAY_FIRST}, today=TODAY)
    assert isinstance(found, PersonRow)
    assert found.birth_on == from_jalali(1312, 2, 5)


@pytest.mark.parametrize("form", ["xlsx", "csv-utf8", "csv-utf16", "csv-cp1256"])
def test_untidy_register_is_read_as_foretold(tmp_path: Path, form: Form) -> None:
    path = tmp_path / "register"
    summary = write_untidy_register(path, rows=1_500, seed=7, province="قم", form=form, wrong_share=0.05)
    assert refusals(path, form) == {number: (problem,) for number, problem in summary.wrong.items()}
    assert summary.rows == 1_500
    assert sum(summary.problems.values()) == 75


def test_untidy_register_is_the_same_for_the_same_seed(tmp_path: Path) -> None:
    first, second, clean = (tmp_path / name for name in ("1", "2", "3"))
    for path, share in ((first, 0.1), (second, 0.1), (clean, 0.0)):
        write_untidy_register(path, rows=300, seed=3, province="قم", form="csv-utf8", wrong_share=share)
    assert first.read_bytes() == second.read_bytes()
    before, after = first.read_text().splitlines(), clean.read_text().splitlines()
    assert sum(one != other for one, other in zip(before, after, strict=True)) == 30
    assert refusals(clean, "csv-utf8") == {}


def refusals(path: Path, form: Form) -> dict[int, tuple[str, ...]]:
    """The problems of each refused row, by the file's row number."""
    table = read_table(path, "r.xlsx" if form == "xlsx" else "r.csv")
    found = find_headings(table.rows, PEOPLE)
    assert found.missing_required == ()
    columns = {code: column for column, code in found.guesses.items()}
    rows = list(zip(table.row_numbers, table.rows, strict=True))[found.first_data_row :]
    orders = {code: date_order_of_column(row[columns[code]] for _number, row in rows) for code in DATE_FIELDS}
    refused = {}
    for number, row in rows:
        cells = {code: row[column] for code, column in columns.items()}
        read = read_row(cells, series="amayesh-17", date_orders=orders, today=TODAY, province="25")
        if not isinstance(read, PersonRow):
            refused[number] = tuple(problem.code for problem in read)
    return refused


CELLS = st.one_of(
    st.none(), st.text(max_size=20), st.floats(), st.integers(), st.booleans(), st.dates(), st.datetimes()
)


@given(st.dictionaries(st.sampled_from([field.code for field in PEOPLE.fields]), CELLS), st.sampled_from(DateOrder))
@settings(max_examples=300, deadline=None)
def test_reading_a_row_is_total_and_always_says_why(cells: dict[str, Cell], order: DateOrder) -> None:
    orders = dict.fromkeys(DATE_FIELDS, order)
    found = read_row({**RIGHT, **cells}, series="amayesh-17", date_orders=orders, today=TODAY)
    if isinstance(found, list):
        assert all(reasons_text(found, PEOPLE))
    else:
        assert found.birth_on <= TODAY
        assert found.birth_on >= date(1881, 3, 21)


NAMES = st.one_of(st.just(""), st.just("-"), st.text("سیدعلیغلام ـ-aAlyhSd’", max_size=20))


@given(given_name=NAMES, family_name=NAMES, latin_name=NAMES)
def test_words_of_a_name_are_those_of_its_parts(given_name: str, family_name: str, latin_name: str) -> None:
    batch = Batch(is_written=True)
    person, said = uuid4(), {"given_name": given_name, "family_name": family_name, "latin_name": latin_name}
    batch.add_person(person, uuid4(), {**said, "birth_on": "1981-03-21"}, 2)
    words, year = batch.words[person]
    assert (words, year) == (frozenset(words_of_name(**said)), 1360)
