"""The portrait as it is printed on a card. The token carries none (ADR 3)."""

import io
from typing import Final

from PIL import Image, ImageOps

# 24 x 31 mm at 300 dots an inch.
PRINT_SIZE: Final = (283, 366)
_PRINT_QUALITY: Final = 88
_FACE_FROM_TOP: Final = 0.4


class PortraitUnreadable(Exception):
    """The bytes are no picture."""


def print_portrait(data: bytes) -> bytes:
    """Crop and scale a portrait to 24 x 31 mm at 300 dots an inch, as JPEG without any metadata.

    `data` has passed the content checks of `khedmat.files`. Raise `PortraitUnreadable` when it does not open.
    """
    picture = _open(data).convert("RGB")
    file = io.BytesIO()
    _fit(picture, PRINT_SIZE).save(file, "JPEG", quality=_PRINT_QUALITY, optimize=True)
    return file.getvalue()


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
