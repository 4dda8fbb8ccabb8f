"""The addresses below /verify/ as the server answers them."""

import json
from typing import Any

import pytest
from django.http import HttpRequest
from django.test import RequestFactory
from django.urls import resolve

from khedmat.cards import selectors
from khedmat.cards.web import verify
from tests.cards import test_verify_js

BUNDLE = b"\xd2 the signed bytes"


@pytest.fixture(autouse=True)
def _uncollected_files(unhashed_static: None) -> None:
    """Every test here."""


@pytest.fixture(autouse=True)
def _known_bundle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selectors, "current_verify_bundle", lambda: BUNDLE)
    monkeypatch.setattr(selectors, "anchor_jwk", lambda: {"kty": "EC", "crv": "P-256", "x": "x", "y": "y"})


@pytest.fixture
def get(rf: RequestFactory) -> Any:
    """`get("/verify/bundle")`: the view's answer to a request without cookies."""

    def ask(path: str, **headers: str) -> Any:
        request: HttpRequest = rf.get(path, **headers)  # type: ignore[arg-type]
        found = resolve(path)
        return found.func(request, *found.args, **found.kwargs)

    return ask


def test_bundle_is_public_and_kept_five_minutes(get: Any) -> None:
    answer = get("/verify/bundle")
    assert answer.content == BUNDLE
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert answer.headers["Content-Type"] == "application/cose"


def test_unchanged_bundle_is_not_sent_again(get: Any) -> None:
    etag = get("/verify/bundle").headers["ETag"]
    again = get("/verify/bundle", HTTP_IF_NONE_MATCH=etag)
    assert (again.status_code, again.content) == (304, b"")


def test_changed_bundle_is_sent_again(get: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    etag = get("/verify/bundle").headers["ETag"]
    monkeypatch.setattr(selectors, "current_verify_bundle", lambda: BUNDLE + b"2")
    assert get("/verify/bundle", HTTP_IF_NONE_MATCH=etag).status_code == 200


def test_anchor_is_a_json_web_key(get: Any) -> None:
    assert json.loads(get("/verify/anchor.json").content)["crv"] == "P-256"


@pytest.mark.parametrize(("path", "language", "direction"), [("", "fa", "rtl"), ("en/", "en", "ltr")])
def test_page_speaks_the_language_of_its_address(get: Any, path: str, language: str, direction: str) -> None:
    answer = get(f"/verify/{path}")
    assert f'<html lang="{language}" dir="{direction}"' in answer.content.decode()
    assert "csrfmiddlewaretoken" not in answer.content.decode(), "the kept page must belong to nobody"
    manifest = json.loads(get(f"/verify/{path}manifest.webmanifest").content)
    assert (manifest["lang"], manifest["dir"], manifest["start_url"]) == (language, direction, f"/verify/{path}")


def test_page_says_every_sentence_in_persian(get: Any) -> None:
    page = get("/verify/").content.decode()
    texts = json.loads(page.split('id="verify-texts" type="application/json">')[1].split("</script>")[0])
    latin = [said for said in _sentences(texts) if not any("؀" <= letter <= "ۿ" for letter in said)]
    assert latin == []


def test_worker_is_the_built_script(get: Any) -> None:
    built = test_verify_js.ROOT / "static-built" / "verify" / "sw.js"
    answer = get("/verify/sw.js")
    assert answer.content == built.read_bytes()
    assert answer.headers["Content-Type"].startswith("text/javascript")


@pytest.mark.parametrize("view", ["verify_page", "verify_bundle", "anchor", "service_worker", "manifest"])
def test_view_is_marked_public_and_refuses_to_be_written_to(rf: RequestFactory, view: str) -> None:
    found = getattr(verify, view)
    assert found.khedmat_public
    takes_language = {"language": "fa"} if view in {"verify_page", "manifest"} else {}
    assert found(rf.post("/verify/"), **takes_language).status_code == 405


def _sentences(texts: Any) -> list[str]:
    if isinstance(texts, str):
        return [texts] if texts else []
    return [said for part in texts.values() for said in _sentences(part)]
