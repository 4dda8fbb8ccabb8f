"""Pictures are never kept as they came: decoded within limits, set upright, and written anew as JPEG."""

import struct
from io import BytesIO
from typing import Final

from PIL import ExifTags, Image, ImageCms, ImageOps

from khedmat.files.enums import MediaType
from khedmat.files.errors import (
    PictureAnimated,
    PictureNotReadable,
    PictureTooManyPixels,
    PictureTooSmall,
    PortraitTooNarrow,
    PortraitTooSmall,
)

LONGEST_EDGE: Final = 2400
SHORTEST_EDGE: Final = 200
PORTRAIT_SIZE: Final = (480, 640)
PORTRAIT_MAX_RATIO: Final = 2.0
JPEG_QUALITY: Final = 85
# WebP's decoder holds several copies of the canvas at once, hence its lower cap.
MAX_PIXELS: Final = {MediaType.JPEG: 40_000_000, MediaType.PNG: 40_000_000, MediaType.WEBP: 16_000_000}

_PLUGIN: Final = {MediaType.JPEG: "JPEG", MediaType.PNG: "PNG", MediaType.WEBP: "WEBP"}
_BOMB = (Image.DecompressionBombError, Image.DecompressionBombWarning)
_WEBP_ANIMATED_FLAG: Final = 0x02
_STRIP_ROWS: Final = 64
# EXIF 2.32, tag 0x0112: what was done to the picture, and here what undoes it.
_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def read_picture(data: bytes, media_type: MediaType) -> Image.Image:
    """The picture upright, in RGB, its longest edge at most 2,400 px, without any metadata.

    Errors: PictureNotReadable, PictureTooManyPixels, PictureAnimated, PictureTooSmall.
    """
    try:
        return _read(data, media_type)
    except (PictureNotReadable, PictureTooManyPixels, PictureAnimated, PictureTooSmall):
        raise
    except _BOMB as error:
        raise PictureTooManyPixels from error
    except Exception as error:  # malformed data surfaces in the decoders as almost any exception
        raise PictureNotReadable from error


def portrait_from(picture: Image.Image) -> Image.Image:
    """The centred 3:4 part, 480 × 640 px. Errors: PortraitTooSmall, PortraitTooNarrow."""
    width, height = picture.size
    if max(width, height) > PORTRAIT_MAX_RATIO * min(width, height):
        raise PortraitTooNarrow
    if width < PORTRAIT_SIZE[0] or height < PORTRAIT_SIZE[1]:
        raise PortraitTooSmall
    return ImageOps.fit(picture, PORTRAIT_SIZE, Image.Resampling.LANCZOS)


def as_jpeg(picture: Image.Image) -> bytes:
    """The pixels alone as JPEG: no EXIF, no comment, no colour profile (they are sRGB by now)."""
    out = BytesIO()
    picture.save(out, "JPEG", quality=JPEG_QUALITY, subsampling="4:2:0")
    return out.getvalue()


def _read(data: bytes, media_type: MediaType) -> Image.Image:
    if media_type == MediaType.WEBP:
        _check_webp_header(data)
    with Image.open(BytesIO(data), formats=[_PLUGIN[media_type]]) as picture:
        _check_size(picture.size, media_type)
        # A phone's JPEG often carries a second picture (depth, brightness); only the first is read.
        if media_type != MediaType.JPEG and getattr(picture, "n_frames", 1) != 1:
            raise PictureAnimated
        # JPEG alone can be decoded smaller than it is, which saves most of the memory.
        picture.draft("RGB", (LONGEST_EDGE, LONGEST_EDGE))
        picture.load()
        profile = picture.info.get("icc_profile")
        shrunk = _shrunk(picture)
        turn = _TURNS.get(picture.getexif().get(ExifTags.Base.Orientation, 1))
        upright = shrunk.transpose(turn) if turn is not None else shrunk
        return _without_metadata(_in_srgb(_on_white(upright), profile))


def _check_size(size: tuple[int, int], media_type: MediaType) -> None:
    if size[0] * size[1] > MAX_PIXELS[media_type]:
        raise PictureTooManyPixels
    if min(size) < SHORTEST_EDGE:
        raise PictureTooSmall


def _check_webp_header(data: bytes) -> None:
    """WebP's decoder sets memory aside on opening, so its size is read from the header before."""
    chunk = data[12:16]
    if chunk == b"VP8X":
        if data[20] & _WEBP_ANIMATED_FLAG:
            raise PictureAnimated
        size = int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
    elif chunk == b"VP8L":
        (packed,) = struct.unpack_from("<I", data, 21)
        size = (packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1
    elif chunk == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, 26)
        size = width & 0x3FFF, height & 0x3FFF
    else:
        raise PictureNotReadable
    _check_size(size, MediaType.WEBP)


def _shrunk(picture: Image.Image) -> Image.Image:
    """A copy with its longest edge at most 2,400 px, in mode L, RGB, CMYK or (if see-through) RGBA.

    Works in strips: converting the whole picture would hold two full copies of it.
    """
    mode = _plain_mode(picture)
    factor = max(1, max(picture.size) // LONGEST_EDGE)
    width, height = picture.size
    shrunk = Image.new(mode, (-(-width // factor), -(-height // factor)))
    for row in range(0, shrunk.height, _STRIP_ROWS):
        bottom = min(height, (row + _STRIP_ROWS) * factor)
        strip = _eight_bits(picture.crop((0, row * factor, width, bottom))).convert(mode)
        shrunk.paste(strip.reduce(factor), (0, row))
    shrunk.thumbnail((LONGEST_EDGE, LONGEST_EDGE), Image.Resampling.LANCZOS)
    return shrunk


def _plain_mode(picture: Image.Image) -> str:
    if picture.has_transparency_data:
        return "RGBA"
    if picture.mode in {"L", "RGB", "CMYK"}:
        return picture.mode
    return "L" if picture.mode in {"1", "I", "I;16", "I;16B"} else "RGB"


def _eight_bits(strip: Image.Image) -> Image.Image:
    """Greys of 16 bits scaled to 8; the library's own conversion would turn nearly all of them white."""
    if not strip.mode.startswith("I"):
        return strip
    return strip.point(lambda grey: grey * (1 / 256))


def _on_white(picture: Image.Image) -> Image.Image:
    if picture.mode != "RGBA":
        return picture
    ground = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(ground, picture).convert("RGB")


def _in_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    if profile and picture.mode in {"RGB", "CMYK", "L"}:
        try:
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            converted = ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
        except (ImageCms.PyCMSError, OSError, TypeError, ValueError):
            # A broken profile, or one for other channels: the plain colours are near enough for a paper.
            converted = None
        if converted is not None:
            return converted
    return picture.convert("RGB")


def _without_metadata(picture: Image.Image) -> Image.Image:
    bare = Image.new("RGB", picture.size)
    bare.paste(picture)
    return bare
