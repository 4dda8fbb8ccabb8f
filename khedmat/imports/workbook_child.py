"""Reads one sheet of one workbook, in a process of its own: JSON lines on standard output.

Run by path with `python -I WORKBOOK SHEET`, so it imports nothing of this house. The reader lays a sheet out
as a full rectangle: one stray cell in the last corner asks for 500 GB and aborts the process. A process of
its own, under the operating system's limits, is what makes that a sentence instead of an outage.

Lines: `{"sheets": [...], "sheet": name}`, then `[row number from 1, [cells]]` for each row that is not blank,
then `{"rows": count}`; or, at any time, `{"refused": word}` as the last line.
"""

import json
import resource
import struct
import sys
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, BinaryIO, Final

import python_calamine

MEMORY_BYTES: Final = 1200 * 1024 * 1024
CPU_SECONDS: Final = 60
MAX_UNPACKED_BYTES: Final = 800 * 1024 * 1024
# A table of text packs 5 to 15 times smaller; only blank styled cells and bombs pack better than this.
MAX_RATIO: Final = 150
RATIO_COUNTS_FROM_BYTES: Final = 64 * 1024 * 1024
MAX_ENTRIES: Final = 5_000
MAX_COLUMNS: Final = 200
MAX_ROWS: Final = 500_000
# Titles and headings stand above the rows that are counted.
ROWS_ABOVE: Final = 40
MAX_MERGED: Final = 300_000
MAX_MERGED_AT_ONCE: Final = 400
MAX_CELL_CHARACTERS: Final = 32_767
STEP_BYTES: Final = 1024 * 1024
LOCAL_HEADER: Final = struct.Struct("<4s5H3I2H")
DEFLATED: Final = 8
INVISIBLE: Final = " \t\r\n\v\f\xa0\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\ufeff\u2060\u3000"

Row = list[Any]
MergedRange = tuple[tuple[int, int], tuple[int, int]]


class Refused(Exception):
    """Carries the verdict word."""

    def __init__(self, verdict: str) -> None:
        super().__init__(verdict)
        self.verdict = verdict


def check_archive(path: str) -> None:
    """Errors: Refused: encrypted, macros, other, not_table, unpacks, damaged."""
    with zipfile.ZipFile(path) as archive, open(path, "rb") as raw:
        entries = archive.infolist()
        if len(entries) > MAX_ENTRIES:
            raise Refused("unpacks")
        if any(entry.flag_bits & 1 for entry in entries):
            raise Refused("encrypted")
        unpacked, packed = sum(e.file_size for e in entries), sum(e.compress_size for e in entries)
        if unpacked > MAX_UNPACKED_BYTES or (unpacked > RATIO_COUNTS_FROM_BYTES and unpacked > packed * MAX_RATIO):
            raise Refused("unpacks")
        _check_kind(archive)
        grown = 0
        for entry in entries:
            grown += _inflated_bytes(raw, entry, MAX_UNPACKED_BYTES - grown)


def _check_kind(archive: zipfile.ZipFile) -> None:
    names = {name.lower() for name in archive.namelist()}
    if "[content_types].xml" not in names:
        raise Refused("other" if "mimetype" in names or "index.zip" in names else "not_table")
    types = archive.read(next(n for n in archive.namelist() if n.lower() == "[content_types].xml")).lower()
    if b"macroenabled" in types or any(name.endswith("vbaproject.bin") for name in names):
        raise Refused("macros")
    if b"sheet.binary" in types:
        raise Refused("other")
    if b"spreadsheetml" not in types:
        raise Refused("not_table")


def _inflated_bytes(raw: BinaryIO, entry: zipfile.ZipInfo, limit: int) -> int:
    """Bytes the entry really unpacks to: the directory may lie, and the reader would not notice."""
    raw.seek(entry.header_offset)
    header = LOCAL_HEADER.unpack(raw.read(LOCAL_HEADER.size))
    if header[0] != b"PK\x03\x04":
        raise Refused("damaged")
    raw.seek(header[9] + header[10], 1)
    if entry.compress_type != DEFLATED:
        return entry.compress_size
    inflater, grown, left = zlib.decompressobj(-15), 0, entry.compress_size
    pending = b""
    while not inflater.eof:
        if not pending:
            pending = raw.read(min(STEP_BYTES, left))
            left -= len(pending)
            if not pending:
                break
        grown += len(inflater.decompress(pending, STEP_BYTES))
        pending = inflater.unconsumed_tail
        if grown > min(limit, entry.file_size):
            raise Refused("unpacks")
    return grown


