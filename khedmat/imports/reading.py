"""A file becomes a table of raw cells, or is refused in words.

What a file is, is decided by its content. Nothing a hostile file holds is opened in this process but text;
workbooks are read by `workbook_child.py`, under the operating system's limits on memory and time.
"""

import json
import subprocess
import sys
import threading
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from khedmat.imports import delimited
from khedmat.imports.enums import TableForm
from khedmat.imports.errors import (
    CellTooLong,
    NotATable,
    OldWorkbook,
    OtherWorkbook,
    SheetNotThere,
    TableEmpty,
    TableRefused,
    TableTooLarge,
    TableTooScattered,
    TableUnpacksTooLarge,
    TooManyColumns,
    TooManyRows,
    WebPageTable,
    WorkbookDamaged,
    WorkbookEncrypted,
    WorkbookHasMacros,
    WrongEnding,
)

Cell = str | int | float | bool | date | datetime | None
Row = tuple[Cell, ...]

MAX_BYTES: Final = 60 * 1024 * 1024
MAX_COLUMNS: Final = 200
MAX_ROWS: Final = 500_000
# Titles and headings stand above the rows that are counted.
ROWS_ABOVE: Final = 40
# More than can be read: a table of the allowed size is read whole.
ROWS_READ: Final = MAX_ROWS + ROWS_ABOVE + 1
READING_SECONDS: Final = 90

_CHILD: Final = Path(__file__).with_name("workbook_child.py")
_HEAD_BYTES: Final = 4096
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_STREAM: Final = "EncryptedPackage".encode("utf-16-le")
_PAGE_STARTS: Final = (b"<!doctype", b"<html", b"<table", b"<?xml", b"<head", b"<style", b"<meta", b"mime-version")
_BINARY_STARTS: Final = (
    b"%PDF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"\x7fELF",
    b"MZ",
    b"GIF8",
    b"Rar!",
    b"7z\xbc",
    b"\x1f\x8b",
)
_ENDINGS: Final = {TableForm.XLSX: {"", ".xlsx"}, TableForm.CSV: {"", ".csv", ".txt", ".tsv"}}
_INVISIBLE: Final = " \t\r\n\v\f\xa0\u200b\u200c\u200d\u200e\u200f\ufeff"
_MOST_SHARED: Final = 50_000
_SHARED_CHARACTERS: Final = 40
_REFUSALS: Final[dict[str, type[TableRefused]]] = {
    "encrypted": WorkbookEncrypted,
    "macros": WorkbookHasMacros,
    "other": OtherWorkbook,
    "not_table": NotATable,
    "unpacks": TableUnpacksTooLarge,
    "damaged": WorkbookDamaged,
    "scattered": TableTooScattered,
    "columns": TooManyColumns,
    "rows": TooManyRows,
    "sheet": SheetNotThere,
    "cell": CellTooLong,
    "empty": TableEmpty,
}


@dataclass(frozen=True, slots=True)
class RawTable:
    """The cells as they stand, blank rows left out, all rows equally wide; None is a blank cell.

    `row_numbers[i]` is the row of the source (from 1, as the spreadsheet shows it) that `rows[i]` comes from.
    `encoding` and `delimiter` are empty for a workbook; `sheets` lists its visible sheets.
    """

    form: TableForm
    rows: Sequence[Row]
    row_numbers: Sequence[int]
    sheets: tuple[str, ...] = ()
    sheet: str = ""
    encoding: str = ""
    delimiter: str = ""
    is_whole: bool = True


def read_table(path: Path, file_name: str, *, sheet: str | None = None, most_rows: int = ROWS_READ) -> RawTable:
    """The table in a file; `file_name` is the name it was sent under, `path` where it lies.

    Without `sheet` the first visible sheet that is not blank. A first look takes `most_rows` of it; the rest is
    then not looked at. Errors: the TableRefused family.
    """
    size = path.stat().st_size
    if size == 0:
        raise TableEmpty
    if size > MAX_BYTES:
        raise TableTooLarge
    form = _form_of(path)
    encoding = delimited.encoding_of(path) if form == TableForm.CSV else ""
    if Path(file_name).suffix.lower() not in _ENDINGS[form]:
        raise WrongEnding
    if form == TableForm.XLSX:
        return _read_workbook(path, sheet or "", most_rows)
    return _read_text(path, encoding, most_rows)


