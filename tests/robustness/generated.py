"""Hostile posts, made from what a form offers: each value a browser, a tool or an attacker could send."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from random import Random
from urllib.parse import quote_from_bytes
from uuid import UUID

from khedmat.common.jalali import to_jalali
from tests.files.samples import library_pdf, pdf, picture, png_claiming
from tests.imports.registers import FAMILY, HEAD, table
from tests.robustness.browsing import Sender
from tests.robustness.markup import Input

BOUNDARY = b"-----khedmat-proof"
FORM, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"


@dataclass(frozen=True)
class Upload:
    """One file as a browser sends it."""

    name: bytes
    media_type: bytes
    data: bytes = field(repr=False)


Value = bytes | Upload


@dataclass(frozen=True)
class Post:
    """What is sent: values in their order, how they are packed, and the reader's language."""

    pairs: tuple[tuple[str, Value], ...]
    packing: str
    language: str
    is_whole: bool = True

    def body(self) -> tuple[str, bytes]:
        """Content type and body."""
        return PACKINGS[self.packing](self.pairs)

    def sent(self, name: str) -> list[bytes]:
        """The texts sent under a name, in their order. A file without a name arrives as a text too."""
        values = (value for key, value in self.pairs if key == name)
        return [one if isinstance(one, bytes) else one.data for one in values if isinstance(one, bytes) or not one.name]


# ---------- values ----------

HOSTILE_TEXTS: tuple[bytes, ...] = (
    b"",
    b" ",
    "\u200c\u200c".encode(),
    b"\x00",
    b"a\x00b",
    "\ud800".encode("utf-8", "surrogatepass"),
    b"\xff\xfe\x80",
    "\u202e\u202dgnp.exe".encode(),
    "\u2066\u2067\u2069".encode(),
    "۱۲۳۴۵۶۷۸۹۰".encode(),
    "١٢٣٤٥".encode(),
    "१२३४५".encode(),
    "𝟙𝟚𝟛".encode(),
    "²³".encode(),
    "Ⅷ".encode(),
    "０１２".encode(),
    b"0",
    b"-1",
    b"1.5",
    b"1e9",
    b"+1",
    b"0x10",
    b"1_000",
    b"NaN",
    b"Infinity",
    b"9" * 400,
    b"2147483648",
    b"9223372036854775808",
    b"99999999999999999999",
    b"' OR 1=1 --",
    b"'; DROP TABLE audit_entry; --",
    b"\\'; SELECT pg_sleep(9); --",
    b"$$; RESET ROLE; $$",
    b"{{ settings.SECRET_KEY }}{% debug %}",
    b"{% include 'base.html' %}",
    b"<script>alert(1)</script>",
    b'" onfocus=alert(1) autofocus x="',
    b"%s%(x)s%n{0}{x}",
    b"../../../../etc/passwd",
    b"//evil.example/",
    b"https://evil.example/",
    b"javascript:alert(1)",
    b'{"a": [1, {"b": null}]}',
    b"[" * 2000,
    b"null",
    b"true",
    b"on",
    b"\r\nSet-Cookie: a=b",
    b"\xe2\x80\xa8\xe2\x80\xa9",
    "ﷺ".encode() * 50,
    "é\u0301".encode() * 100,
    ("a" + "\u0301" * 500).encode(),
    "𐀀🤖".encode(),
    "علی‌رضا رضایی".encode(),
    b"x" * 5_000,
    "ع".encode() * 3_000,
    b"00000000-0000-0000-0000-000000000000",
    b"{00000000-0000-4000-8000-000000000000}",
    b"urn:uuid:00000000-0000-4000-8000-000000000000",
    b"31",
    b"32",
    b"13",
    b"1278",
    b"1500",
    b"9999",
    b"0000",
)

