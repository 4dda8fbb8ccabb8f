"""Uploads stay in memory, and no more of them than the cap."""

import tempfile
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.test import RequestFactory

from khedmat.files.errors import FileTooLarge
from khedmat.files.inspect import MAX_BYTES, read_capped
from khedmat.files.web.uploads import MAX_REQUEST_BYTES

HANDLER = "khedmat.files.web.uploads.CappedMemoryUploadHandler"


@pytest.fixture(autouse=True)
def house_handler(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing_on_disk(*_args: object, **_kwargs: object) -> None:
        raise AssertionError("an upload went to disk")

    settings.FILE_UPLOAD_HANDLERS = [HANDLER]
    monkeypatch.setattr(tempfile, "NamedTemporaryFile", nothing_on_disk)


def posted(**sizes: int) -> "dict[str, UploadedFile[bytes]]":
    files = {name: SimpleUploadedFile(f"{name}.jpg", b"x" * size) for name, size in sizes.items()}
    request = RequestFactory().post("/", files)
    return {name: request.FILES[name] for name in sizes}  # type: ignore[misc]


def test_upload_arrives_whole() -> None:
    files = posted(paper=3_000_000, portrait=70_000)
    assert [len(read_capped(file)) for file in files.values()] == [3_000_000, 70_000]


def test_upload_of_the_cap_is_taken() -> None:
    assert len(read_capped(posted(paper=MAX_BYTES)["paper"])) == MAX_BYTES


def test_upload_above_the_cap_is_dropped_and_named() -> None:
    files = posted(paper=MAX_BYTES + 1, portrait=500)
    with pytest.raises(FileTooLarge) as caught:
        read_capped(files["paper"], "paper")
    assert caught.value.field == "paper"
    assert files["paper"].read() == b""
    assert read_capped(files["portrait"]) == b"x" * 500


def test_uploads_above_the_cap_together_are_dropped() -> None:
    files = posted(**{f"paper{number}": 9 * 1024 * 1024 for number in range(6)})
    held = sum(len(file.read()) for file in files.values())
    assert held <= MAX_REQUEST_BYTES
    with pytest.raises(FileTooLarge):
        read_capped(files["paper5"])
