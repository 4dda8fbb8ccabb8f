"""What becomes of pictures: taken and written anew, or refused with a message."""

import subprocess
import sys
import zipfile
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from khedmat.files.enums import MediaType
from khedmat.files.errors import (
    FileEmpty,
    FileRefused,
    FileTooLarge,
    PaperKindNotAccepted,
    PhoneOnlyPicture,
    PictureAnimated,
    PictureKindNotAccepted,
    PictureNotReadable,
    PictureTooManyPixels,
    PictureTooSmall,
    PortraitTooNarrow,
    PortraitTooSmall,
)
from khedmat.files.inspect import MAX_BYTES, CheckedFile, inspect_portrait, inspect_upload, read_capped
from khedmat.files.rules import PAPER_MEDIA, PORTRAIT_MEDIA
from tests.files.samples import (
    animation,
    pdf,
    photo_with_place,
    picture,
    png_claiming,
    webp_claiming,
)

MEMORY_MEGABYTES = 320
FORMATS = ["JPEG", "PNG", "WEBP"]
REAL = {name: picture(name) for name in FORMATS}


def taken(data: bytes) -> CheckedFile:
    return inspect_upload("paper", data, PAPER_MEDIA)


def opened(checked: CheckedFile) -> Image.Image:
    return Image.open(BytesIO(checked.data))


@pytest.mark.parametrize("file_format", FORMATS)
def test_inspect_picture_becomes_fresh_jpeg(file_format: str) -> None:
    checked = taken(REAL[file_format])
    assert checked.media_type == MediaType.JPEG
    assert (checked.width, checked.height) == opened(checked).size == (900, 1200)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_inspect_png_of_every_mode_keeps_its_shades(mode: str) -> None:
    source = picture("PNG", (600, 512), mode="L" if mode == "I;16" else mode)
    if mode == "I;16":
        deep = Image.linear_gradient("L").resize((600, 512)).convert("I;16").point(lambda grey: grey * 256)
        out = BytesIO()
        deep.save(out, "PNG")
        source = out.getvalue()
    result = opened(taken(source)).convert("L").reduce(16)
    for row, expected in ((2, 20), (16, 132), (29, 236)):
        assert result.getpixel((18, row)) == pytest.approx(expected, abs=12)


def test_inspect_large_picture_is_shrunk() -> None:
    checked = taken(picture(size=(5000, 3000)))
    assert (checked.width, checked.height) == (2400, 1440)


def test_inspect_transparent_picture_stands_on_white() -> None:
    out = BytesIO()
    Image.new("RGBA", (300, 300), (0, 0, 0, 0)).save(out, "PNG")
    assert opened(taken(out.getvalue())).getpixel((150, 150)) == (255, 255, 255)


def test_inspect_cmyk_jpeg_becomes_rgb() -> None:
    assert opened(taken(picture(mode="CMYK"))).mode == "RGB"


def test_inspect_strips_exif_place_and_comment() -> None:
    source = photo_with_place()
    assert Image.open(BytesIO(source)).getexif().get_ifd(0x8825)
    checked = taken(source)
    assert not opened(checked).getexif()
    assert b"Exif" not in checked.data
    assert b"CANARY" not in checked.data


