"""The texts that come with the house: `data/letters/v<version>/<kind>.<language>.txt`, the title on the first line.

A version that was published is never edited; a better text is the next version, in a folder of its own.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from khedmat.notices.composing import TemplateText
from khedmat.notices.enums import Language, LetterKind

_LETTERS: Final = Path(__file__).parent / "data" / "letters"
# Those who wrote the house speak Persian; nobody has looked at the other four yet.
REVIEWED: Final = frozenset({Language.FA})


def shipped_letters(version: int) -> Iterator[TemplateText]:
    """All texts of one version: each kind in each language that its folder holds."""
    for path in sorted((_LETTERS / f"v{version}").glob("*.txt")):
        kind, language = path.stem.split(".")
        title, _, body = path.read_text(encoding="utf-8").partition("\n")
        yield TemplateText(
            LetterKind(kind), version, Language(language), title, body.rstrip("\n"), language in REVIEWED
        )
