"""Letters and slips as PDF, drawn from their composed text whenever somebody asks for one.

The pages are set by typst from `typst/letter.typ`. Everything about a person goes in as data, never as markup;
nothing is written to disk and nothing is fetched.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

import typst

from khedmat import common
from khedmat.common.jalali import TEHRAN

MOST_LETTERS: Final = 50
_TEMPLATE: Final = Path(__file__).parent / "typst" / "letter.typ"
_FONTS: Final = Path(common.__file__).parent / "fonts"

Composed = Mapping[str, Any]


class NoLetters(Exception):
    """Nothing to draw, or more than one file takes."""


def render_letters(letters: Sequence[Composed], *, drawn_at: datetime | None = None) -> bytes:
    """Composed letters (`ComposedLetter.as_json`) or slips as one PDF, each on pages of its own. Errors: NoLetters."""
    moment = drawn_at or datetime.now(TEHRAN)
    return bytes(_compiler(letters).compile(format="pdf", timestamp=int(moment.timestamp()), pdf_tags=False))


def render_letter_pictures(letters: Sequence[Composed], *, pixels_per_inch: float = 110) -> list[bytes]:
    """The same pages as PNG pictures, one for each page. Errors: NoLetters."""
    pages = _compiler(letters).compile(format="png", ppi=pixels_per_inch)
    return [bytes(page) for page in (pages if isinstance(pages, list) else [pages])]


def _compiler(letters: Sequence[Composed]) -> Any:
    if not 0 < len(letters) <= MOST_LETTERS:
        raise NoLetters(f"{len(letters)} letters; 1 to {MOST_LETTERS} go into one file")
    data = json.dumps({"letters": list(letters)}, ensure_ascii=False).encode("utf-8")
    sources: Any = {"main.typ": _template(), "data.json": data}
    return typst.Compiler(sources, font_paths=_fonts(), ignore_system_fonts=True)


@cache
def _template() -> bytes:
    return _TEMPLATE.read_bytes()


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(_FONTS)])
