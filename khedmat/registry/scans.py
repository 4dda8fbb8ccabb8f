"""Codes that a scanner reads off a presented document, and the number that stands in them.

The register knows no cards: whoever signs them hands it a reader from its `apps.py`, in `ready()`. A reader checks
the signature and answers the document's number; it raises a DomainError for what is damaged or not ours.
"""

from collections.abc import Callable
from typing import Final

from khedmat.common.text import to_ascii_digits

Reader = Callable[[str], str]
LONGEST_SCANNED: Final = 6200
_BLANKS: Final = " \t\r\n"
_LINE_ENDS: Final = "\t\r\n"
_readers: dict[str, Reader] = {}


def read_scans(prefix: str, reader: Reader) -> None:
    """Have texts that begin with `prefix` read by `reader`. The last one registered holds."""
    _readers[prefix] = reader


def number_scanned(text: str) -> str | None:
    """The document's number in a scanned text; None where the text is no scanned one. Errors: the reader's own."""
    # A blank at the end may belong to the code; a scanner's line end never does.
    typed = to_ascii_digits(text).lstrip(_BLANKS).rstrip(_LINE_ENDS).upper()
    reader = next((one for prefix, one in _readers.items() if typed.startswith(prefix)), None)
    return None if reader is None else reader(typed)
