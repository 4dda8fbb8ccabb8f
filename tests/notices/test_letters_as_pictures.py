"""Every kind of letter in every language, drawn: no glyph missing, nothing beyond the page. The pictures are kept."""

import io
from pathlib import Path

import pytest
from PIL import Image
from pypdf import PdfReader
from pypdf.generic import ContentStream

from khedmat.notices.composing import compose_letter
from khedmat.notices.enums import Language, LetterKind
from khedmat.notices.letter_pdf import render_letter_pictures, render_letters
from khedmat.notices.samples import SAMPLES
from khedmat.notices.shipped import shipped_letters

SHOTS = Path(__file__).parents[2] / "shots" / "letters"
LETTERS = {
    (text.kind, text.language): compose_letter(text.kind, SAMPLES[text.kind], text).as_json()
    for text in shipped_letters(1)
}


def missing_glyphs(pdf: bytes) -> int:
    """How often glyph 0 is drawn: the box that stands for a letter that the font does not have."""
    count = 0
    reader = PdfReader(io.BytesIO(pdf))
    for page in reader.pages:
        for operands, operator in ContentStream(page.get_contents(), reader).operations:
            drawn = operands[0] if operator == b"TJ" else operands if operator == b"Tj" else []
            for piece in drawn:
                codes = getattr(piece, "original_bytes", piece if isinstance(piece, bytes) else b"")
                count += sum(codes[at : at + 2] == b"\0\0" for at in range(0, len(codes), 2))
    return count


def test_every_letter_in_every_language_is_drawn_whole() -> None:
    pdf = render_letters(list(LETTERS.values()))
    assert missing_glyphs(pdf) == 0
    assert len(LETTERS) == len(LetterKind) * len(Language)


def test_a_letter_of_a_script_that_the_font_lacks_is_found() -> None:
    strange = LETTERS[LetterKind.RECEIPT, Language.FA] | {"title": [{"text": "\u0531\u0532", "direction": "plain"}]}
    assert missing_glyphs(render_letters([strange])) == 2


@pytest.mark.parametrize("language", Language)
def test_pages_are_filled_within_their_margins(language: Language) -> None:
    """Pictures for the eye, and for the check: nothing is drawn in the outer 15 millimetres."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    for kind in LetterKind:
        for number, page in enumerate(render_letter_pictures([LETTERS[kind, language]], pixels_per_inch=80), start=1):
            (SHOTS / f"{kind}.{language}.{number}.png").write_bytes(page)
            grey = Image.open(io.BytesIO(page)).convert("L").point(lambda value: 255 if value < 250 else 0)
            box = grey.getbbox()
            assert box is not None
            edge = 15 * 80 / 25.4
            assert box[0] > edge
            assert box[2] < grey.width - edge
            assert box[3] < grey.height - edge / 2