def _form_of(path: Path) -> TableForm:
    with path.open("rb") as handle:
        head = handle.read(_HEAD_BYTES)
    if head.startswith(b"PK\x03\x04"):
        return TableForm.XLSX
    if head.startswith(_OLE):
        raise WorkbookEncrypted if _ENCRYPTED_STREAM in path.read_bytes() else OldWorkbook
    if head.startswith(_BINARY_STARTS):
        raise NotATable
    if head.removeprefix(b"\xef\xbb\xbf").lstrip().lower().startswith(_PAGE_STARTS):
        raise WebPageTable
    return TableForm.CSV


class _Rows:
    """Gathers rows; texts that occur often (a province, a relation) are kept once."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.numbers = array("L")
        self._shared: dict[str, str] = {}

    def add(self, number: int, cells: list[Any]) -> None:
        self.rows.append(tuple(map(self._kept, cells)))
        self.numbers.append(number)

    def _kept(self, cell: Any) -> Any:
        if type(cell) is not str or len(cell) > _SHARED_CHARACTERS:
            return cell
        shared = self._shared
        known = shared.get(cell)
        if known is not None:
            return known
        if len(shared) < _MOST_SHARED:
            shared[cell] = cell
        return cell

    def padded(self) -> list[Row]:
        """All rows as wide as the widest."""
        width = max((len(row) for row in self.rows), default=0)
        for index, row in enumerate(self.rows):
            if len(row) < width:
                self.rows[index] = row + (None,) * (width - len(row))
        return self.rows


def _read_text(path: Path, encoding: str, most_rows: int) -> RawTable:
    delimiter = delimited.delimiter_of(path, encoding)
    gathered = _Rows()
    for number, record in delimited.rows_of(path, encoding, delimiter):
        if not "".join(record).strip(_INVISIBLE):
            continue
        cells = record if len(record) <= MAX_COLUMNS else _without_blank_end(record)
        if len(cells) > MAX_COLUMNS:
            raise TooManyColumns
        gathered.add(number, [cell or None for cell in cells])
        if len(gathered.numbers) > MAX_ROWS + ROWS_ABOVE:
            raise TooManyRows
        if len(gathered.numbers) == most_rows:
            break
    if not gathered.rows:
        raise TableEmpty
    return RawTable(
        TableForm.CSV,
        gathered.padded(),
        gathered.numbers,
        encoding=_encoding_name(encoding),
        delimiter=delimiter,
        is_whole=len(gathered.numbers) < most_rows,
    )


def _encoding_name(codec: str) -> str:
    """The name people know: UTF-8, UTF-16 or CP1256."""
    return "CP1256" if codec == "cp1256" else codec[:6].rstrip("-").upper()


def _without_blank_end(cells: list[str]) -> list[str]:
    end = len(cells)
    while end and not cells[end - 1].strip(_INVISIBLE):
        end -= 1
    return cells[:end]


def _read_workbook(path: Path, sheet: str, most_rows: int) -> RawTable:
    gathered = _Rows()
    head: dict[str, Any] = {}
    complete = False
    for line in _child_lines(path, sheet):
        if not line.endswith(b"\n"):
            break
        # A list is a row; objects inside one are dates.
        item = json.loads(line, object_hook=_date_or_dict)
        if isinstance(item, list):
            gathered.add(item[0], item[1])
            if len(gathered.numbers) == most_rows:
                break
        elif "refused" in item:
            raise _REFUSALS[item["refused"]]
        elif "rows" in item:
            complete = item["rows"] == len(gathered.rows)
        else:
            head = item
    is_whole = len(gathered.numbers) < most_rows
    if is_whole and not complete:
        # Killed for its time, or aborted for want of memory, before it could say so.
        raise TableTooScattered
    sheets = tuple(head["sheets"])
    return RawTable(TableForm.XLSX, gathered.padded(), gathered.numbers, sheets, head["sheet"], is_whole=is_whole)


def _child_lines(path: Path, sheet: str) -> Iterator[bytes]:
    command = [sys.executable, "-I", str(_CHILD), str(path.absolute()), sheet]
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}
    ) as child:
        alarm = threading.Timer(READING_SECONDS, child.kill)
        alarm.start()
        try:
            assert child.stdout is not None  # noqa: S101 - asked for above
            yield from child.stdout
        finally:
            alarm.cancel()
            child.kill()


def _date_or_dict(found: dict[str, Any]) -> Any:
    if "d" in found:
        return date.fromisoformat(found["d"])
    if "t" in found:
        return datetime.fromisoformat(found["t"])
    return found