# Where the red half, first at the left, is after the camera's note is obeyed.
@pytest.mark.parametrize(
    ("orientation", "red_at"),
    [
        (1, "left"),
        (2, "right"),
        (3, "right"),
        (4, "left"),
        (5, "top"),
        (6, "top"),
        (7, "bottom"),
        (8, "bottom"),
    ],
)
def test_inspect_sets_picture_upright(orientation: int, red_at: str) -> None:
    image = opened(taken(photo_with_place(orientation)))
    width, height = image.size
    places = {
        "left": (10, height // 2),
        "right": (width - 10, height // 2),
        "top": (width // 2, 10),
        "bottom": (width // 2, height - 10),
    }
    red = {name for name, place in places.items() if image.getpixel(place)[0] > 200}  # type: ignore[index]
    assert red_at in red
    assert len(red - {"top", "bottom"} if red_at in {"left", "right"} else red - {"left", "right"}) == 1


def test_inspect_colour_profile_is_applied_and_dropped() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    checked = taken(picture(icc_profile=profile))
    assert "icc_profile" not in opened(checked).info


def test_inspect_broken_colour_profile_is_ignored() -> None:
    assert taken(picture(icc_profile=b"not a profile" * 20)).media_type == MediaType.JPEG


def test_inspect_phone_jpeg_with_second_picture_keeps_the_first() -> None:
    out = BytesIO()
    depth = Image.new("RGB", (300, 300), "black")
    Image.new("RGB", (800, 600), "white").save(out, "MPO", save_all=True, append_images=[depth])
    checked = taken(out.getvalue())
    assert opened(checked).getpixel((400, 300)) == (255, 255, 255)


@pytest.mark.parametrize("file_format", ["JPEG", "PNG"])
def test_inspect_polyglot_loses_what_is_appended(file_format: str) -> None:
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w") as writer:
        writer.writestr("inside.html", "<script>CANARY</script>")
    checked = taken(REAL[file_format] + archive.getvalue())
    assert not zipfile.is_zipfile(BytesIO(checked.data))
    assert b"CANARY" not in checked.data


@pytest.mark.parametrize(
    "data",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<!doctype html><script>alert(1)</script>",
        b"GIF89a" + bytes(100),
        b"PK\x03\x04" + bytes(100),
        b"MZ" + bytes(100),
        b"BM" + bytes(100),
        b"\x00",
    ],
)
def test_inspect_other_kind_is_refused(data: bytes) -> None:
    with pytest.raises(PaperKindNotAccepted):
        taken(data)


def test_inspect_names_the_field_not_the_file() -> None:
    with pytest.raises(FileEmpty) as caught:
        inspect_upload("residence_paper", b"", PAPER_MEDIA)
    assert caught.value.field == "residence_paper"


def test_inspect_renamed_pdf_as_portrait_is_refused() -> None:
    with pytest.raises(PictureKindNotAccepted):
        inspect_upload("portrait", pdf(), PORTRAIT_MEDIA)


def test_inspect_phone_format_is_named() -> None:
    with pytest.raises(PhoneOnlyPicture):
        taken(b"\x00\x00\x00\x24ftypheic" + bytes(200))


@pytest.mark.parametrize("file_format", ["PNG", "WEBP"])
def test_inspect_animation_is_refused(file_format: str) -> None:
    with pytest.raises(PictureAnimated):
        taken(animation(file_format))


@pytest.mark.parametrize(
    "data",
    [
        png_claiming(8_000, 8_000),
        png_claiming(60_000, 60_000),
        png_claiming(2_000_000_000, 2),
        webp_claiming(16_383, 16_383),
        webp_claiming(16_000_000, 16_000_000),
    ],
)
def test_inspect_pixel_bomb_is_refused_from_its_header(data: bytes) -> None:
    with pytest.raises(PictureTooManyPixels):
        taken(data)


def test_inspect_tiny_picture_is_refused() -> None:
    with pytest.raises(PictureTooSmall):
        taken(picture(size=(40, 900)))


def test_inspect_above_the_cap_is_refused() -> None:
    with pytest.raises(FileTooLarge):
        taken(REAL["JPEG"] + bytes(MAX_BYTES))


def test_inspect_half_a_webp_header_is_refused() -> None:
    with pytest.raises(PictureNotReadable):
        taken(REAL["WEBP"][:22])


@pytest.mark.parametrize("file_format", FORMATS)
@given(part=st.floats(0.02, 0.95))
@settings(max_examples=25, deadline=None)
def test_inspect_truncated_picture_is_refused(file_format: str, part: float) -> None:
    whole = REAL[file_format]
    with pytest.raises(FileRefused):
        taken(whole[: int(len(whole) * part)])


@pytest.mark.parametrize("file_format", FORMATS)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_inspect_damaged_picture_gives_a_jpeg_or_a_message(file_format: str, data: st.DataObject) -> None:
    damaged = bytearray(REAL[file_format])
    for place in data.draw(st.lists(st.integers(0, min(len(damaged), 2_000) - 1), min_size=1, max_size=12)):
        damaged[place] = data.draw(st.integers(0, 255))
    try:
        checked = taken(bytes(damaged))
    except FileRefused:
        return
    assert max(opened(checked).size) <= 2400


@given(
    head=st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\x00\x00\x00\x00WEBP"]),
    tail=st.binary(),
)
@settings(max_examples=200, deadline=None)
def test_inspect_random_bytes_are_refused(head: bytes, tail: bytes) -> None:
    with pytest.raises(FileRefused):
        taken(head + tail)


@pytest.mark.parametrize("size", [(480, 640), (1280, 720), (3000, 4000), (900, 900)])
def test_inspect_portrait_is_cut_to_card_size(size: tuple[int, int]) -> None:
    checked = inspect_portrait("portrait", picture(size=(size)))
    assert opened(checked).size == (checked.width, checked.height) == (480, 640)


def test_inspect_portrait_is_cut_around_the_centre() -> None:
    image = Image.new("RGB", (1600, 1200), "blue")
    image.paste("red", (700, 500, 900, 700))
    out = BytesIO()
    image.save(out, "JPEG")
    portrait = opened(inspect_portrait("portrait", out.getvalue()))
    assert portrait.getpixel((240, 320))[0] > 200  # type: ignore[index]
    assert portrait.getpixel((20, 320))[2] > 200  # type: ignore[index]


def test_inspect_portrait_lying_is_stood_up_before_it_is_cut() -> None:
    portrait = opened(inspect_portrait("portrait", photo_with_place(orientation=6)))
    assert portrait.getpixel((240, 30))[0] > 200  # type: ignore[index]
    assert portrait.getpixel((240, 610))[2] > 200  # type: ignore[index]


def test_inspect_portrait_too_small() -> None:
    with pytest.raises(PortraitTooSmall):
        inspect_portrait("portrait", picture(size=(640, 480)))


def test_inspect_portrait_too_narrow() -> None:
    with pytest.raises(PortraitTooNarrow):
        inspect_portrait("portrait", picture(size=(700, 1500)))


class CountingStream:
    """Gives bytes for ever and counts them."""

    given = 0

    def read(self, size: int, /) -> bytes:
        self.given += size
        return bytes(size)


def test_read_capped_stops_at_the_cap() -> None:
    stream = CountingStream()
    with pytest.raises(FileTooLarge):
        read_capped(stream, "paper")
    assert stream.given <= MAX_BYTES + 64 * 1024


def test_read_capped_reads_the_whole_of_a_small_stream() -> None:
    assert read_capped(BytesIO(b"x" * 200_000)) == b"x" * 200_000


CHILD = """
import sys
from django.conf import settings
settings.configure(USE_I18N=False)
from khedmat.files.inspect import inspect_upload
from khedmat.files.rules import PAPER_MEDIA
inspect_upload("paper", sys.stdin.buffer.read(), PAPER_MEDIA)
print([line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")][0])
"""


@pytest.mark.parametrize(
    ("file_format", "mode", "size"),
    [
        ("JPEG", "RGB", (7300, 5470)),
        ("PNG", "RGBA", (7300, 5470)),
        ("PNG", "P", (7300, 5470)),
        ("WEBP", "RGBA", (4900, 3260)),
    ],
)
def test_inspect_largest_picture_stays_within_memory(file_format: str, mode: str, size: tuple[int, int]) -> None:
    data = picture(file_format, size, mode)
    done = subprocess.run([sys.executable, "-c", CHILD], input=data, capture_output=True, check=True)
    assert int(done.stdout) < MEMORY_MEGABYTES * 1024
