"""Tables in text: which encoding, which delimiter, and their rows."""

import codecs
import csv
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from khedmat.imports.errors import CellTooLong, NotATable, TextDamaged

DELIMITERS: Final = ",;\t|"
_MOST_CELL_CHARACTERS: Final = 32_767
_STEP_BYTES: Final = 1024 * 1024
_SAMPLE_BYTES: Final = 256 * 1024
_SAMPLE_LINES: Final = 60
_BOMS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
# Tab and the ends of lines are the only control characters a table in text needs.
_CONTROLS: Final = bytes(set(range(32)) - {9, 10, 13, 26}) + b"\x7f"
_BINARY_SHARE: Final = 0.002
_UTF16_SHARE: Final = 0.05
_ARABIC_SHARE: Final = 0.5
_BROKEN_SHARE: Final = 0.1


def encoding_of(path: Path) -> str:
    """The Python codec of the file: utf-8, utf-8-sig, utf-16, utf-16-le, utf-16-be or cp1256.

    Errors: NotATable for what is no text, TextDamaged for UTF-8 or UTF-16 with damaged places.
    """
    with path.open("rb") as handle:
        sample = handle.read(_SAMPLE_BYTES)
    encoding = next((name for bom, name in _BOMS if sample.startswith(bom)), None) or _utf16_without_bom(sample)
    if encoding is None and len(sample.translate(None, _CONTROLS)) < len(sample) * (1 - _BINARY_SHARE):
        raise NotATable
    if encoding is not None:
        if not _decodes(path, encoding):
            raise TextDamaged
        return encoding
    if _decodes(path, "utf-8"):
        return "utf-8"
    return _eight_bit_encoding(sample)


def _eight_bit_encoding(sample: bytes) -> str:
    as_utf8 = sample.decode("utf-8", "replace")
    broken = as_utf8.count("\ufffd")
    whole = sum(not character.isascii() for character in as_utf8) - broken
    if whole * _BROKEN_SHARE > broken:
        raise TextDamaged
    foreign = [character for character in sample.decode("cp1256") if not character.isascii()]
    arabic = sum("\u0600" <= character <= "\u06ff" for character in foreign)
    if arabic < len(foreign) * _ARABIC_SHARE:
        raise NotATable
    return "cp1256"


def _utf16_without_bom(sample: bytes) -> str | None:
    """Digits, spaces and line ends leave a zero in every other byte, all on one side."""
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if max(even, odd) < len(sample) / 2 * _UTF16_SHARE or min(even, odd) > max(even, odd) / 10:
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as handle:
            while chunk := handle.read(_STEP_BYTES):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


def delimiter_of(path: Path, encoding: str) -> str:
    """The delimiter that cuts most of the first lines into the same number of cells; a comma if none does."""
    with path.open(encoding=encoding, newline="") as handle:
        lines = [line[:_MOST_CELL_CHARACTERS] for line in islice(handle, _SAMPLE_LINES)]
    return max(DELIMITERS, key=lambda delimiter: _evenness(lines, delimiter))


def _evenness(lines: list[str], delimiter: str) -> int:
    csv.field_size_limit(_MOST_CELL_CHARACTERS * _SAMPLE_LINES)
    try:
        widths = [len(row) for row in csv.reader(lines, delimiter=delimiter) if row]
    except csv.Error:
        return 0
    return max(((width - 1) * widths.count(width) for width in set(widths)), default=0)


def rows_of(path: Path, encoding: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """(record number from 1, cells) of every record, blank ones too. Errors: CellTooLong."""
    with path.open(encoding=encoding, newline="") as handle:
        csv.field_size_limit(_MOST_CELL_CHARACTERS)
        try:
            yield from enumerate(csv.reader(handle, delimiter=delimiter), start=1)
        except csv.Error as error:
            raise CellTooLong from error
