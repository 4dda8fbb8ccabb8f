"""What a file's content makes of it: XLSX, and text in each encoding and with each delimiter."""

from datetime import date, datetime
from pathlib import Path

import pytest
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from khedmat.imports.enums import TableForm
from khedmat.imports.errors import SheetNotThere, TableEmpty, TextDamaged
from khedmat.imports.reading import read_table
from tests.imports.books import FAMILY, HEADINGS, book, table

TEXT = "نام,نام پدر,کد پستی\r\nعلي,حسن,1345678911\r\n"


def read_bytes(tmp_path: Path, data: bytes, name: str = "register.csv") -> tuple[object, ...]:
    path = tmp_path / "upload"
    path.write_bytes(data)
    return tuple(read_table(path, name).rows)


@pytest.mark.parametrize(
    ("codec", "bom", "name"),
    [
        ("utf-8", b"", "UTF-8"),
        ("utf-8", b"\xef\xbb\xbf", "UTF-8"),
        ("utf-16-le", b"\xff\xfe", "UTF-16"),
        ("utf-16-be", b"\xfe\xff", "UTF-16"),
        ("utf-16-le", b"", "UTF-16"),
        ("utf-16-be", b"", "UTF-16"),
        ("cp1256", b"", "CP1256"),
    ],
)
def test_text_in_each_encoding(tmp_path: Path, codec: str, bom: bytes, name: str) -> None:
    path = tmp_path / "upload"
    text = TEXT.replace("ی", "ي") if codec == "cp1256" else TEXT
    path.write_bytes(bom + text.encode(codec))
    found = read_table(path, "register.csv")
    assert (found.form, found.encoding, found.delimiter) == (TableForm.CSV, name, ",")
    assert list(found.rows)[1] == ("علي", "حسن", "1345678911")
    assert list(found.row_numbers) == [1, 2]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_text_with_each_delimiter(tmp_path: Path, delimiter: str) -> None:
    text = f'گزارش خانوارها\nنام{delimiter}نشانی\nعلی{delimiter}"قم، بهار{delimiter} ۲"\n'
    assert read_bytes(tmp_path, text.encode(), "register.txt")[1:] == (
        ("نام", "نشانی"),
        ("علی", f"قم، بهار{delimiter} ۲"),
    )


def test_blank_rows_go_and_the_row_numbers_stay(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_text("الف,ب\n,\n\n \u200c,\n1,2,3\n", encoding="utf-8")
    found = read_table(path, "x.csv")
    assert list(found.rows) == [("الف", "ب", None), ("1", "2", "3")]
    assert list(found.row_numbers) == [1, 5]


def test_damaged_utf8_is_refused_rather_than_read_as_cp1256(tmp_path: Path) -> None:
    with pytest.raises(TextDamaged):
        read_bytes(tmp_path, (TEXT * 20).encode() + b"\xd8," + TEXT.encode())


def test_workbook_under_any_temporary_name(tmp_path: Path) -> None:
    path = table(tmp_path / "upload", [HEADINGS, *FAMILY])
    found = read_table(path, "Register.XLSX")
    assert (found.form, found.sheets, found.sheet) == (TableForm.XLSX, ("برگه۱",), "برگه۱")
    assert list(found.rows) == [HEADINGS, *FAMILY]


def test_workbook_cells_keep_their_kinds(tmp_path: Path) -> None:
    def write(sheet: Worksheet) -> None:
        sheet.write_row(0, 0, ["متن", 17.0, True])
        sheet.write_datetime(0, 3, datetime(2016, 4, 13), day)  # noqa: DTZ001
        sheet.write_datetime(0, 4, datetime(2016, 4, 13, 5, 6), moment)  # noqa: DTZ001
        sheet.write_formula(0, 5, "=1+1", None, 2)
        sheet.write_formula(0, 6, "=1/0", None, "#DIV/0!")
        sheet.write(1, 1, "x")

    with xlsxwriter.Workbook(str(tmp_path / "upload")) as made:
        day = made.add_format({"num_format": "yyyy-mm-dd"})
        moment = made.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        write(made.add_worksheet())
    row = read_table(tmp_path / "upload", "x.xlsx").rows[0]
    assert row == ("متن", 17.0, True, date(2016, 4, 13), datetime(2016, 4, 13, 5, 6), 2.0, None)  # noqa: DTZ001


def test_table_away_from_the_corner_keeps_its_columns_and_rows(tmp_path: Path) -> None:
    found = read_table(book(tmp_path / "upload", lambda sheet: sheet.write_row(4, 2, ["a", "b"])), "x.xlsx")
    assert list(found.rows) == [(None, None, "a", "b")]
    assert list(found.row_numbers) == [5]


def test_merged_address_reaches_every_member(tmp_path: Path) -> None:
    def write(sheet: Worksheet) -> None:
        for index, name in enumerate(["نام", "علی", "زهرا", "حسین"]):
            sheet.write(index, 0, name)
        sheet.write(0, 1, "نشانی")
        sheet.merge_range(1, 1, 3, 1, "قم، بهار")

    found = read_table(book(tmp_path / "upload", write), "x.xlsx")
    assert [row[1] for row in found.rows] == ["نشانی", "قم، بهار", "قم، بهار", "قم، بهار"]


def test_merged_parent_reaches_every_child_heading(tmp_path: Path) -> None:
    def write(sheet: Worksheet) -> None:
        sheet.merge_range(0, 0, 0, 1, "مشخصات مدرک")
        sheet.write_row(1, 0, ["نوع", "شماره"])

    found = read_table(book(tmp_path / "upload", write), "x.xlsx")
    assert found.rows[0] == ("مشخصات مدرک", "مشخصات مدرک")


def test_merged_blank_row_below_a_table_stays_blank(tmp_path: Path) -> None:
    def write(sheet: Worksheet) -> None:
        sheet.write_row(0, 0, ["الف", "ب"])
        sheet.merge_range(1, 0, 50, 0, "پایان")

    assert len(read_table(book(tmp_path / "upload", write), "x.xlsx").rows) == 2


def test_sheet_by_name_hidden_and_blank_sheets(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "upload")) as made:
        made.add_worksheet("خالی")
        made.add_worksheet("پنهان").write(0, 0, "راز")
        made.get_worksheet_by_name("پنهان").hide()
        made.add_worksheet("یک").write_row(0, 0, ["الف", "ب"])
        made.add_worksheet("دو").write_row(0, 0, ["ج", "د"])
    path = tmp_path / "upload"
    assert read_table(path, "x.xlsx").sheet == "یک"
    assert read_table(path, "x.xlsx").sheets == ("خالی", "یک", "دو")
    assert read_table(path, "x.xlsx", sheet="دو").rows[0] == ("ج", "د")
    with pytest.raises(SheetNotThere):
        read_table(path, "x.xlsx", sheet="پنهان")
    with pytest.raises(TableEmpty):
        read_table(path, "x.xlsx", sheet="خالی")
