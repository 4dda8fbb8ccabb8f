"""The printed portrait."""

import io
import random

import pytest
from PIL import Image, ImageDraw, ImageFilter

from khedmat.cards.portrait import (
    PRINT_SIZE,
    PortraitUnreadable,
    print_portrait,
)


def drawn_face(size: tuple[int, int] = (480, 640)) -> Image.Image:
    """A face good enough to have edges, skin and hair; nobody's."""
    rng = random.Random(7)
    width, height = size
    face = Image.new("RGB", size, (201, 208, 205))
    pen = ImageDraw.Draw(face)
    pen.ellipse((width * 0.1, height * 0.72, width * 0.9, height * 1.4), fill=(52, 70, 92))
    pen.ellipse((width * 0.24, height * 0.1, width * 0.76, height * 0.62), fill=(38, 30, 26))
    pen.ellipse((width * 0.27, height * 0.18, width * 0.73, height * 0.78), fill=(196, 152, 122))
    for eye in (0.4, 0.6):
        pen.ellipse((width * eye - 22, height * 0.42, width * eye + 22, height * 0.455), fill=(240, 238, 234))
        pen.ellipse((width * eye - 9, height * 0.42, width * eye + 9, height * 0.455), fill=(40, 26, 18))
        pen.arc((width * eye - 34, height * 0.37, width * eye + 34, height * 0.43), 190, 350, (40, 30, 26), 7)
    pen.line([(width * 0.5, height * 0.45), (width * 0.47, height * 0.56)], fill=(160, 116, 92), width=6)
    pen.arc((width * 0.41, height * 0.58, width * 0.59, height * 0.66), 20, 160, (140, 70, 66), 8)
    grain = Image.frombytes("L", size, rng.randbytes(width * height)).convert("RGB")
    return Image.blend(face.filter(ImageFilter.GaussianBlur(2)), grain, 0.05)


def as_bytes(picture: Image.Image, picture_format: str = "JPEG", **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, picture_format, **options)
    return file.getvalue()


FACE = as_bytes(drawn_face())


@pytest.mark.parametrize("size", [(480, 640), (640, 480), (90, 120), (3000, 900)])
def test_print_portrait_fills_its_frame(size: tuple[int, int]) -> None:
    printed = Image.open(io.BytesIO(print_portrait(as_bytes(drawn_face(size)))))
    assert printed.size == PRINT_SIZE
    assert printed.format == "JPEG"


def test_print_portrait_drops_metadata_and_obeys_rotation() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "somebody's name"
    turned = drawn_face().rotate(90, expand=True)
    data = as_bytes(turned, exif=exif)
    assert b"somebody" in data
    printed = print_portrait(data)
    assert b"somebody" not in printed
    upright = Image.open(io.BytesIO(print_portrait(FACE))).convert("L").resize((16, 20))
    again = Image.open(io.BytesIO(printed)).convert("L").resize((16, 20))
    differences = [abs(a - b) for a, b in zip(upright.tobytes(), again.tobytes(), strict=True)]
    assert sum(differences) / len(differences) < 4


@pytest.mark.parametrize("picture_format", ["PNG", "WEBP"])
def test_print_portrait_takes_other_pictures(picture_format: str) -> None:
    assert Image.open(io.BytesIO(print_portrait(as_bytes(drawn_face(), picture_format)))).mode == "RGB"


@pytest.mark.parametrize("data", [b"", b"no picture", FACE[:200]])
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(PortraitUnreadable):
        print_portrait(data)
