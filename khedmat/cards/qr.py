"""The QR on a card's back, sized in whole dots of the card printer."""

from dataclasses import dataclass
from typing import Final, Literal

import zxingcpp

Correction = Literal["L", "M", "Q", "H"]

# 300 dots an inch: what card printers print. A module of whole dots has the same width everywhere.
DOT_MM: Final = 25.4 / 300
QUIET_MODULES: Final = 4
MAX_SIDE_MM: Final = 34.0


class QrTooLarge(Exception):
    """The text makes a symbol whose modules would be under one printer dot."""


@dataclass(frozen=True, slots=True)
class QrSymbol:
    """A symbol. `svg` and `side_mm` include the quiet zone, `modules` (along one side) does not.

    All dark modules are one path, so that no renderer leaves hairlines between neighbours.
    """

    svg: str
    modules: int
    module_mm: float

    @property
    def side_mm(self) -> float:
        return (self.modules + 2 * QUIET_MODULES) * self.module_mm


def qr_symbol(
    text: str,
    *,
    correction: Correction = "L",
    max_side_mm: float = MAX_SIDE_MM,
    dot_mm: float = DOT_MM,
) -> QrSymbol:
    """Draw `text` with the largest module of whole printer dots (of `dot_mm`) that fits `max_side_mm`.

    Correction L is what ADR 3 measured as read best: fewer and larger modules beat more redundancy.
    Raise `QrTooLarge` when not even one dot a module fits, or the text fits no symbol.
    """
    try:
        barcode = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level=correction)
    except ValueError as error:
        raise QrTooLarge(f"{len(text)} characters fit no symbol") from error
    side = int(barcode.to_image(scale=1, add_quiet_zones=True).shape[0])
    dots = int(max_side_mm / side / dot_mm)
    if dots < 1:
        raise QrTooLarge(f"{side} modules do not fit {max_side_mm} mm")
    return QrSymbol(
        svg=barcode.to_svg(scale=1, add_quiet_zones=True),
        modules=side - 2 * QUIET_MODULES,
        module_mm=dots * dot_mm,
    )
