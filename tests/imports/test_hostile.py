"""Files that mean harm, or only look like tables: refused in words, within seconds."""

import os
import struct
import time
import zipfile
from pathlib import Path

import pytest
import xlsxwriter
from django.utils.translation import override

from khedmat.imports import errors
from khedmat.imports.reading import RawTable, read_table
from tests.imports.books import FAMILY, HEADINGS, archive, table

SECONDS = 15
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
TYPES = (
    b'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    b'<Override PartName="/xl/workbook.xml" ContentType="application/vnd.%s.sheet.main+xml"/></Types>'
)
PLAIN_TYPES = TYPES % b"openxmlformats-officedocument.spreadsheetml"


def read_in_time(path: Path, name: str) -> RawTable:
    began = time.monotonic()
    try:
        return read_table(path, name)
    finally:
        assert time.monotonic() - began < SECONDS


def refused(path: Path, name: str = "register.xlsx") -> type[errors.TableRefused]:
    with pytest.raises(errors.TableRefused) as raised:
        read_in_time(path, name)
    with override("fa"):
        sentence = str(raised.value)
    assert raised.value.status == 422
    assert not any("A" <= letter <= "Z" for letter in sentence.replace("CSV", "").replace("UTF", ""))
    return raised.type


def written(tmp_path: Path, data: bytes) -> Path:
    path = tmp_path / "upload"
    path.write_bytes(data)
    return path


