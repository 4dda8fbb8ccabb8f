"""The sheet of refused rows: safe to open, and readable when it comes back."""

import re
import zipfile
from datetime import date
from io import BytesIO
from pathlib import Path

from khedmat.imports.headings import find_headings
from khedmat.imports.reading import RawTable, Row, read_table
from khedmat.imports.refused_sheet import refused_sheet
from khedmat.imports.schema import REASON_HEADING, ROW_HEADING
from khedmat.registry.importing.people import PEOPLE
from tests.imports.books import HEADINGS

REASON = "تاریخ تولد «31/12/95» خوانده نمی‌شود."
ROW: Row = (101.0, "سرپرست", "علی", None, date(2016, 4, 13), "00123")


def sheet_parts(data: bytes) -> str:
    with zipfile.ZipFile(BytesIO(data)) as packed:
        return packed.read("xl/worksheets/sheet1.xml").decode()


def read_again(tmp_path: Path, data: bytes) -> RawTable:
    (tmp_path / "back").write_bytes(data)
    return read_table(tmp_path / "back", "refused.xlsx")


def test_columns_stay_in_their_order_behind_the_reason(tmp_path: Path) -> None:
    table = read_again(tmp_path, refused_sheet(HEADINGS, [(7, ROW, [REASON, "دوم"])]))
    assert table.rows[0] == (ROW_HEADING, REASON_HEADING, *HEADINGS)
    assert table.rows[1] == ("7", f"{REASON}\nدوم", "101", "سرپرست", "علی", None, "2016-04-13", "00123")


def test_sheet_sent_again_is_mapped_without_its_own_columns(tmp_path: Path) -> None:
    table = read_again(tmp_path, refused_sheet(HEADINGS, [(7, ROW, [REASON])]))
    found = find_headings(table.rows, PEOPLE)
    assert sorted(found.guesses) == [2, 3, 4, 5, 6, 7]
    assert (found.unknown, found.missing_required) == ((), ())


def test_nothing_in_the_sheet_is_run_or_read_as_a_number(tmp_path: Path) -> None:
    cells: Row = ('=HYPERLINK("http://x")', "@SUM(A1)", "+1", "http://example.org", "0012", "1E5")
    data = refused_sheet(HEADINGS, [(2, cells, ["=1+1"])])
    xml = sheet_parts(data)
    assert "<f>" not in xml
    assert "<hyperlink" not in xml
    assert set(re.findall(r'<c r="[A-Z]+[0-9]+"[^>]*?t="(\w+)"', xml)) == {"inlineStr"}
    assert "<v>" not in xml
    assert read_again(tmp_path, data).rows[1] == ("2", "=1+1", *cells)


def test_sheet_runs_from_right_to_left() -> None:
    assert 'rightToLeft="1"' in sheet_parts(refused_sheet(HEADINGS, []))


def test_characters_that_a_sheet_cannot_hold_become_spaces(tmp_path: Path) -> None:
    data = refused_sheet(["نام"], [(2, ("ع\x00ل\x1fی\ud800",), ["x" * 40_000])])
    row = read_again(tmp_path, data).rows[1]
    assert row[2] == "ع ل ی "
    assert len(str(row[1])) == 32_767


def test_blank_sheet_has_its_headings(tmp_path: Path) -> None:
    assert read_again(tmp_path, refused_sheet(HEADINGS, [])).rows[0][2:] == HEADINGS
