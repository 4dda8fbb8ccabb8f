"""The sheet of refused rows: what was sent, with the reason beside it, ready to be corrected and sent again."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from io import BytesIO
from typing import Final

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from khedmat.imports.reading import Cell
from khedmat.imports.schema import REASON_HEADING, ROW_HEADING

RefusedRow = tuple[int, Sequence[Cell], Sequence[str]]

_SHEET: Final = "ردشده‌ها"
_NUMBER_WIDTH, _REASON_WIDTH, _CELL_WIDTH = 14, 70, 18
_MOST_CHARACTERS: Final = 32_767
_KEPT_WHOLE: Final = 10**15


def refused_sheet(headings: Sequence[str], rows: Iterable[RefusedRow]) -> bytes:
    """An XLSX: the source's row number, what to do, then the source's columns in their order.

    Every cell is text, so that no spreadsheet runs, rounds or re-reads what stands in it; dates are written as
    ISO. `rows` are (row number of the source, its cells, reasons in the reader's language).
    """
    out = BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        book.set_properties({"title": _SHEET})
        head = book.add_format({"bold": True, "num_format": "@", "bottom": 1, "text_wrap": True, "valign": "top"})
        plain = book.add_format({"num_format": "@", "valign": "top"})
        wrapped = book.add_format({"num_format": "@", "valign": "top", "text_wrap": True})
        sheet = book.add_worksheet(_SHEET)
        sheet.right_to_left()
        sheet.freeze_panes(1, 2)
        sheet.set_column(0, 0, _NUMBER_WIDTH, plain)
        sheet.set_column(1, 1, _REASON_WIDTH, wrapped)
        # New rows somebody types below stay text too.
        sheet.set_column(2, max(2, len(headings) + 1), _CELL_WIDTH, plain)
        _write_row(sheet, 0, [ROW_HEADING, REASON_HEADING, *headings], [head, head], head)
        for index, (number, cells, reasons) in enumerate(rows, start=1):
            texts = [str(number), "\n".join(reasons), *map(cell_text, cells)]
            _write_row(sheet, index, texts, [plain, wrapped], plain)
    return out.getvalue()


def _write_row(sheet: Worksheet, index: int, texts: Sequence[str], first: Sequence[Format], rest: Format) -> None:
    for column, text in enumerate(texts):
        if text:
            sheet.write_string(index, column, text, first[column] if column < len(first) else rest)


def cell_text(cell: Cell) -> str:
    """A cell as text that reads as the same value again."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < _KEPT_WHOLE:
        return str(int(cell))
    if isinstance(cell, str) and cell.isprintable():
        return cell[:_MOST_CHARACTERS]
    # Characters that XML cannot hold would leave a sheet that no program opens.
    return "".join(c if c.isprintable() or c in "\n\t\u200c" else " " for c in str(cell))[:_MOST_CHARACTERS]
