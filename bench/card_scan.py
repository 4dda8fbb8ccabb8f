"""Does the QR of a printed card still scan from a phone's photograph, and with how large a portrait?

`python -m bench.card_scan [--pictures 100]` prints the table of docs/adr/0003-card-token-and-portrait.md.
Each card is set as real ones are, drawn at 300 dots an inch as a card printer does, and then photographed: on
a desk, turned, tilted, lit from one side, out of focus, noisy, and saved as JPEG. zxing-cpp reads it back;
only the exact text counts. Seeded; the signatures differ from run to run, and the figures by a few per cent.
"""

import argparse
import io
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import zxingcpp
from PIL import Image, ImageChops, ImageFilter

from khedmat.cards.card_pdf import Bilingual, PrintedCard, render_pictures
from khedmat.cards.qr import DOT_MM, Correction, QrSymbol, qr_symbol
from khedmat.cards.token import CardClaims, encode_card
from khedmat.vault.cose import SigningKey

CARD_INCHES: Final = 85.6 / 25.4
PIXELS_PER_INCH: Final = (150, 175, 200, 250, 300)
PRINTER_PIXELS_PER_INCH: Final = 300
# Any size that fills the 34 mm: the modules then are no whole printer dots.
FINE_DOT_MM: Final = 0.001
QR_FORMAT: Final = zxingcpp.barcode_formats_from_str("QRCode")
_DARK: Final = 128


@dataclass(frozen=True, slots=True)
class Trial:
    """One way to make the QR; `portrait_bytes` of 0 is none."""

    portrait_bytes: int
    correction: Correction
    dot_mm: float = DOT_MM


