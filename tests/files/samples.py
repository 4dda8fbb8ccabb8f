"""Real and hostile files, made on the spot."""

import struct
import zlib
from io import BytesIO
from typing import Any

from PIL import Image
from pypdf import PdfWriter
from pypdf.actions import JavaScript


def picture(file_format: str = "JPEG", size: tuple[int, int] = (900, 1200), mode: str = "RGB", **options: Any) -> bytes:
    """A picture with a gradient, so that no two regions look alike."""
    out = BytesIO()
    Image.linear_gradient("L").resize(size).convert(mode).save(out, file_format, **options)
    return out.getvalue()


def animation(file_format: str) -> bytes:
    frames = [Image.new("RGB", (300, 300), colour) for colour in ("red", "blue", "green")]
    out = BytesIO()
    frames[0].save(out, file_format, save_all=True, append_images=frames[1:], duration=100)
    return out.getvalue()


def photo_with_place(orientation: int = 1) -> bytes:
    """A JPEG as a phone makes it: red left half, EXIF with orientation, maker, GPS, and a comment."""
    image = Image.new("RGB", (1200, 900), "blue")
    image.paste("red", (0, 0, 600, 900))
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "CANARY-MAKER"
    exif.get_ifd(0x8825).update({1: "N", 2: (35.0, 41.0, 21.0), 3: "E", 4: (51.0, 23.0, 20.0)})
    out = BytesIO()
    image.save(out, "JPEG", exif=exif, comment=b"CANARY-COMMENT", quality=95)
    return out.getvalue()


def png_claiming(width: int, height: int) -> bytes:
    """A PNG of a few bytes whose header claims any size."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    pixels = zlib.compress(bytes(1_000_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def webp_claiming(width: int, height: int) -> bytes:
    """A WebP whose extended header claims any size up to 16,777,216 a side."""
    inner = picture("WEBP", (300, 300))[12:]
    extended = struct.pack("<II", 10, 0)[:4] + bytes(4)
    extended += (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBPVP8X" + extended + inner
    return b"RIFF" + struct.pack("<I", len(body)) + body


def pdf(
    *,
    pages: int = 1,
    catalog: bytes = b"",
    page: bytes = b"",
    more: tuple[bytes, ...] = (),
) -> bytes:
    """A PDF written out by hand. Objects: 1 catalog, 2 page tree, 3… the pages, then `more`."""
    kids = b" ".join(b"%d 0 R" % (3 + number) for number in range(pages))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R %s >>" % catalog,
        b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, pages),
        *[b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] %s >>" % page] * pages,
        *more,
    ]
    out = b"%PDF-1.7\n"
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table)
    end += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(out))
    return out + end


def pdf_with_packed_object(deflated: bytes) -> bytes:
    """A PDF whose object 4 lies in a compressed object stream, `deflated`, that starts `4 0 `."""
    packed = b"<< /Type /ObjStm /N 1 /First 4 /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream"
    objects = {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        3: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Annots [4 0 R] >>",
        5: packed % (len(deflated), deflated),
    }
    out, places = b"%PDF-1.7\n", {}
    for number, body in objects.items():
        places[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    rows = [
        (0, 0, 0),
        *[(1, places[n], 0) for n in (1, 2, 3)],
        (2, 5, 0),
        (1, places[5], 0),
        (1, len(out), 0),
    ]
    table = b"".join(bytes((kind,)) + place.to_bytes(4, "big") + bytes((last,)) for kind, place, last in rows)
    body = stream(table, b"/Type /XRef /Size 7 /W [1 4 1] /Root 1 0 R")
    return out + b"6 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF" % (body, len(out))


def stream(data: bytes, entries: bytes = b"/Filter /FlateDecode") -> bytes:
    """The body of a stream object, for `more`."""
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(data), entries, data)


def zeros_deflated(megabytes: int, start: bytes = b"") -> bytes:
    """That many megabytes of zeros, a thousandth of it long, never held whole."""
    deflater = zlib.compressobj(9)
    head = deflater.compress(start)
    return head + b"".join(deflater.compress(bytes(1024 * 1024)) for _ in range(megabytes)) + deflater.flush()


def library_pdf(*, password: str = "", script: str = "", attachment: bytes = b"") -> bytes:
    """A PDF as a common library writes it."""
    writer = PdfWriter()
    writer.add_blank_page(595, 842)
    if script:
        writer.add_open_action(JavaScript(script))
    if attachment:
        writer.add_attachment("inside.exe", attachment)
    if password:
        writer.encrypt(password, algorithm="AES-256")
    out = BytesIO()
    writer.write(out)
    return out.getvalue()