# What a person would type, by the kind of field that reads it; several, since rules differ.
PLAUSIBLE: dict[str, tuple[str, ...]] = {
    "NameField": ("زهرا", "محمد", "رضایی"),
    "PhoneField": ("09121234567", "۰۹۱۲ ۱۲۳ ۴۵۶۷"),
    "PostalCodeField": ("3351734567",),
    "DocumentNumberField": ("175000000", "B-771", "ش‌ه ۴۴۱۲۰۷"),
    "SeriesField": ("amayesh-17", ""),
    "PlainTextField": ("مدارک کامل است.", "9001", "ب/۱۲۳۴"),
    "IntegerField": ("1", "2"),
    "WholeNumberField": ("7", "۱۲"),
    "RialField": ("1000", "۲٬۰۰۰", "0"),
    "NumberField": ("5", "۱۲", "40"),
    "CodeField": ("new-row", "23", "042"),
    "ExpressionField": ("age_on_round >= 18", "has_portrait"),
    "text": ("مدارک کامل است.", "9001", "175000000"),
    "password": ("a long test passphrase 1405",),
    "email": ("a@b.example",),
    "number": ("1", "5"),
    "tel": ("09121234567",),
    "search": ("175000000",),
    "date": ("2026-01-01",),
}
LATIN_NAMES = ("Zahra Rezai", "Ghulam")
LATER_YEARS = ("1409", "۱۴۱۰", "1405")
# What is left empty more often than not, where it may be.
LEFT_EMPTY = frozenset({"DocumentNumberField", "HourField"})
DATE_PARTS: dict[str, tuple[str, ...]] = {
    "_day": ("1", "۲۹", "12"),
    "_month": ("1", "7", "12"),
    "_year": ("1380", "۱۳۹۰", "1405", "1407"),
}


