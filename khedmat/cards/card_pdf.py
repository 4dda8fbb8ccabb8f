"""Cards as PDF, front and back, at the size of an ID-1 card (85.60 x 53.98 mm, ISO/IEC 7810).

The pages are set by typst from `typst/card.typ`. Everything about a person goes in as data, never as markup;
nothing is written to disk and nothing is fetched.
"""

import json
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

import typst

from khedmat import common
from khedmat.cards.portrait import PRINT_SIZE
from khedmat.cards.qr import QrSymbol, qr_symbol
from khedmat.cards.token import TEHRAN, plain_character
from khedmat.common.jalali import format_date

MAX_BATCH: Final = 100
_HERE: Final = Path(__file__).parent
_TEMPLATE: Final = _HERE / "typst" / "card.typ"
_FONTS: Final = Path(common.__file__).parent / "fonts"


class BatchRefused(Exception):
    """No card, or more than one call may print."""


@dataclass(frozen=True, slots=True)
class Bilingual:
    """The same in Persian and in Latin letters; Latin may be empty."""

    persian: str
    latin: str = ""


@dataclass(frozen=True, slots=True)
class PrintedCard:
    """All that stands on a card.

    `token` is the text of its QR; `portrait` a JPEG of 24:31, from `portrait.print_portrait`, or None.
    """

    title: Bilingual
    number: str
    name: Bilingual
    father: Bilingual
    province: Bilingual
    round: Bilingual
    issued_on: date
    valid_from: date
    valid_until: date
    token: str
    portrait: bytes | None = None


def render_cards(
    cards: Sequence[PrintedCard],
    *,
    check_address: str,
    specimen: bool,
    printed_at: datetime | None = None,
) -> bytes:
    """Set up to 100 cards into one PDF: front, back, front, back.

    `check_address` is the address of the checking page, as people type it. `specimen` marks both sides.
    Raise `BatchRefused` for an empty or too long batch. typst keeps memory for each card it has set, so a
    worker that prints is recycled every few thousand cards.
    """
    moment = printed_at or datetime.now(TEHRAN)
    symbols = [qr_symbol(card.token) for card in cards]
    compiled = _compiler(cards, symbols, check_address, specimen=specimen).compile(
        format="pdf", timestamp=int(moment.timestamp()), pdf_tags=False
    )
    return bytes(compiled)


def render_pictures(
    cards: Sequence[PrintedCard],
    *,
    check_address: str,
    specimen: bool,
    pixels_per_inch: float = 300,
    symbols: Sequence[QrSymbol] | None = None,
) -> list[bytes]:
    """The same pages as PNG pictures. `symbols` replaces the cards' own QR symbols, for trials."""
    drawn = [qr_symbol(card.token) for card in cards] if symbols is None else symbols
    compiled = _compiler(cards, drawn, check_address, specimen=specimen).compile(format="png", ppi=pixels_per_inch)
    return [bytes(page) for page in compiled]


def _compiler(cards: Sequence[PrintedCard], symbols: Sequence[QrSymbol], check_address: str, *, specimen: bool) -> Any:
    if not 0 < len(cards) <= MAX_BATCH:
        raise BatchRefused(f"{len(cards)} cards; 1 to {MAX_BATCH} go into one file")
    files: dict[str, bytes] = {"main.typ": _template()}
    pairs = zip(cards, symbols, strict=True)
    entries = [_entry(number, card, symbol, files) for number, (card, symbol) in enumerate(pairs)]
    data = {"cards": entries, "check_address": check_address, "specimen": specimen}
    files["data.json"] = json.dumps(data, ensure_ascii=False).encode("utf-8")
    sources: Any = files  # typst's own stub does not know that a dict of files is taken
    return typst.Compiler(sources, font_paths=_fonts(), ignore_system_fonts=True)


def _entry(number: int, card: PrintedCard, symbol: QrSymbol, files: dict[str, bytes]) -> dict[str, Any]:
    """The card as the template reads it; its pictures are laid into `files`."""
    files[f"qr-{number}.svg"] = symbol.svg.encode("utf-8")
    portrait = ""
    if card.portrait is not None:
        portrait = f"portrait-{number}.svg"
        files[portrait] = _picture_as_svg(card.portrait)
    return {
        "title": _pair(card.title),
        "number": card.number,
        "name": _pair(card.name),
        "father": _pair(card.father),
        "province": _pair(card.province),
        "round": _pair(card.round),
        "issued_on": _day(card.issued_on),
        "valid_from": _day(card.valid_from),
        "valid_until": _day(card.valid_until),
        "qr": f"qr-{number}.svg",
        "qr_mm": symbol.side_mm,
        "portrait": portrait,
    }


def _picture_as_svg(jpeg: bytes) -> bytes:
    """The JPEG inside an SVG: typst takes only text from memory, and a face is not put on a disk."""
    width, height = PRINT_SIZE
    href = f"data:image/jpeg;base64,{b64encode(jpeg).decode('ascii')}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">'
        f'<image width="{width}" height="{height}" preserveAspectRatio="xMidYMid slice" href="{href}"/></svg>'
    ).encode("ascii")


def _pair(text: Bilingual) -> list[str]:
    return [_one_line(text.persian), _one_line(text.latin)]


def _one_line(text: str) -> str:
    """Without line ends, controls and direction marks: each would reach beyond its own field."""
    visible = (character if plain_character(character) else " " for character in text)
    return " ".join("".join(visible).split())


def _day(day: date) -> list[str]:
    """Jalali in Persian digits, and Gregorian."""
    return [format_date(day, "fa"), day.isoformat()]


@cache
def _template() -> bytes:
    return _TEMPLATE.read_bytes()


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(_FONTS)])
