"""The QR of a card."""

import io
from typing import Any

import pytest
import zxingcpp
from PIL import Image

from bench.card_scan import Trial, run
from khedmat.cards.qr import DOT_MM, MAX_SIDE_MM, QrTooLarge, qr_symbol
from khedmat.cards.token import encode_card
from tests.cards.make_vectors import CARD, SIGNER


def test_symbol_uses_whole_printer_dots_and_fits() -> None:
    symbol = qr_symbol(encode_card(CARD, SIGNER))
    assert symbol.module_mm / DOT_MM == pytest.approx(round(symbol.module_mm / DOT_MM))
    assert MAX_SIDE_MM - (symbol.modules + 8) * DOT_MM < symbol.side_mm <= MAX_SIDE_MM


def test_symbol_of_a_card_has_modules_of_four_tenths_of_a_millimetre() -> None:
    assert qr_symbol(encode_card(CARD, SIGNER)).module_mm > 0.4


def test_svg_has_the_quiet_zone_and_one_path() -> None:
    symbol = qr_symbol("KH1:ABC")
    assert f'width="{symbol.modules + 8}"' in symbol.svg
    assert symbol.svg.count("<path") == 1


def test_the_drawn_text_is_the_given_text() -> None:
    text = encode_card(CARD, SIGNER)
    barcode = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="L")
    picture: Any = barcode.to_image(scale=4)
    height, width = picture.shape
    read = zxingcpp.read_barcodes(Image.frombytes("L", (width, height), bytes(memoryview(picture))))
    assert [found.text for found in read] == [text]
    assert qr_symbol(text).svg == barcode.to_svg(scale=1, add_quiet_zones=True)


@pytest.mark.parametrize(("text", "side"), [("A" * 5000, 34.0), ("A" * 1000, 5.0)])
def test_what_does_not_fit_is_refused(text: str, side: float) -> None:
    with pytest.raises(QrTooLarge):
        qr_symbol(text, max_side_mm=side)


def test_svg_is_plain_text_without_scripts_or_links() -> None:
    svg = qr_symbol("KH1:ABC").svg
    assert "href" not in svg
    assert "script" not in svg
    assert io.StringIO(svg).readline().startswith("<?xml")


def test_a_photographed_card_is_read_as_the_decision_says() -> None:
    """ADR 3 on a few pictures: without a portrait read, with one of 700 bytes not, at 200 pixels an inch."""
    read = {portrait: run(Trial(portrait, "L"), pictures=10, resolutions=(200,)).read[200] for portrait in (0, 700)}
    assert read[0] >= 7
    assert read[700] <= 6