@cache
def files() -> tuple[Upload, ...]:
    """Files of right and wrong kinds. The first three are what the pages ask for."""
    jpeg = picture(size=(600, 800))
    return (
        Upload("عکس.jpg".encode(), b"image/jpeg", jpeg),
        Upload(b"photo.png", b"image/png", picture("PNG", size=(600, 800))),
        Upload(b"paper.pdf", b"application/pdf", pdf()),
        Upload(b"", b"application/octet-stream", b""),
        Upload(b"empty.jpg", b"image/jpeg", b""),
        Upload(b"a.jpg", b"image/jpeg", b"\xff\xd8\xff"),
        Upload(b"a.jpg", b"image/jpeg", jpeg[: len(jpeg) // 2]),
        Upload(b"a.exe", b"image/jpeg", b"MZ" + bytes(2_000)),
        Upload(b"a.svg", b"image/svg+xml", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        Upload(b"a.html", b"text/html", b"<script>alert(1)</script>"),
        Upload(b"a.zip", b"application/zip", b"PK\x03\x04" + bytes(500)),
        Upload(b"a.gif", b"image/gif", b"GIF89a" + bytes(50)),
        Upload(b"bomb.png", b"image/png", png_claiming(60_000, 60_000)),
        Upload(b"a.pdf", b"application/pdf", b"%PDF-1.7\n" + b"1 0 obj\n" * 400),
        Upload(b"script.pdf", b"application/pdf", library_pdf(script="app.alert(1)")),
        Upload(b"locked.pdf", b"application/pdf", library_pdf(password="a")),
        Upload(b"../../../etc/passwd\x00.jpg", b"image/jpeg", jpeg),
        Upload(b"tiny.png", b"image/png", picture("PNG", size=(8, 8))),
        Upload(("\u202egpj.exe" * 40).encode(), b"text/plain; charset=utf-16", b"\xff" * 100),
    )


@cache
def tables() -> tuple[Upload, ...]:
    """Files where a page asks for a register."""
    return (
        Upload("فهرست.csv".encode(), b"text/csv", table(FAMILY)),
        Upload(b"list.csv", b"text/csv", table([HEAD], encoding="utf-16")),
        Upload(b"list.xlsx", b"application/octet-stream", b"PK\x03\x04" + bytes(500)),
    )


def big_file() -> Upload:
    """One byte beyond the cap of ten megabytes."""
    return Upload(b"big.jpg", b"image/jpeg", b"\xff\xd8\xff\xe0" + bytes(10 * 1024 * 1024))


# ---------- packing ----------

Pairs = Sequence[tuple[str, Value]]


def _as_bytes(value: Value) -> bytes:
    return value.data[:200] if isinstance(value, Upload) else value


def _urlencoded(pairs: Pairs) -> bytes:
    return b"&".join(
        b"%s=%s" % (quote_from_bytes(key.encode()).encode(), quote_from_bytes(_as_bytes(value)).encode())
        for key, value in pairs
    )


def _part(key: str, value: Value) -> bytes:
    head = b'Content-Disposition: form-data; name="%s"' % key.encode()
    if isinstance(value, Upload):
        head += b'; filename="%s"\r\nContent-Type: %s' % (value.name, value.media_type)
    return b"--%s\r\n%s\r\n\r\n%s\r\n" % (BOUNDARY, head, _as_bytes(value) if isinstance(value, bytes) else value.data)


def _multipart(pairs: Pairs) -> bytes:
    return b"".join(_part(key, value) for key, value in pairs) + b"--%s--\r\n" % BOUNDARY


_TYPE = f"{MULTIPART}; boundary={BOUNDARY.decode()}"

PACKINGS: dict[str, Callable[[Pairs], tuple[str, bytes]]] = {
    "urlencoded": lambda pairs: (FORM, _urlencoded(pairs)),
    "multipart": lambda pairs: (_TYPE, _multipart(pairs)),
    "multipart without end": lambda pairs: (_TYPE, _multipart(pairs)[: -len(BOUNDARY) - 6]),
    "multipart cut in half": lambda pairs: (_TYPE, _multipart(pairs)[: len(_multipart(pairs)) // 2]),
    "multipart without boundary": lambda pairs: (MULTIPART, _multipart(pairs)),
    "multipart with another boundary": lambda pairs: (f"{MULTIPART}; boundary=other", _multipart(pairs)),
    "multipart with an endless boundary": lambda pairs: (f"{MULTIPART}; boundary={'x' * 300}", _multipart(pairs)),
    "multipart in base64": lambda pairs: (
        _TYPE,
        _multipart(pairs).replace(b"\r\n\r\n", b"\r\nContent-Transfer-Encoding: base64\r\n\r\n"),
    ),
    "multipart that is urlencoded": lambda pairs: (_TYPE, _urlencoded(pairs)),
    "urlencoded that is multipart": lambda pairs: (FORM, _multipart(pairs)),
    "urlencoded in utf-16": lambda pairs: (f"{FORM}; charset=utf-16", _urlencoded(pairs)),
    "urlencoded in no charset": lambda pairs: (f"{FORM}; charset=klingon", _urlencoded(pairs)),
    "json": lambda pairs: ("application/json", b'{"a": [1, 2, {"version": -1}]}'),
    "plain text": lambda pairs: ("text/plain", _urlencoded(pairs)),
    "xml": lambda pairs: ("application/xml", b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'),
    "no type": lambda pairs: ("", _urlencoded(pairs)),
    "nonsense type": lambda pairs: ("\x01;;=/", _urlencoded(pairs)),
    "nothing": lambda pairs: (FORM, b""),
    "too many fields": lambda pairs: (FORM, _urlencoded(pairs) + b"".join(b"&x%d=" % one for one in range(600))),
    "too many files": lambda pairs: (
        _TYPE,
        _multipart((*pairs, *((f"file{one}", files()[5]) for one in range(14)))),
    ),
    "too large": lambda pairs: (FORM, _urlencoded(pairs) + b"&reason=" + b"x" * (2 * 1024 * 1024 + 1)),
}
WHOLE = ("urlencoded", "multipart")
BROKEN = tuple(name for name in PACKINGS if name not in WHOLE)


# ---------- posts ----------


def some_post(choice: Random, sender: Sender, foreign: Sequence[str]) -> Post:
    """A post for one form: mostly near to what it asks for, with a few things wrong; some wild, some broken.

    Drawn straight from `choice`: a library of strategies took as long to draw a post as the site to answer some.
    """
    is_broken = choice.random() < 0.2
    is_wild = not is_broken and choice.random() < 0.25
    pairs = _wild(choice, sender, foreign) if is_wild else _near(choice, sender, foreign)
    packing = choice.choice(BROKEN if is_broken else WHOLE)
    return _with_files_packed(Post(pairs, packing, choice.choice(("fa", "en")), not is_broken))


def _near(choice: Random, sender: Sender, foreign: Sequence[str]) -> tuple[tuple[str, Value], ...]:
    pairs = _filled(choice, sender)
    for _ in range(choice.randint(0, 3)):
        pairs = _apply(pairs, _mutation(choice, sender, foreign))
    return pairs


def _wild(choice: Random, sender: Sender, foreign: Sequence[str]) -> tuple[tuple[str, Value], ...]:
    return tuple((_name(choice, sender), _hostile(choice, foreign)) for _ in range(choice.randint(0, 12)))


def as_offered(sender: Sender, language: str = "fa") -> Post:
    """The form filled as a person would, nothing wrong that can be known.

    A list that stands there twice is not answered twice alike (who is away, who covers), and no reason is copied.
    """
    pairs, earlier = [], Counter[tuple[Value, ...]]()
    for one in _sent_inputs(sender):
        values = plausible(one, sender)
        is_own_words = one.kind == "select" or sender.fields.get(one.name) == "PlainTextField"
        is_told_apart = is_own_words and not one.value and bool(values[0])
        pairs.append((one.name, values[earlier[values] % len(values)]))
        earlier[values] += is_told_apart
    return _with_files_packed(Post((*pairs, *_first_button(sender)), "urlencoded", language))


def _with_files_packed(post: Post) -> Post:
    has_files = any(isinstance(value, Upload) for _, value in post.pairs)
    return replace(post, packing="multipart") if has_files and post.packing == "urlencoded" else post


def _first_button(sender: Sender) -> tuple[tuple[str, Value], ...]:
    return tuple((name, value.encode()) for name, value in sender.form.buttons[:1])


def _sent_inputs(sender: Sender) -> list[Input]:
    """What a browser sends when every box is filled once; several files at once are another way to the same end."""
    return [one for one in sender.form.inputs if not one.takes_several]


def plausible(one: Input, sender: Sender) -> tuple[Value, ...]:
    """What a person would give for a field; the most likely first."""
    if one.kind == "file":
        return tables() if "table" in one.name else files()[:3]
    if one.kind == "hidden":
        return (one.value.encode(),)
    if part := _part_of_day(one, sender):
        return (part,)
    own = (one.value.encode(),) if one.value else ()
    if not own and one.name in sender.optional and sender.fields.get(one.name) in LEFT_EMPTY:
        own = (b"",)
    offered = [choice for choice in one.choices if choice] or _typed(one, sender)
    return (*own, *(value.encode() for value in offered))


def _part_of_day(one: Input, sender: Sender) -> bytes:
    """Day, month or year of a day that the field takes; empty where none is known."""
    name, _line, part = one.name.rpartition("_")
    day = sender.days.get(name)
    return b"" if day is None else str(getattr(to_jalali(day), part)).encode()


def _typed(one: Input, sender: Sender) -> tuple[str, ...]:
    """What a person would write into a box, going by its name and by the field that reads it."""
    if "latin" in one.name:
        return LATIN_NAMES
    if "until" in one.name and one.name.endswith("_year"):
        return LATER_YEARS
    for suffix, values in DATE_PARTS.items():
        if one.name.endswith(suffix):
            return values
    field_ = sender.fields.get(one.name, "")
    known = PLAUSIBLE.get(field_, PLAUSIBLE.get(one.kind, PLAUSIBLE["text"]))
    return (*sender.numbers[:3], *known) if field_ in {"PlainTextField", "DocumentNumberField"} else known


def _filled(choice: Random, sender: Sender) -> tuple[tuple[str, Value], ...]:
    """Every field with something plausible; optional lists and one of the buttons at times."""
    several = [one.name for one in sender.form.inputs if one.takes_several]
    button: tuple[tuple[str, Value], ...] = ()
    if sender.form.buttons and choice.random() < 2 / 3:
        name, value = choice.choice(sender.form.buttons)
        button = ((name, value.encode()),)
    if several and choice.random() < 0.5:
        at_once = [(choice.choice(several), choice.choice(files()[:3])) for _ in range(choice.randint(0, 3))]
        return (*button, *at_once)
    return (*((one.name, choice.choice(plausible(one, sender))) for one in _sent_inputs(sender)), *button)


@dataclass(frozen=True)
class Mutation:
    """One thing done to a filled form: `kind` at the field `name` with `value`."""

    kind: str
    name: str
    value: Value


OTHER_NAMES = ("version", "id", "next", "by", "step", "members-TOTAL_FORMS", "members-999-sex", "x\x00y", "آ", "a[b]")


def _name(choice: Random, sender: Sender) -> str:
    own = [one.name for one in sender.form.inputs] + list(sender.fields) + [name for name, _ in sender.form.buttons]
    return choice.choice(own if own and choice.random() < 0.8 else OTHER_NAMES)


def _hostile(choice: Random, foreign: Sequence[str]) -> Value:
    kind = choice.randrange(7)
    if kind == 0:
        return choice.choice(foreign).encode()
    if kind == 1:
        return str(UUID(int=choice.getrandbits(128), version=4)).encode()
    if kind == 2:
        return _some_text(choice)
    if kind == 3:
        return str(choice.choice((1, -1)) * choice.getrandbits(choice.choice((4, 8, 16, 31, 32, 64, 128)))).encode()
    if kind == 4:
        return choice.choice(files())
    return choice.choice(HOSTILE_TEXTS)


# From where letters are drawn: controls and ASCII, Latin, Arabic, marks and signs, the rest of each plane.
ALPHABETS = ((0x00, 0x7F), (0x80, 0x24F), (0x600, 0x6FF), (0x2000, 0x2BFF), (0x00, 0xD7FF), (0xE000, 0x10FFFF))


def _some_text(choice: Random) -> bytes:
    """Up to sixty letters, of one alphabet or of all."""
    length = choice.choice((0, 1, 2, 5, 10, 20, 40, 60))
    own = choice.choice(ALPHABETS) if choice.random() < 0.5 else None
    return "".join(chr(choice.randint(*(own or choice.choice(ALPHABETS)))) for _ in range(length)).encode()


def _mutation(choice: Random, sender: Sender, foreign: Sequence[str]) -> Mutation:
    kind = choice.choice(("replace", "replace", "replace", "drop", "double", "add", "swap"))
    return Mutation(kind, _name(choice, sender), _hostile(choice, foreign))


def _apply(pairs: tuple[tuple[str, Value], ...], one: Mutation) -> tuple[tuple[str, Value], ...]:
    if one.kind == "drop":
        return tuple(pair for pair in pairs if pair[0] != one.name)
    if one.kind == "replace":
        return tuple((key, one.value if key == one.name else value) for key, value in pairs)
    if one.kind == "swap" and pairs:
        return (*pairs[1:], (pairs[0][0], one.value))
    return (*pairs, (one.name, one.value)) if one.kind == "add" else ((one.name, one.value), *pairs)


def as_uuid(value: bytes) -> str:
    """The id that a text means, however it is written; empty where it is none."""
    try:
        return str(UUID(value.decode()))
    except (ValueError, UnicodeDecodeError):
        return ""
