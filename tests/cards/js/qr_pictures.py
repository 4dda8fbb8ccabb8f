"""Draws the pictures of the QR trial: `python tests/cards/js/qr_pictures.py FOLDER`.

Each picture stands for one photograph of a card's code: seen at an angle, blurred, unevenly lit, noisy.
They are seeded, so that two runs give the same pictures; figures and their reading: ADR 0004.
"""

import random
import sys
from pathlib import Path

import zxingcpp
from PIL import Image, ImageChops, ImageFilter

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
PAYLOAD_CHARACTERS = {"plain": 382, "portrait": 1430}
PIXELS_PER_MODULE = (2.0, 2.5, 3.0, 4.0, 6.0)
PICTURES_EACH = 12


def card_code(characters: int, chance: random.Random) -> Image.Image:
    """The code alone, eight pixels a module, with its quiet zone."""
    text = "KH1:" + "".join(chance.choice(ALPHABET) for _ in range(characters - 4))
    barcode = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    drawn = zxingcpp.write_barcode_to_image(barcode, scale=8)
    rows, columns = drawn.shape[0], drawn.shape[1]
    return Image.frombytes("L", (columns, rows), bytes(memoryview(drawn).cast("B")))  # type: ignore[arg-type]


def shadow(size: tuple[int, int], chance: random.Random) -> Image.Image:
    """Light that falls off over the picture, to as little as 45 % in one corner."""
    corners = Image.new("L", (2, 2))
    corners.putdata([chance.randint(115, 255) for _ in range(4)])
    return corners.resize(size, Image.Resampling.BICUBIC)


def photographed(code: Image.Image, pixels_per_module: float, chance: random.Random) -> Image.Image:
    """The code as a phone's camera may see it, on a grey table."""
    side = round(code.width * pixels_per_module / 8)
    table = Image.new("L", (round(code.width * 1.5), round(code.width * 1.5)), 170)
    table.paste(code, (code.width // 4, code.width // 4))
    table = table.rotate(chance.uniform(-18, 18), Image.Resampling.BICUBIC, fillcolor=170)
    tilt = [chance.uniform(0, 0.06) * table.width for _ in range(8)]
    far = table.width
    corners = (tilt[0], tilt[1], tilt[2], far - tilt[3], far - tilt[4], far - tilt[5], far - tilt[6], tilt[7])
    seen = table.transform(table.size, Image.Transform.QUAD, corners, Image.Resampling.BICUBIC)
    seen = seen.resize((round(side * 1.5), round(side * 1.5)), Image.Resampling.BOX)
    seen = seen.filter(ImageFilter.GaussianBlur(chance.uniform(0.15, 0.42) * pixels_per_module))
    lit = ImageChops.multiply(seen.point(lambda v: 30 + v * 200 // 255), shadow(seen.size, chance))
    noise = Image.effect_noise(lit.size, chance.uniform(4, 18))
    return ImageChops.add(lit, noise, scale=1, offset=-128)


def main(folder: Path) -> None:
    """Write every picture as PGM, named payload-pixels-number.pgm."""
    folder.mkdir(parents=True, exist_ok=True)
    for payload, characters in PAYLOAD_CHARACTERS.items():
        for pixels in PIXELS_PER_MODULE:
            for number in range(PICTURES_EACH):
                chance = random.Random(f"{payload}-{pixels}-{number}")
                picture = photographed(card_code(characters, chance), pixels, chance)
                picture.save(folder / f"{payload}-{pixels}-{number}.pgm")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
