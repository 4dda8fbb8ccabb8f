"""Small workbooks for the tests of reading."""

import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

HEADINGS = ("کد خانوار", "نسبت با سرپرست", "نام", "نام پدر", "تاریخ تولد", "شماره مدرک")
FAMILY = (
    ("101", "سرپرست", "علی", "حسن", "1360/05/01", "17441000001"),
    ("101", "همسر", "زهرا", "رضا", "1365/02/11", "17441000002"),
)


def book(path: Path, write: Callable[[Worksheet], object], *, sheet: str = "برگه۱") -> Path:
    """A workbook of one sheet, filled by `write`."""
    with xlsxwriter.Workbook(str(path), {"strings_to_urls": False, "strings_to_formulas": False}) as made:
        write(made.add_worksheet(sheet))
    return path


def table(path: Path, rows: Sequence[Sequence[object]], *, top: int = 0) -> Path:
    """A workbook with these rows, the first at row `top` (from 0)."""

    def write(sheet: Worksheet) -> None:
        for index, row in enumerate(rows, start=top):
            sheet.write_row(index, 0, row)

    return book(path, write)


def archive(path: Path, entries: dict[str, bytes]) -> Path:
    """A zip file with these entries."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in entries.items():
            packed.writestr(name, data)
    return path
