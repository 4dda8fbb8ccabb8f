"""GET /files/<id>: what the browser gets, and what strangers get."""

from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import reverse

from khedmat.accounts.models import User
from khedmat.audit.models import Entry
from khedmat.common.actor import Actor
from khedmat.files.actions import OpenedFile, store_paper
from khedmat.files.enums import FileKind, MediaType
from khedmat.files.web.responses import file_response
from khedmat.vault.context import working_context
from tests.cast import Cast
from tests.files.samples import pdf

OpenFamily = Callable[[Actor], UUID]
PAPER = pdf()


@pytest.fixture
def paper_id(cast: Cast, open_family: OpenFamily, files_dir: Path, settings: Any) -> UUID:
    settings.KHEDMAT_REQUIRE_SECOND_FACTOR = False
    with working_context(cast["narges"]):
        return store_paper(PAPER, open_family(cast["narges"]), by=cast["narges"]).pk


def get_as(actor: Actor, file_id: UUID) -> Any:
    client = Client()
    client.force_login(User.objects.get(pk=actor.user_id))
    return client.get(reverse("files:show", args=[file_id]), secure=True)


def test_show_file_gives_the_content_once_recorded(cast: Cast, paper_id: UUID) -> None:
    answer = get_as(cast["narges"], paper_id)
    assert answer.status_code == HTTPStatus.OK
    assert answer.content == PAPER
    with working_context(cast["narges"]):
        assert Entry.objects.filter(action="file.read", subject_id=str(paper_id)).count() == 1


def test_show_file_is_kept_nowhere_and_runs_nothing(cast: Cast, paper_id: UUID) -> None:
    answer = get_as(cast["narges"], paper_id)
    assert "no-store" in answer["Cache-Control"]
    assert answer["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_show_file_of_invisible_family_looks_like_none_at_all(cast: Cast, paper_id: UUID) -> None:
    hidden, absent = get_as(cast["omid"], paper_id), get_as(cast["omid"], uuid4())
    assert hidden.status_code == absent.status_code == HTTPStatus.NOT_FOUND
    assert hidden.templates[0].name == absent.templates[0].name == "domain_error.html"
    assert str(hidden.context["error"]) == str(absent.context["error"])


def test_show_file_to_a_role_that_reads_none(cast: Cast, paper_id: UUID) -> None:
    assert get_as(cast["kamran"], paper_id).status_code == HTTPStatus.FORBIDDEN


def test_show_file_to_a_passer_by(client: Client, paper_id: UUID) -> None:
    answer = client.get(reverse("files:show", args=[paper_id]), secure=True)
    assert answer.status_code == HTTPStatus.FOUND
    assert PAPER not in answer.content


def test_show_file_cannot_be_posted(cast: Cast, paper_id: UUID) -> None:
    client = Client()
    client.force_login(User.objects.get(pk=cast["narges"].user_id))
    answer = client.post(reverse("files:show", args=[paper_id]), secure=True)
    assert answer.status_code == HTTPStatus.METHOD_NOT_ALLOWED


@pytest.mark.parametrize(
    ("media_type", "kind", "name"),
    [
        (MediaType.JPEG, FileKind.PORTRAIT, "portrait.jpg"),
        (MediaType.PDF, FileKind.PAPER, "paper.pdf"),
    ],
)
def test_file_response_headers(media_type: MediaType, kind: FileKind, name: str) -> None:
    answer = file_response(OpenedFile(b"content", media_type, kind))
    assert answer["Content-Type"] == media_type.value
    assert answer["Content-Disposition"] == f'inline; filename="{name}"'
    assert answer["Content-Length"] == "7"
    assert answer["Cache-Control"] == "no-store, private"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
