"""Looks into one PDF, in a process of its own: reads it from standard input, prints one JSON verdict.

Run by path with `python -I`, so it imports nothing of this house. A parser of hostile files cannot
promise an end by itself: the limits on memory and time are the operating system's.
"""

import json
import logging
import resource
import sys
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import Any, Final, NamedTuple

from pypdf import Configuration, PdfReader, apply_configuration
from pypdf.errors import LimitReachedError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, StreamObject

MEMORY_BYTES: Final = 300 * 1024 * 1024
CPU_SECONDS: Final = 10
MAX_PAGES: Final = 30
MAX_OBJECTS: Final = 50_000
MAX_IMAGE_PIXELS: Final = 40_000_000
MAX_STREAM_BYTES: Final = 128 * 1024 * 1024
MAX_ALL_STREAMS_BYTES: Final = 512 * 1024 * 1024
MAX_HELD_STREAM_BYTES: Final = 32 * 1024 * 1024
STEP_BYTES: Final = 1024 * 1024

ACTIVE_KEYS: Final = frozenset(
    {"/JS", "/JavaScript", "/AA", "/EF", "/EmbeddedFiles", "/XFA", "/RichMediaContent", "/Collection"}
)
ACTIVE_ACTIONS: Final = frozenset(
    {
        "/JavaScript",
        "/Launch",
        "/SubmitForm",
        "/ImportData",
        "/GoToR",
        "/GoToE",
        "/Rendition",
        "/Movie",
        "/Sound",
    }
    | {"/RichMediaExecute", "/GoTo3DView"}
)
ACTIVE_TYPES: Final = frozenset({"/EmbeddedFile", "/FileAttachment", "/RichMedia", "/Screen", "/Movie", "/3D"})
# Long names only: a short one turns up by chance in compressed data.
ACTIVE_WORDS: Final = (b"/JavaScript", b"/EmbeddedFile", b"/RichMedia")
FLATE: Final = frozenset({"/FlateDecode", "/Fl"})
EXPANDING: Final = FLATE | {"/LZWDecode", "/LZW", "/RunLengthDecode", "/RL", "/BrotliDecode"}


class Refused(Exception):
    """Carries the verdict: encrypted, pages, active, complex or broken."""

    def __init__(self, verdict: str) -> None:
        super().__init__(verdict)
        self.verdict = verdict


class Budget(NamedTuple):
    """Bytes a stream, and all of them together, may still grow to."""

    stream: int
    total: int


def verdict_on(data: bytes) -> dict[str, str | int]:
    """`{"verdict": "ok", "pages": n}`, or a verdict of Refused."""
    limits = Configuration(
        zlib_maximum_output_length=MAX_HELD_STREAM_BYTES,
        lzw_maximum_output_length=MAX_HELD_STREAM_BYTES,
        run_length_maximum_output_length=MAX_HELD_STREAM_BYTES,
        brotli_maximum_output_length=MAX_HELD_STREAM_BYTES,
        maximum_declared_stream_length=MAX_HELD_STREAM_BYTES,
        jbig2dec_binary=None,
    )
    try:
        with apply_configuration(limits):
            return {"verdict": "ok", "pages": _checked_pages(data)}
    except Refused as refusal:
        return {"verdict": refusal.verdict}
    except (LimitReachedError, MemoryError, RecursionError):
        return {"verdict": "complex"}
    except Exception:  # a malformed file surfaces in the parser as almost any exception
        return {"verdict": "broken"}


def _checked_pages(data: bytes) -> int:
    if any(word in data for word in ACTIVE_WORDS):
        # Also finds what an older revision of the file holds, which the cross-reference table skips.
        raise Refused("active")
    reader = PdfReader(BytesIO(data))
    if reader.is_encrypted:
        raise Refused("encrypted")
    pages = _count_pages(reader)
    if pages > MAX_PAGES:
        raise Refused("pages")
    budget = Budget(MAX_STREAM_BYTES, MAX_ALL_STREAMS_BYTES)
    for item in _objects(reader):
        _refuse_active(item)
        if isinstance(item, StreamObject):
            _refuse_large_image(item)
            budget = budget._replace(total=budget.total - _grown_bytes(item, budget))
    return pages


