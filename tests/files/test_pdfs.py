"""Which PDFs are taken, and that looking into one ends."""

import subprocess
import sys
import time
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from khedmat.files import inspect as inspection
from khedmat.files import pdf_check
from khedmat.files.enums import MediaType
from khedmat.files.errors import (
    FileRefused,
    PdfEncrypted,
    PdfHasActiveContent,
    PdfNotReadable,
    PdfTooComplex,
    PdfTooManyPages,
)
from khedmat.files.inspect import CheckedFile, inspect_upload
from khedmat.files.pdf_check import verdict_on
from khedmat.files.rules import PAPER_MEDIA
from tests.files.samples import library_pdf, pdf, pdf_with_packed_object, stream, zeros_deflated

SCAN = pdf(page=b"/Contents 4 0 R", more=(stream(zlib.compress(b"0 0 m 100 100 l S")),))


def taken(data: bytes) -> CheckedFile:
    return inspect_upload("paper", data, PAPER_MEDIA)


def refusal_of(data: bytes) -> str | int:
    return verdict_on(data)["verdict"]


def test_inspect_pdf_is_kept_as_it_came() -> None:
    assert taken(SCAN) == CheckedFile(SCAN, MediaType.PDF, pages=1)


def test_inspect_pdf_of_thirty_pages_is_taken() -> None:
    assert taken(pdf(pages=30)).pages == 30


def test_inspect_pdf_of_a_common_library_is_taken() -> None:
    assert taken(library_pdf()).pages == 1


def test_inspect_pdf_with_link_and_opening_page_is_taken() -> None:
    assert verdict_on(pdf(catalog=b"/OpenAction [3 0 R /Fit]"))["verdict"] == "ok"
    assert verdict_on(pdf(catalog=b"/OpenAction << /S /GoTo /D [3 0 R /Fit] >>"))["verdict"] == "ok"


def test_inspect_pdf_of_thirty_one_pages_is_refused() -> None:
    with pytest.raises(PdfTooManyPages):
        taken(pdf(pages=31))


def test_inspect_pdf_that_lies_about_its_pages_is_refused() -> None:
    lying = pdf(pages=31).replace(b"/Count 31", b"/Count  1")
    assert refusal_of(lying) == "pages"


def test_inspect_pdf_with_password_is_refused() -> None:
    with pytest.raises(PdfEncrypted):
        taken(library_pdf(password="secret"))


def test_inspect_pdf_with_script_is_refused() -> None:
    with pytest.raises(PdfHasActiveContent):
        taken(library_pdf(script="app.alert('hello')"))


def test_inspect_pdf_with_file_inside_is_refused() -> None:
    assert refusal_of(library_pdf(attachment=b"MZ")) == "active"


@pytest.mark.parametrize(
    "catalog",
    [
        b"/OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >>",
        b"/OpenAction << /S /J#61vaScript /J#53 (app.alert\\(1\\)) >>",
        b"/OpenAction << /S /Launch /F (cmd.exe) >>",
        b"/OpenAction << /S /URI /URI (http://example.org) >>",
        b"/OpenAction 4 0 R",
        b"/AA << /WC 4 0 R >>",
        b"/AcroForm << /XFA 4 0 R >>",
        b"/Names << /EmbeddedFiles << /Names [] >> >>",
        b"/Collection << /View /D >>",
        b"/Nested [ << /Deeper [ << /S /SubmitForm /F (http://example.org) >> ] >> ]",
    ],
)
def test_inspect_pdf_that_acts_is_refused(catalog: bytes) -> None:
    assert refusal_of(pdf(catalog=catalog, more=(b"<< /S /Named /N /Print >>",))) == "active"


def test_inspect_pdf_action_in_compressed_object_is_refused() -> None:
    assert refusal_of(pdf_with_packed_object(zlib.compress(b"4 0 << /S /GoTo /D [3 0 R /Fit] >>"))) == "ok"
    assert refusal_of(pdf_with_packed_object(zlib.compress(b"4 0 << /S /Launch /F (cmd.exe) >>"))) == "active"


def test_inspect_pdf_action_in_older_revision_is_refused() -> None:
    assert refusal_of(SCAN.replace(b"%PDF-1.7\n", b"%PDF-1.7\n% << /JavaScript >>\n")) == "active"


@pytest.mark.parametrize(
    "data",
    [SCAN[:-20], SCAN + b"PK\x03\x04zip", b"%PDF-1.7\n%%EOF", b"%PDF-1.7\nnothing here\nstartxref\n5\n%%EOF"],
)
def test_inspect_broken_pdf_is_refused(data: bytes) -> None:
    with pytest.raises(PdfNotReadable):
        taken(data)