def parts_of(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def with_sheet(tmp_path: Path, xml: bytes) -> Path:
    """An ordinary workbook whose sheet is this XML."""
    parts = parts_of(table(tmp_path / "plain", [HEADINGS]))
    return archive(tmp_path / "upload", {**parts, "xl/worksheets/sheet1.xml": xml})


def test_empty_file(tmp_path: Path) -> None:
    assert refused(written(tmp_path, b"")) is errors.TableEmpty
    assert refused(written(tmp_path, b",,,\n" * 50), "x.csv") is errors.TableEmpty


def test_file_over_the_cap(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    with path.open("wb") as handle:
        handle.truncate(60 * 1024 * 1024 + 1)
    assert refused(path) is errors.TableTooLarge


def test_zip_bomb_by_its_directory(tmp_path: Path) -> None:
    xml = b"<worksheet><sheetData>" + b" " * 200_000_000
    assert refused(with_sheet(tmp_path, xml)) is errors.TableUnpacksTooLarge


def test_zip_bomb_whose_directory_lies(tmp_path: Path) -> None:
    path = with_sheet(tmp_path, b"<worksheet><sheetData>" + b" " * 5_000_000)
    data = bytearray(path.read_bytes())
    at = data.rfind(b"xl/worksheets/sheet1.xml")
    struct.pack_into("<I", data, at - 22, 5_000)  # the unpacked size in the central directory
    assert refused(written(tmp_path, bytes(data))) is errors.TableUnpacksTooLarge


def test_zip_of_many_entries(tmp_path: Path) -> None:
    entries = {f"x{number}": b"" for number in range(6_000)}
    assert refused(archive(tmp_path / "upload", entries)) is errors.TableUnpacksTooLarge


def test_million_blank_rows_in_text_cost_nothing(tmp_path: Path) -> None:
    path = written(tmp_path, "نام,نام پدر\nعلی,حسن\n".encode() + b",,,,,,,,\n" * 1_000_000)
    assert len(read_in_time(path, "x.csv").rows) == 2


def test_million_blank_rows_in_a_workbook_cost_nothing(tmp_path: Path) -> None:
    blank = b"".join(b'<row r="%d" s="1"/>' % number for number in range(2, 1_000_001))
    first = b'<row r="1"><c r="A1"><v>7</v></c><c r="B1"><v>8</v></c></row>'
    path = with_sheet(tmp_path, b"<worksheet><sheetData>" + first + blank + b"</sheetData></worksheet>")
    assert list(read_in_time(path, "x.xlsx").rows) == [(7.0, 8.0)]


def test_million_rows_of_blank_styled_cells_are_refused_or_trimmed(tmp_path: Path) -> None:
    cells = b"".join(b'<c r="%c{0}" s="1"/>' % column for column in b"A")
    row = b'<row r="{0}">' + cells + b"</row>"
    blank = b"".join(row.replace(b"{0}", b"%d" % number) for number in range(2, 1_000_001))
    first = b'<row r="1"><c r="A1"><v>7</v></c></row>'
    path = with_sheet(tmp_path, b"<worksheet><sheetData>" + first + blank + b"</sheetData></worksheet>")
    assert list(read_in_time(path, "x.xlsx").rows) == [(7.0,)]


def test_blank_styled_cells_over_the_cap(tmp_path: Path) -> None:
    xml = b"<worksheet><sheetData>" + b'<c s="1"/>' * 8_000_000
    assert refused(with_sheet(tmp_path, xml)) is errors.TableUnpacksTooLarge


def test_one_cell_in_the_last_corner(tmp_path: Path) -> None:
    far = b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'
    path = with_sheet(tmp_path, b"<worksheet><sheetData>" + far + b"</sheetData></worksheet>")
    assert refused(path) is errors.TableTooScattered


def test_ten_thousand_columns(tmp_path: Path) -> None:
    assert refused(table(tmp_path / "upload", [["x"] * 10_000] * 3)) is errors.TooManyColumns
    text = ",".join(["x"] * 10_000)
    assert refused(written(tmp_path, f"{text}\n{text}\n".encode()), "x.csv") is errors.TooManyColumns


def test_too_many_rows(tmp_path: Path) -> None:
    assert refused(written(tmp_path, b"a,b\n" * 500_100), "x.csv") is errors.TooManyRows


@pytest.mark.parametrize(
    "data",
    [b"%PDF-1.7\n" + b"x" * 99, b"\x89PNG\r\n\x1a\n" + b"\x00" * 99, os.urandom(4000).replace(b"PK", b"") + bytes(9)],
)
@pytest.mark.parametrize("name", ["register.xlsx", "register.csv"])
def test_another_kind_of_file(tmp_path: Path, data: bytes, name: str) -> None:
    assert refused(written(tmp_path, data), name) is errors.NotATable


def test_ending_that_does_not_fit(tmp_path: Path) -> None:
    path = table(tmp_path / "upload", [HEADINGS, *FAMILY])
    assert refused(path, "register.csv") is errors.WrongEnding
    assert refused(path, "register.pdf") is errors.WrongEnding
    assert refused(written(tmp_path, b"a,b\n1,2\n"), "register.xlsx") is errors.WrongEnding


def test_old_and_encrypted_workbooks(tmp_path: Path) -> None:
    assert refused(written(tmp_path, OLE + bytes(600)), "register.xls") is errors.OldWorkbook
    encrypted = OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le") + bytes(90)
    assert refused(written(tmp_path, encrypted)) is errors.WorkbookEncrypted


def test_workbook_with_macros(tmp_path: Path) -> None:
    macros = {"[Content_Types].xml": TYPES % b"ms-excel.sheet.macroEnabled.main+xml", "xl/vbaProject.bin": b"x"}
    assert refused(archive(tmp_path / "upload", macros)) is errors.WorkbookHasMacros


def test_other_workbooks_and_archives(tmp_path: Path) -> None:
    ods = {"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b"<x/>"}
    assert refused(archive(tmp_path / "ods", ods)) is errors.OtherWorkbook
    assert refused(archive(tmp_path / "zip", {"letter.txt": b"x"})) is errors.NotATable
    assert refused(archive(tmp_path / "docx", {"[Content_Types].xml": b"wordprocessingml"})) is errors.NotATable


def test_web_page_under_the_name_of_a_workbook(tmp_path: Path) -> None:
    page = b"\xef\xbb\xbf\n<HTML><table><tr><td>1</td></tr></table>"
    assert refused(written(tmp_path, page), "register.xls") is errors.WebPageTable


def test_workbook_cut_short(tmp_path: Path) -> None:
    whole = table(tmp_path / "whole", [HEADINGS, *FAMILY]).read_bytes()
    assert refused(written(tmp_path, whole[:-200])) is errors.WorkbookDamaged
    assert refused(with_sheet(tmp_path, b"<worksheet><sheetData><row")) is errors.WorkbookDamaged
    assert refused(archive(tmp_path / "bare", {"[Content_Types].xml": PLAIN_TYPES})) is errors.WorkbookDamaged


def test_quotation_mark_that_is_never_closed(tmp_path: Path) -> None:
    text = 'a,b\n1,"2\n' + "3,4\n" * 30_000
    assert refused(written(tmp_path, text.encode()), "x.csv") is errors.CellTooLong


def test_merged_ranges_without_end(tmp_path: Path) -> None:
    merged = b'<mergeCell ref="A1:CV1000"/>' * 300_001
    data = b'<worksheet><sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData><mergeCells>'
    assert refused(with_sheet(tmp_path, data + merged + b"</mergeCells></worksheet>")) is errors.TableTooScattered


def test_shared_strings_that_refer_to_nothing(tmp_path: Path) -> None:
    xml = b'<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>99999999</v></c></row></sheetData></worksheet>'
    with pytest.raises(errors.TableRefused):
        read_table(with_sheet(tmp_path, xml), "x.xlsx")


def test_formula_text_is_read_as_text_and_never_run(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "upload"), {"strings_to_formulas": False}) as made:
        made.add_worksheet().write_row(0, 0, ['=HYPERLINK("http://x","y")', "b"])
    assert read_table(tmp_path / "upload", "x.xlsx").rows[0][0] == '=HYPERLINK("http://x","y")'
