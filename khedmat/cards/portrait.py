"""The two portraits of a card: the printed one, and a tiny grey one that a token could carry (ADR 3)."""

import io
from typing import Final, Literal

from PIL import Image, ImageOps

PictureFormat = Literal["WEBP", "AVIF", "JPEG"]

# 24 x 31 mm at 300 dots an inch.
PRINT_SIZE: Final = (283, 366)
TOKEN_SIZE: Final = (64, 80)
MAX_TOKEN_BYTES: Final = 700
_PRINT_QUALITY: Final = 88
_HIGHEST_QUALITY: Final = 80
_FACE_FROM_TOP: Final = 0.4


class PortraitUnreadable(Exception):
    """The bytes are no picture, or none that can be made small enough."""


def print_portrait(data: bytes) -> bytes:
    """Crop and scale a portrait to 24 x 31 mm at 300 dots an inch, as JPEG without any metadata.

    `data` has passed the content checks of `khedmat.files`. Raise `PortraitUnreadable` when it does not open.
    """
    picture = _open(data).convert("RGB")
    file = io.BytesIO()
    _fit(picture, PRINT_SIZE).save(file, "JPEG", quality=_PRINT_QUALITY, optimize=True)
    return file.getvalue()


def token_portrait(
    data: bytes,
    *,
    max_bytes: int = MAX_TOKEN_BYTES,
    size: tuple[int, int] = TOKEN_SIZE,
    picture_format: PictureFormat = "WEBP",
) -> bytes:
    """The best grey portrait of `size` pixels within `max_bytes`; `PortraitUnreadable` when none fits."""
    grey = ImageOps.autocontrast(_fit(_open(data).convert("L"), size), cutoff=1)
    low, high, best = 1, _HIGHEST_QUALITY, b""
    while low <= high:
        quality = (low + high) // 2
        encoded = _encoded(grey, picture_format, quality)
        if len(encoded) <= max_bytes:
            best, low = encoded, quality + 1
        else:
            high = quality - 1
    if not best:
        raise PortraitUnreadable(f"no quality of {picture_format} fits {max_bytes} bytes")
    return best


def _open(data: bytes) -> Image.Image:
    try:
        picture = Image.open(io.BytesIO(data))
        picture.load()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise PortraitUnreadable("the bytes are no picture") from error
    return ImageOps.exif_transpose(picture)


def _fit(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Scale and crop; of what is too tall, more goes below, where no face is."""
    return ImageOps.fit(picture, size, Image.Resampling.LANCZOS, centering=(0.5, _FACE_FROM_TOP))


def _encoded(picture: Image.Image, picture_format: PictureFormat, quality: int) -> bytes:
    file = io.BytesIO()
    if picture_format == "WEBP":
        picture.save(file, "WEBP", quality=quality, method=6)
    elif picture_format == "AVIF":
        picture.save(file, "AVIF", quality=quality, speed=2, subsampling="4:0:0")
    else:
        picture.save(file, "JPEG", quality=quality, optimize=True)
    return file.getvalue()