TRIALS: Final = (
    Trial(0, "Q"),
    Trial(0, "M"),
    Trial(0, "L"),
    Trial(250, "L"),
    Trial(400, "L"),
    Trial(550, "L"),
    Trial(700, "L"),
    Trial(700, "L", FINE_DOT_MM),
    Trial(700, "M", FINE_DOT_MM),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a trial: `read` counts good readings for each resolution."""

    trial: Trial
    symbol: QrSymbol
    characters: int
    read: dict[int, int]


def sample_claims(portrait_bytes: int, rng: random.Random) -> CardClaims:
    """A card with a rather long name; bytes of noise stand for the portrait, which compresses no better."""
    claims = CardClaims(
        kind="amayesh_card",
        number="A18-0420-11839",
        series="amayesh-18",
        name="سیدمحمدامین عبدالرحمان‌زادهٔ مزاری",
        name_latin="Sayed Mohammad Amin Abdulrahmanzada Mazari",
        valid_from=date(2026, 11, 22),
        valid_until=date(2027, 11, 21),
        issued_at=1_795_163_400,
        status_index=271_828,
    )
    return replace(claims, portrait=rng.randbytes(portrait_bytes)) if portrait_bytes else claims


def printed_back(text: str, symbol: QrSymbol) -> Image.Image:
    """The card's back as a card printer's dots, grey, 300 an inch."""
    card = PrintedCard(
        title=Bilingual("کارت آمایش", "Amayesh card"),
        number="A18-0420-11839",
        name=Bilingual("سیدمحمدامین مزاری", "Sayed Mohammad Amin Mazari"),
        father=Bilingual("محمدامین", "Mohammad Amin"),
        province=Bilingual("تهران", "Tehran"),
        round=Bilingual("آمایش ۱۸", "Amayesh 18"),
        issued_on=date(2026, 11, 20),
        valid_from=date(2026, 11, 22),
        valid_until=date(2027, 11, 21),
        token=text,
    )
    _, back = render_pictures(
        [card],
        check_address="khedmat.example/verify",
        specimen=True,
        pixels_per_inch=PRINTER_PIXELS_PER_INCH,
        symbols=[symbol],
    )
    grey = Image.open(io.BytesIO(back)).convert("L")
    side = int(symbol.side_mm / DOT_MM)
    # A printer has no grey dots in a QR: half-covered ones turn black or white.
    corner = (47, 47, 47 + side, 47 + side)
    grey.paste(grey.crop(corner).point(lambda value: 0 if value < _DARK else 255), corner)
    return grey


def photograph(card: Image.Image, pixels_per_inch: int, rng: random.Random) -> Image.Image:
    """A phone's picture of `card` in which an inch of it spans about `pixels_per_inch` pixels."""
    width = round(CARD_INCHES * pixels_per_inch)
    height = round(width * card.height / card.width)
    margin = width // 5
    size = (width + 2 * margin, height + 2 * margin)
    desk = Image.new("L", size, rng.randint(40, 190))
    scaled = card.resize((width, height), Image.Resampling.BOX).filter(ImageFilter.GaussianBlur(0.3))
    desk.paste(scaled, (margin, margin))
    turned = desk.rotate(rng.uniform(-12, 12), Image.Resampling.BICUBIC, fillcolor=desk.getpixel((0, 0)))
    tilted = turned.transform(size, Image.Transform.QUAD, _corners(size, rng), Image.Resampling.BICUBIC)
    lit = ImageChops.multiply(tilted, _light(size, rng))
    soft = lit.filter(ImageFilter.GaussianBlur(rng.uniform(0.5, 1.1)))
    strength = rng.uniform(0.06, 0.16)
    noise = Image.frombytes("L", size, rng.randbytes(size[0] * size[1]))
    noisy = ImageChops.add(soft, noise.point(lambda value: int(value * strength)), 1, -round(127 * strength))
    file = io.BytesIO()
    noisy.save(file, "JPEG", quality=rng.randint(55, 85))
    return Image.open(file)


def _corners(size: tuple[int, int], rng: random.Random) -> tuple[float, ...]:
    """Where the picture's corners come from: up to 5 % of each side away, a tilt of some 15 degrees."""
    width, height = size

    def away(side: int) -> float:
        return rng.uniform(-0.05, 0.05) * side

    corners = ((0, 0), (0, height), (width, height), (width, 0))
    return tuple(value for x, y in corners for value in (x + away(width), y + away(height)))


def _light(size: tuple[int, int], rng: random.Random) -> Image.Image:
    """Light from one side: from full down to 45-80 % of it."""
    darkest = rng.randint(115, 205)
    slope = Image.linear_gradient("L").point(lambda value: darkest + value * (255 - darkest) // 255)
    large = slope.resize((256, 256)).rotate(rng.uniform(0, 360), Image.Resampling.BILINEAR, fillcolor=darkest)
    return large.crop((38, 38, 218, 218)).resize(size, Image.Resampling.BICUBIC)


def reads(picture: Image.Image, text: str) -> bool:
    """Whether zxing-cpp finds exactly `text` in the picture."""
    found = zxingcpp.read_barcodes(picture, formats=QR_FORMAT)
    return any(barcode.text == text for barcode in found)


def run(trial: Trial, pictures: int, *, resolutions: tuple[int, ...] = PIXELS_PER_INCH, seed: int = 18) -> Outcome:
    """Photograph one card `pictures` times at each resolution."""
    rng = random.Random(seed)
    text = encode_card(sample_claims(trial.portrait_bytes, rng), SigningKey.generate())
    symbol = qr_symbol(text, correction=trial.correction, dot_mm=trial.dot_mm)
    card = printed_back(text, symbol)
    read = {
        resolution: sum(reads(photograph(card, resolution, rng), text) for _ in range(pictures))
        for resolution in resolutions
    }
    return Outcome(trial, symbol, len(text), read)


def table(outcomes: list[Outcome], pictures: int) -> Iterator[str]:
    """The Markdown table, shares read in per cent."""
    heads = " | ".join(f"{resolution} px/in" for resolution in PIXELS_PER_INCH)
    yield f"| portrait | correction | characters | modules | module mm | side mm | {heads} |"
    yield "|" + "---|" * (6 + len(PIXELS_PER_INCH))
    for outcome in outcomes:
        symbol = outcome.symbol
        shares = " | ".join(f"{100 * outcome.read[ppi] / pictures:.0f} %" for ppi in PIXELS_PER_INCH)
        portrait = f"{outcome.trial.portrait_bytes} bytes" if outcome.trial.portrait_bytes else "none"
        yield (
            f"| {portrait} | {outcome.trial.correction} | {outcome.characters} | {symbol.modules} "
            f"| {symbol.module_mm:.3f} | {symbol.side_mm:.1f} | {shares} |"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--pictures", type=int, default=100, help="photographs at each resolution")
    pictures = parser.parse_args().pictures
    for line in table([run(trial, pictures) for trial in TRIALS], pictures):
        print(line)


if __name__ == "__main__":
    main()