def test_inspect_pdf_whose_page_tree_loops_is_refused() -> None:
    looping = pdf().replace(b"/Kids [3 0 R]", b"/Kids [2 0 R]")
    assert refusal_of(looping) == "broken"


def test_inspect_pdf_stream_bomb_is_refused() -> None:
    with pytest.raises(PdfTooComplex):
        taken(pdf(page=b"/Contents 4 0 R", more=(stream(zeros_deflated(200)),)))


def test_inspect_pdf_many_small_bombs_are_refused() -> None:
    with pytest.raises(PdfTooComplex):
        taken(pdf(more=(stream(zeros_deflated(100)),) * 6))


def test_inspect_pdf_bomb_in_a_bomb_is_refused() -> None:
    twice = stream(zlib.compress(zeros_deflated(50)), b"/Filter [/FlateDecode /FlateDecode]")
    assert refusal_of(pdf(more=(twice,))) == "complex"


def test_inspect_pdf_bomb_behind_text_coding_is_refused() -> None:
    coded = zeros_deflated(50).hex().encode() + b">"
    assert refusal_of(pdf(more=(stream(coded, b"/Filter [/ASCIIHexDecode /FlateDecode]"),))) == "complex"


def test_inspect_pdf_bomb_in_object_stream_is_refused() -> None:
    with pytest.raises(PdfTooComplex):
        taken(pdf_with_packed_object(zeros_deflated(900, start=b"4 0 << /S /GoTo >>")))


def test_inspect_pdf_is_held_to_its_memory() -> None:
    # The library's own limits are lifted, so that only the operating system's stand.
    script = (
        "import importlib.util, sys\n"
        "spec = importlib.util.spec_from_file_location('pdf_check', sys.argv[1])\n"
        "module = importlib.util.module_from_spec(spec)\n"
        "spec.loader.exec_module(module)\n"
        "module.MAX_HELD_STREAM_BYTES = 4_000_000_000\n"
        "module.main()\n"
    )
    bomb = pdf_with_packed_object(zeros_deflated(900, start=b"4 0 << /S /GoTo >>"))
    command = [sys.executable, "-I", "-c", script, pdf_check.__file__]
    done = subprocess.run(command, input=bomb, capture_output=True, check=True)
    assert done.stdout == b'{"verdict": "complex"}'


def test_inspect_pdf_huge_image_is_refused() -> None:
    image = stream(b"x", b"/Subtype /Image /Width 60000 /Height 60000 /Filter /CCITTFaxDecode")
    assert refusal_of(pdf(more=(image,))) == "complex"


def test_inspect_pdf_with_endless_objects_is_refused() -> None:
    assert refusal_of(pdf(catalog=b"/Deep " + b"[" * 3_000 + b"]" * 3_000)) in {"complex", "broken"}
    assert refusal_of(pdf(catalog=b"/Wide [" + b"[]" * 60_000 + b"]")) == "complex"


def test_inspect_pdf_that_takes_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspection, "PDF_SECONDS", 0.01)
    started = time.monotonic()
    with pytest.raises(PdfTooComplex):
        taken(SCAN)
    assert time.monotonic() - started < 5


@given(cut=st.integers(10, len(SCAN) - 8))
@settings(max_examples=60, deadline=None)
def test_inspect_truncated_pdf_with_an_end_put_on_never_fails_otherwise(cut: int) -> None:
    assert refusal_of(SCAN[:cut] + b"\n%%EOF") in {"ok", "broken", "active", "complex", "encrypted", "pages"}


@given(tail=st.binary(max_size=400))
@settings(max_examples=60, deadline=None)
def test_inspect_random_bytes_as_pdf_are_refused(tail: bytes) -> None:
    assert refusal_of(b"%PDF-1.7\n" + tail + b"\n%%EOF") != "ok"


@given(data=st.data())
@settings(max_examples=100, deadline=None)
def test_inspect_damaged_pdf_gives_a_verdict(data: st.DataObject) -> None:
    damaged = bytearray(SCAN)
    for place in data.draw(st.lists(st.integers(8, len(damaged) - 8), min_size=1, max_size=8)):
        damaged[place] = data.draw(st.integers(0, 255))
    assert refusal_of(bytes(damaged)) in {"ok", "broken", "active", "complex", "encrypted", "pages"}


@given(tail=st.binary(max_size=200))
@settings(max_examples=4, deadline=None)
def test_inspect_hostile_pdf_ends_in_a_message(tail: bytes) -> None:
    with pytest.raises(FileRefused):
        taken(b"%PDF-1.4\n" + tail + b"\n%%EOF")