class MergedCells:
    """Fills the cells of merged ranges: down everywhere, sideways only in the first rows (headings)."""

    def __init__(self, ranges: list[MergedRange]) -> None:
        if len(ranges) > MAX_MERGED:
            raise Refused("scattered")
        self._starting: dict[int, list[MergedRange]] = {}
        for merged in ranges:
            self._starting.setdefault(merged[0][0], []).append(merged)
        self._open: list[tuple[MergedRange, Any]] = []

    def fill(self, index: int, row: Row) -> None:
        """`index` from 0, in rising order without gaps."""
        if self._open:
            self._open = [item for item in self._open if item[0][1][0] >= index]
        for merged in self._starting.pop(index, ()):
            column = merged[0][1]
            if column < len(row) and not _is_blank(row[column]):
                self._open.append((merged, row[column]))
        if len(self._open) > MAX_MERGED_AT_ONCE:
            raise Refused("scattered")
        for ((_top, left), (_bottom, right)), value in self._open:
            last = right if index < ROWS_ABOVE else left
            for column in range(left, min(last, len(row) - 1) + 1):
                if _is_blank(row[column]):
                    row[column] = value


def _is_blank(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip(INVISIBLE))


def _is_blank_row(row: Row) -> bool:
    return all(_is_blank(cell) for cell in row)


def rows_of(sheet: Any) -> Iterator[tuple[int, Row]]:
    """(row number from 1, cells from column A on) of every row that is not blank, merged cells filled."""
    if sheet.start is None:
        return
    left = sheet.start[1]
    width = sheet.end[1] + 1
    if width > MAX_COLUMNS:
        width = left + max((_filled_width(row) for row in sheet.iter_rows()), default=0)
        if width > MAX_COLUMNS:
            raise Refused("columns")
    merged = MergedCells(sheet.merged_cell_ranges or [])
    before = [""] * left
    count = 0
    for index, cells in enumerate(sheet.iter_rows()):
        row = (before + cells)[:width]
        blank = _is_blank_row(row)
        merged.fill(index, row)
        if blank:
            continue
        count += 1
        if count > MAX_ROWS + ROWS_ABOVE:
            raise Refused("rows")
        yield index + 1, row


def _filled_width(row: Row) -> int:
    for index in range(len(row), 0, -1):
        if not _is_blank(row[index - 1]):
            return index
    return 0


def _as_json(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"t": value.isoformat()}
    if isinstance(value, date):
        return {"d": value.isoformat()}
    # A time of day or a length of time: no field holds one, the text shows what stood there.
    return str(value)


def write_sheet(path: str, wanted: str) -> None:
    """Errors: Refused: sheet, columns, rows, scattered, cell."""
    with python_calamine.load_workbook(path) as book:
        names = [
            item.name
            for item in book.sheets_metadata
            if item.typ == python_calamine.SheetTypeEnum.WorkSheet
            and item.visible == python_calamine.SheetVisibleEnum.Visible
        ]
        if wanted and wanted not in names:
            raise Refused("sheet")
        for name in [wanted] if wanted else names:
            if _write_rows(names, name, book.get_sheet_by_name(name)):
                return
    raise Refused("empty")


def _write_rows(names: list[str], name: str, sheet: Any) -> int:
    """The count of rows written; nothing at all for a blank sheet."""
    encode = json.JSONEncoder(ensure_ascii=False, default=_as_json, check_circular=False).encode
    write = sys.stdout.write
    count = 0
    for number, row in rows_of(sheet):
        if not count:
            write(encode({"sheets": names, "sheet": name}) + "\n")
        cells = [None if cell == "" else cell for cell in row]
        if any(isinstance(cell, str) and len(cell) > MAX_CELL_CHARACTERS for cell in cells):
            raise Refused("cell")
        write(encode([number, cells]) + "\n")
        count += 1
    if count:
        write(encode({"rows": count}) + "\n")
    return count


def main() -> None:
    """Killed by the kernel when over its limits."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.stdout.reconfigure(encoding="utf-8", errors="surrogatepass")  # type: ignore[union-attr]
    path, wanted = sys.argv[1:]
    try:
        check_archive(path)
        write_sheet(path, wanted)
    except Refused as refusal:
        verdict = refusal.verdict
    except python_calamine.PasswordError:
        verdict = "encrypted"
    except MemoryError:
        verdict = "scattered"
    except Exception:  # a malformed file surfaces in the readers as almost any exception
        verdict = "damaged"
    else:
        return
    sys.stdout.write(json.dumps({"refused": verdict}) + "\n")


if __name__ == "__main__":
    main()
