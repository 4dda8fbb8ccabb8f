"""Cards as PDF, looked at as pictures."""

import io
import re
import zlib
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
import zxingcpp
from PIL import Image, ImageChops

from khedmat.cards.card_pdf import (
    MAX_BATCH,
    BatchRefused,
    Bilingual,
    PrintedCard,
    render_cards,
    render_pictures,
)
from khedmat.cards.portrait import print_portrait
from khedmat.cards.token import encode_card
from tests.cards.make_vectors import CARD, SIGNER
from tests.cards.test_portrait import FACE

MM = 300 / 25.4
SAMPLE = PrintedCard(
    title=Bilingual("کارت آمایش", "Amayesh card"),
    number=CARD.number,
    name=Bilingual(CARD.name, CARD.name_latin),
    father=Bilingual("محمدامین", "Mohammad Amin"),
    province=Bilingual("تهران", "Tehran"),
    round=Bilingual("آمایش ۱۸", "Amayesh 18"),
    issued_on=date(2026, 11, 20),
    valid_from=CARD.valid_from,
    valid_until=CARD.valid_until,
    token=encode_card(CARD, SIGNER),
)
ADDRESS = "khedmat.example/verify"
HOSTILE = (
    '#panic("run")',
    '#image("/etc/passwd")',
    "*bold* _it_ $x^2$ @ref <label> `code` // remark",
    '#text(fill: red, size: 90pt)["red"]',
    '\\u{202e} \\ #{ [ ( "',
    "\u202eنوری\u202c \u2067x",
    '{"name": "x"}\n= Heading',
)
LONG = (
    "سیدمحمدامین عبدالرحمان‌زادهٔ حسینی مزاری هراتی بلخی نژاد اصل شمس‌الدین",
    "ع" * 100,
    "W" * 200,
    "a " * 100,
    "Abdulrahmanzada-Hosseini-Mazari-Herati Mohammad",
)


def pictures(*cards: PrintedCard, specimen: bool = True, ppi: float = 300) -> list[Image.Image]:
    pages = render_pictures(cards, check_address=ADDRESS, specimen=specimen, pixels_per_inch=ppi)
    return [Image.open(io.BytesIO(page)).convert("RGB") for page in pages]


def changed_area(first: Image.Image, second: Image.Image) -> tuple[float, float, float, float]:
    """Where two pages differ: left, top, right, bottom in millimetres."""
    box = ImageChops.difference(first, second).getbbox()
    assert box is not None
    left, top, right, bottom = (value / MM for value in box)
    return left, top, right, bottom


def assert_within(box: tuple[float, float, float, float], area: tuple[float, float, float, float]) -> None:
    assert box[0] >= area[0]
    assert box[1] >= area[1]
    assert box[2] <= area[2]
    assert box[3] <= area[3]


@pytest.mark.parametrize("text", [*LONG, *HOSTILE])
def test_no_name_leaves_its_place(text: str) -> None:
    """Against the same card without a name: only the name's own area changes."""
    empty = replace(SAMPLE, name=Bilingual("", ""))
    blank, _, filled, _ = pictures(empty, replace(SAMPLE, name=Bilingual(text, text)))
    assert_within(changed_area(blank, filled), (31.0, 12.5, 82.2, 22.4))


@pytest.mark.parametrize("text", [*LONG, *HOSTILE])
def test_no_father_or_province_leaves_its_place(text: str) -> None:
    value = Bilingual(text, text)
    blank, _, father, _, province, _ = pictures(
        replace(SAMPLE, father=Bilingual(""), province=Bilingual("")),
        replace(SAMPLE, father=value, province=Bilingual("")),
        replace(SAMPLE, father=Bilingual(""), province=value),
    )
    assert_within(changed_area(blank, father), (57.6, 24.3, 82.2, 32.1))
    assert_within(changed_area(blank, province), (31.0, 24.3, 55.6, 32.1))


def test_a_name_that_leaves_its_place_would_be_seen() -> None:
    """The measure itself: two cards of different rounds differ outside the name's area."""
    first, _, second, _ = pictures(SAMPLE, replace(SAMPLE, round=Bilingual("هویت ۱۷", "Hoviat 17")))
    with pytest.raises(AssertionError):
        assert_within(changed_area(first, second), (31.0, 12.5, 82.2, 22.4))