def _count_pages(reader: PdfReader) -> int:
    """Leaves of the page tree. A node met twice is refused: shared branches multiply without end."""
    root = reader.trailer["/Root"].get_object()
    waiting: list[Any] = [root.raw_get("/Pages")]  # type: ignore[union-attr]
    met: set[tuple[int, int]] = set()
    pages = 0
    while waiting and pages <= MAX_PAGES:
        node = waiting.pop()
        if isinstance(node, IndirectObject):
            if (node.idnum, node.generation) in met:
                raise Refused("broken")
            met.add((node.idnum, node.generation))
            node = node.get_object()
        kids = node.get("/Kids")
        if kids is None:
            pages += 1
        else:
            waiting.extend(kids.get_object())
    if pages == 0:
        raise Refused("broken")
    return pages


def _objects(reader: PdfReader) -> Iterator[Any]:
    """Every object of the file, and every dictionary and array inside one, indirect ones once."""
    numbered = [(number, generation) for generation, table in reader.xref.items() for number in table]
    numbered += [(number, 0) for number in reader.xref_objStm]
    seen = 0
    waiting: list[Any] = [reader.trailer]
    for number, generation in numbered:
        waiting.append(reader.get_object(IndirectObject(number, generation, reader)))
        while waiting:
            item = waiting.pop()
            seen += 1
            if seen > MAX_OBJECTS:
                raise Refused("complex")
            if isinstance(item, DictionaryObject):
                waiting.extend(_containers(dict.values(item)))
            elif isinstance(item, ArrayObject):
                waiting.extend(_containers(list.__iter__(item)))
            yield item


def _containers(values: Any) -> Iterator[Any]:
    return (value for value in values if isinstance(value, DictionaryObject | ArrayObject))


def _refuse_active(item: Any) -> None:
    if not isinstance(item, DictionaryObject):
        return
    if (
        not ACTIVE_KEYS.isdisjoint(item)
        or _value(item, "/S") in ACTIVE_ACTIONS
        or _value(item, "/Type") in ACTIVE_TYPES
        or _value(item, "/Subtype") in ACTIVE_TYPES
    ):
        raise Refused("active")
    opening = _value(item, "/OpenAction")
    if isinstance(opening, DictionaryObject) and _value(opening, "/S") != "/GoTo":
        raise Refused("active")


def _refuse_large_image(stream: StreamObject) -> None:
    width, height = _value(stream, "/Width"), _value(stream, "/Height")
    if isinstance(width, int) and isinstance(height, int) and abs(width * height) > MAX_IMAGE_PIXELS:
        raise Refused("complex")


def _grown_bytes(stream: StreamObject, budget: Budget) -> int:
    """Bytes the stream decodes to, counted without holding them. Errors: Refused("complex")."""
    named = _value(stream, "/Filter")
    filters = [str(name.get_object()) for name in named] if isinstance(named, ArrayObject) else [str(named)]
    expanding = [name for name in filters if name in EXPANDING]
    if len(expanding) > 1:
        raise Refused("complex")
    if not expanding:
        return 0
    if filters[0] not in FLATE:
        return len(stream.get_data())
    return _inflated_bytes(stream._data, min(budget))


def _inflated_bytes(data: bytes, limit: int) -> int:
    inflater = zlib.decompressobj()
    grown = 0
    try:
        while data and not inflater.eof:
            grown += len(inflater.decompress(data, STEP_BYTES))
            if grown > limit:
                raise Refused("complex")
            data = inflater.unconsumed_tail
    except zlib.error:
        # Viewers show what comes before the damage, so that is what counts.
        return grown
    return grown


def _value(item: DictionaryObject, key: str) -> Any:
    value = item.get(key)
    return value.get_object() if value is not None else None


def main() -> None:
    """Reads standard input, prints the verdict. Killed by the kernel when over its limits."""
    logging.disable(logging.CRITICAL)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.stdout.write(json.dumps(verdict_on(sys.stdin.buffer.read())))


if __name__ == "__main__":
    main()