def test_markup_in_a_name_is_drawn_as_it_is() -> None:
    """Were it read, the text would turn red; and were strings joined into source, it would not compile."""
    card = replace(SAMPLE, name=Bilingual("#text(fill: red)[R]", "#text(fill: red)[R]"))
    front, _ = pictures(card, specimen=False)
    area = front.crop((int(31 * MM), int(12 * MM), int(82 * MM), int(23 * MM)))
    red, green, _ = area.split()
    assert sum(ImageChops.subtract(red, green).histogram()[60:]) == 0


@pytest.mark.parametrize("portrait", [None, print_portrait(FACE)])
def test_the_qr_of_the_printed_back_reads_as_the_token(portrait: bytes | None) -> None:
    _, back = pictures(replace(SAMPLE, portrait=portrait))
    assert [found.text for found in zxingcpp.read_barcodes(back)] == [SAMPLE.token]


def test_each_back_belongs_to_the_front_before_it() -> None:
    others = [replace(CARD, number=f"A18-{number}") for number in range(3)]
    cards = [replace(SAMPLE, number=claims.number, token=encode_card(claims, SIGNER)) for claims in others]
    pages = pictures(*cards)
    read = [zxingcpp.read_barcodes(page)[0].text for page in pages[1::2]]
    assert read == [card.token for card in cards]
    assert not any(zxingcpp.read_barcodes(page) for page in pages[::2])


def test_the_portrait_is_printed() -> None:
    with_face = replace(SAMPLE, portrait=print_portrait(FACE))
    blank, _, filled, _ = pictures(SAMPLE, with_face)
    assert_within(changed_area(blank, filled), (3.9, 10.7, 28.1, 41.9))
    centre = filled.getpixel((int(16 * MM), int(26 * MM)))
    assert isinstance(centre, tuple)
    assert centre[0] > centre[2] + 30


def test_specimen_marks_both_sides() -> None:
    marked, plain = pictures(SAMPLE, specimen=True), pictures(SAMPLE, specimen=False)
    assert all(ImageChops.difference(one, two).getbbox() for one, two in zip(marked, plain, strict=True))


def test_the_page_is_an_id1_card() -> None:
    front, _ = pictures(SAMPLE)
    assert front.size == (1011, 638)


def pdf_of(*cards: PrintedCard) -> bytes:
    return render_cards(cards, check_address=ADDRESS, specimen=True, printed_at=datetime(2026, 11, 22, tzinfo=UTC))


def test_a_batch_is_one_pdf_of_fronts_and_backs() -> None:
    pdf = pdf_of(*[SAMPLE] * MAX_BATCH)
    assert pdf.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type ?/Page\b", pdf)) == 2 * MAX_BATCH


@pytest.mark.parametrize("count", [0, MAX_BATCH + 1])
def test_no_card_and_too_many_are_refused(count: int) -> None:
    with pytest.raises(BatchRefused):
        pdf_of(*[SAMPLE] * count)


def all_of(pdf: bytes) -> bytes:
    """The file with its compressed streams opened."""
    opened = [pdf]
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        try:
            opened.append(zlib.decompress(stream))
        except zlib.error:
            continue
    return b"\n".join(opened)


def test_pdf_metadata_names_nobody() -> None:
    """Text on a page stands there as glyph numbers; any readable name would be metadata."""
    content = all_of(pdf_of(SAMPLE))
    assert b"xmpmeta" in content
    for word in ("Gul Agha", "Noori", "نوری", "Mohammad", CARD.number):
        for encoding in ("utf-8", "utf-16-be"):
            assert word.encode(encoding) not in content
    assert not re.search(rb"/(Title|Author|Subject|Keywords)\b", content)


def test_render_needs_no_disk_and_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """The template loads no package and no file but those handed over."""
    import khedmat.cards.card_pdf as module

    template = module._template().decode()
    assert "@preview" not in template
    assert set(re.findall(r'(?:json|image|read|include|import)\("([^"]*)"', template)) == {"data.json"}

    def no_socket(*arguments: Any, **options: Any) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr("socket.socket", no_socket)
    assert pdf_of(SAMPLE).startswith(b"%PDF-")
